"""Which local hour and day an instant belongs to, and how far clocks are ahead of UTC."""

import functools
import itertools
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from headoffice import clock

QUARTER_MS = 15 * 60 * 1000
"""Every zone's offset has been a multiple of this since 1979."""
_DAY_MS = 24 * 3600 * 1000


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


class OffsetSpan(NamedTuple):
    """From one instant up to before another, with the local offset from UTC."""

    from_ms: int
    until_ms: int
    offset_s: int


def offset_spans(zone: str, from_ms: int, until_ms: int) -> list[OffsetSpan]:
    """The stretch cut where the zone's offset from UTC changes."""
    cuts = [at for at in _changes(zone, *_decades(from_ms, until_ms)) if from_ms < at < until_ms]
    edges = [from_ms, *cuts, until_ms]
    return [
        OffsetSpan(begin, end, offset_s(begin, zone))
        for begin, end in itertools.pairwise(edges)
        if begin < end
    ]


def offset_s(ms: int, zone: str) -> int:
    """Seconds that the zone's clocks are ahead of UTC at an instant."""
    return _offset_s(clock.within_calendar(ms), clock.zone_of(zone))


def _offset_s(ms: int, zone: ZoneInfo) -> int:
    there = datetime.fromtimestamp(ms // 1000, UTC).astimezone(zone).utcoffset()
    return 0 if there is None else int(there.total_seconds())


def _decades(from_ms: int, until_ms: int) -> tuple[int, int]:
    """Whole decades around the stretch, so that few different ones are looked through."""
    decade = 3653 * _DAY_MS
    return from_ms // decade * decade, -(-until_ms // decade) * decade


@functools.lru_cache(maxsize=512)
def _changes(zone: str, from_ms: int, until_ms: int) -> tuple[int, ...]:
    """The instants at which the offset changes; two changes within a day are seen as well."""
    found = []
    there = clock.zone_of(zone)
    step = _DAY_MS // 4
    before = _offset_s(from_ms, there)
    for at in range(from_ms + step, until_ms + step, step):
        if (after := _offset_s(at, there)) != before:
            low, high = at - step, at
            while high - low > QUARTER_MS:
                middle = (low + high) // 2 // QUARTER_MS * QUARTER_MS
                low, high = (middle, high) if _offset_s(middle, there) == before else (low, middle)
            found.append(high)
            before = after
    return tuple(found)
