"""All rows of one database into another, of the same schema and empty, whichever engines they are.

Indexes other than those of keys are made after the rows, which takes a fraction of the time.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from headoffice.copies.columns import TableColumns, all_tables
from headoffice.copies.rows import Digest, Lines, count_rows, digest_of, read_rows, write_rows
from headoffice.errors import HeadOfficeError

Cells = tuple[object, ...]
_POSTGRES_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""
_SQLITE_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
_LAST_NUMBER = "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)"

_SET_NUMBER = "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)"


class Progress(NamedTuple):
    """How far it is."""

    step: str
    table: str
    rows: int
    """Of all tables so far."""
    total: int


Say = Callable[[Progress], None]


def copy_rows(
    source: BaseDatabaseWrapper, target: BaseDatabaseWrapper, say: Say
) -> dict[str, Digest]:
    """Copy every table, its numbers to come and its indexes; what the source holds of each.

    For a transaction of the target's. HeadOfficeError names the table whose rows it refuses.
    """
    tables = all_tables()
    total = sum(count_rows(source, table.name) for table in tables)
    indexes = _drop_indexes(target)
    found: dict[str, Digest] = {}
    for table in tables:
        found[table.name] = Digest()
        before = sum(digest.rows for digest in found.values())

        def portions(table: TableColumns = table, before: int = before) -> Iterator[Lines]:
            for lines in read_rows(source, table):
                digest = found[table.name] = found[table.name].grown(table, lines)
                say(Progress("Copied", table.name, before + digest.rows, total))
                yield lines

        _fill(target, table, portions())
    _settle(target, indexes, lambda name: say(Progress("Indexing", name, total, total)))
    for table in tables:
        _set_number(target, table, _last_number(source, table))
    return found


def differences(target: BaseDatabaseWrapper, found: dict[str, Digest], say: Say) -> list[str]:
    """The tables that hold other rows than were found, with their numbers."""
    wrong, rows = [], 0
    total = sum(digest.rows for digest in found.values())
    for table in all_tables():
        there, here = digest_of(target, table), found[table.name]
        rows += here.rows
        say(Progress("Compared", table.name, rows, total))
        if there != here:
            wrong.append(f"{table.name} ({here.rows:,} rows, and {there.rows:,} other ones)")
    return wrong


def digests(source: BaseDatabaseWrapper, say: Say) -> dict[str, Digest]:
    """What a database holds of every table."""
    found: dict[str, Digest] = {}
    for table in all_tables():
        found[table.name] = digest_of(source, table)
        rows = sum(digest.rows for digest in found.values())
        say(Progress("Read", table.name, rows, rows))
    return found


def empty_tables(target: BaseDatabaseWrapper) -> None:
    """Remove what migrations have put into a new database."""
    if target.vendor == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in all_tables())
        _run(target, f"TRUNCATE {names}")
        return
    for table in all_tables():
        _run(target, f'DELETE FROM "{table.name}"')  # noqa: S608 - names of models


def _fill(target: BaseDatabaseWrapper, table: TableColumns, portions: Iterable[Lines]) -> None:
    try:
        write_rows(target, table, portions)
    except (DatabaseError, ValueError, KeyError) as error:
        told = " ".join(str(error).split())
        raise HeadOfficeError(f"a row of {table.name} can't be kept there: {told}") from error


def _drop_indexes(target: BaseDatabaseWrapper) -> list[Cells]:
    on_postgres = target.vendor == "postgresql"
    indexes = _run(target, _POSTGRES_INDEXES if on_postgres else _SQLITE_INDEXES)
    for name, _definition in indexes:
        _run(target, f'DROP INDEX "{name}"')
    return indexes


def _settle(target: BaseDatabaseWrapper, indexes: list[Cells], say: Callable[[str], None]) -> None:
    """Check the references and make the indexes again."""
    if target.vendor == "postgresql":
        _run(target, "SET CONSTRAINTS ALL IMMEDIATE")
    else:
        lost = _run(target, "PRAGMA foreign_key_check")
        if lost:
            raise HeadOfficeError(f"{len(lost)} rows refer to none, like one of {lost[0][0]}")
    for name, definition in indexes:
        say(str(name))
        _run(target, str(definition))


def _last_number(source: BaseDatabaseWrapper, table: TableColumns) -> int:
    """The last number that was given to a row, which may be gone; 0: none."""
    if not table.numbered:
        return 0
    if source.vendor == "postgresql":
        found = _run(source, _LAST_NUMBER, table.name, table.numbered)
    else:
        found = _run(source, "SELECT seq FROM sqlite_sequence WHERE name = %s", table.name)
    # Rows may have been put in with numbers of their own.
    highest = f'SELECT max("{table.numbered}") FROM "{table.name}"'  # noqa: S608 - names of models
    found += _run(source, highest)
    return max(int(str(cells[0] or 0)) for cells in found)


def _set_number(target: BaseDatabaseWrapper, table: TableColumns, last: int) -> None:
    if not table.numbered:
        return
    if target.vendor == "postgresql":
        _run(target, _SET_NUMBER, table.name, table.numbered, max(last, 1), last > 0)
        return
    _run(target, "DELETE FROM sqlite_sequence WHERE name = %s", table.name)
    if last:
        _run(target, "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", table.name, last)


def _run(database: BaseDatabaseWrapper, statement: str, *values: str | int) -> list[Cells]:
    with database.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall()) if cursor.description else []
