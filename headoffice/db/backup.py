"""A copy of the database while it is in use: of SQLite a file, of PostgreSQL what pg_dump writes.

Whoever finds a copy should get in nowhere by it, so what has to do with open log-ins is left out.
"""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from config.private_file import put_in_place, sync_folder
from headoffice.db import citus, postgres_tools
from headoffice.db.contents import Contents
from headoffice.db.drafts import create_draft, draft_of, remove_dead_drafts
from headoffice.db.queries import execute, fetch_all
from headoffice.db.seals import leave_wal, seal_dump, seal_sqlite
from headoffice.errors import HeadOfficeError

LEFT_OUT = ("django_session", "accounts_attempts", "accounts_knownplace")
"""Tables whose rows are in no copy."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Copy(NamedTuple):
    """A copy that was made."""

    file: Path
    bytes: int
    contents: Contents


def back_up(target: Path) -> Copy:
    """Write a whole and checked copy of the database to a new file.

    HeadOfficeError if it can't be written, exists already, or the database is damaged.
    """
    if target.exists():
        raise HeadOfficeError(f"{target} exists already and is left as it is")
    sqlite = connection.vendor == "sqlite"
    try:
        remove_dead_drafts(settings.DATA)
        with draft_of(target, settings.DATA) as draft:
            contents = (_copy if sqlite else _dump)(draft)
            (seal_sqlite if sqlite else seal_dump)(draft)
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            put_in_place(draft, target)
        sync_folder(target.parent)
        return Copy(target, target.stat().st_size, contents)
    except FileExistsError as error:
        raise HeadOfficeError(f"{target} was made by another program meanwhile") from error
    except (OSError, sqlite3.Error) as error:
        raise HeadOfficeError(f"the copy could not be made: {_reason(error, target)}") from error


def _reason(error: OSError | sqlite3.Error, target: Path) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code != sqlite3.SQLITE_FULL and getattr(error, "errno", None) not in _FULL:
        return str(error)
    return full_disk(target.parent)


def full_disk(folder: Path) -> str:
    """That there is no room in a folder, and how much there is."""
    try:
        free = f", with {shutil.disk_usage(folder).free / 1e6:,.0f} MB free"
    except OSError:
        free = ""
    return f"the disk of {folder} is full{free}. Make room there, or copy to another one"


# --- SQLite -------------------------------------------------------------------------------


def _copy(draft: Path) -> Contents:
    os.close(create_draft(draft))
    source = Path(settings.DATABASES["default"]["NAME"])
    with closing(_read_only(source)) as original, closing(_alone(draft)) as copy:
        # In one go: readers and writers don't wait for each other here, and a copy in helpings
        # begins again with every delivery that comes between two of them.
        original.backup(copy)
    leave_wal(draft)
    with closing(_alone(draft)) as copy:
        copy.execute("PRAGMA secure_delete=ON")
        for table in LEFT_OUT:
            copy.execute(f"DELETE FROM {table}")  # noqa: S608 - names of this file
        found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise HeadOfficeError(f"the database is damaged, and so is the copy: {found}")
        return Contents.read(_asking(copy))


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=20)


def _alone(draft: Path) -> sqlite3.Connection:
    """Nobody else knows the draft, so that it needs no locks, which some disks don't have."""
    copy = sqlite3.connect(f"{draft.as_uri()}?nolock=1", uri=True, isolation_level=None)
    # A draft that was interrupted is thrown away: nothing has to be undone in it.
    copy.execute("PRAGMA journal_mode=OFF")
    copy.execute("PRAGMA synchronous=OFF")
    return copy


def _asking(copy: sqlite3.Connection) -> Callable[[str], list[tuple[object, ...]]]:
    return lambda statement: copy.execute(statement).fetchall()


# --- PostgreSQL ---------------------------------------------------------------------------


def _dump(draft: Path) -> Contents:
    distributed = citus.is_distributed()
    handle = create_draft(draft)
    try:
        with transaction.atomic():
            # Each machine of several has its own instant; and the copy goes into a plain database.
            shared = ["--extension=plpgsql"] if distributed else [f"--snapshot={_snapshot()}"]
            failure = _pg_dump(handle, shared)
            if not failure:
                # Of the same instant as the dump.
                return Contents.read(fetch_all)
    except DatabaseError as error:
        raise HeadOfficeError(f"the copy could not be made: {error}".strip()) from error
    finally:
        os.close(handle)
    if "No space left on device" in failure or "Disk quota exceeded" in failure:
        raise OSError(errno.ENOSPC, failure)
    raise HeadOfficeError(f"the copy could not be made: {failure}")


def _snapshot() -> str:
    """With it pg_dump sees the very rows that are counted here."""
    execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    return str(fetch_all("SELECT pg_export_snapshot()")[0][0])


def _pg_dump(handle: int, more: list[str]) -> str:
    address, secret = postgres_tools.live_conninfo()
    left_out = [f"--exclude-table-data={table}" for table in LEFT_OUT]
    command = [postgres_tools.need_tool("pg_dump"), "--format=custom", f"--dbname={address}"]
    return postgres_tools.run_tool([*command, *left_out, *more], secret, output=handle)
