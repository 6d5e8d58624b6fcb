"""Finds and makes experience points by what people type."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.fleet.names import name_key, plain_name
from headoffice.fleet.tree import SEPARATOR, Tree, default_group, get_or_create_group


def split_path(path: str) -> tuple[str, ...]:
    """The names of a path, without the spaces around them."""
    return tuple(filter(None, map(plain_name, path.strip().split(SEPARATOR))))


def get_or_create_point(text: str, time_zone: str) -> ExperiencePoint:
    """The place of this name or path; a new one is made, with the groups above it."""
    return find_or_make_point(text, time_zone)[0]


def find_or_make_point(text: str, time_zone: str) -> tuple[ExperiencePoint, bool]:
    """The same, and whether it was made.

    HeadOfficeError if several places have the name, so that only their paths tell them apart.
    """
    if (known := find_point(text)) is not None:
        return known, False
    names = split_path(text)
    group = get_or_create_group(names[:-1]) if len(names) > 1 else default_group()
    return ExperiencePoint.objects.get_or_create(
        group=group, name=names[-1], defaults={"time_zone": time_zone}
    )


def find_point(text: str) -> ExperiencePoint | None:
    """The place of this name or path, if there is one; HeadOfficeError as above."""
    names = split_path(text)
    if not names:
        raise HeadOfficeError(_("a location needs a name"))
    named = ExperiencePoint.objects.order_by("pk").values_list("pk", "name")
    known = [pk for pk, name in named.iterator() if name_key(name) == name_key(names[-1])]
    same = list(ExperiencePoint.objects.filter(pk__in=known).order_by("pk"))
    tree = Tree.load()
    if len(names) > 1:
        above = tuple(map(name_key, names[:-1]))
        same = [p for p in same if tuple(map(name_key, tree.names(p.group_id))) == above]
    if len(same) > 1:
        paths = "; ".join(tree.path_of(point) for point in same[:5])
        raise HeadOfficeError(
            _("there are several locations called %(name)s: %(paths)s")
            % {"name": names[-1], "paths": paths}
        )
    return same[0] if same else None


def group_at(path: str) -> Group:
    """The group with this path; HeadOfficeError if there is none."""
    group = Tree.load().find(split_path(path))
    if group is None:
        raise HeadOfficeError(f"there is no group {path}")
    return group


def point_at(path: str) -> ExperiencePoint:
    """The place of this name or path; HeadOfficeError if there is none, or several."""
    point = find_point(path)
    if point is None:
        raise HeadOfficeError(f"there is no place {path}")
    return point


def full_name(name: str, group: str | None, often: Mapping[str, int]) -> str:
    """A place's name, with its group's where it occurs more than once.

    A checkout is found in every shop.
    """
    return f"{group}, {name}" if group is not None and often[name] > 1 else name
