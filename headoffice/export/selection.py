"""What is to be taken away, and the slices of it that one statement each can read."""

import datetime as dt
import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from headoffice import clock
from headoffice.fleet.models import Assignment, ExperiencePoint
from headoffice.fleet.tree import Tree
from headoffice.results.filters import Filters

_QUARTER_MS = 15 * 60 * 1000
_FIRST_DAY, _LAST_DAY = date(1, 1, 3), date(9999, 12, 29)
"""Between them every zone has a midnight."""
_DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class ExportSelection(Filters):
    """Which answers; None stands for no limit."""

    points: frozenset[int] = frozenset()
    """Never more than whoever asks may see."""
    first: date | None = None
    last: date | None = None
    """Days by the calendar of each place, both included."""
    personal: bool = True
    """Whether whoever asks may read e-mail addresses and telephone numbers in what was written."""
    received_before_ms: int | None = None
    """What comes in later is left out, so that counting and reading see the same rows."""


class Slice(NamedTuple):
    """A stretch of time of one kiosk at one place, throughout which its clocks had one offset."""

    kiosk: int
    point: int
    place: str
    path: str
    zone: str
    from_ms: int
    until_ms: int
    offset_s: int


class OffsetSpan(NamedTuple):
    """From one instant up to before another, with the local offset from UTC."""

    from_ms: int
    until_ms: int
    offset_s: int


def slices(selection: ExportSelection, now_ms: int) -> Iterator[Slice]:
    """Every kiosk at every place where it stood, in the order of places, kiosks and time."""
    tree = Tree.load()
    places = ExperiencePoint.objects.filter(pk__in=selection.points).order_by("name", "pk")
    stood: dict[int, set[int]] = {}
    for kiosk, point in Assignment.objects.values_list("kiosk", "point"):
        if selection.kiosks is None or kiosk in selection.kiosks:
            stood.setdefault(point, set()).add(kiosk)
    for place in places:
        begin, end = _bounds(selection, place.time_zone, now_ms)
        path = tree.path(place.group_id)
        for kiosk in sorted(stood.get(place.pk, ())):
            for part in offset_spans(place.time_zone, begin, end):
                yield Slice(kiosk, place.pk, place.name, path, place.time_zone, *part)


def _bounds(selection: ExportSelection, zone: str, now_ms: int) -> tuple[int, int]:
    begin = 0 if selection.first is None else max(0, midnight_ms(selection.first, zone))
    end = now_ms + 1
    if selection.last is not None and selection.last < date.max:
        end = min(end, midnight_ms(selection.last + dt.timedelta(days=1), zone))
    return begin, max(begin, end)


def midnight_ms(day: date, zone: str) -> int:
    """Unix ms at which a local day begins; where 0:00 is skipped, at the first instant of it."""
    day = min(max(day, _FIRST_DAY), _LAST_DAY)
    midnight = datetime(day.year, day.month, day.day, tzinfo=clock.zone_of(zone))
    return int(midnight.timestamp()) * 1000


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


def offset_text(offset: int) -> str:
    """An offset as ISO 8601 writes it, like ``+02:00``."""
    sign, minutes = ("-" if offset < 0 else "+"), abs(offset) // 60
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"


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
            while high - low > _QUARTER_MS:
                middle = (low + high) // 2 // _QUARTER_MS * _QUARTER_MS
                low, high = (middle, high) if _offset_s(middle, there) == before else (low, middle)
            found.append(high)
            before = after
    return tuple(found)
