"""Whether kiosks get clearly fewer answers than they did at the same hours of earlier weeks.

The hours since a kiosk shows what is new are compared with the same hours of each of the eight
weeks before. Counts vary more than Poisson's: by how much, those weeks themselves say. On the scale
of square roots the spread of counts does not depend on their size (Anscombe 1948: 2·√(n + 3/8) has
variance 1 for Poisson's), so what the next week should be follows Student's t with the weeks' own
spread: drawn towards what is typical, as eight weeks say little of it, and never taken to be less
than Poisson's.

It is looked at several times while a roll-out runs, and of each kiosk as well as of all together:
what may go wrong by chance in a whole roll-out (``FALSE_STOPS``) is shared out among those looks.
"""

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

WEEKS = 8
LEAST_WEEKS = 4
"""Of fewer weeks with answers nothing is concluded."""
LOOKS = (2, 6, 18, 54, 162)
"""Hours after which the answers are looked at."""
FALSE_STOPS = 0.008
"""Of roll-outs that change nothing, at most so many are stopped for this."""
TYPICAL_NOISE = 0.15
"""By this share weeks differ beside chance, as far as nothing is known of the place."""
TYPICAL_DEGREES = 8
"""So many degrees of freedom that is worth beside what the weeks themselves say."""
CLEARLY = 0.75
"""Fewer than this share of what is usual is a difference worth a stop, if it is certain."""


class Rate(NamedTuple):
    """The answers of one kiosk in some hours, and in the same hours of earlier weeks."""

    kiosk: int
    now: int
    weeks: tuple[int, ...]

    @property
    def usual(self) -> float:
        """What these hours gave in a week."""
        return statistics.fmean(self.weeks) if self.weeks else 0.0


class Shortfall(NamedTuple):
    """Fewer answers than can be chance."""

    kiosk: int | None
    """None: all of them together."""
    now: int
    usual: float


def find_shortfall(rates: Sequence[Rate]) -> Shortfall | None:
    """The worst one of all kiosks together and of each alone; None if all may be chance."""
    known = [rate for rate in rates if rate.weeks]
    if not known:
        return None
    # Weeks of all kiosks together; who has fewer weeks is left out of the sum.
    longest = max(len(rate.weeks) for rate in known)
    whole = [rate for rate in known if len(rate.weeks) == longest]
    weeks = tuple(sum(week) for week in zip(*(rate.weeks for rate in whole), strict=True))
    together = Rate(0, sum(rate.now for rate in whole), weeks)
    each_look = FALSE_STOPS / len(LOOKS) / 2
    if _is_short(together, each_look):
        return Shortfall(None, together.now, together.usual)
    short = [rate for rate in known if _is_short(rate, each_look / len(known))]
    worst = min(short, key=lambda rate: rate.now / rate.usual, default=None)
    return None if worst is None else Shortfall(worst.kiosk, worst.now, worst.usual)


def _is_short(rate: Rate, level: float) -> bool:
    weeks = [week for week in rate.weeks if week]
    if len(weeks) < LEAST_WEEKS or rate.now >= CLEARLY * statistics.fmean(weeks):
        return False
    roots = [_root(week) for week in weeks]
    own, degrees = statistics.variance(roots), len(roots) - 1
    typical = 1 + TYPICAL_NOISE**2 * statistics.fmean(weeks)
    drawn = (own * degrees + typical * TYPICAL_DEGREES) / (degrees + TYPICAL_DEGREES)
    spread = math.sqrt(max(1.0, drawn) * (1 + 1 / len(roots)))
    below = (statistics.fmean(roots) - _root(rate.now)) / spread
    return upper_tail(below, degrees + TYPICAL_DEGREES) < level


def _root(count: int) -> float:
    return 2 * math.sqrt(count + 3 / 8)


def upper_tail(t: float, degrees: int) -> float:
    """The chance that Student's t is larger (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(degrees))
    sine, cosine = math.sin(angle), math.cos(angle)
    is_odd = degrees % 2
    term, total = (cosine, 0.0) if is_odd else (1.0, 0.0)
    for k in range(degrees // 2):
        total += term
        n = 2 * k + (2 if is_odd else 1)
        term *= cosine**2 * n / (n + 1)
    within = 2 / math.pi * (angle + sine * total) if is_odd else sine * total
    return (1 - within) / 2
