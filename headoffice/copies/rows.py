"""The rows of a table as lines of text, the same whichever engine they come from.

A line is what PostgreSQL's COPY writes and reads, so that it makes and takes them itself. SQLite
makes those of the big tables in SQL; those of small tables, which hold instants or JSON, are made
here.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from headoffice.copies.columns import Column, TableColumns, sqlite_value, text_value

_AT_ONCE = 2000
_ESCAPES = (("\\", "\\\\"), ("\b", "\\b"), ("\t", "\\t"), ("\n", "\\n"), ("\v", "\\v"),
            ("\f", "\\f"), ("\r", "\\r"))  # fmt: skip
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {written[1]: special for special, written in _ESCAPES}
_SLOW_KINDS = frozenset({"instant", "json"})
_DASHED = """
lower(substr({0},1,8)||'-'||substr({0},9,4)||'-'||substr({0},13,4)||'-'||substr({0},17,4)||'-'
||substr({0},21))"""
_SQL = {
    "int": "CAST({0} AS text)",
    "bool": "CASE {0} WHEN 1 THEN 't' WHEN 0 THEN 'f' ELSE CAST({0} AS text) END",
    "uuid": _DASHED,
    "bytes": "'\\\\x'||lower(hex({0}))",
    "date": "{0}",
}
Lines = list[bytes]


class Digest(NamedTuple):
    """What two tables have in common if they hold the same rows, in whatever order."""

    rows: int = 0
    total: int = 0
    """Sum of a hash of each."""

    def grown(self, table: TableColumns, lines: Lines) -> "Digest":
        """With more rows."""
        if is_slow(table):
            lines = [_normal(table, line) for line in lines]
        total = self.total
        for line in lines:
            total += int.from_bytes(hashlib.blake2b(line, digest_size=8).digest())
        return Digest(self.rows + len(lines), total % 2**64)


def is_slow(table: TableColumns) -> bool:
    """Whether engines write some of its values in ways of their own."""
    return any(column.kind in _SLOW_KINDS for column in table.columns)


def count_rows(database: BaseDatabaseWrapper, table: str) -> int:
    """How many there are."""
    with database.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - a name of a model
        return int(cursor.fetchone()[0])


def digest_of(database: BaseDatabaseWrapper, table: TableColumns) -> Digest:
    """Of all rows of a table."""
    digest = Digest()
    for lines in read_rows(database, table):
        digest = digest.grown(table, lines)
    return digest


def read_rows(database: BaseDatabaseWrapper, table: TableColumns) -> Iterator[Lines]:
    """All rows of a table, many at a time; may raise DatabaseError."""
    if database.vendor == "postgresql":
        return _portions(_copied(database, table))
    rows = _written_here(database, table) if is_slow(table) else _written_by_sqlite(database, table)
    return _portions(rows)


def write_rows(
    database: BaseDatabaseWrapper, table: TableColumns, portions: Iterable[Lines]
) -> None:
    """Put rows into a table that is empty."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    if database.vendor == "postgresql":
        # Frozen: the rows are committed with the table's emptying, and need no vacuum later.
        statement = f'COPY "{table.name}" ({names}) FROM STDIN (FREEZE)'
        with (
            database.wrap_database_errors,
            database.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            for lines in portions:
                copy.write(b"".join(lines))
        return
    kinds = [column.kind for column in table.columns]
    marks = ", ".join("?" * len(kinds))
    insert = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608 - names of models
    with database.wrap_database_errors:
        for lines in portions:
            database.connection.executemany(insert, [cells_of(line, kinds) for line in lines])


def cells_of(line: bytes, kinds: list[str]) -> list[object]:
    """The values of a row as SQLite keeps them; ValueError if they are not of these kinds."""
    texts = line.decode().removesuffix("\n").split("\t")
    return [
        None if text == "\\N" else sqlite_value(kind, plain_text(text))
        for kind, text in zip(kinds, texts, strict=True)
    ]


def _portions(lines: Iterator[bytes]) -> Iterator[Lines]:
    while portion := list(islice(lines, _AT_ONCE)):
        yield portion


def _copied(database: BaseDatabaseWrapper, table: TableColumns) -> Iterator[bytes]:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    statement = f'COPY (SELECT {names} FROM "{table.name}") TO STDOUT'  # noqa: S608 - likewise
    with database.cursor() as cursor, cursor.copy(statement) as copy:
        yield from map(bytes, copy)


def _written_by_sqlite(database: BaseDatabaseWrapper, table: TableColumns) -> Iterator[bytes]:
    line = "||char(9)||".join(map(_column_line, table.columns))
    cursor = database.connection.execute(f'SELECT {line} FROM "{table.name}"')  # noqa: S608 - likewise
    for (text,) in cursor:
        yield f"{text}\n".encode()


def _column_line(column: Column) -> str:
    name = f'"{column.name}"'
    if column.kind == "text":
        for special, written in _ESCAPES:
            name = f"replace({name},char({ord(special)}),'{written}')"
    else:
        name = _SQL[column.kind].format(name)
    return f"coalesce({name},'\\N')"


def _written_here(database: BaseDatabaseWrapper, table: TableColumns) -> Iterator[bytes]:
    # As they are stored: of a bare column Python would make objects.
    names = ", ".join(f'+"{column.name}"' for column in table.columns)
    cursor = database.connection.execute(f'SELECT {names} FROM "{table.name}"')  # noqa: S608 - likewise
    for cells in cursor:
        texts = [
            "\\N" if cell is None else _escaped(text_value(column.kind, cell))
            for column, cell in zip(table.columns, cells, strict=True)
        ]
        yield ("\t".join(texts) + "\n").encode()


def _escaped(text: str) -> str:
    for special, written in _ESCAPES:
        text = text.replace(special, written)
    return text


def plain_text(text: str) -> str:
    """A value of a line without its escapes."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text)


def _normal(table: TableColumns, line: bytes) -> bytes:
    """A line in which instants and JSON are written in one way."""
    texts = line.decode().removesuffix("\n").split("\t")
    told: list[Any] = []
    for column, text in zip(table.columns, texts, strict=True):
        if text == "\\N" or column.kind not in _SLOW_KINDS:
            told.append(text)
        elif column.kind == "instant":
            told.append(datetime.fromisoformat(text).astimezone(UTC).isoformat())
        else:
            told.append(json.dumps(json.loads(plain_text(text)), sort_keys=True))
    return json.dumps(told).encode()
