"""How long nobody touches a kiosk, against what is usual for this one: is its panel dead?

Counted is the time in which shoppers could have touched it: closed, paused and switched off don't
count. Visits in a shop are taken to come as they like, so that a pause between two is longer than
``f`` times the longest of ``n`` earlier ones with the probability 1 / C(n+f, n) (the next of
exponential pauses against the largest of ``n``). ``f`` is chosen so that a kiosk in order is
reported wrongly once in a hundred years; two days of opening come on top, for the holidays that
nobody has told it of. ``bench/untouched.py`` simulates shops of all sizes.
"""

import math
from functools import lru_cache
from typing import Self

import msgspec

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
VISIT_MS = MINUTE_MS
"""Touches closer to each other are one visit."""
DAYS_KEPT = 28
"""Days with touches that the usual is taken from."""
UNKNOWN_DAYS = 10
"""Days of opening after which a kiosk is reported whose usual is not known."""
HOLIDAYS = 2
"""Days in a row on which the shop may be closed without the kiosk's knowing."""
_FALSE_ALARMS_A_YEAR = 0.01
_MOST = 60.0


class DayOfTouches(msgspec.Struct, frozen=True, array_like=True):
    """A day on which somebody touched."""

    day: int
    """Of the kiosk's clock, which may be wrong: it only tells days apart."""
    visits: int
    longest_ms: int
    """The longest pause that ended on it, in time of opening."""


class TouchHistory(msgspec.Struct, frozen=True):
    """What is remembered, across starts too."""

    since_ms: int = 0
    """Time of opening since the last touch."""
    days: tuple[DayOfTouches, ...] = ()

    def add_pause(self, open_ms: int) -> Self:
        """So much time of opening has passed without a touch."""
        return msgspec.structs.replace(self, since_ms=self.since_ms + max(0, open_ms))

    def add_touch(self, day: int, day_ms: int) -> Self:
        """Somebody touched it, on this day; ``day_ms``: how long it is open on a day."""
        # A pause that was reported is not what is usual, or a dead panel would set the measure.
        pause_ms = min(self.since_ms, self.threshold_ms(day_ms))
        if pause_ms < VISIT_MS and self.days:
            return msgspec.structs.replace(self, since_ms=0)
        last = self.days[-1] if self.days else None
        if last is not None and last.day == day:
            here = DayOfTouches(day, last.visits + 1, max(last.longest_ms, pause_ms))
            days = (*self.days[:-1], here)
        else:
            days = (*self.days, DayOfTouches(day, 1, pause_ms))[-DAYS_KEPT:]
        return msgspec.structs.replace(self, since_ms=0, days=days)

    def threshold_ms(self, day_ms: int) -> int:
        """So much time of opening without a touch is unusual for this kiosk."""
        visits = sum(each.visits for each in self.days)
        unknown_ms = UNKNOWN_DAYS * day_ms
        if visits < 2:
            return unknown_ms
        longest_ms = max(each.longest_ms for each in self.days)
        usual_ms = round(_factor(visits, len(self.days)) * longest_ms)
        return HOLIDAYS * day_ms + (usual_ms if visits > DAYS_KEPT else max(usual_ms, unknown_ms))

    def is_unusual(self, day_ms: int) -> bool:
        """Whether nobody has touched it for unusually long."""
        return self.since_ms > self.threshold_ms(day_ms)


@lru_cache(1000)
def _factor(visits: int, days: int) -> float:
    """How many times the longest pause of so many a pause has to be; see above."""
    pauses_a_year = visits / max(days, 1) * 365
    wanted = math.log(_FALSE_ALARMS_A_YEAR / pauses_a_year)
    low, high = 1.0, _MOST
    while high - low > 0.01:
        middle = (low + high) / 2
        probability = (
            math.lgamma(visits + 1) + math.lgamma(middle + 1) - math.lgamma(visits + middle + 1)
        )
        low, high = (middle, high) if probability > wanted else (low, middle)
    return high
