"""Which of some blocks follow each other in time, if some of them are dated wrongly."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple


class Block(NamedTuple):
    """Something that lasted from one time to another, as it was dated."""

    first_ms: int
    last_ms: int
    weight: int
    """How much speaks for it: rows, or the time that it lasted."""


def misplaced(blocks: Sequence[Block], tolerance_ms: int) -> list[int]:
    """The places of those that contradict the order in which blocks are given.

    The others follow each other and have the greatest weight that such ones can have; of equal
    weight, later ones are believed.
    """
    ends = sorted({block.last_ms for block in blocks})
    best = _PrefixBest(len(ends))
    before: list[int | None] = []
    whole: list[int] = []
    for place, block in enumerate(blocks):
        weight, previous = best.up_to(bisect_right(ends, block.first_ms + tolerance_ms))
        before.append(previous)
        whole.append(weight + block.weight)
        best.improve(bisect_left(ends, block.last_ms), whole[-1], place)
    _weight, at = best.up_to(len(ends))
    right: set[int] = set()
    while at is not None:
        right.add(at)
        at = before[at]
    return [place for place in range(len(blocks)) if place not in right]


class _PrefixBest:
    """The greatest weight among the first so many places; a Fenwick tree."""

    def __init__(self, size: int) -> None:
        self._best: list[tuple[int, int | None]] = [(0, None)] * (size + 1)

    def improve(self, place: int, weight: int, what: int) -> None:
        """Something of this weight stands at this place."""
        at = place + 1
        while at < len(self._best):
            if weight >= self._best[at][0]:
                self._best[at] = (weight, what)
            at += at & -at

    def up_to(self, count: int) -> tuple[int, int | None]:
        """The greatest weight among the first ``count`` places, and what it is of."""
        found: tuple[int, int | None] = (0, None)
        at = count
        while at > 0:
            if self._best[at][0] > found[0]:
                found = self._best[at]
            at -= at & -at
        return found
