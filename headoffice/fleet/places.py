"""Finds and makes experience points by what people type."""

from django.utils.translation import gettext as _

from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.fleet.tree import SEPARATOR, Tree, default_group, grown


def names_of(path: str) -> tuple[str, ...]:
    """The names of a path, without the spaces around them."""
    return tuple(name.strip() for name in path.strip().split(SEPARATOR) if name.strip())


def named(text: str, time_zone: str) -> ExperiencePoint:
    """The place of this name or path; a new one is made, with the groups above it.

    HeadOfficeError if several places have the name, so that only their paths tell them apart.
    """
    names = names_of(text)
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
        return same[0]
    group = grown(names[:-1]) if len(names) > 1 else default_group()
    point, _made = ExperiencePoint.objects.get_or_create(
        group=group, name=names[-1], defaults={"time_zone": time_zone}
    )
    return point


def group_at(path: str) -> Group:
    """The group with this path; HeadOfficeError if there is none."""
    group = Tree.load().find(names_of(path))
    if group is None:
        raise HeadOfficeError(f"there is no group {path}")
    return group
