"""When a place is open, asked of many places at once: chains have few different weeks."""

import functools
from datetime import date, timedelta
from typing import NamedTuple

import msgspec
from django.db.models import TextField
from django.db.models.functions import Cast

from config.opening_hours import StoredHours, WeeklyHours
from headoffice import clock
from headoffice.fleet.models import ExperiencePoint

LONGEST_LOOK_MS = 8 * 24 * 3600 * 1000
"""Opening times are added up over the latest eight days alone: each weekday is among them."""


class ShopHours(NamedTuple):
    """The opening hours of one place."""

    json: str = ""
    """As the database keeps them, in JSON; empty, or without any day: not known."""
    zone: str = "UTC"

    @property
    def are_known(self) -> bool:
        """Whether somebody has said when this place is open."""
        return self.json not in ("", "{}")

    def is_open(self, now_ms: int) -> bool:
        """Whether it is open then; also where its hours are not known."""
        if not self.are_known:
            return True
        day = _day(now_ms, self.zone)
        return any(begin <= now_ms < end for begin, end in _spans(self.json, self.zone, day, day))

    def opens_in_ms(self, now_ms: int) -> int | None:
        """How long it is until it opens; None if that is beyond tomorrow, or not known."""
        if not self.are_known:
            return None
        day = _day(now_ms, self.zone)
        spans = _spans(self.json, self.zone, day, day + timedelta(days=1))
        return min((begin - now_ms for begin, _end in spans if begin > now_ms), default=None)

    def spans(self, first: date, last: date) -> tuple[tuple[int, int], ...]:
        """When it is open on these days, in Unix ms; none where its hours are not known."""
        return _spans(self.json, self.zone, first, last) if self.are_known else ()

    def open_ms(self, since_ms: int, until_ms: int) -> int:
        """For how long it was open between two instants, of the latest eight days of them.

        Where its hours are not known, all the time.
        """
        since_ms = max(since_ms, until_ms - LONGEST_LOOK_MS)
        if not self.are_known:
            return max(0, until_ms - since_ms)
        first, last = _day(since_ms, self.zone), _day(until_ms, self.zone)
        spans = _spans(self.json, self.zone, first, last)
        return sum(max(0, min(end, until_ms) - max(begin, since_ms)) for begin, end in spans)


def hours_of(point: int) -> ShopHours:
    """Those of one experience point."""
    found = ExperiencePoint.objects.filter(pk=point).annotate(
        hours_json=Cast("opening_hours", TextField())
    )
    return ShopHours(*found.values_list("hours_json", "time_zone").get())


def _day(ms: int, zone: str) -> date:
    return clock.instant(ms).astimezone(clock.zone_of(zone)).date()


@functools.lru_cache(maxsize=1000)
def _spans(stored: str, zone: str, first: date, last: date) -> tuple[tuple[int, int], ...]:
    hours = msgspec.json.decode(stored, type=StoredHours)
    return tuple(WeeklyHours.load(hours).open_spans(clock.zone_of(zone), first, last))
