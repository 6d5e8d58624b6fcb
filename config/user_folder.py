"""Where the system keeps a user's files, by the rules of XDG."""

import os
from pathlib import Path


def user_folder(variable: str, *below: str) -> Path | None:
    """``$variable``, or this folder below the user's home; None if there is no home.

    A container's user often has none: no HOME, and no line among the system's users.
    """
    if given := os.environ.get(variable):
        return Path(given)
    try:
        return Path.home().joinpath(*below)
    except RuntimeError:
        return None
