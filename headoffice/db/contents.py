"""What there is in a database or in a copy of one, in a few figures."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from headoffice import clock

Ask = Callable[[str], Sequence[tuple[Any, ...]]]
"""Carries out a constant statement; the rows."""
_COUNTED = """
SELECT count(*), coalesce(sum(CASE WHEN kind = 1 THEN 1 ELSE 0 END), 0), max(received_ms)
FROM ingest_storedmessage
"""


class Contents(NamedTuple):
    """How much there is, and how old it is."""

    kiosks: int
    messages: int
    answers: int
    """Those of the messages that are answers."""
    newest_ms: int | None
    """When the newest message came; Unix time in milliseconds."""
    heard_ms: int | None
    """When a kiosk was heard last."""

    @classmethod
    def read(cls, ask: Ask) -> "Contents":
        """Of the database that is asked."""
        kiosks, heard = ask("SELECT count(*), max(heartbeat_at) FROM fleet_kiosk")[0]
        messages, answers, newest = ask(_COUNTED)[0]
        times = [ms for ms in (newest, _instant_ms(heard)) if ms is not None]
        return cls(kiosks, messages, int(answers), newest, max(times, default=None))

    def __str__(self) -> str:
        kiosks = _counted(self.kiosks, "kiosk")
        if self.newest_ms is None:
            return f"{kiosks} and no answers"
        newest = clock.instant(self.newest_ms).isoformat(sep=" ", timespec="minutes")
        return (
            f"{kiosks}, {_counted(self.answers, 'answer')}; "
            f"the newest came at {newest.removesuffix('+00:00')} UTC"
        )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _instant_ms(stored: datetime | str | None) -> int | None:
    """Of a time as either engine gives it."""
    if stored is None:
        return None
    at = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
