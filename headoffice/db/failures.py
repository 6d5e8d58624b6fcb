"""What it means when the database refuses.

Told from the codes of the engines, as their words differ between versions and languages.
"""

import errno
import sqlite3
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError

from headoffice.db.disk import has_room


class Trouble(StrEnum):
    """What keeps the head office from storing, as monitoring calls it."""

    FULL = "disk_full"
    AWAY = "database_away"
    LOCKED = "locked"
    CROWDED = "too_many_connections"
    READ_ONLY = "read_only"
    DAMAGED = "damaged"


_BY_ERRNO = {
    errno.ENOSPC: Trouble.FULL,
    errno.EDQUOT: Trouble.FULL,
    errno.EROFS: Trouble.READ_ONLY,
    errno.EACCES: Trouble.READ_ONLY,
    errno.EPERM: Trouble.READ_ONLY,
    errno.EIO: Trouble.DAMAGED,
}
_BY_SQLITE = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Trouble.AWAY,
    sqlite3.SQLITE_IOERR: Trouble.DAMAGED,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
}
_BY_SQLSTATE = {
    "53100": Trouble.FULL,
    "53300": Trouble.CROWDED,
    "25006": Trouble.READ_ONLY,
    "55P03": Trouble.LOCKED,
    "40P01": Trouble.LOCKED,
    "57014": Trouble.LOCKED,
    "58030": Trouble.DAMAGED,
    "XX001": Trouble.DAMAGED,
    "XX002": Trouble.DAMAGED,
    # 3D000: the database was dropped. 28000, 28P01: it lets nobody in.
    "3D000": Trouble.AWAY,
    "28000": Trouble.AWAY,
    "28P01": Trouble.AWAY,
}
"""Appendix A of PostgreSQL's manual; 08 and 57P are whole classes of connections that end."""


class TurnTimeoutError(OperationalError):
    """Another writer has not come to an end."""


def trouble_of(error: BaseException) -> Trouble | None:
    """What an error is a sign of; None if it is another one than these."""
    for each in _chain(error):
        if found := _trouble(each):
            return found
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from: Django wraps what the engines say."""
    known: BaseException | None = error
    seen: set[int] = set()
    while known is not None and id(known) not in seen:
        seen.add(id(known))
        yield known
        known = known.__cause__ or (None if known.__suppress_context__ else known.__context__)


def _trouble(error: BaseException) -> Trouble | None:
    match error:
        case TurnTimeoutError():
            return Trouble.LOCKED
        case sqlite3.Error():
            return _of_sqlite(getattr(error, "sqlite_errorcode", None))
        case OperationalError() | InterfaceError() if _lost_its_server(error.__cause__):
            return Trouble.AWAY
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return Trouble.FULL
        case DatabaseError() | InterfaceError() if isinstance(error.__cause__, OSError):
            # A file beside the database could not be opened.
            return _BY_ERRNO.get(error.__cause__.errno or 0)
    # As psycopg has it, which need not be there.
    return _of_postgres(getattr(error, "sqlstate", None))


def _of_sqlite(code: int | None) -> Trouble | None:
    if code is None:
        return None
    # The lower byte is the code, the others say more of it.
    found = _BY_SQLITE.get(code & 0xFF)
    if found in (Trouble.AWAY, Trouble.DAMAGED) and code & 0xFF in (
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
    ):
        # So it calls a full disk too, where a file beside the database can't be made or grow.
        folder = Path(settings.DATABASES["default"]["NAME"]).parent
        return found if has_room(folder) else Trouble.FULL
    return found


def _lost_its_server(cause: BaseException | None) -> bool:
    """Whether these are the client's own words: nobody answered, or the line was cut."""
    return getattr(cause, "sqlstate", "") is None


def _of_postgres(state: str | None) -> Trouble | None:
    if not state:
        return None
    if state.startswith(("08", "57P")):
        return Trouble.AWAY
    return _BY_SQLSTATE.get(state)
