"""Which local hour and day an instant belongs to."""

import functools
from datetime import UTC, date, datetime

from headoffice import clock

QUARTER_MS = 15 * 60 * 1000
"""Every zone's offset has been a multiple of this since 1979."""


def local_hour(ms: int, zone: str) -> tuple[int, date]:
    """Unix ms at which the zone's hour of this instant began, and its local day."""
    return _of_quarter(clock.within_calendar(ms) // QUARTER_MS, zone)


def local_day(ms: int, zone: str) -> date:
    """The local day of an instant."""
    return local_hour(ms, zone)[1]


@functools.lru_cache(maxsize=65_536)
def _of_quarter(quarter: int, zone: str) -> tuple[int, date]:
    instant = datetime.fromtimestamp(quarter * QUARTER_MS // 1000, UTC)
    local = instant.astimezone(clock.zone_of(zone))
    # Minutes are taken off the instant, so that an hour that comes twice stays two hours.
    began = int(instant.timestamp() * 1000) - local.minute * 60_000
    return began, local.date()
