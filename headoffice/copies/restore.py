"""Puts a copy in the place of the database; what was there is kept beside it.

SQLite: the copy gets the database's name in one step, after what had it was given another name.
PostgreSQL: what is there moves to another schema of the same database, and the dump is restored
into a new one, whole or not at all. Either way a run that was interrupted can be done again.
"""

import errno
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, connections, transaction

from config.private_file import put_in_place, sync_folder
from headoffice import clock
from headoffice.copies.changes import OfficeState
from headoffice.copies.checks import LiveOffice
from headoffice.copies.job import folder_key
from headoffice.copies.report import Report
from headoffice.copies.verification import verify_copy
from headoffice.db.backup import full_disk
from headoffice.db.drafts import create_draft, draft_of, remove_dead_drafts
from headoffice.db.postgres_tools import restore_dump
from headoffice.db.queries import execute, fetch_all
from headoffice.db.seals import DUMP_MAGIC
from headoffice.db.stand_in import stand_in, unchanging_file
from headoffice.errors import HeadOfficeError

_BESIDE = ("-wal", "-shm", "-journal")
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


class Restored(NamedTuple):
    """What was done."""

    kept: str
    """Where that is which was there before; empty if there was nothing."""
    before: OfficeState | None
    after: OfficeState | None


class RefusedCopyError(HeadOfficeError):
    """The copy is not what should be put back; the report says why."""

    def __init__(self, report: Report) -> None:
        super().__init__(f"nothing was changed. {report.verdict}")
        self.report = report


def restore_copy(file: Path, identity: str, *, anyway: bool, scratch: str = "") -> Restored:
    """Check a copy and put it in the place of the database, which nobody may use meanwhile.

    ``identity``: of the head office that the data folder belongs to; empty if that is not known.
    ``anyway``: also if the check finds something wrong. RefusedCopyError, HeadOfficeError.
    """
    expected = LiveOffice(identity, None, {}) if identity else None
    try:
        _check_engine(file)
        remove_dead_drafts(settings.DATA)
        if connection.vendor == "sqlite":
            return _restore_sqlite(file, expected, anyway=anyway)
        report = verify_copy(file, expected, folder_key(), scratch)
        _check(report, anyway=anyway)
        return _restore_postgres(file)
    except OSError as error:
        told = full_disk(settings.DATA) if error.errno == errno.ENOSPC else str(error)
        raise HeadOfficeError(f"the copy was not put back: {told}") from error


def _check_engine(file: Path) -> None:
    with file.open("rb") as copy:
        is_dump = copy.read(5) == DUMP_MAGIC
    if is_dump and connection.vendor == "sqlite":
        raise HeadOfficeError(
            f"{file} is a copy of a PostgreSQL, and this head office is on SQLite: name an empty "
            "PostgreSQL with HYMIO_DATABASE_URL for it; `move --to sqlite` brings it here then"
        )
    if not is_dump and connection.vendor != "sqlite":
        raise HeadOfficeError(
            f"{file} is no copy of a PostgreSQL, which this head office is on. A copy of SQLite is "
            "put back into a data folder of its own; `move` brings it to PostgreSQL then"
        )


def _check(report: Report, *, anyway: bool) -> None:
    if report.wrong and not anyway:
        raise RefusedCopyError(report)


# --- SQLite -------------------------------------------------------------------------------


def _restore_sqlite(file: Path, expected: LiveOffice | None, *, anyway: bool) -> Restored:
    live = Path(settings.DATABASES["default"]["NAME"])
    with draft_of(live, settings.DATA) as draft:
        with file.open("rb") as copy, os.fdopen(create_draft(draft), "wb") as new:
            shutil.copyfileobj(copy, new, 1 << 20)
            new.flush()
            os.fsync(new.fileno())
        report = verify_copy(draft, expected, folder_key())
        report.file = file
        _check(report, anyway=anyway)
        before = OfficeState.read() if live.exists() else None
        # Nothing of it may be open when it is renamed.
        connections.close_all()
        after = _read_file(draft)
        kept = put_aside(live)
        draft.replace(live)
    sync_folder(live.parent)
    return Restored(kept, before, after)


def _read_file(file: Path) -> OfficeState | None:
    with stand_in(unchanging_file(file)):
        return OfficeState.read()


def put_aside(live: Path) -> str:
    """Give a SQLite database a second name, by which it is kept; that name, or nothing.

    Nobody may have it open. It keeps the first one too where files can have two names.
    """
    if not live.exists():
        return ""
    aside = live.with_name(f"{live.name}.before-{clock.now():%Y-%m-%dT%H%M%SZ}")
    with suppress(sqlite3.Error), closing(sqlite3.connect(live)) as database:
        # Into one file, if it is sound enough for that.
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode=DELETE")
    for beside in _BESIDE:
        # Read with another database, the log of this one would damage it.
        with suppress(FileNotFoundError):
            live.with_name(f"{live.name}{beside}").rename(aside.with_name(f"{aside.name}{beside}"))
    try:
        os.link(live, aside)
    except OSError:
        put_in_place(live, aside)
    return str(aside)


# --- PostgreSQL ---------------------------------------------------------------------------


def _restore_postgres(file: Path) -> Restored:
    try:
        check_alone()
        before = OfficeState.read()
        with transaction.atomic():
            kept = _move_schema()
    except OperationalError as error:
        raise HeadOfficeError(f"the database can't be used: {error}".strip()) from error
    except DatabaseError as error:
        raise HeadOfficeError(
            f"what is in the database can't be moved aside: {error}. Make an empty database, name "
            "it with HYMIO_DATABASE_URL, and do this again".replace("\n", " ")
        ) from error
    parameters = connection.get_connection_params()
    connection.close()
    if failure := restore_dump(file, parameters, "--single-transaction"):
        _move_back(kept)
        raise HeadOfficeError(f"the copy was not put back, and nothing was changed: {failure}")
    return Restored(
        f"the schema {kept} of the database" if kept else "", before, OfficeState.read()
    )


def check_alone() -> None:
    """HeadOfficeError if somebody else uses the database, as a `serve` on another machine."""
    if others := fetch_all(_OTHERS)[0][0]:
        raise HeadOfficeError(
            f"{others} other connections use this database: stop every `serve` and every other "
            "program on it first"
        )


def _move_schema() -> str:
    """Rename the schema with what is there, and make an empty one; the new name, or nothing."""
    schemas = {name for (name,) in fetch_all("SELECT nspname FROM pg_namespace")}
    if "public" not in schemas:
        # Interrupted between the two: what was there is aside already.
        _make_schema()
        return ""
    tables = fetch_all("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
    if not tables[0][0]:
        return ""
    kept = f"before_{clock.now():%Y_%m_%d_%H%M%S}"
    # Names of schemas are no values that could travel beside the text; this one is made here.
    execute(f'ALTER SCHEMA public RENAME TO "{kept}"')
    _make_schema()
    return kept


def _make_schema() -> None:
    execute("CREATE SCHEMA public")
    # As a new database has it.
    execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def _move_back(kept: str) -> None:
    if kept:
        with transaction.atomic():
            execute("DROP SCHEMA public")
            execute(f'ALTER SCHEMA "{kept}" RENAME TO public')
