"""What the data folder knows of the head office that it belongs to: ``head-office.json``.

A database is reached by an address that somebody typed. Whether it is the one that this folder's
secret key belongs to, or another, or an empty one, is seen by comparing it with this.
"""

from pathlib import Path

import msgspec

from config.private_file import write_private_file
from headoffice.errors import HeadOfficeError

NAME = "head-office.json"


class FolderRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Which head office the folder belongs to."""

    identity: str
    """The head office's id, as its receipts carry it."""
    database: str
    """The address that it was opened at last, in words: without user and password."""
    key: str
    """The fingerprint of its secret key."""

    @property
    def on_postgresql(self) -> bool:
        """Whether its answers are not in this folder."""
        return self.database.startswith("PostgreSQL")


def read_record(folder: Path) -> FolderRecord | None:
    """What the folder knows; None if it never belonged to a head office.

    Raises HeadOfficeError and OSError.
    """
    file = folder / NAME
    try:
        return msgspec.json.decode(file.read_bytes(), type=FolderRecord)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise HeadOfficeError(
            f"{file} can't be read ({error}): it says which database this folder belongs to. "
            "Remove it if you are sure of the database; it is written anew"
        ) from error


def write_record(folder: Path, record: FolderRecord) -> None:
    """Keep it, for the folder's user alone. Raises OSError."""
    write_private_file(folder / NAME, msgspec.json.format(msgspec.json.encode(record), indent=2))
