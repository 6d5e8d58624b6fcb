"""Which sums of areas stand for a set of experience points, and which points are left over."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from headoffice.rollups.models import Area

LAGGING = timedelta(days=7)
"""An area that is so far behind the others is still being summed: its points are read singly."""


class SummedArea(NamedTuple):
    """A set of points whose counts before a day are summed."""

    pk: int
    points: frozenset[int]
    before: date


class Cover(NamedTuple):
    """Areas without a common point, and the points that are in none of them."""

    areas: tuple[SummedArea, ...]
    rest: frozenset[int]

    @property
    def covered(self) -> frozenset[int]:
        """The points of the areas."""
        return frozenset[int]().union(*(area.points for area in self.areas))


def summed_areas(points: frozenset[int]) -> tuple[SummedArea, ...]:
    """The areas that lie wholly within these points, the largest first."""
    rows = Area.objects.filter(unused_since=None)
    found = [
        SummedArea(pk, frozenset(of), before)
        for pk, of, before in rows.values_list("pk", "points", "summed_before")
        if before is not None
    ]
    latest = max((area.before for area in found), default=date.min)
    near = [a for a in found if a.before >= latest - LAGGING and a.points <= points]
    return tuple(sorted(near, key=lambda area: (-len(area.points), area.pk)))


def cover_points(points: frozenset[int], areas: Iterable[SummedArea]) -> Cover:
    """The largest areas that lie within these points, and what is left of the points.

    ``areas`` come the largest first.
    """
    chosen = []
    for area in areas:
        if area.points <= points:
            chosen.append(area)
            points -= area.points
    return Cover(tuple(chosen), points)
