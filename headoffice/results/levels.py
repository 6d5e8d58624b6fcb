"""Which places stand side by side: those that were chosen, or one level of the tree below."""

from typing import NamedTuple

from headoffice.results import texts
from headoffice.results.filters import Selection
from headoffice.results.places import Directory, Place

MOST_AT_ONCE = 60
"""Of several levels the lowest one is compared that has no more places than these."""
MOST_IN_A_LEVEL = 1200
"""Levels with more places than these are not offered."""
EXAMPLES = 2
"""So many places name their level."""


class Level(NamedTuple):
    """Places equally far below the one that was chosen; those that end before are among them."""

    depth: int
    places: tuple[Place, ...]

    @property
    def names(self) -> str:
        """The first places of it, which say what kind of places they are."""
        named = texts.listed(place.title for place in self.places[:EXAMPLES])
        return f"{named} …" if len(self.places) > EXAMPLES else named


def levels(selection: Selection, directory: Directory) -> list[Level]:
    """The levels below the one place that was chosen, or below the top; the highest first.

    Empty where several places were chosen, or one that has no groups or points below it.
    """
    if len(selection.places) > 1 or any(p.kind != "group" for p in selection.places):
        return []
    root = selection.places[0] if selection.places else None
    begin = root.depth + 1 if root else 0
    within = [
        place
        for place in directory.groups_and_points
        if place.points & selection.points
        and (root is None or (place.depth >= begin and place.points <= root.points))
    ]
    found = []
    for depth in range(begin, max((place.depth for place in within), default=begin) + 1):
        # A point that stands higher has nothing below it: it is compared with what is lower.
        here = tuple(
            place
            for place in within
            if place.depth == depth or (place.depth < depth and place.kind == "point")
        )
        if 1 < len(here) <= MOST_IN_A_LEVEL:
            found.append(Level(depth, here))
    return found


def level_asked(text: str, found: list[Level]) -> Level | None:
    """The level that an address names by its depth; else the one that is looked at by default."""
    named = [level for level in found if str(level.depth) == text]
    few = [level for level in found if len(level.places) <= MOST_AT_ONCE]
    return next(iter([*named, *few[-1:], *found[:1]]), None)


def candidates(selection: Selection, directory: Directory, depth: str = "") -> list[Place]:
    """The places to compare: several that were chosen, or a level below one; never mixed ones."""
    level = level_asked(depth, levels(selection, directory))
    if level is not None:
        return list(level.places)
    if len(selection.places) == 1:
        return directory.below(selection.places[0]) or list(selection.places)
    return list(selection.places) or [
        place for place in directory.groups_and_points if place.kind == "point"
    ]
