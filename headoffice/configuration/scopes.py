"""What something is said for: a group, an experience point or a kiosk, as in an address."""

from typing import NamedTuple

from headoffice.fleet.kiosks import current_assignments
from headoffice.fleet.models import ExperiencePoint, Kiosk
from headoffice.fleet.tree import Tree

FIELDS = {"g": "group", "p": "point", "k": "kiosk"}
Chain = tuple[str, ...]
"""From the nearest to the farthest: ``("k5", "p4", "g3", "g1")``."""


class KioskPlace(NamedTuple):
    """A kiosk with all that something may be said for and counts for it."""

    kiosk: int
    uuid: str
    chain: Chain

    @property
    def place(self) -> str:
        """The scopes above the kiosk itself, in one text."""
        return " ".join(self.chain[1:])


def field_of(scope: str) -> tuple[str, int]:
    """The column and the number of a scope; ValueError or KeyError if it is none."""
    return FIELDS[scope[:1]], int(scope[1:])


def chain_of(kiosk: int, point: int | None, group: int | None, tree: Tree) -> Chain:
    """All scopes of a kiosk that stands there, the nearest first."""
    found = [f"k{kiosk}"]
    if point is not None:
        found.append(f"p{point}")
    while group is not None:
        found.append(f"g{group}")
        group = tree.groups[group].parent_id
    return tuple(found)


def kiosk_places(tree: Tree | None = None) -> dict[int, KioskPlace]:
    """Every kiosk that may speak, by its number, where it stands now."""
    tree = tree or Tree.load()
    found = {}
    for kiosk, stay in current_assignments().items():
        row = stay.kiosk
        if row.revoked_at is None and not row.demonstration and not row.offline:
            chain = chain_of(kiosk, stay.point_id, stay.point.group_id, tree)
            found[kiosk] = KioskPlace(kiosk, str(row.uuid), chain)
    return found


def kiosk_place(kiosk: Kiosk, point: int | None) -> KioskPlace:
    """One kiosk that stands at this experience point."""
    tree, group = Tree.load(), None
    if point is not None:
        group = ExperiencePoint.objects.values_list("group", flat=True).get(pk=point)
    return KioskPlace(kiosk.pk, str(kiosk.uuid), chain_of(kiosk.pk, point, group, tree))
