"""The tables of a head office and what their columns hold, for what goes from engine to engine."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.db.models import Field

_KINDS = {
    "BooleanField": "bool",
    "UUIDField": "uuid",
    "BinaryField": "bytes",
    "DateField": "date",
    "DateTimeField": "instant",
    "JSONField": "json",
    "CharField": "text",
    "TextField": "text",
    "EmailField": "text",
    "AutoField": "int",
    "BigAutoField": "int",
    "IntegerField": "int",
    "BigIntegerField": "int",
    "PositiveSmallIntegerField": "int",
    "SmallIntegerField": "int",
}


class Column(NamedTuple):
    """A column by its name in the database."""

    name: str
    kind: str
    """bool, uuid, bytes, date, instant, json, text or int"""


class TableColumns(NamedTuple):
    """A table by its name in the database."""

    name: str
    columns: tuple[Column, ...]
    numbered: str
    """The column that the database itself counts up; empty if there is none."""


def all_tables() -> list[TableColumns]:
    """Every table of the models of this program, by name."""
    models = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy  # noqa: SLF001 - Django's documented name
    ]
    return sorted(_table(model) for model in models)


def _table(model: Any) -> TableColumns:
    options = model._meta  # noqa: SLF001 - as above
    columns = tuple(Column(field.column, _kind(field)) for field in options.concrete_fields)
    auto = options.auto_field
    return TableColumns(options.db_table, columns, auto.column if auto else "")


def _kind(field: "Field[Any, Any]") -> str:
    while field.is_relation:
        field = field.target_field  # type: ignore[attr-defined]  # of a foreign key
    return _KINDS[field.get_internal_type()]


_TO_SQLITE: dict[str, Callable[[str], object]] = {
    "bool": {"t": 1, "f": 0}.__getitem__,
    "uuid": lambda text: text.replace("-", ""),
    "bytes": lambda text: bytes.fromhex(text.removeprefix("\\x")),
    "int": int,
    # As Django stores them.
    "instant": lambda text: str(datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)),
    "json": lambda text: json.dumps(json.loads(text)),
    "date": str,
    "text": str,
}


def sqlite_value(kind: str, text: str) -> object:
    """What SQLite is given for a value that PostgreSQL writes so.

    ValueError or KeyError if the text is none of that kind.
    """
    return _TO_SQLITE[kind](text)


def text_value(kind: str, cell: Any) -> str:
    """What PostgreSQL reads for a value of SQLite."""
    match kind:
        case "bool":
            return {1: "t", 0: "f"}.get(cell, str(cell))
        case "bytes":
            return f"\\x{bytes(cell).hex()}"
        case "uuid":
            return str(UUID(cell))
        case "instant":
            at = datetime.fromisoformat(cell)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat(" ")
        case _:
            return str(cell)
