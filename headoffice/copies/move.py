"""Moves a head office to another database: all of it, so that its kiosks notice nothing.

1. Nobody uses the head office meanwhile (server/folder_use.py), and nothing can be written to the
   database that it leaves: that is locked until the end, and stays as it is.
2. The new database is filled in one transaction, or as a file that gets its name at the end. Number
   and content of every table are compared before that ends. So there is never half of a head office
   that a program would take for a whole one; what is interrupted begins again.
3. The last step is one rename: the data folder's record names the new database then, and what opens
   the old one is refused.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from config.private_file import put_in_place, sync_folder
from headoffice.copies.columns import all_tables
from headoffice.copies.restore import check_alone
from headoffice.copies.rows import Digest
from headoffice.copies.transfer import Say, copy_rows, differences, digests, empty_tables
from headoffice.db.drafts import create_draft, draft_of, remove_dead_drafts
from headoffice.db.queries import execute, fetch_all
from headoffice.db.stand_in import Parameters, finished_file, private_file, stand_in
from headoffice.db.write_lock import exclusive_write
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import HeadOffice
from headoffice.rollups import verify

_MARK = "hymio_unfinished_move"
"""A table of a database that a move has begun to fill, with the identity of the head office."""


class Moved(NamedTuple):
    """What was moved, once it is proven to be there."""

    tables: int
    rows: int
    wrong_counts: int
    """Counts that are not what the messages say, as they were before."""


def move_rows(target: Parameters, say: Say) -> Moved:
    """Fill the database with all of the head office in use, which stays in force.

    HeadOfficeError if it is not empty, but for an unfinished move of this head office.
    """
    source = connections["default"]
    identity = HeadOffice.identity()
    try:
        with _still(source):
            if target["ENGINE"] == "django.db.backends.sqlite3":
                return _into_file(source, identity, Path(target["NAME"]), say)
            with stand_in(target):
                return _into_postgres(source, identity, say)
    except DatabaseError as error:
        told = " ".join(str(error).split())
        raise HeadOfficeError(f"the move was broken off, and nothing is changed: {told}") from error


@contextmanager
def _still(source: BaseDatabaseWrapper) -> Iterator[None]:
    """Nobody can write to the database for as long as the block lasts."""
    if source.vendor == "sqlite":
        with exclusive_write():
            yield
        return
    check_alone()
    names = ", ".join(f'"{table.name}"' for table in all_tables())
    with transaction.atomic():
        execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        execute(f"LOCK TABLE {names} IN SHARE MODE")
        yield


def _proven(found_wrong: list[str]) -> None:
    if found_wrong:
        raise HeadOfficeError(f"what was copied is not the same: {'; '.join(found_wrong)}")


def _moved(found: dict[str, Digest]) -> Moved:
    """What is in the database in place, and how many of its counts are wrong."""
    wrong = sum(len(verify.examine_kiosk(kiosk)) for kiosk in verify.kiosks_with_counts())
    return Moved(len(found), sum(digest.rows for digest in found.values()), wrong)


# --- to PostgreSQL ------------------------------------------------------------------------


def _into_postgres(source: BaseDatabaseWrapper, identity: str, say: Say) -> Moved:
    check_alone()
    if _is_there(identity):
        found = digests(source, say)
        _refuse_other(differences(connection, found, say))
    else:
        call_command("migrate", interactive=False, verbosity=0)
        with transaction.atomic():
            empty_tables(connection)
            found = copy_rows(source, connection, say)
            _proven(differences(connection, found, say))
            execute(f"DROP TABLE {_MARK}")
    # Without figures about its tables the server would plan badly.
    execute("ANALYZE")
    return _moved(found)


def _is_there(identity: str) -> bool:
    """Whether this head office was moved there before; else the database is marked as begun.

    HeadOfficeError if it holds anything else.
    """
    tables = {name for (name,) in fetch_all(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND relkind IN ('r', 'p', 'v', 'm', 'f')"
    )}  # fmt: skip
    if not tables:
        with transaction.atomic():
            execute(f"CREATE TABLE {_MARK} (identity text)")
            execute(f"INSERT INTO {_MARK} VALUES (%s)", identity)  # noqa: S608 - a constant
        return False
    if _MARK in tables:
        whose = [str(cell) for (cell,) in fetch_all(f"SELECT identity FROM {_MARK}")]  # noqa: S608
        if whose != [identity]:
            raise HeadOfficeError("another head office is being moved to this database")
        return False
    if "fleet_headoffice" in tables and HeadOffice.objects.filter(uuid=identity).exists():
        return True
    raise HeadOfficeError(
        f"that database is not empty: it has {len(tables)} tables, like {min(tables)}. A head "
        "office moves into an empty one alone"
    )


def _refuse_other(found_wrong: list[str]) -> None:
    if found_wrong:
        raise HeadOfficeError(
            "this head office is there already, and another state of it: "
            f"{'; '.join(found_wrong[:5])}. Name an empty database"
        )


# --- to SQLite ----------------------------------------------------------------------------


def _into_file(source: BaseDatabaseWrapper, identity: str, file: Path, say: Say) -> Moved:
    if file.exists():
        with stand_in(finished_file(file)) as there:
            return _compare_file(source, identity, there, say)
    remove_dead_drafts(settings.DATA)
    with draft_of(file, settings.DATA) as draft:
        os.close(create_draft(draft))
        with stand_in(private_file(draft)) as target:
            call_command("migrate", interactive=False, verbosity=0)
            found = _fill_file(source, target, say)
            moved = _moved(found)
        with draft.open("rb") as whole:
            os.fsync(whole.fileno())
        put_in_place(draft, file)
    sync_folder(file.parent)
    return moved


def _fill_file(
    source: BaseDatabaseWrapper, target: BaseDatabaseWrapper, say: Say
) -> dict[str, Digest]:
    target.ensure_connection()
    raw = target.connection
    for setting in ("foreign_keys=OFF", "cache_size=-200000"):
        raw.execute(f"PRAGMA {setting}")
    raw.execute("BEGIN")
    empty_tables(target)
    found = copy_rows(source, target, say)
    raw.execute("COMMIT")
    _proven(differences(target, found, say))
    raw.execute("ANALYZE")
    return found


def _compare_file(
    source: BaseDatabaseWrapper, identity: str, there: BaseDatabaseWrapper, say: Say
) -> Moved:
    """Of a move that was interrupted after its last row."""
    try:
        same = HeadOffice.objects.filter(uuid=identity).exists()
        found = digests(source, say) if same else {}
        wrong = differences(there, found, say) if same else []
    except DatabaseError:
        same = False
    if not same:
        raise HeadOfficeError("there is another database in the data folder: move it away first")
    _refuse_other(wrong)
    return _moved(found)
