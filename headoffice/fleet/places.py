"""Finds and makes experience points by what people type."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.fleet.tree import SEPARATOR, Tree, default_group, get_or_create_group


def split_path(path: str) -> tuple[str, ...]:
    """The names of a path, without the spaces around them."""
    return tuple(name.strip() for name in path.strip().split(SEPARATOR) if name.strip())


def get_or_create_point(text: str, time_zone: str) -> ExperiencePoint:
    """The place of this name or path; a new one is made, with the groups above it."""
    return find_or_make_point(text, time_zone)[0]


def find_or_make_point(text: str, time_zone: str) -> tuple[ExperiencePoint, bool]:
    """The same, and whether it was made.

    HeadOfficeError if several places have the name, so that only their paths tell them apart.
    """
    names = split_path(text)
    if not names:
        raise HeadOfficeError(_("a place needs a name"))
    same = list(ExperiencePoint.objects.filter(name=names[-1]).order_by("pk"))
    tree = Tree.load()
    if len(names) > 1:
        same = [point for point in same if tree.names(point.group_id) == names[:-1]]
    if len(same) > 1:
        paths = "; ".join(tree.path_of(point) for point in same[:5])
        raise HeadOfficeError(
            _("there are several places called %(name)s: %(paths)s")
            % {"name": names[-1], "paths": paths}
        )
    if same:
        return same[0], False
    group = get_or_create_group(names[:-1]) if len(names) > 1 else default_group()
    return ExperiencePoint.objects.get_or_create(
        group=group, name=names[-1], defaults={"time_zone": time_zone}
    )


def group_at(path: str) -> Group:
    """The group with this path; HeadOfficeError if there is none."""
    group = Tree.load().find(split_path(path))
    if group is None:
        raise HeadOfficeError(f"there is no group {path}")
    return group


def full_name(name: str, group: str | None, often: Mapping[str, int]) -> str:
    """A place's name, with its group's where it occurs more than once.

    A checkout is found in every shop.
    """
    return f"{group}, {name}" if group is not None and often[name] > 1 else name
