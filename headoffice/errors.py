"""What can go wrong at the head office, in words for those who run it."""


class HeadOfficeError(Exception):
    """The head office can't do what was asked; the text says why and what to do."""
