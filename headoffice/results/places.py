"""The part of the tree that someone may see, as places to choose from and to count over."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from headoffice import clock
from headoffice.accounts.access import sees_everything
from headoffice.accounts.models import User
from headoffice.fleet.models import Assignment, ExperiencePoint
from headoffice.fleet.places import full_name
from headoffice.fleet.tree import Tree
from headoffice.fleet.visibility import visible_groups
from headoffice.rollups.areas import SummedArea, summed_areas

MOST_CHOICES = 200
"""A list to choose a place from is no longer than this, as far as the tree allows."""


class Place(NamedTuple):
    """A group, an experience point or a kiosk, with the points that it stands for."""

    key: str
    """``g7``, ``p7`` or ``k7``, as in an address."""
    name: str
    path: str
    """The names of what is above it."""
    depth: int
    points: frozenset[int]
    kiosk: int | None = None
    parent: str | None = None
    full_name: str = ""
    """With the group above, where several places share the name; empty for a kiosk."""

    @property
    def kind(self) -> str:
        """``group``, ``point`` or ``kiosk``."""
        return {"g": "group", "p": "point", "k": "kiosk"}[self.key[0]]

    @property
    def indent(self) -> str:
        """Spaces that show its depth in a list of options."""
        return "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}" * 2 * self.depth

    @property
    def level(self) -> int:
        """Its depth as far as lists show it."""
        return min(self.depth, 5)

    @property
    def title(self) -> str:
        """What it is called on a page."""
        if self.kiosk is not None:
            return _("Kiosk %(n)d") % {"n": self.kiosk}
        return self.full_name or self.name


class Directory:
    """What one person may see. Nothing on a page of results reaches beyond ``points``."""

    def __init__(
        self,
        places: Iterable[Place],
        zones: dict[int, str],
        areas: tuple[SummedArea, ...] = (),
        *,
        tags: Mapping[str, frozenset[int]] | None = None,
        complete: bool = False,
    ) -> None:
        self.places = {place.key: place for place in places}
        """Groups and points from top to bottom, then kiosks."""
        self.points = frozenset(zones)
        self.complete = complete
        """Whether there is no place elsewhere."""
        self.tags = dict(tags or {})
        """The tags of these points, each with those that have it."""
        self.areas = areas
        """Whose counts are summed, within these points."""
        self._zones = zones

    @classmethod
    def of(cls, user: User) -> "Directory":
        """What this person may see now."""
        tree = Tree.load()
        groups = visible_groups(user, tree)
        places: list[Place] = []
        zones: dict[int, str] = {}
        names: dict[int, str] = {}
        # Not as objects, which take as long to make as all the rest of this.
        points: dict[int, list[tuple[int, str]]] = defaultdict(list)
        rows = ExperiencePoint.objects.order_by("name")
        tagged: dict[str, set[int]] = {}
        cells = rows.values_list("pk", "group", "name", "time_zone", "tags")
        for pk, above, name, zone, tags in cells:
            if above in groups:
                points[above].append((pk, name))
                zones[pk], names[pk] = zone, name
                for tag in tags:
                    tagged.setdefault(tag, set()).add(pk)
        for group, depth in tree.downwards(groups):
            key, under = f"g{group.pk}", tree.under(group.pk)
            parent = f"g{group.parent_id}" if depth else None
            path = tree.path(group.parent_id)
            places.append(Place(key, group.name, path, depth, under, parent=parent))
            path = tree.path(group.pk)
            places += [
                Place(f"p{pk}", name, path, depth + 1, frozenset({pk}), parent=key)
                for pk, name in points[group.pk]
            ]
        named = [*_with_full_names(_with_points(places)), *_kiosks(names)]
        areas = summed_areas(frozenset(zones))
        return cls(
            named,
            zones,
            areas,
            tags={tag: frozenset(tagged[tag]) for tag in sorted(tagged, key=str.casefold)},
            complete=sees_everything(user),
        )

    @property
    def groups_and_points(self) -> list[Place]:
        """The whole tree; kiosks are reached through their point."""
        return [place for place in self.places.values() if place.kiosk is None]

    def choices(self, chosen: Iterable[Place] = ()) -> list[Place]:
        """What a list of places offers: all of a chain that one can look through.

        Of a larger one the upper levels, and what stands over, beside and under the chosen ones:
        from there one goes on.
        """
        everything = self.groups_and_points
        if len(everything) <= MOST_CHOICES:
            return everything
        levels = Counter(place.depth for place in everything)
        depth, n = 0, levels[0]
        while n + levels[depth + 1] <= MOST_CHOICES:
            depth += 1
            n += levels[depth]
        near: set[str | None] = set()
        for place in chosen:
            line = [p.key for p in self.above(place)] + ([] if place.kiosk else [place.key])
            near.update(line)
        return [
            place
            for place in everything
            if place.depth <= depth or place.key in near or place.parent in near
        ]

    def below(self, place: Place | None) -> list[Place]:
        """What stands right under a place, or at the top; under a point its kiosks."""
        if place is not None and place.kind == "point":
            return [p for p in self.places.values() if p.kiosk and p.points & place.points]
        parent = place.key if place else None
        return [p for p in self.places.values() if p.kiosk is None and p.parent == parent]

    def kiosks_at(self, points: frozenset[int]) -> frozenset[int]:
        """The kiosks that stand or stood at any of these points."""
        return frozenset(
            p.kiosk for p in self.places.values() if p.kiosk is not None and p.points & points
        )

    def above(self, place: Place) -> list[Place]:
        """The groups over a place, from the top; of a kiosk also the point."""
        found = []
        at = place.parent if place.kiosk is None else f"p{max(place.points)}"
        while at is not None and at in self.places:
            found.append(self.places[at])
            at = self.places[at].parent
        return found[::-1]

    def zone(self, point: int) -> ZoneInfo:
        """The clock on the wall of a point."""
        return clock.zone_of(self._zones[point])

    def zones(self, points: Iterable[int]) -> dict[str, list[int]]:
        """The points by the name of their time zone."""
        found: dict[str, list[int]] = {}
        for point in points:
            found.setdefault(self._zones[point], []).append(point)
        return found

    def today(self, points: Iterable[int]) -> date:
        """The latest day that has begun at any of these points; UTC's without points."""
        now = clock.now()
        zones = {self._zones[point] for point in points}
        return max(
            (now.astimezone(clock.zone_of(zone)).date() for zone in zones), default=now.date()
        )


def _with_full_names(places: list[Place]) -> list[Place]:
    often = Counter(place.name for place in places)
    groups = {place.key: place.name for place in places}
    return [
        place._replace(full_name=full_name(place.name, groups.get(place.parent or ""), often))
        for place in places
    ]


def _with_points(places: list[Place]) -> list[Place]:
    """Groups know the points below them; a group without any is not offered."""
    # A group came with the groups under it; a point names its group.
    by_group: dict[str, set[int]] = {}
    for place in places:
        if place.kind == "point":
            by_group.setdefault(str(place.parent), set()).update(place.points)
    found = []
    for place in places:
        if place.kind == "group":
            points = frozenset(p for g in place.points for p in by_group.get(f"g{g}", ()))
            if points:
                found.append(place._replace(points=points))
        else:
            found.append(place)
    return found


def _kiosks(points: dict[int, str]) -> list[Place]:
    """Each kiosk that stands or stood at a point, named after where it came last."""
    stays = Assignment.objects.order_by("since_ms").values_list("kiosk", "point")
    stood: dict[int, list[int]] = {}
    for kiosk, point in stays:
        if point in points:
            stood.setdefault(kiosk, []).append(point)
    return [
        Place(f"k{kiosk}", str(kiosk), points[at[-1]], 0, frozenset(at), kiosk)
        for kiosk, at in sorted(stood.items())
    ]
