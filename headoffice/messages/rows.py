"""Stored messages as plain rows, for code that touches thousands of them at once."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from headoffice.db.bulk import Table
from headoffice.messages.models import UNFIT, UNSENT

_SET_ASIDE = {UNFIT, UNSENT}


class MessageRow(NamedTuple):
    """One stored message; the columns of StoredMessage in the order of the table."""

    kiosk: int
    installation: int
    seq: int
    fingerprint: bytes
    kind: int
    response: str
    """In hexadecimal with hyphens."""
    version: int
    point: int
    question: str
    value: str
    language: str
    test: bool
    misuse: str
    took_ms: int
    wall_ms: int
    boot: str
    mono_ms: int
    happened_ms: int
    certain: bool
    received_ms: int
    counts: bool = True
    reported_misuse: str | None = None

    @property
    def is_set_aside(self) -> bool:
        """Whether it counts nowhere, whatever else is said on its subject."""
        return bool(self.misuse) and not _SET_ASIDE.isdisjoint(self.misuse.split(","))

    @property
    def order(self) -> tuple[int, int]:
        """Of two messages about one question of one response the one with the greater counts."""
        return self.installation, self.seq

    @property
    def subject(self) -> tuple[str, str]:
        """What it is about: the response and its question; how a response ended has none."""
        return self.response, "" if self.kind == 3 else self.question


message_table = Table(
    "ingest_storedmessage",
    ("kiosk", "installation", "seq"),
    {
        "kiosk": "int",
        "installation": "int",
        "seq": "int",
        "fingerprint": "bytes",
        "kind": "small",
        "response": "uuid",
        "version": "int",
        "point": "int",
        "question": "text",
        "value": "text",
        "language": "text",
        "test": "bool",
        "misuse": "text",
        "took_ms": "int",
        "wall_ms": "int",
        "boot": "uuid",
        "mono_ms": "int",
        "happened_ms": "int",
        "certain": "bool",
        "received_ms": "int",
        "counts": "bool",
        "reported_misuse": "text",
    },
)
_COLUMNS = ", ".join(f'"{name}"' for name in MessageRow._fields)


def select_rows(condition: str, values: Sequence[Any] | dict[str, Any]) -> Iterator[MessageRow]:
    """The rows for which a constant SQL condition holds."""
    with connection.cursor() as cursor:
        # The condition is a constant of this package; values travel beside it.
        cursor.execute(
            f"SELECT {_COLUMNS} FROM ingest_storedmessage WHERE {condition}",  # noqa: S608
            values,
        )
        for cells in cursor.fetchall():
            row = MessageRow(*cells)
            yield row._replace(
                fingerprint=bytes(row.fingerprint),
                response=uuid_text(row.response),
                boot=uuid_text(row.boot),
                test=bool(row.test),
                certain=bool(row.certain),
                counts=bool(row.counts),
            )


def in_condition(
    column: str, wanted: Iterable[Any], *, uuids: bool = False
) -> tuple[str, list[Any]]:
    """A condition that a column holds one of these, in the words of each engine."""
    values = list(wanted)
    if connection.vendor == "postgresql":
        return f'"{column}" = ANY(%s)', [[UUID(v) for v in values] if uuids else values]
    if uuids:
        values = [v.replace("-", "") for v in values]
    return f'"{column}" IN ({",".join(["%s"] * len(values))})', values


def uuid_text(stored: object) -> str:
    """A UUID as any engine keeps it, in hexadecimal with hyphens."""
    return str(stored) if isinstance(stored, UUID) else str(UUID(str(stored)))
