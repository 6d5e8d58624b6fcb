"""Many rows in one statement, in the words of each engine.

The ORM would build an object per row; a delivery is up to a thousand rows and should cost what
the engine costs. PostgreSQL takes a COPY, or one array per column where rows may be there
already; SQLite takes several rows in each statement, as each one costs a start, an end and two
turns at Python's lock.
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import methodcaller
from typing import Any

from django.db import connection

Values = tuple[Any, ...]

_TYPES = {
    "int": "bigint",
    "small": "smallint",
    "text": "text",
    "bytes": "bytea",
    "uuid": "uuid",
    "bool": "boolean",
    "date": "date",
}
_STORED_AS: dict[str, Callable[[Any], Any]] = {
    "uuid": methodcaller("replace", "-", ""),
    "date": methodcaller("isoformat"),
    "bool": int,
    "bytes": bytearray,
}
"""How SQLite gets a value: as Django's backend stores it, and of a type that Python's sqlite3 takes
as it is. For others it looks for a way to change them, which took a twentieth of a delivery."""
_AT_ONCE = (64, 16, 4, 1)
"""Rows of one statement on SQLite: a few sizes, so that each is prepared once for a connection."""


class Table:
    """A table that is written in bulk; ``columns`` maps names to kinds of value.

    Kinds: int, small, text, bytes, uuid (given as its text), bool, date (a datetime.date).
    """

    def __init__(self, name: str, key: Sequence[str], columns: dict[str, str]) -> None:
        self.name, self.key, self.columns = name, tuple(key), columns
        self._by_kind = {
            kind: [i for i, other in enumerate(columns.values()) if other == kind]
            for kind in _STORED_AS
        }
        self._into = f'"{name}" ({_names(columns)})'

    def insert(self, rows: Sequence[Values]) -> None:
        """Insert rows whose keys are known to be free."""
        self.insertion(rows)()

    def insertion(self, rows: Sequence[Values]) -> Callable[[], None]:
        """What inserts them, made ready as far as that takes no connection."""
        if connection.vendor != "postgresql":
            return functools.partial(_run_sqlite, list(self._statements(rows, "")))
        return functools.partial(self._copy, rows)

    def _copy(self, rows: Sequence[Values]) -> None:
        if not rows:
            return
        with connection.cursor() as cursor, cursor.copy(f"COPY {self._into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def insert_or_add(self, rows: Sequence[Values], counters: Sequence[str]) -> None:
        """Insert the rows; where the key is there, add to its counters."""
        if not rows:
            return
        add = ", ".join(f'"{c}" = "{self.name}"."{c}" + excluded."{c}"' for c in counters)
        tail = f"ON CONFLICT ({_names(self.key)}) DO UPDATE SET {add}"
        if connection.vendor != "postgresql":
            _run_sqlite(self._statements(rows, tail))
            return
        arrays = ", ".join(f"%s::{_TYPES[kind]}[]" for kind in self.columns.values())
        # Only names of models are put into the text; values travel beside it.
        statement = f"INSERT INTO {self._into} SELECT * FROM unnest({arrays}) {tail}"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])

    def _statements(self, rows: Sequence[Values], tail: str) -> Iterator[tuple[str, list[Any]]]:
        for portion in _portions(rows):
            yield self._for_sqlite(len(portion), tail), self._cells(portion)

    @functools.cache  # noqa: B019 - tables live as long as the program
    def _for_sqlite(self, rows: int, tail: str) -> str:
        one = f"({','.join('?' * len(self.columns))})"
        return f"INSERT INTO {self._into} VALUES {','.join([one] * rows)} {tail}"  # noqa: S608 - constant names

    def _cells(self, rows: Sequence[Values]) -> list[Any]:
        cells = list(itertools.chain.from_iterable(rows))
        width = len(self.columns)
        for kind, columns in self._by_kind.items():
            for i in columns:
                cells[i::width] = map(_STORED_AS[kind], cells[i::width])
        return cells


def _run_sqlite(statements: Iterable[tuple[str, list[Any]]]) -> None:
    connection.ensure_connection()
    # Past Django's cursor, which would look through every statement for its placeholders.
    with connection.wrap_database_errors:
        for statement, cells in statements:
            connection.connection.execute(statement, cells)


def _portions(rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    at = 0
    for size in _AT_ONCE:
        while len(rows) - at >= size:
            yield rows[at : at + size]
            at += size


def _names(columns: Sequence[str] | dict[str, str]) -> str:
    return ", ".join(f'"{c}"' for c in columns)
