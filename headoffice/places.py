"""Where the head office keeps things and which clock its walls show."""

import os
from pathlib import Path


def data_folder() -> Path:
    """``$HYMIO_DATA``, or ``$XDG_DATA_HOME/hymio-headoffice``, or the like under ~/.local."""
    if given := os.environ.get("HYMIO_DATA"):
        return Path(given).absolute()
    share = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(share) / "hymio-headoffice"


def system_time_zone() -> str:
    """The machine's time zone by its IANA name; UTC where it can't be told."""
    if given := os.environ.get("TZ"):
        return given.removeprefix(":")
    link = Path("/etc/localtime")
    if link.is_symlink():
        _, found, name = str(link.resolve()).partition("/zoneinfo/")
        if found:
            return name
    return "UTC"
