"""Objects of a model by a plain SQL condition.

The ORM composes the text of a statement anew each time, which takes ten times as long as the engine
needs to answer a small one. That is nothing to a page; a delivery asks a dozen small questions
while no other kiosk may write.
"""

import functools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)
Cells = tuple[Any, ...]


class Finder(Generic[M]):
    """Finds rows of one model; the condition is a constant text, its values travel beside it."""

    def __init__(self, model: type[M]) -> None:
        self._model = model
        self._fields = model._meta.concrete_fields  # noqa: SLF001 - Django's documented way
        self._names = [field.attname for field in self._fields]
        columns = ", ".join(f'"{field.column}"' for field in self._fields)
        self._select = f'SELECT {columns} FROM "{model._meta.db_table}" WHERE '  # noqa: S608, SLF001 - constant names

    def all(self, condition: str, *values: Any) -> list[M]:
        """The rows for which it holds."""
        rows = fetch_all(self._select + condition, *values)
        return [self._model.from_db(connection.alias, self._names, self._read(row)) for row in rows]

    def first(self, condition: str, *values: Any) -> M | None:
        """The first row for which it holds."""
        return next(iter(self.all(condition, *values)), None)

    def _read(self, row: Cells) -> Sequence[Any]:
        cells = list(row)
        for place, expression, converters in self._converters(connection.vendor):
            for convert in converters:
                cells[place] = convert(cells[place], expression, connection)
        return cells

    @functools.cache  # noqa: B019 - finders live as long as the program
    def _converters(self, _vendor: str) -> list[tuple[int, Any, list[Callable[..., Any]]]]:
        """What makes of an engine's values those of the fields, for the columns that need it."""
        table = self._model._meta.db_table  # noqa: SLF001 - as above
        found = []
        for place, field in enumerate(self._fields):
            expression = field.get_col(table)
            converters = connection.ops.get_db_converters(expression)
            converters += expression.get_db_converters(connection)
            if converters:
                found.append((place, expression, converters))
        return found


def fetch_all(statement: str, *values: Any) -> list[Cells]:
    """The rows that a constant statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Cells] = cursor.fetchall()
    return rows


def execute(statement: str, *values: Any) -> None:
    """Carry out a constant statement that gives no rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def uuid_value(text: str) -> object:
    """A UUID's text as the engine keeps it, to compare with."""
    return UUID(text) if connection.vendor == "postgresql" else text.replace("-", "")


def datetime_value(at: datetime) -> object:
    """An instant as the engine keeps it, to write and to compare with: SQLite keeps a text."""
    return connection.ops.adapt_datetimefield_value(at)


def placeholders(values: Sequence[object]) -> str:
    """As many placeholders; for none of them what no value equals."""
    return ", ".join(["%s"] * len(values)) or "NULL"
