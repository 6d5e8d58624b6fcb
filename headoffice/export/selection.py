"""What is to be taken away, and the slices of it that one statement each can read."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from headoffice import clock
from headoffice.fleet.models import Assignment, ExperiencePoint
from headoffice.fleet.tree import Tree
from headoffice.results.filters import Filters
from headoffice.rollups.local_time import offset_spans
from headoffice.rollups.periods import Span

_FIRST_DAY, _LAST_DAY = date(1, 1, 3), date(9999, 12, 29)
"""Between them every zone has a midnight."""


@dataclass(frozen=True)
class ExportSelection(Filters):
    """Which answers; None stands for no limit."""

    points: frozenset[int] = frozenset()
    """Never more than whoever asks may see."""
    first: date | None = None
    last: date | None = None
    """Days by the calendar of each place, both included."""
    apart: tuple[tuple[frozenset[int], Span], ...] = ()
    """Places with other days than these, as it is another day there now."""
    personal: bool = True
    """Whether whoever asks may read e-mail addresses and telephone numbers in what was written."""
    received_before_ms: int | None = None
    """What comes in later is left out, so that counting and reading see the same rows."""

    def days_at(self, point: int) -> tuple[date | None, date | None]:
        """The first and the last day at a place; None stands for no limit."""
        for points, days in self.apart:
            if point in points:
                return days.first, days.last
        return self.first, self.last


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


def slices(selection: ExportSelection, now_ms: int) -> Iterator[Slice]:
    """Every kiosk at every place where it stood, in the order of places, kiosks and time."""
    tree = Tree.load()
    places = ExperiencePoint.objects.filter(pk__in=selection.points).order_by("name", "pk")
    stood: dict[int, set[int]] = {}
    for kiosk, point in Assignment.objects.values_list("kiosk", "point"):
        if selection.kiosks is None or kiosk in selection.kiosks:
            stood.setdefault(point, set()).add(kiosk)
    for place in places:
        begin, end = _bounds(selection.days_at(place.pk), place.time_zone, now_ms)
        path = tree.path(place.group_id)
        for kiosk in sorted(stood.get(place.pk, ())):
            for part in offset_spans(place.time_zone, begin, end):
                yield Slice(kiosk, place.pk, place.name, path, place.time_zone, *part)


def _bounds(days: tuple[date | None, date | None], zone: str, now_ms: int) -> tuple[int, int]:
    first, last = days
    begin = 0 if first is None else max(0, midnight_ms(first, zone))
    end = now_ms + 1
    if last is not None and last < date.max:
        end = min(end, midnight_ms(last + dt.timedelta(days=1), zone))
    return begin, max(begin, end)


def midnight_ms(day: date, zone: str) -> int:
    """Unix ms at which a local day begins; where 0:00 is skipped, at the first instant of it."""
    day = min(max(day, _FIRST_DAY), _LAST_DAY)
    midnight = datetime(day.year, day.month, day.day, tzinfo=clock.zone_of(zone))
    return int(midnight.timestamp()) * 1000


def offset_text(offset: int) -> str:
    """An offset as ISO 8601 writes it, like ``+02:00``."""
    sign, minutes = ("-" if offset < 0 else "+"), abs(offset) // 60
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"
