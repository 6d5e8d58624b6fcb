"""Spans of local days: what one may ask for, and what it is compared with."""

import calendar
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
    "7-days",
    "28-days",
    "12-weeks",
    "month",
    "last-month",
    "year",
    "last-year",
)
DEFAULT = "28-days"


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
    """One of NAMES, or empty for two given days."""
    span: Span
    before: Span
    """As long, just before; of a month or year so far the same days of the one before."""
    year_ago: Span
    """The same dates; of whole weeks the same weekdays, 52 weeks earlier."""
    partial: bool
    """Whether it holds a day that is not over yet."""


def period_by_name(name: str, today: date) -> Period:
    """One of NAMES as seen on this day; KeyError for another name."""
    span, before = _spans(name, today)
    return Period(name, span, before, _year_ago(span), span.last >= today)


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
    if name == "month":
        first = today.replace(day=1)
        return Span(first, today), _same_days(_month_before(first), today.day)
    if name == "last-month":
        first = _month_before(today.replace(day=1))
        return _month(first), _month(_month_before(first))
    if name == "year":
        return Span(date(today.year, 1, 1), today), Span(
            date(today.year - 1, 1, 1), _a_year_earlier(today)
        )
    if name == "last-year":
        return _year(today.year - 1), _year(today.year - 2)
    raise KeyError(name)


def _month_before(first: date) -> date:
    return (first - _DAY).replace(day=1)


def _month(first: date) -> Span:
    return Span(first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))


def _same_days(first: date, days: int) -> Span:
    """So many days of a month, or all of it if it has fewer."""
    return Span(first, min(first + (days - 1) * _DAY, _month(first).last))


def _year(year: int) -> Span:
    return Span(date(year, 1, 1), date(year, 12, 31))


def _year_ago(span: Span) -> Span:
    if span.days % 7 == 0:
        return span.moved(-52 * 7)
    return Span(_a_year_earlier(span.first), _a_year_earlier(span.last))


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
    """Whether the span cuts it, or it is not over yet."""


def steps(span: Span, today: date) -> tuple[str, tuple[ChartStep, ...]]:
    """``day``, ``week`` (from Monday) or ``month``, and the steps: at most about sixty."""
    size = "day" if span.days <= 62 else "week" if span.days <= 400 else "month"
    found = []
    at = span.first
    while at <= span.last:
        whole = _whole(at, size)
        cut = Span(max(whole.first, span.first), min(whole.last, span.last))
        found.append(ChartStep(cut, cut != whole or whole.last >= today))
        at = whole.last + _DAY
    return size, tuple(found)


def _whole(day: date, size: str) -> Span:
    if size == "day":
        return Span(day, day)
    if size == "week":
        monday = day - day.weekday() * _DAY
        return Span(monday, monday + 6 * _DAY)
    return _month(day.replace(day=1))
