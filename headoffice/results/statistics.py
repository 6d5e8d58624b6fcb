"""The formulas behind every figure, pure and cited.

Happiness index: each face is worth its step on an even scale from 0 (most negative) to 100, the
index is the mean. A share's interval is Wilson's score interval (E. B. Wilson, JASA 22, 1927,
pp. 209-212), which stays within 0 and 1 and is honest for few answers and extreme shares.

The index's interval is Wilson's too, with the mean as the share. Among all values between 0 and 1
with mean m the variance is at most m (1 - m) (R. Bhatia and C. Davis, Amer. Math. Monthly 107,
2000, pp. 353-357), reached when only the two extremes are used. So it covers at least as often
as for a share: cautious where neutral faces are many, and never a single point because three
people happened to agree. Every other mean of a bounded scale has its interval in the same way:
the Net Promoter Score is the mean of -100, 0 and 100 (F. Reichheld, Harvard Business Review
81(12), 2003, pp. 46-54).

The interval of a difference is put together from the two intervals (R. G. Newcombe, Statistics
in Medicine 17, 1998, pp. 873-890, method 10; for any two estimates G. Y. Zou and A. Donner,
Statistics in Medicine 27, 2008, pp. 1693-1702).
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Z_95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""


class Interval(NamedTuple):
    """From low to high, both included."""

    low: float
    high: float


class Index(NamedTuple):
    """A figure, how many answers it rests on, and its 95 % interval."""

    value: float
    n: int
    interval: Interval


class Difference(NamedTuple):
    """How much one figure lies above another, with the 95 % interval of that."""

    value: float
    interval: Interval

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out 0, so that chance alone is a poor explanation."""
        return self.interval.low > 0 or self.interval.high < 0


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


def mean(total: float, n: int, low: float, high: float) -> Index | None:
    """The mean of n values between low and high that sum up to ``total``; None without any.

    Fewer than none is none, too: counts that are damaged may come to that.
    """
    if n < 1:
        return None
    width = high - low
    # Rounding may leave a mean of nothing but the highest value a hair above it.
    part = min(1.0, max(0.0, (total / n - low) / width))
    interval = wilson(part, n)
    return Index(
        low + width * part,
        n,
        Interval(low + width * interval.low, low + width * interval.high),
    )


def share(hits: int, n: int) -> Index | None:
    """``hits`` of n in per cent; None without answers."""
    return mean(100 * hits, n, 0, 100)


def happiness(*tallies: Sequence[int]) -> Index | None:
    """The index of counts by face, most negative first; None without answers.

    Several tallies, with 3, 4 or 5 faces each, are one index: a face counts by its place on its
    own scale.
    """
    n = sum(sum(tally) for tally in tallies)
    total = sum(
        100 * count * face / (len(tally) - 1)
        for tally in tallies
        for face, count in enumerate(tally)
    )
    return mean(total, n, 0, 100)


def nps(counts: Mapping[int, int]) -> Index | None:
    """Net Promoter Score of answers 0 to 10: % of 9 and 10 less % of 0 to 6; -100 to 100."""
    promoters = sum(n for value, n in counts.items() if value >= 9)
    detractors = sum(n for value, n in counts.items() if value <= 6)
    return mean(100 * (promoters - detractors), sum(counts.values()), -100, 100)


def average(counts: Mapping[int, int], low: int, high: int) -> Index | None:
    """The mean of whole numbers between low and high, on their own scale."""
    return mean(sum(value * n for value, n in counts.items()), sum(counts.values()), low, high)


def at_least(counts: Mapping[int, int], least: int) -> Index | None:
    """The share of values of ``least`` or more, in per cent.

    Customer effort counts 5 to 7 of 7 as easy (CEB, "Customer Effort Score v2.0", 2013);
    satisfaction counts the top two boxes.
    """
    return share(sum(n for value, n in counts.items() if value >= least), sum(counts.values()))


def difference(one: Index, other: Index) -> Difference:
    """How much ``one`` lies above ``other``; the two rest on different answers."""
    value = one.value - other.value
    below = math.hypot(one.value - one.interval.low, other.interval.high - other.value)
    above = math.hypot(one.interval.high - one.value, other.value - other.interval.low)
    return Difference(value, Interval(value - below, value + above))


def ranks(figures: Sequence[Index]) -> list[tuple[int, int]]:
    """For each figure the best and the worst rank that the data leave open, 1 the highest.

    A rank is lost only to a figure that is clearly higher, and gained only from one that is
    clearly lower.
    """
    found = []
    for i, one in enumerate(figures):
        better = worse = 0
        for j, other in enumerate(figures):
            if i == j:
                continue
            gap = difference(one, other)
            better += gap.interval.high < 0
            worse += gap.interval.low > 0
        found.append((1 + better, len(figures) - worse))
    return found
