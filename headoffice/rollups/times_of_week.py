"""Hours of the week by the clock on the wall: evenings, say, or weekends."""

from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Case, F, Q, Value, When
from django.db.models.lookups import In

from headoffice.rollups.local_time import offset_spans

HOUR_MS = 3_600_000
_DAY_MS = 24 * HOUR_MS
_WEEK_MS = 7 * _DAY_MS
_MONDAY_MS = 3 * _DAY_MS
"""Unix time began on a Thursday."""
_FAR_MS = 2_524_608_000_000
"""Clocks are not known to change from 2050 on, nor does it matter how they did before 1970."""


class TimesOfWeek(NamedTuple):
    """Some hours of the day on some days of the week."""

    weekdays: frozenset[int]
    """1 to 7 from Monday; none of them stands for all."""
    first: int = 0
    """The first hour, 0 to 23."""
    until: int = 24
    """The hour before which they end, 1 to 24; not after the first one: on, over midnight."""

    @property
    def every_hour(self) -> bool:
        """Whether whole days are asked for."""
        return (self.first, self.until) == (0, 24)

    @property
    def days(self) -> list[int]:
        """The weekdays in order, all of them if none is named."""
        return sorted(self.weekdays or range(1, 8))

    @property
    def hours(self) -> list[int]:
        """The hours of the week, 0 to 167 from Monday; those after midnight are the next day's."""
        n = (self.until - self.first) % 24 or 24
        return sorted(
            {(24 * (day - 1) + self.first + hour) % 168 for day in self.days for hour in range(n)}
        )

    def condition(self, column: str, zone: str, from_ms: int, until_ms: int) -> Q:
        """That a column of Unix ms, between two instants, lies in them in this time zone."""
        from_ms, until_ms = (min(max(ms, 0), _FAR_MS) for ms in (from_ms, until_ms))
        *earlier, last = offset_spans(zone, from_ms, max(until_ms, from_ms) + 1)
        offset: Value | Case = Value(last.offset_s * 1000)
        if earlier:
            cases = [
                When(**{f"{column}__lt": part.until_ms}, then=Value(part.offset_s * 1000))
                for part in earlier
            ]
            offset = Case(*cases, default=offset)
        # Taken apart first, so that no number, however wrong, leaves 64 bits.
        since = (F(column) % _WEEK_MS + offset + (_WEEK_MS + _MONDAY_MS)) % _WEEK_MS
        hour: Any = since / HOUR_MS
        hour.output_field = BigIntegerField()
        return Q(In(hour, self.hours))

    def sql(self, column: str, offset_ms: str) -> str:
        """The same as text, where clocks are so far ahead of UTC."""
        since = f"({column} %% {_WEEK_MS} + {offset_ms} + {_WEEK_MS + _MONDAY_MS}) %% {_WEEK_MS}"
        return f"{since} / {HOUR_MS} IN ({', '.join(map(str, self.hours))})"
