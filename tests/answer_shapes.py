"""Shapes that answers take, on a scale from 0 to 1, and figures of many people who answer so."""

import random
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from headoffice.results.statistics import Index, mean


class Shape(NamedTuple):
    """How likely each value is."""

    name: str
    values: tuple[float, ...]
    chances: tuple[float, ...]
    """In any unit."""

    @property
    def mean(self) -> float:
        """Of all people."""
        total = sum(self.chances)
        return sum(v * c for v, c in zip(self.values, self.chances, strict=True)) / total

    def counts(self, chance: random.Random, n: int) -> list[int]:
        """How often each value came from n people."""
        ends = list(accumulate(self.chances))
        found = [0] * len(ends)
        for _person in range(n):
            found[bisect(ends, chance.random() * ends[-1])] += 1
        return found

    def figure(self, counts: list[int]) -> Index:
        """The mean, on 0 to 1."""
        index = mean(zip(self.values, counts, strict=True), 0, 1)
        assert index is not None
        return index

    def figures(self, chance: random.Random, n: int, often: int) -> Iterator[Index]:
        """The mean of n people, so often."""
        return (self.figure(self.counts(chance, n)) for _trial in range(often))


def _even(steps: int) -> tuple[float, ...]:
    return tuple(step / (steps - 1) for step in range(steps))


SHAPES = (
    Shape("3 faces, 12/18/70 %", _even(3), (12, 18, 70)),
    Shape("3 faces, 20/60/20 %", _even(3), (20, 60, 20)),
    Shape("3 faces, alike", _even(3), (1, 1, 1)),
    Shape("3 faces, loved or hated: 45/10/45 %", _even(3), (45, 10, 45)),
    Shape("3 faces, near 100: 1/4/95 %", _even(3), (1, 4, 95)),
    Shape("3 faces, near 0: 93/5/2 %", _even(3), (93, 5, 2)),
    Shape("4 faces, 8/7/27/58 %", _even(4), (8, 7, 27, 58)),
    Shape("5 faces, 5/5/10/30/50 %", _even(5), (5, 5, 10, 30, 50)),
    Shape("5 faces, loved or hated: 40/8/4/8/40 %", _even(5), (40, 8, 4, 8, 40)),
    Shape("NPS, 20/30/50 %", _even(3), (20, 30, 50)),
    Shape("NPS, 60/30/10 %", _even(3), (60, 30, 10)),
    Shape("effort 1–7, 4/4/6/10/20/30/26 %", _even(7), (4, 4, 6, 10, 20, 30, 26)),
    Shape("scale 0–10, peak at 7", _even(11), (1, 1, 2, 3, 5, 8, 15, 25, 22, 12, 6)),
    Shape("scale 0–10, alike", _even(11), (1,) * 11),
    Shape("yes or no, 80 %", _even(2), (20, 80)),
)
