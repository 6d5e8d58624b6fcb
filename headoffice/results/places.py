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
from headoffice.fleet.names import name_key
from headoffice.fleet.places import full_name
from headoffice.fleet.tree import SEPARATOR, Tree
from headoffice.fleet.visibility import single_points, visible_groups
from headoffice.rollups.areas import SummedArea, summed_areas

TAG_KEY = "t-"
"""Before a tag: the key of all places that have it, as if they were one place."""
MOST_CHOICES = 200
"""A list to choose a place from is no longer than this, as far as the tree allows."""


class Place(NamedTuple):
    """A group, an experience point or a kiosk, with the points that it stands for."""

    key: str
    """``g7``, ``p7``, ``k7`` or ``t-airport``, as in an address."""
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
        """``group``, ``point``, ``kiosk`` or ``tag``."""
        return {"g": "group", "p": "point", "k": "kiosk", "t": "tag"}[self.key[0]]

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
        groups, single = visible_groups(user, tree), single_points(user)
        return cls.within(tree, groups, single, complete=sees_everything(user))

    @classmethod
    def within(
        cls, tree: Tree, groups: frozenset[int], single: frozenset[int], *, complete: bool = False
    ) -> "Directory":
        """These groups and all that stands in them, and these single places."""
        places: list[Place] = []
        zones: dict[int, str] = {}
        names: dict[int, str] = {}
        # Not as objects, which take as long to make as all the rest of this.
        points: dict[int, list[tuple[int, str]]] = defaultdict(list)
        rows = ExperiencePoint.objects.order_by("name")
        tagged: dict[str, set[int]] = {}
        spelt: dict[str, str] = {}
        cells = rows.values_list("pk", "group", "name", "time_zone", "tags")
        for pk, above, name, zone, tags in cells:
            if above in groups or pk in single:
                points[above].append((pk, name))
                zones[pk], names[pk] = zone, name
                for tag in tags:
                    # One tag, however somebody wrote it at this place.
                    tagged.setdefault(spelt.setdefault(name_key(tag), tag), set()).add(pk)
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
        places += [
            Place(f"p{pk}", name, tree.path(group), 0, frozenset({pk}))
            for group in sorted(points.keys() - groups, key=tree.path)
            for pk, name in points[group]
        ]
        named = [*_with_full_names(_with_points(places)), *_kiosks(names)]
        areas = summed_areas(frozenset(zones))
        return cls(
            named,
            zones,
            areas,
            tags={tag: frozenset(tagged[tag]) for tag in sorted(tagged, key=str.casefold)},
            complete=complete,
        )

    def find(self, key: str) -> Place | None:
        """The place of this key, be it all places with a tag; None if there is none."""
        tag = key.removeprefix(TAG_KEY)
        if tag != key and tag in self.tags:
            return Place(key, tag, "", 0, self.tags[tag])
        return self.places.get(key)

    @property
    def company(self) -> str:
        """The group above everything that this person may see; empty if there are several."""
        tops = [each for each in self.groups_and_points if not each.depth]
        return tops[0].name if len(tops) == 1 and tops[0].kind == "group" else ""

    @property
    def places_by_tag(self) -> list[Place]:
        """For every tag the places that have it, as one."""
        return [Place(f"{TAG_KEY}{tag}", tag, "", 0, self.tags[tag]) for tag in self.tags]

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
        if place is not None and place.kind == "tag":
            return [self.places[f"p{point}"] for point in place.points]
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

    def zones(self, points: Iterable[int]) -> dict[str, frozenset[int]]:
        """The points by the name of their time zone."""
        found: dict[str, set[int]] = {}
        for point in points:
            found.setdefault(self._zones[point], set()).add(point)
        return {zone: frozenset(here) for zone, here in found.items()}

    def todays(self, points: Iterable[int]) -> dict[date, frozenset[int]]:
        """The days that it is now at these points; UTC's without points."""
        now = clock.now()
        found: dict[date, frozenset[int]] = {}
        for zone, here in self.zones(points).items():
            day = now.astimezone(clock.zone_of(zone)).date()
            found[day] = found.get(day, frozenset()).union(here)
        return found or {now.date(): frozenset()}


def _with_full_names(places: list[Place]) -> list[Place]:
    often = Counter(place.name for place in places)
    groups = {place.key: place.name for place in places}
    return [
        place._replace(full_name=full_name(place.name, _group_name(place, groups), often))
        for place in places
    ]


def _group_name(place: Place, groups: Mapping[str, str]) -> str | None:
    if place.parent is None and place.kind == "point":
        # Of a single place only the path knows it.
        return place.path.rpartition(SEPARATOR)[2]
    return groups.get(place.parent or "")


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
