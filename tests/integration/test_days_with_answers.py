"""A few days of a period don't stand for all of it: a simulation for results/changes.py."""

import math
import random

import pytest

from headoffice.results.changes import comparable
from headoffice.results.counts import Coverage
from headoffice.results.statistics import difference, happiness

DAYS, A_DAY, RUNS = 28, 150, 400


def moods(chance: random.Random) -> list[float]:
    """The part of happy shoppers on each of 56 days: weekends are better, and it drifts.

    The drift has a standard deviation of four points and forgets half of itself in a week.
    """
    level, found = chance.gauss(0, 4), []
    for day in range(2 * DAYS):
        weekend = 3 if day % 7 in (4, 5) else -1.2
        found.append(min(0.97, max(0.03, 0.6 + (level + weekend) / 100)))
        level = 0.9 * level + chance.gauss(0, 4 * math.sqrt(1 - 0.9**2))
    return found


def told(chance: random.Random, days: list[float]) -> list[int]:
    """How many of three faces were tapped on these days: sad and neutral are equally many."""
    happy = sum(
        min(A_DAY, max(0, round(chance.gauss(A_DAY * p, math.sqrt(A_DAY * p * (1 - p))))))
        for p in days
    )
    rest = A_DAY * len(days) - happy
    return [rest // 2, rest - rest // 2, happy]


def mean(days: list[float]) -> float:
    return sum(100 * p + 25 * (1 - p) for p in days) / len(days)


def missed(rated: int) -> float:
    """How often the interval of the change misses that of the whole periods."""
    chance, wrong = random.Random(5), 0  # noqa: S311 - the same shops in every run
    for _run in range(RUNS):
        days = moods(chance)
        before, now = days[:DAYS], days[DAYS:]
        begun = chance.randrange(DAYS - rated + 1)
        new = happiness(told(chance, now))
        old = happiness(told(chance, before[begun : begun + rated]))
        assert new is not None
        assert old is not None
        low, high = difference(new, old).interval
        wrong += not low <= mean(now) - mean(before) <= high
    return wrong / RUNS


def test_the_fewer_days_the_more_often_a_change_is_wrong() -> None:
    assert missed(28) < 0.1
    assert missed(21) < 0.13
    assert missed(2) > 1.5 * missed(28)


@pytest.mark.parametrize(
    ("now", "then", "allowed"),
    [
        (28, 28, True),
        (28, 21, True),
        (28, 20, False),
        (28, 2, False),
        (20, 20, True),
        (14, 14, True),
        (13, 13, False),
        (2, 28, False),
        (0, 0, False),
    ],
)
def test_both_times_need_days_enough(now: int, then: int, *, allowed: bool) -> None:
    assert allowed == comparable(Coverage(now, DAYS), Coverage(then, DAYS))
