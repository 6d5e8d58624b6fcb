"""Spreads the big tables over several machines, by PostgreSQL's extension Citus.

Every table has a declared place. The big ones are distributed by their kiosk, so that all that one
kiosk ever said lies on one machine, and a delivery writes there alone. Those that the reporting
views join with them are reference tables, with a copy on every machine. All others stay local, on
the coordinator; among them the kiosks, whose rows every delivery locks: of a reference table, the
whole would be locked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.apps import apps
from django.db import DatabaseError, connection, transaction

from headoffice.errors import HeadOfficeError

DISTRIBUTION_KEY = "kiosk"
"""The column by which tables are distributed: the head of every unique key of theirs."""
DISTRIBUTED_TABLES = (
    "ingest.StoredMessage",
    "ingest.Unstored",
    "ingest.Renumbered",
    "ingest.BootBounds",
    "ingest.Gap",
    "ingest.LateCheck",
    "ingest.Restamped",
    "results.Hourly",
    "results.Daily",
    "results.Monthly",
    "results.Late",
)
REFERENCE_TABLES = ("fleet.Group", "fleet.ExperiencePoint", "questionnaires.Version")
LOCAL_TABLES = (
    "accounts.Attempts",
    "accounts.KnownPlace",
    "accounts.Responsibility",
    "accounts.User",
    "accounts.User_groups",
    "accounts.User_user_permissions",
    "api.Token",
    "auth.Group",
    "auth.Group_permissions",
    "auth.Permission",
    "authoring.Draft",
    "authoring.DraftStep",
    "configuration.KioskReport",
    "configuration.KioskTarget",
    "configuration.RollOut",
    "configuration.RollOutKiosk",
    "configuration.ScheduleRow",
    "configuration.SettingValue",
    "configuration.StoredFile",
    "contenttypes.ContentType",
    "export.Export",
    "export.ZoneOffset",
    "fleet.Alarm",
    "fleet.Assignment",
    "fleet.Credential",
    "fleet.EnrolmentCode",
    "fleet.HeadOffice",
    "fleet.KioskChange",
    "fleet.KioskCommand",
    "fleet.Kiosk",
    "ingest.ContactKey",
    "ingest.Installation",
    "notes.Note",
    "questionnaires.Publication",
    "results.Area",
    "results.AreaDay",
    "results.AreaHour",
    "results.Horizon",
    "sessions.Session",
    "timekeeping.AcceptedClock",
    "timekeeping.ClockRun",
    "timekeeping.KioskWord",
    "walls.WallLink",
)
ONE_CONNECTION = (
    "SET citus.multi_shard_modify_mode TO 'sequential'; "
    "SET citus.max_adaptive_executor_pool_size TO 1"
)
_LOCK_NUMBER = 0x68796D696F  # "hymio": the number of the advisory lock
_PLACES = """
SELECT c.relname, p.colocationid, CASE
    WHEN p.partmethod = 'n' AND p.repmodel = 't' THEN 'reference'
    WHEN p.partmethod = 'n' THEN 'local'
    ELSE column_to_column_name(p.logicalrelid, p.partkey) END
FROM pg_dist_partition AS p JOIN pg_class AS c ON c.oid = p.logicalrelid
"""
_SEQUENCES = """
SELECT c.relname, a.attname,
    pg_sequence_last_value(pg_get_serial_sequence(quote_ident(c.relname), a.attname)::regclass)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attidentity <> ''
WHERE c.oid = ANY (SELECT to_regclass(name) FROM unnest(%s::text[]) AS name)
"""
_SET = "SELECT setval(pg_get_serial_sequence(quote_ident(%s), %s), %s)"


class TablePlacement(NamedTuple):
    """Where Citus has put a table."""

    by: str
    """The column it is distributed by, or ``reference`` or ``local``."""
    colocation: int
    """Tables of one colocation have their rows of one kiosk on one machine."""


def distribute(report: Callable[[str], None]) -> bool:
    """Bring every table to its place, with its rows; False if all are there already.

    Table by table, each in a transaction of its own: what is interrupted can be run again.
    HeadOfficeError if the database can't be distributed.
    """
    _check_database()
    with _advisory_lock():
        return _place_tables(report)


@contextmanager
def migrating() -> Iterator[None]:
    """Around a migration: Citus passes it on, and new tables go to their places afterwards."""
    if is_distributed():
        with connection.cursor() as cursor:
            # A step sees what the one before it did only on the same connection to a machine.
            cursor.execute(ONE_CONNECTION)
    yield
    if is_distributed():
        _place_tables(lambda _text: None)


def is_distributed() -> bool:
    """Whether the table of messages is."""
    if connection.vendor != "postgresql" or not _installed():
        return False
    place = _places().get(_table(DISTRIBUTED_TABLES[0]))
    return place is not None and place.by == DISTRIBUTION_KEY


def _place_tables(report: Callable[[str], None]) -> bool:
    before = _places()
    there = set(connection.introspection.table_names())
    first = _table(DISTRIBUTED_TABLES[0])
    moved = False
    for label in (*REFERENCE_TABLES, *DISTRIBUTED_TABLES):
        table = _table(label)
        aim = "reference" if label in REFERENCE_TABLES else DISTRIBUTION_KEY
        place = before.get(table, TablePlacement("local", 0))
        if table not in there or place.by == aim:
            continue
        if place.by != "local":
            raise HeadOfficeError(
                f"{table} is distributed otherwise ({place.by}, and not {aim}): take that back "
                f"with SELECT undistribute_table('{table}') and run this again"
            )
        report(f"{table}: moving {_rows(table)} ...")
        if label in REFERENCE_TABLES:
            _move(table, "create_reference_table(%s)", [table])
            report(f"{table}: reference table, a copy on every machine")
        else:
            beside = "none" if table == first else first
            _move(table, "create_distributed_table(%s, %s, colocate_with => %s)",
                  [table, DISTRIBUTION_KEY, beside])  # fmt: skip
            report(f"{table}: distributed by {DISTRIBUTION_KEY}")
        moved = True
    _check_colocation(there)
    return moved


def _move(table: str, command: str, values: list[str]) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor, _keep_sequences():
            cursor.execute(f"SELECT {command}", values)
            # The rows are on the machines now; what is left of them here is only in the way.
            cursor.execute("SELECT truncate_local_data_after_distributing_table(%s)", [table])
    except DatabaseError as error:
        raise HeadOfficeError(
            f"{table} could not be moved and is as it was: {str(error).splitlines()[0]}. What was "
            "moved before it stays so; run this again to go on"
        ) from error


@contextmanager
def _keep_sequences() -> Iterator[None]:
    """Let the next row of each table have the next number, as before.

    Citus makes anew what is joined by foreign keys to a reference table, and begins at 1 there.
    """
    tables = [[_table(label) for label in (*REFERENCE_TABLES, *LOCAL_TABLES)]]
    with connection.cursor() as cursor:
        cursor.execute(_SEQUENCES, tables)
        before = cursor.fetchall()
        yield
        cursor.execute(_SEQUENCES, tables)
        after = {(table, column): last or 0 for table, column, last in cursor.fetchall()}
        for table, column, last in before:
            if last is not None and after[table, column] < last:
                cursor.execute(_SET, [table, column, last])


def _check_database() -> None:
    if connection.vendor != "postgresql":
        raise HeadOfficeError(
            "only a PostgreSQL with the Citus extension can be distributed, and this is SQLite: "
            "see HYMIO_DATABASE_URL and docs/scaling.md"
        )
    if not _installed():
        known = _one("SELECT count(*) FROM pg_available_extensions WHERE name = 'citus'")
        raise HeadOfficeError(
            "this database has no Citus extension: "
            + ("it is there but not made" if known else "it is not installed on this server")
            + ". Install it on every machine, set shared_preload_libraries = 'citus', and run "
            "CREATE EXTENSION citus in this database and its namesakes; see docs/scaling.md"
        )
    if _one("SELECT groupid FROM pg_dist_local_group"):
        raise HeadOfficeError(
            "this is a worker: HYMIO_DATABASE_URL has to name the coordinator, which knows the "
            "others"
        )
    if not _one("SELECT count(*) FROM pg_dist_node WHERE groupid = 0"):
        raise HeadOfficeError(
            "the coordinator does not know under which name the others reach it: run "
            "SELECT citus_set_coordinator_host('NAME', PORT)"
        )
    if not _one("SELECT count(*) FROM pg_dist_node WHERE isactive AND shouldhaveshards"):
        raise HeadOfficeError(
            "no machine is there to hold a part of the tables: add each worker with "
            "SELECT citus_add_node('NAME', PORT)"
        )


def _check_colocation(there: set[str]) -> None:
    """HeadOfficeError if somebody distributed a table so that it doesn't lie with the others."""
    places = _places()
    tables = [table for label in DISTRIBUTED_TABLES if (table := _table(label)) in there]
    for table in tables:
        if places[table].colocation != places[tables[0]].colocation:
            raise HeadOfficeError(
                f"{table} does not lie where {tables[0]} does: take it back with "
                f"SELECT undistribute_table('{table}') and run this again"
            )


@contextmanager
def _advisory_lock() -> Iterator[None]:
    if not _one("SELECT pg_try_advisory_lock(%s)", _LOCK_NUMBER):
        raise HeadOfficeError("the tables are being distributed already, by another process")
    try:
        yield
    finally:
        _one("SELECT pg_advisory_unlock(%s)", _LOCK_NUMBER)


def _places() -> dict[str, TablePlacement]:
    with connection.cursor() as cursor:
        cursor.execute(_PLACES)
        return {name: TablePlacement(by, colocation) for name, colocation, by in cursor.fetchall()}


def _installed() -> bool:
    return bool(_one("SELECT count(*) FROM pg_extension WHERE extname = 'citus'"))


def _rows(table: str) -> str:
    """How many, about, as the planner knows: to count them would take as long as to move them."""
    about = _one("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", table)
    return f"about {about} rows" if about > 0 else "its rows"


def _one(statement: str, *values: str | int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return int(cursor.fetchone()[0])


def _table(label: str) -> str:
    return str(apps.get_model(label)._meta.db_table)  # noqa: SLF001 - Django's documented name
