"""What part of the tree a person sees; what is hidden from them is absent: 404, never 403."""

from headoffice.accounts.access import Person, sees_everything
from headoffice.accounts.models import User
from headoffice.fleet.kiosks import current_assignments
from headoffice.fleet.models import ExperiencePoint, Kiosk
from headoffice.fleet.tree import Tree


def visible_groups(user: Person, tree: Tree | None = None) -> frozenset[int]:
    """The groups that this person may see; a manager's own ones and those under them.

    ``tree``: as it was loaded already, for those who need it themselves.
    """
    if not isinstance(user, User):
        return frozenset()
    tree = tree or Tree.load()
    if sees_everything(user):
        return frozenset(tree.groups)
    own = user.responsibilities.exclude(group=None).values_list("group", flat=True)
    return frozenset[int]().union(*map(tree.under, own))


def single_points(user: Person) -> frozenset[int]:
    """The places that a manager looks after one by one, whatever their groups."""
    if not isinstance(user, User) or sees_everything(user):
        return frozenset()
    own = user.responsibilities.exclude(point=None).values_list("point", flat=True)
    return frozenset(own)


def visible_points(user: Person) -> frozenset[int]:
    """The experience points whose results and kiosks this person may see."""
    if not isinstance(user, User):
        return frozenset()
    points = ExperiencePoint.objects.all()
    if sees_everything(user):
        return frozenset(points.values_list("pk", flat=True))
    found = points.filter(group__in=visible_groups(user)).values_list("pk", flat=True)
    return frozenset(found) | single_points(user)


def visible_kiosks(user: Person) -> frozenset[int]:
    """The kiosks that stand, now, where this person may look."""
    if sees_everything(user):
        return frozenset(Kiosk.objects.values_list("pk", flat=True))
    points = visible_points(user)
    return frozenset(
        kiosk for kiosk, stay in current_assignments().items() if stay.point_id in points
    )
