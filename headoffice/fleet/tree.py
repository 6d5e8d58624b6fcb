"""The tree of groups, as a whole: even a large chain has only some thousands of them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple, Self

from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.fleet.names import name_key

SEPARATOR = " / "
"""Between the names of a path, like ``Finland / Helsinki / Exit``; no name may hold it."""


class Branch(NamedTuple):
    """A group at its depth, for drawing the tree from top to bottom."""

    group: Group
    depth: int
    points: tuple[ExperiencePoint, ...]
    is_whole: bool = True
    """Whether these are all of its points, and it may be seen itself."""


class Tree:
    """Every group by id, with the ways up and down."""

    def __init__(self, groups: dict[int, Group]) -> None:
        self.groups = groups
        self._children: dict[int | None, list[Group]] = defaultdict(list)
        for group in sorted(groups.values(), key=lambda g: (g.name.casefold(), g.pk)):
            self._children[group.parent_id].append(group)

    @classmethod
    def load(cls) -> Self:
        """The tree as it is stored now."""
        return cls({group.pk: group for group in Group.objects.all()})

    def children(self, group: int | None) -> tuple[Group, ...]:
        """The groups right under this one, by name; None: those at the top."""
        return tuple(self._children[group])

    def under(self, group: int) -> frozenset[int]:
        """This group and all below it."""
        found: set[int] = set()
        waiting = [group] if group in self.groups else []
        while waiting:
            at = waiting.pop()
            found.add(at)
            waiting += [child.pk for child in self._children[at] if child.pk not in found]
        return frozenset(found)

    def names(self, group: int | None) -> tuple[str, ...]:
        """The names from the top down to this group."""
        names: list[str] = []
        while group is not None:
            names.append(self.groups[group].name)
            group = self.groups[group].parent_id
        return tuple(reversed(names))

    def path(self, group: int | None) -> str:
        """The names from the top down to this group, in one text."""
        return SEPARATOR.join(self.names(group))

    def path_of(self, point: ExperiencePoint) -> str:
        """The path of an experience point."""
        return SEPARATOR.join((*self.names(point.group_id), point.name))

    def find(self, names: tuple[str, ...]) -> Group | None:
        """The group with this path, however it is written; None if there is none."""
        at: Group | None = None
        for name in names:
            below = self._children[at.pk if at else None]
            key = name_key(name)
            at = next((group for group in below if name_key(group.name) == key), None)
            if at is None:
                return None
        return at

    def branches(
        self, only: frozenset[int] | None = None, single: frozenset[int] = frozenset()
    ) -> Iterator[Branch]:
        """Groups in the order of the tree with their points; ``only`` these groups.

        ``single``: points beside them, which come last, with the name of their group.
        """
        points: dict[int, list[ExperiencePoint]] = defaultdict(list)
        for point in ExperiencePoint.objects.order_by("name"):
            points[point.group_id].append(point)
        for group, depth in self.downwards(only):
            yield Branch(group, depth, tuple(points[group.pk]))
        beside = {p.group_id for of in points.values() for p in of if p.pk in single}
        for above in sorted(beside - (only or frozenset()), key=self.path):
            own = tuple(point for point in points[above] if point.pk in single)
            yield Branch(self.groups[above], 0, own, is_whole=False)

    def downwards(self, only: frozenset[int] | None = None) -> Iterator[tuple[Group, int]]:
        """Groups in the order of the tree, each with its depth; ``only`` these groups."""
        tops = [
            group
            for group in sorted(self.groups.values(), key=lambda g: (g.name.casefold(), g.pk))
            if (only is None or group.pk in only)
            and (group.parent_id is None or (only is not None and group.parent_id not in only))
        ]
        waiting = [(group, 0) for group in reversed(tops)]
        while waiting:
            group, depth = waiting.pop()
            yield group, depth
            waiting += [(child, depth + 1) for child in reversed(self._children[group.pk])]


def get_or_create_group(names: tuple[str, ...]) -> Group:
    """The group with this path; what is missing of it is made."""
    at: Group | None = None
    for name in names:
        key = name_key(name)
        known = [group for group in Group.objects.filter(parent=at) if name_key(group.name) == key]
        at = known[0] if known else Group.objects.get_or_create(parent=at, name=name)[0]
    if at is None:
        raise ValueError("a path has at least one name")
    return at


def default_group() -> Group:
    """Where a place goes that was named without a path: the only top, or one called Places."""
    tops = list(Group.objects.filter(parent=None)[:2])
    return tops[0] if len(tops) == 1 else get_or_create_group(("Places",))
