"""What is to be taken away, and the slices of it that one statement each can read."""

import datetime as dt
import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from headoffice.fleet.models import Assignment, ExperiencePoint
from headoffice.fleet.tree import Tree

_QUARTER_MS = 15 * 60 * 1000
_DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class Wanted:
    """Which answers; None stands for no limit."""

    points: frozenset[int]
    """Never more than whoever asks may see."""
    kiosks: frozenset[int] | None = None
    versions: frozenset[int] | None = None
    questions: frozenset[str] | None = None
    language: str = ""
    first: date | None = None
    last: date | None = None
    """Days by the calendar of each place, both included."""
    test: bool = False
    misuse: bool = False
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


class Part(NamedTuple):
    """From one instant up to before another, with the local offset from UTC."""

    from_ms: int
    until_ms: int
    offset_s: int


def slices(wanted: Wanted, now_ms: int) -> Iterator[Slice]:
    """Every kiosk at every place where it stood, in the order of places, kiosks and time."""
    tree = Tree.load()
    places = ExperiencePoint.objects.filter(pk__in=wanted.points).order_by("name", "pk")
    stood: dict[int, set[int]] = {}
    for kiosk, point in Assignment.objects.values_list("kiosk", "point"):
        if wanted.kiosks is None or kiosk in wanted.kiosks:
            stood.setdefault(point, set()).add(kiosk)
    for place in places:
        begin, end = _bounds(wanted, place.time_zone, now_ms)
        path = tree.path(place.group_id)
        for kiosk in sorted(stood.get(place.pk, ())):
            for part in parts(place.time_zone, begin, end):
                yield Slice(kiosk, place.pk, place.name, path, place.time_zone, *part)


def _bounds(wanted: Wanted, zone: str, now_ms: int) -> tuple[int, int]:
    begin = 0 if wanted.first is None else midnight_ms(wanted.first, zone)
    end = now_ms + 1
    if wanted.last is not None:
        end = min(end, midnight_ms(wanted.last + dt.timedelta(days=1), zone))
    return begin, max(begin, end)


def midnight_ms(day: date, zone: str) -> int:
    """Unix ms at which a local day begins; where 0:00 is skipped, at the first instant of it."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return int(midnight.timestamp()) * 1000


def parts(zone: str, from_ms: int, until_ms: int) -> list[Part]:
    """The stretch cut where the zone's offset from UTC changes."""
    cuts = [at for at in _changes(zone, *_decades(from_ms, until_ms)) if from_ms < at < until_ms]
    edges = [from_ms, *cuts, until_ms]
    return [
        Part(begin, end, offset_s(begin, zone))
        for begin, end in itertools.pairwise(edges)
        if begin < end
    ]


def offset_s(ms: int, zone: str) -> int:
    """Seconds that the zone's clocks are ahead of UTC at an instant."""
    there = datetime.fromtimestamp(ms // 1000, UTC).astimezone(ZoneInfo(zone)).utcoffset()
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
    step = _DAY_MS // 4
    before = offset_s(from_ms, zone)
    for at in range(from_ms + step, until_ms + step, step):
        if (after := offset_s(at, zone)) != before:
            low, high = at - step, at
            while high - low > _QUARTER_MS:
                middle = (low + high) // 2 // _QUARTER_MS * _QUARTER_MS
                low, high = (middle, high) if offset_s(middle, zone) == before else (low, middle)
            found.append(high)
            before = after
    return tuple(found)
