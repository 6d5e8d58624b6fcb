"""Spans of local days: what one may ask for, and what it is compared with."""

import calendar
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, Self

LONGEST_DAYS = 3 * 366
EARLIEST = date(1900, 1, 1)
"""No period begins before: the times that it is compared with have dates too."""
_DAY = timedelta(days=1)
_ROLLING = {"today": 1, "7-days": 7, "28-days": 28, "12-weeks": 84}
NAMES = (
    "today",
    "yesterday",
    "week",
    "last-week",
    "7-days",
    "28-days",
    "12-weeks",
    "month",
    "last-month",
    "quarter",
    "last-quarter",
    "year",
    "last-year",
)
"""Beside them ``2026-10`` names a month."""
DEFAULT = "28-days"
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)


class Span(NamedTuple):
    """From one day to another, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days; a day of 23 or 25 hours is one day."""
        return (self.last - self.first).days + 1

    @property
    def wide_ms(self) -> tuple[int, int]:
        """Unix ms that hold these days in every time zone, with some to spare."""
        first = datetime.combine(self.first, time(), UTC) - timedelta(hours=15)
        last = datetime.combine(self.last, time(), UTC) + timedelta(hours=39)
        return int(first.timestamp() * 1000), int(last.timestamp() * 1000)

    @property
    def wall_ms(self) -> tuple[int, int]:
        """The same days as Unix ms in UTC, both ends included."""
        first, last = (datetime.combine(day, time(), UTC).timestamp() for day in self)
        return int(first) * 1000, int(last) * 1000 + 24 * 3_600_000 - 1

    @property
    def months(self) -> Self | None:
        """The whole months in it."""
        first = self.first if self.first.day == 1 else _month(self.first).last + _DAY
        last = (self.last + _DAY).replace(day=1) - _DAY
        return self._replace(first=first, last=last) if first < last else None

    @property
    def around_months(self) -> tuple[Self, ...]:
        """The days that are in none of its whole months."""
        whole = self.months
        if whole is None:
            return (self,)
        ends = (self._replace(last=whole.first - _DAY), self._replace(first=whole.last + _DAY))
        return tuple(end for end in ends if end.first <= end.last)

    def moved(self, days: int) -> Self:
        """As long, so many days later."""
        return self._replace(
            first=self.first + timedelta(days=days), last=self.last + timedelta(days=days)
        )


class Period(NamedTuple):
    """A span as it was asked for, with the two spans that it is compared with."""

    name: str
    """One of NAMES, a month like ``2026-10``, or empty for two given days."""
    span: Span
    before: Span
    """As long, just before; of a month, say, so far the same days of the one before."""
    year_ago: Span
    """The same dates; of whole weeks the same weekdays, 52 weeks earlier."""
    partial: bool
    """Whether it holds a day that is not over yet."""


def period_by_name(name: str, today: date) -> Period:
    """One of NAMES, or a month like ``2026-10``, as seen on this day.

    KeyError for another name; ValueError with the reason for a month that can't be shown.
    """
    if _MONTH.fullmatch(name):
        return _month_by_name(name, today)
    span, before = _spans(name, today)
    match name:
        case "week":
            year_ago = span.moved(-52 * 7)
        case "month" | "last-month" | "quarter" | "last-quarter" | "year" | "last-year":
            year_ago = _same_dates(span)
        case _:
            year_ago = _year_ago(span)
    return Period(name, span, before, year_ago, span.last >= today)


def _month_by_name(name: str, today: date) -> Period:
    try:
        whole = _month(date.fromisoformat(f"{name}-01"))
    except ValueError:
        raise KeyError(name) from None
    if whole.first > today:
        raise ValueError("future")
    if whole.first < EARLIEST:
        raise ValueError("early")
    found = period_by_name("month" if whole.last >= today else "last-month", _after(whole, today))
    return found._replace(name=name, partial=whole.last >= today)


def _after(month: Span, today: date) -> date:
    """The day after a month that is over; of another the present day."""
    return today if month.last >= today else month.last + _DAY


def months_back(today: date, n: int) -> list[str]:
    """The names of so many months, the present one first."""
    found = [today.replace(day=1)]
    while len(found) < n:
        found.append(_month_before(found[-1]))
    return [f"{first:%Y-%m}" for first in found]


def period_between(first: date, last: date, today: date) -> Period:
    """Two given days; ValueError with the reason if they make no period."""
    if first > last:
        raise ValueError("backwards")
    if first > today:
        raise ValueError("future")
    if first < EARLIEST:
        raise ValueError("early")
    span = Span(first, min(last, today))
    if span.days > LONGEST_DAYS:
        raise ValueError("long")
    return Period("", span, span.moved(-span.days), _year_ago(span), span.last >= today)


def _spans(name: str, today: date) -> tuple[Span, Span]:
    if name in _ROLLING:
        span = Span(today - (_ROLLING[name] - 1) * _DAY, today)
        return span, span.moved(-span.days)
    if name == "yesterday":
        span = Span(today - _DAY, today - _DAY)
        return span, span.moved(-1)
    whole = _WHOLE[name.removeprefix("last-")]
    present = whole(today)
    earlier = whole(present.first - _DAY)
    if name.startswith("last-"):
        return earlier, whole(earlier.first - _DAY)
    span = Span(present.first, today)
    # A day of a year is called by its date, of a shorter span by its number.
    return span, _same_dates(span) if name == "year" else _first_days(earlier, span.days)


def _month_before(first: date) -> date:
    return (first - _DAY).replace(day=1)


def _month(first: date) -> Span:
    return Span(first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))


def _first_days(whole: Span, days: int) -> Span:
    """So many days of it, or all of it if it has fewer."""
    return Span(whole.first, min(whole.first + (days - 1) * _DAY, whole.last))


def _quarter(day: date) -> Span:
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return Span(first, _month(first.replace(month=first.month + 2)).last)


def _year(year: int) -> Span:
    return Span(date(year, 1, 1), date(year, 12, 31))


def _year_ago(span: Span) -> Span:
    """The same dates; of whole weeks the same weekdays."""
    return span.moved(-52 * 7) if span.days % 7 == 0 else _same_dates(span)


def _same_dates(span: Span) -> Span:
    """A year earlier; of whole months the whole months, as a February may have had a day more."""
    first, last = _a_year_earlier(span.first), _a_year_earlier(span.last)
    whole = span.first.day == 1 and (span.last + _DAY).day == 1
    return Span(first, _month(last.replace(day=1)).last if whole else last)


def _a_year_earlier(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year - 1, day=28)


# --- steps of a trend ---------------------------------------------------------------------


class ChartStep(NamedTuple):
    """A part of a span that is drawn as one point of a line."""

    span: Span
    partial: bool
    """Whether the span cuts it somewhere, or it is not over yet."""


LEAST_PER_STEP = 20
"""Of fewer answers a point of a line says little but chance."""
_SIZES = (("day", 1), ("week", 7), ("month", 30))


def step_size(span: Span, n: int) -> str:
    """``day``, ``week`` or ``month`` for n answers: at most about sixty steps.

    Longer ones where a step would have too few answers, as long as four of them are left.
    """
    at = 0 if span.days <= 62 else 1 if span.days <= 400 else 2
    while (
        at + 1 < len(_SIZES)
        and n * _SIZES[at][1] < LEAST_PER_STEP * span.days
        and span.days >= 4 * _SIZES[at + 1][1]
    ):
        at += 1
    return _SIZES[at][0]


def hours_per_step(hours: int, n: int) -> int:
    """How many hours of a day are one step, for n answers in so many hours: 1, 2, 3 or 4."""
    return next((wide for wide in (1, 2, 3) if n * wide >= LEAST_PER_STEP * hours), 4)


def steps(
    span: Span, whole: Span, today: date, n: int | None = None
) -> tuple[str, tuple[ChartStep, ...]]:
    """``day``, ``week`` (from Monday) or ``month``, and the steps, for so many answers.

    ``whole``: the days of it that all places have. ``today``: the first day that is not over.
    """
    size = step_size(span, LEAST_PER_STEP * span.days if n is None else n)
    found = []
    at = span.first
    while at <= span.last:
        step = _whole(at, size)
        cut = Span(max(step.first, span.first), min(step.last, span.last))
        inside = whole.first <= step.first and step.last <= whole.last
        found.append(ChartStep(cut, not inside or step.last >= today))
        at = step.last + _DAY
    return size, tuple(found)


def _whole(day: date, size: str) -> Span:
    """The day, week, month, quarter or year that holds it."""
    return Span(day, day) if size == "day" else _WHOLE[size](day)


def _week(day: date) -> Span:
    monday = day - day.weekday() * _DAY
    return Span(monday, monday + 6 * _DAY)


_WHOLE: dict[str, Callable[[date], Span]] = {
    "week": _week,
    "month": lambda day: _month(day.replace(day=1)),
    "quarter": _quarter,
    "year": lambda day: _year(day.year),
}
"""The span of this kind that holds a day."""
