"""The formulas behind every figure, pure and cited.

Happiness index: each face is worth its step on an even scale from 0 (most negative) to 100, the
index is the mean. A share's interval is Wilson's score interval (E. B. Wilson, JASA 22, 1927,
pp. 209-212), which stays within 0 and 1 and is honest for few answers and extreme shares.

The index's interval is Wilson's too, with the mean as the share. Among all values between 0 and 1
with mean m the variance is at most m (1 - m) (R. Bhatia and C. Davis, Amer. Math. Monthly 107,
2000, pp. 353-357), reached when only the two extremes are used. So it covers at least as often
as for a share: cautious where neutral faces are many, and never a single point because three
people happened to agree.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

Z_95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""


class Interval(NamedTuple):
    """From low to high, both included."""

    low: float
    high: float


class Index(NamedTuple):
    """A figure from 0 to 100, how many answers it rests on, and its 95 % interval."""

    value: float
    n: int
    interval: Interval


def wilson(share: float, n: int, z: float = Z_95) -> Interval:
    """Wilson's score interval of a share (0 to 1) of n; ValueError without answers."""
    if n < 1:
        raise ValueError("no interval without answers")
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, not at {share}")
    spread = z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def happiness(*tallies: Sequence[int]) -> Index | None:
    """The index of counts by face, most negative first; None without answers.

    Several tallies, with 3, 4 or 5 faces each, are one index: a face counts by its place on its
    own scale.
    """
    n = sum(sum(tally) for tally in tallies)
    if n == 0:
        return None
    total = sum(
        count * face / (len(tally) - 1) for tally in tallies for face, count in enumerate(tally)
    )
    mean = min(1.0, total / n)
    low, high = wilson(mean, n)
    return Index(100 * mean, n, Interval(100 * low, 100 * high))
