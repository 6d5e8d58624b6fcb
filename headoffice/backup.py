"""A copy of the SQLite database while it is in use."""

import os
import sqlite3
from pathlib import Path

from django.conf import settings

from headoffice.errors import HeadOfficeError


def back_up(target: Path) -> int:
    """Write a whole and checked copy of the database to a new file; its size in bytes.

    HeadOfficeError if it can't be written, exists already, or the database is a PostgreSQL.
    """
    database = settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        raise HeadOfficeError(
            "PostgreSQL makes its own copies: pg_dump --format=custom --file=FILE "
            "--dbname=$HYMIO_DATABASE_URL"
        )
    if target.exists():
        raise HeadOfficeError(f"{target} exists already and is left as it is")
    draft = target.with_name(f".{target.name}.unfinished")
    try:
        draft.unlink(missing_ok=True)
        # Readable for us alone, as the original is.
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy(Path(database["NAME"]), draft)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        # A link and not a rename: it fails if somebody else made the file meanwhile.
        os.link(draft, target)
    except (OSError, sqlite3.Error) as error:
        raise HeadOfficeError(f"the copy could not be made: {error}") from error
    finally:
        draft.unlink(missing_ok=True)
    return target.stat().st_size


def _copy(source: Path, target: Path) -> None:
    original = sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True, timeout=20)
    copy = sqlite3.connect(target)
    try:
        # In one go: readers and writers don't wait for each other here, and a copy in helpings
        # begins again with every delivery that comes between two of them.
        original.backup(copy)
        # One file: a copy in WAL mode would leave two more beside it when it is opened.
        copy.execute("PRAGMA journal_mode=DELETE")
        found = copy.execute("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise HeadOfficeError(f"the database is damaged, and so is the copy: {found}")
    finally:
        copy.close()
        original.close()
