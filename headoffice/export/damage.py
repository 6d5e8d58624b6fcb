"""Takes rows away whose stored value no engine can read.

The engines write out answers themselves, and refuse a whole statement for one value that is no
JSON. Such a value is never stored by a delivery; a database may hold one all the same. Then the
rows of that statement are looked at one by one, and the statement is carried out again with what
is damaged called so, and everything else as it is.
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from django.db import DatabaseError, connection, transaction

from config.values import ChoiceValue
from headoffice.messages.contacts import StoredContact
from headoffice.messages.rows import message_table

T = TypeVar("T")
FROM = "FROM ingest_storedmessage AS m "
"""How the statements name the messages, once each."""
UNREADABLE = "(unreadable)"
_log = logging.getLogger("headoffice.export")
_value = msgspec.json.Decoder(ChoiceValue | StoredContact | str)
_Read = Callable[[str, dict[str, Any]], T]


def past_damage(read: "_Read[T]") -> "_Read[T]":
    """The same reading, which goes past values that can't be read."""

    def careful(statement: str, values: dict[str, Any]) -> T:
        try:
            # What fails may leave nothing behind: on PostgreSQL it would end the transaction.
            with transaction.atomic():
                return read(statement, values)
        except (DatabaseError, UnicodeDecodeError):
            damaged = _damaged(statement, values)
            if not damaged:
                raise
        _log.warning("%d stored values can't be read: %s", len(damaged), sorted(damaged)[:5])
        return read(statement.replace(FROM, f"FROM ({_mended(damaged)}) AS m ", 1), values)

    return careful


def _damaged(statement: str, values: dict[str, Any]) -> set[tuple[int, int]]:
    """Installation and number of the messages of a statement that can't be read."""
    _selected, _from, rest = statement.partition(FROM)
    where = rest[rest.index("WHERE ") :]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT m.installation, m.seq, m.value {FROM}{where}", values)
        return {(int(i), int(seq)) for i, seq, value in cursor.fetchall() if not _is_sound(value)}


def _is_sound(value: str) -> bool:
    if value[:1] not in ('"', "{"):
        return True
    try:
        _value.decode(value)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return False
    # PostgreSQL's texts can't hold it.
    return "\\u0000" not in value


def _mended(damaged: set[tuple[int, int]]) -> str:
    """The messages, with another value where it can't be read."""
    keys = ", ".join(f"({installation}, {seq})" for installation, seq in sorted(damaged))
    said = (
        f"CASE WHEN (installation, seq) IN (VALUES {keys}) THEN '\"{UNREADABLE}\"' ELSE value END"
    )
    columns = [f"{said} AS value" if name == "value" else name for name in message_table.columns]
    if connection.vendor == "sqlite":
        columns.append("rowid AS rowid")
    return f"SELECT {', '.join(columns)} FROM ingest_storedmessage"  # noqa: S608 - numbers alone
