"""Many rows in one statement, in the words of each engine.

The ORM would build an object per row; a delivery is up to a thousand rows and should cost what
the engine costs. PostgreSQL takes one array per column, SQLite one row of values per row.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

Row = tuple[Any, ...]

_ARRAYS = {
    "int": "bigint[]",
    "small": "smallint[]",
    "text": "text[]",
    "bytes": "bytea[]",
    "uuid": "uuid[]",
    "bool": "boolean[]",
    "date": "date[]",
}
_SQLITE_VARIABLES = 30_000
"""Below SQLite's own limit of 32,766 values in a statement."""


class Table:
    """A table that is written in bulk; ``columns`` maps names to kinds of value.

    Kinds: int, small, text, bytes, uuid (given as its text), bool, date (a datetime.date).
    """

    def __init__(self, name: str, key: Sequence[str], columns: dict[str, str]) -> None:
        self.name, self.key, self.columns = name, tuple(key), columns
        self._uuids = [i for i, kind in enumerate(columns.values()) if kind == "uuid"]
        self._dates = [i for i, kind in enumerate(columns.values()) if kind == "date"]

    def insert(self, rows: Sequence[Row]) -> None:
        """Insert rows whose keys are known to be free."""
        self._run(rows, "")

    def insert_or_add(self, rows: Sequence[Row], counters: Sequence[str]) -> None:
        """Insert the rows; where the key is there, add to its counters."""
        add = ", ".join(f'"{c}" = "{self.name}"."{c}" + excluded."{c}"' for c in counters)
        self._run(rows, f"ON CONFLICT ({_names(self.key)}) DO UPDATE SET {add}")

    def _run(self, rows: Sequence[Row], tail: str) -> list[Row]:
        if not rows:
            return []
        into = f'INSERT INTO "{self.name}" ({_names(self.columns)})'
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{_ARRAYS[kind]}" for kind in self.columns.values())
            # Only names of ours are put into the text; values travel beside it.
            statement = f"{into} SELECT * FROM unnest({arrays}) {tail}"  # noqa: S608
            return self._execute(statement, [list(column) for column in zip(*rows, strict=True)])
        return self._run_sqlite(into, rows, tail)

    def _run_sqlite(self, into: str, rows: Sequence[Row], tail: str) -> list[Row]:
        one = "(" + ",".join(["%s"] * len(self.columns)) + ")"
        at_once = _SQLITE_VARIABLES // len(self.columns)
        answers: list[Row] = []
        for start in range(0, len(rows), at_once):
            part = rows[start : start + at_once]
            values: list[Any] = []
            for row in part:
                cells = list(row)
                for i in self._uuids:
                    cells[i] = cells[i].replace("-", "")
                for i in self._dates:
                    cells[i] = cells[i].isoformat()
                values += cells
            answers += self._execute(f"{into} VALUES {','.join([one] * len(part))} {tail}", values)
        return answers

    @staticmethod
    def _execute(statement: str, values: list[Any]) -> list[Row]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


def _names(columns: Sequence[str] | dict[str, str]) -> str:
    return ", ".join(f'"{c}"' for c in columns)
