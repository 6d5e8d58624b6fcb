"""The formulas behind every figure, pure and cited.

Happiness index: each face is worth its step on an even scale from 0 (most negative) to 100, the
index is the mean. A share's interval is Wilson's score interval (E. B. Wilson, JASA 22, 1927,
pp. 209-212), which stays within 0 and 1 and is honest for few answers and extreme shares.

A mean's interval is Wilson's too, with the mean as the share, and of as many answers as would be as
precise if there were only 0s and 1s. Among all values between 0 and 1 with mean m the variance is
at most m (1 - m), reached where only the two extremes are used (R. Bhatia and C. Davis, Amer. Math.
Monthly 107, 2000, pp. 353-357). Where it is less, n answers count for n m (1 - m) / s²; the ratio
s² / m (1 - m) is drawn towards 1 by four pseudo-answers, about z² as in A. Agresti and B. A. Coull
(Amer. Statistician 52, 1998, pp. 119-126), so that it is never a single point because three people
happened to agree. docs/results.md has the coverage, tests/unit/test_coverage.py works it out. The
Net Promoter Score is the mean of -100, 0 and 100 (F. Reichheld, Harvard Business Review 81(12),
2003, pp. 46-54).

The interval of a difference is put together from the two intervals (R. G. Newcombe, Statistics
in Medicine 17, 1998, pp. 873-890, method 10; for any two estimates G. Y. Zou and A. Donner,
Statistics in Medicine 27, 2008, pp. 1693-1702).
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

Z_95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""
PSEUDO_ANSWERS = 4
"""So many answers of nothing but 0s and 1s are added to the spread that was seen."""


class Interval(NamedTuple):
    """From low to high, both included."""

    low: float
    high: float


class Index(NamedTuple):
    """A figure, how many answers it rests on, and its 95 % interval."""

    value: float
    n: int
    interval: Interval
    weight: float
    """So many answers of nothing but the two ends of the scale would be as precise."""
    scale: Interval


class Difference(NamedTuple):
    """How much one figure lies above another, with the 95 % interval of that."""

    value: float
    interval: Interval
    score: float
    """How unlikely so much is by chance, as a point of the standard normal distribution."""
    clear: bool
    """Whether chance is a poor explanation: the interval leaves out 0, and of many differences
    each is one that multiplicity.py lets pass."""


def wilson(share: float, n: float, z: float = Z_95) -> Interval:
    """Wilson's score interval of a share (0 to 1) of n; ValueError without answers."""
    if n <= 0:
        raise ValueError("no interval without answers")
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, not at {share}")
    spread = z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def mean(counts: Iterable[tuple[float, int]], low: float, high: float) -> Index | None:
    """The mean of values between low and high, each with how often it came; None without any.

    Fewer than none is none, too: counts that are damaged may come to that.
    """
    tally = [(value, often) for value, often in counts if often]
    n = sum(often for _value, often in tally)
    if n < 1:
        return None
    width = high - low
    # Rounding may leave a mean of nothing but the highest value a hair above it. The mean itself is
    # shown: a share of the scale and back, 63.75 would be a hair less, and be written as 63.7.
    value = min(high, max(low, sum(worth * often for worth, often in tally) / n))
    part = (value - low) / width
    weight = n / _ratio((((value - low) / width, often) for value, often in tally), part, n)
    interval = wilson(part, weight)
    return Index(
        value,
        n,
        Interval(low + width * interval.low, low + width * interval.high),
        weight,
        Interval(low, high),
    )


def share(hits: int, n: int) -> Index | None:
    """``hits`` of n in per cent; None without answers."""
    return mean(((100, hits), (0, n - hits)), 0, 100)


def happiness(*tallies: Sequence[int]) -> Index | None:
    """The index of counts by face, most negative first; None without answers.

    Several tallies, with 3, 4 or 5 faces each, are one index: a face counts by its place on its
    own scale.
    """
    worth = (
        (100 * face / (len(tally) - 1), count)
        for tally in tallies
        for face, count in enumerate(tally)
    )
    return mean(worth, 0, 100)


def nps(counts: Mapping[int, int]) -> Index | None:
    """Net Promoter Score of answers 0 to 10: % of 9 and 10 less % of 0 to 6; -100 to 100."""
    worth = ((100 if value >= 9 else 0 if value >= 7 else -100, n) for value, n in counts.items())
    return mean(worth, -100, 100)


def average(counts: Mapping[int, int], low: int, high: int) -> Index | None:
    """The mean of whole numbers between low and high, on their own scale."""
    return mean(counts.items(), low, high)


def at_least(counts: Mapping[int, int], least: int) -> Index | None:
    """The share of values of ``least`` or more, in per cent.

    Customer effort counts 5 to 7 of 7 as easy (CEB, "Customer Effort Score v2.0", 2013);
    satisfaction counts the top two boxes.
    """
    return share(sum(n for value, n in counts.items() if value >= least), sum(counts.values()))


def difference(one: Index, other: Index) -> Difference:
    """How much ``one`` lies above ``other``; the two rest on different answers of one scale."""
    value = one.value - other.value
    below = math.hypot(one.value - one.interval.low, other.interval.high - other.value)
    above = math.hypot(one.interval.high - one.value, other.value - other.interval.low)
    interval = Interval(value - below, value + above)
    higher, lower = (other, one) if value < 0 else (one, other)
    (score,) = scores_below(higher, (lower,))
    return Difference(value, interval, score, interval.low > 0 or interval.high < 0)


def contrast(one: Difference, other: Difference) -> Difference:
    """How much more one figure changed than another one did; both rest on different answers.

    As for a difference of two figures, from the two intervals (G. Y. Zou and A. Donner, 2008).
    """
    value = one.value - other.value
    below = math.hypot(one.value - one.interval.low, other.interval.high - other.value)
    above = math.hypot(one.interval.high - one.value, other.value - other.interval.low)
    interval = Interval(value - below, value + above)
    arm = below if value > 0 else above
    score = abs(value) / arm * Z_95 if arm else 0.0
    return Difference(value, interval, score, interval.low > 0 or interval.high < 0)


def scores_below(one: Index, others: Iterable[Index]) -> Iterator[float]:
    """How clearly each of these lies below ``one``, as a point of the standard normal distribution.

    None of them lies above it. The smaller of two tests, as each says too much where the other is
    right: by the interval of the difference, and with the spread of both together. Of few
    answers the spread itself is uncertain: it is a point of W. S. Gosset's distribution (Student,
    Biometrika 6, 1908, pp. 1-25), which D. L. Wallace turns into one of the normal distribution
    (Ann. Math. Statist. 30, 1959, pp. 1124-1130). 0 where the interval holds 0.
    """
    # Of a thousand places there are half a million pairs: most are done with in two steps.
    value, n, (low, _high), weight, scale = one
    width = scale.high - scale.low
    down, summed = value - low, weight * (value - scale.low)
    for other_value, other_n, (_low, high), other_weight, _scale in others:
        gap = value - other_value
        arm = math.hypot(down, high - other_value)
        if gap <= arm or not arm:
            yield 0.0
            continue
        both = weight + other_weight
        middle = (summed + other_weight * (other_value - scale.low)) / (both * width)
        error = width * math.sqrt(middle * (1 - middle) * both / (weight * other_weight))
        seen = min(gap / arm * Z_95, gap / error)
        freedom = max(1, min(n, other_n) - 1)
        yield (
            (8 * freedom + 1)
            / (8 * freedom + 3)
            * math.sqrt(freedom * math.log1p(seen * seen / freedom))
        )


def _ratio(tally: Iterable[tuple[float, int]], part: float, n: int) -> float:
    """The variance of values between 0 and 1 in parts of the widest, drawn towards 1."""
    widest = part * (1 - part)
    if not widest:
        return 1.0
    variance = sum(often * (value - part) ** 2 for value, often in tally) / n
    # Damaged counts, of less than none, may come to anything.
    seen = min(1.0, max(0.0, variance / widest))
    return (n * seen + PSEUDO_ANSWERS) / (n + PSEUDO_ANSWERS)
