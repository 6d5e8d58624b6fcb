"""Which days a period holds, what it is compared with, and how it is cut into steps."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headoffice.rollups import periods
from headoffice.rollups.periods import Span

D = dt.date
MONDAY = D(2026, 11, 23)


def span(first: D, last: D) -> Span:
    return Span(first, last)


@pytest.mark.parametrize(
    ("name", "days", "before", "year_ago", "partial"),
    [
        (
            "today",
            span(MONDAY, MONDAY),
            span(D(2026, 11, 22), D(2026, 11, 22)),
            span(D(2025, 11, 23), D(2025, 11, 23)),
            True,
        ),
        (
            "28-days",
            span(D(2026, 10, 27), MONDAY),
            span(D(2026, 9, 29), D(2026, 10, 26)),
            span(D(2025, 10, 28), D(2025, 11, 24)),
            True,
        ),
        (
            "month",
            span(D(2026, 11, 1), MONDAY),
            span(D(2026, 10, 1), D(2026, 10, 23)),
            span(D(2025, 11, 1), D(2025, 11, 23)),
            True,
        ),
        (
            "last-month",
            span(D(2026, 10, 1), D(2026, 10, 31)),
            span(D(2026, 9, 1), D(2026, 9, 30)),
            span(D(2025, 10, 1), D(2025, 10, 31)),
            False,
        ),
        (
            "year",
            span(D(2026, 1, 1), MONDAY),
            span(D(2025, 1, 1), D(2025, 11, 23)),
            span(D(2025, 1, 1), D(2025, 11, 23)),
            True,
        ),
        (
            "last-year",
            span(D(2025, 1, 1), D(2025, 12, 31)),
            span(D(2024, 1, 1), D(2024, 12, 31)),
            span(D(2024, 1, 1), D(2024, 12, 31)),
            False,
        ),
    ],
)
def test_a_named_period_and_what_it_is_compared_with(
    name: str, days: Span, before: Span, year_ago: Span, *, partial: bool
) -> None:
    found = periods.period_by_name(name, MONDAY)
    assert (days, before, year_ago, partial) == found[1:]


@pytest.mark.parametrize("name", periods.NAMES)
def test_every_name_makes_a_period_on_every_day_of_a_leap_year(name: str) -> None:
    for day in range(366):
        today = D(2028, 1, 1) + dt.timedelta(days=day)
        found = periods.period_by_name(name, today)
        assert found.before.last < found.span.first <= found.span.last <= today
        assert found.year_ago.last < found.span.first


def test_whole_weeks_are_compared_with_the_same_weekdays() -> None:
    found = periods.period_by_name("12-weeks", MONDAY)
    for other in (found.before, found.year_ago):
        assert found.span.first.weekday() == other.first.weekday()
        assert found.span.days == other.days


def test_a_month_is_compared_with_a_shorter_one_as_far_as_that_goes() -> None:
    found = periods.period_by_name("month", D(2027, 3, 31))
    assert Span(D(2027, 2, 1), D(2027, 2, 28)) == found.before


def test_own_days_end_today_at_the_latest() -> None:
    found = periods.period_between(D(2026, 11, 1), D(2026, 12, 31), MONDAY)
    assert Span(D(2026, 11, 1), MONDAY) == found.span
    assert found.partial


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        (D(2026, 11, 2), D(2026, 11, 1), "backwards"),
        (D(2026, 11, 24), D(2026, 11, 25), "future"),
        (D(2020, 1, 1), D(2026, 11, 1), "long"),
    ],
)
def test_days_that_make_no_period_are_refused(first: D, last: D, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        periods.period_between(first, last, MONDAY)


@pytest.mark.parametrize(
    ("days", "size"), [(28, "day"), (84, "week"), (366, "week"), (900, "month")]
)
def test_steps_cover_every_day_once_and_are_few_enough_to_draw(days: int, size: str) -> None:
    whole = Span(MONDAY - dt.timedelta(days=days - 1), MONDAY)
    found, steps = periods.steps(whole, whole, MONDAY)
    assert size == found
    assert len(steps) <= 62
    assert whole.first == steps[0].span.first
    assert whole.last == steps[-1].span.last
    for one, following in itertools.pairwise(steps):
        assert one.span.last + dt.timedelta(days=1) == following.span.first
    assert steps[-1].partial


def test_a_week_that_the_period_cuts_is_partial_and_others_are_whole() -> None:
    # From a Wednesday to a Sunday twelve weeks later, long over.
    whole = Span(D(2026, 6, 3), D(2026, 8, 30))
    _size, steps = periods.steps(whole, whole, MONDAY)
    assert [True, *[False] * (len(steps) - 1)] == [step.partial for step in steps]


@given(st.dates(D(2023, 1, 1), D(2026, 12, 31)), st.integers(1, 800))
def test_whole_months_and_the_days_around_them_are_all_the_days(first: D, days: int) -> None:
    whole = Span(first, first + dt.timedelta(days=days - 1))
    months = whole.months
    parts = sorted([*whole.around_months, *([months] if months else [])])
    assert whole.first == parts[0].first
    assert whole.last == parts[-1].last
    for one, following in itertools.pairwise(parts):
        assert one.last + dt.timedelta(days=1) == following.first
    if months:
        assert 1 == months.first.day
        assert 1 == (months.last + dt.timedelta(days=1)).day
    # What is left has no room for a month.
    assert all(part.days <= 61 and Span(*part).months is None for part in whole.around_months)
