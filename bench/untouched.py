"""How often a kiosk whose panel is in order is reported as untouched, and how soon a dead one.

    .venv/bin/python bench/untouched.py [--years 20]

Shops of all sizes, open for 12 hours on six days, as in reality: visits come by chance, with a rush
in the afternoon, busy and quiet days, three holidays of two days a year that the kiosk was not told
of. Beside it stands the rule that one thinks of first: no touch for a day of opening.
"""

import argparse
import random
from collections.abc import Iterator
from typing import NamedTuple

from kiosk.touch_history import HOUR_MS, MINUTE_MS, TouchHistory

OPEN_HOURS = 12
DAY_MS = OPEN_HOURS * HOUR_MS
DAYS_A_YEAR = 313
LEARN_DAYS = 40
# Within a day, so that they are 1 in the mean.
RUSH = tuple(w * 12 / 11.9 for w in (0.4, 0.6, 0.8, 1.0, 1.1, 1.0, 1.0, 1.2, 1.6, 1.6, 1.0, 0.6))
RATES = (0.3, 1, 3, 10, 50, 300, 1000)
"""Visits a day."""


class Outcome(NamedTuple):
    """Of one size of shop."""

    rate: float
    false_a_year: float
    simple_a_year: float
    """Of the rule that one thinks of first."""
    dead_days: float
    """Days of opening until a panel is reported that died, in the mean."""


def gaps(rate: float, days: int, chance: random.Random) -> Iterator[tuple[int, float]]:
    """The day of each visit, and the time of opening since the one before in ms."""
    waited = 0.0
    for day in range(days):
        is_holiday = day % DAYS_A_YEAR in (100, 101, 200, 201, 300, 301)
        busy = 0.0 if is_holiday else rate * chance.gammavariate(4, 0.25)
        for weight in RUSH:
            left, per_ms = float(HOUR_MS), busy * weight / OPEN_HOURS / HOUR_MS
            while per_ms:
                step = chance.expovariate(per_ms)
                if step >= left:
                    break
                left -= step
                yield day, waited + step
                waited = 0.0
            waited = waited + left


def simulate(rate: float, years: int, seed: int = 1) -> Outcome:
    """Some years of one shop."""
    history, false, simple = TouchHistory(), 0, 0
    thresholds = []
    for day, gap in gaps(rate, years * DAYS_A_YEAR, random.Random(seed)):  # noqa: S311 - no secret
        if gap < MINUTE_MS:
            continue
        history = history.add_pause(round(gap))
        if day > LEARN_DAYS:
            false += history.is_unusual(DAY_MS)
            simple += gap > DAY_MS
            thresholds.append(history.threshold_ms(DAY_MS))
        history = history.add_touch(day, DAY_MS)
    dead = sum(thresholds) / max(1, len(thresholds)) / DAY_MS
    return Outcome(rate, false / years, simple / years, dead)


def main() -> None:
    """Prints a line for each size of shop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=20)
    years = parser.parse_args().years
    print("visits a day   false alarms a year   of “a day without”   a dead panel after")
    for rate in RATES:
        found = simulate(rate, max(2, years if rate < 100 else years // 5))
        print(
            f"{rate:>12g}   {found.false_a_year:>19.2f}   {found.simple_a_year:>18.2f}"
            f"   {found.dead_days:.1f} days of opening"
        )


if __name__ == "__main__":
    main()
