"""The tree as forms offer it: groups and places to tick."""

from collections.abc import Mapping
from typing import NamedTuple

from django.http import QueryDict

from headoffice.fleet.enrolment import open_codes
from headoffice.fleet.kiosks import current_assignments
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.fleet.tree import SEPARATOR, Tree


class ListedPlace(NamedTuple):
    """A place that can be ticked."""

    point: ExperiencePoint
    path: str
    is_served: bool
    """Whether a kiosk stands there, or a code for one is open."""


class ListedGroup(NamedTuple):
    """A group that can be ticked."""

    group: Group
    depth: int
    places: tuple[ListedPlace, ...]
    """Those right in it."""
    places_without_kiosk: tuple[ExperiencePoint, ...]
    """All below it where no kiosk stands, and no code is open."""


def listed_groups() -> tuple[ListedGroup, ...]:
    """The whole tree, with what has no kiosk yet."""
    tree = Tree.load()
    standing = current_assignments().values()
    served = {stay.point_id for stay in standing if stay.kiosk.revoked_at is None}
    served |= {each.row.point_id for each in open_codes()}
    branches = list(tree.branches())
    own = {branch.group.pk: branch.points for branch in branches}
    found = []
    for branch in branches:
        path = tree.path(branch.group.pk)
        listed = (
            ListedPlace(point, SEPARATOR.join((path, point.name)), point.pk in served)
            for point in branch.points
        )
        below = [p for group in sorted(tree.under(branch.group.pk)) for p in own.get(group, ())]
        places_without_kiosk = tuple(point for point in below if point.pk not in served)
        found.append(
            ListedGroup(branch.group, min(branch.depth, 6), tuple(listed), places_without_kiosk)
        )
    return tuple(found)


def tick_numbers(data: QueryDict | Mapping[str, str], name: str) -> set[int]:
    """The numbers of what was ticked, as far as they are numbers."""
    found = data.getlist(name) if isinstance(data, QueryDict) else [data.get(name, "")]
    return {int(text) for text in found if text.isdecimal()}
