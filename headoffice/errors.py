"""What can go wrong at the head office, in words for those who run it."""

import os


class HeadOfficeError(Exception):
    """The head office can't do what was asked; the text says why and what to do."""

    exit_code = 1


class ConfigurationError(HeadOfficeError):
    """The head office is set up in a way that can't work: starting it again changes nothing."""

    exit_code = os.EX_CONFIG
