"""From a file to the tree: first what would change, then the change."""

import difflib
import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from headoffice.db.write_lock import exclusive_write
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.fleet.names import name_key
from headoffice.fleet.tree import SEPARATOR
from headoffice.structure import relocation, validation
from headoffice.structure.csv_file import LineMistake, TreeLine

Names = tuple[str, ...]
_COLUMNS = {
    "group": gettext_lazy("Group"),
    "name": gettext_lazy("Name"),
    "time_zone": gettext_lazy("Time zone"),
    "opening_hours": gettext_lazy("Opening hours"),
    "tags": gettext_lazy("Tags"),
    "custom": gettext_lazy("Custom fields"),
}


class PlannedChange(NamedTuple):
    """One group or place that will be made or changed."""

    line: int
    kind: str
    path: str
    """Where it is now, or where a new one will be."""
    new: bool
    details: tuple[tuple[str, str, str], ...]
    """Column, what it says now, what it will say."""

    @property
    def words(self) -> list[tuple[str, str, str]]:
        """The same with the columns as the forms call them."""
        return [(str(_COLUMNS[column]), old, new) for column, old, new in self.details]


class ImpliedGroup(NamedTuple):
    """A group that will be made because a line stands below it."""

    line: int
    """The first line that does."""
    path: str
    near: str
    """The path of a group of nearly this name; empty if there is none."""


class ImportPlan(NamedTuple):
    """Everything that a file changes."""

    changes: tuple[PlannedChange, ...]
    unchanged: int
    mistakes: tuple[LineMistake, ...]
    groups_without_line: tuple[ImpliedGroup, ...] = ()
    """Groups that have no line of their own: perhaps somebody mistyped one that there is."""

    @property
    def total(self) -> int:
        """How many groups and places will be made or changed."""
        return len(self.changes) + len(self.groups_without_line)

    def makes_places_in(self, zone: str) -> bool:
        """Whether there are new places in this time zone."""
        detail = ("time_zone", "", zone)
        return any(change.new and detail in change.details for change in self.changes)

    @property
    def seal(self) -> str:
        """Tells whether a plan is still the one that somebody has seen."""
        return hashlib.sha256(
            repr((self.changes, self.mistakes, self.groups_without_line)).encode()
        ).hexdigest()


class _Draft:
    """The tree as it will be, in memory; new groups and places are not saved yet."""

    def __init__(self) -> None:
        self.groups = {group.pk: group for group in Group.objects.all()}
        self.points = {point.pk: point for point in ExperiencePoint.objects.all()}
        self.new_groups: list[Group] = []
        self.new_points: list[ExperiencePoint] = []
        self.changed: dict[tuple[str, int], Group | ExperiencePoint] = {}
        self._below: dict[tuple[int, str], Group] = {}
        self._points_in: dict[tuple[int, str], ExperiencePoint] = {}
        for group in self.groups.values():
            if group.parent_id is not None:
                group.parent = self.groups[group.parent_id]
            self._put(group)
        for point in self.points.values():
            point.group = self.groups[point.group_id]
            self._points_in[id(point.group), name_key(point.name)] = point

    def _put(self, group: Group) -> None:
        self._below[id(group.parent), name_key(group.name)] = group

    def group(self, names: Names) -> Group | None:
        """The group with this path; made in the draft where it is missing."""
        at: Group | None = None
        for name in names:
            found = self._below.get((id(at), name_key(name)))
            if found is None:
                found = Group(parent=at, name=name)
                self.new_groups.append(found)
                self._put(found)
            at = found
        return at

    def known(self, names: Names) -> Group | None:
        """The group with this path, if there is one."""
        at: Group | None = None
        for name in names:
            at = self._below.get((id(at), name_key(name)))
            if at is None:
                return None
        return at

    def path(self, group: Group | None) -> str:
        """The names from the top down."""
        names: list[str] = []
        while group is not None:
            names.append(group.name)
            group = group.parent
        return SEPARATOR.join(reversed(names))

    def point(self, group: Group, name: str) -> ExperiencePoint | None:
        """The place of this name in a group."""
        return self._points_in.get((id(group), name_key(name)))

    def place_group(self, group: Group, parent: Group | None, name: str) -> None:
        """Rename or move a group."""
        self._below.pop((id(group.parent), name_key(group.name)), None)
        group.parent, group.name = parent, name
        self._put(group)

    def place_point(self, point: ExperiencePoint, group: Group, name: str) -> None:
        """Rename or move a place, or put down a new one."""
        if point.pk is not None:
            self._points_in.pop((id(point.group), name_key(point.name)), None)
        point.group, point.name = group, name
        self._points_in[id(group), name_key(name)] = point


def plan_import(lines: Sequence[TreeLine], mistakes: Sequence[LineMistake]) -> ImportPlan:
    """What these lines would change; nothing is stored."""
    return _drawn_up(lines, mistakes)[0]


def carry_out(lines: Sequence[TreeLine], seal: str, *, confirmed: bool = False) -> ImportPlan:
    """Store what a plan says, if it is still the one with this seal; HeadOfficeError if not.

    ``confirmed``: somebody said that the groups without a line of their own are meant.
    """
    try:
        with exclusive_write():
            made, draft = _drawn_up(lines, ())
            if made.mistakes or made.seal != seal:
                raise HeadOfficeError(
                    _("The structure has changed meanwhile. Check the changes again.")
                )
            if made.groups_without_line and not confirmed:
                raise HeadOfficeError(_("Say that the new groups are meant, or correct the file."))
            _store(draft)
            return made
    except IntegrityError as error:
        raise HeadOfficeError(
            _("Names change places with each other. Do that with two files, one after the other.")
        ) from error


def _store(draft: _Draft) -> None:
    for group in draft.new_groups:
        # Parents come first; their key is known only now.
        group.parent = group.parent
        group.save()
    for thing in draft.changed.values():
        if isinstance(thing, Group):
            thing.parent = thing.parent
            thing.save()
    for point in draft.new_points:
        point.group = point.group
        point.save()
    for thing in draft.changed.values():
        if isinstance(thing, ExperiencePoint):
            thing.group = thing.group
            zone = ExperiencePoint.objects.values_list("time_zone", flat=True).get(pk=thing.pk)
            wanted = thing.time_zone
            thing.time_zone = zone
            thing.save()
            if wanted != zone:
                relocation.change_time_zone(thing, wanted)


def _drawn_up(
    lines: Sequence[TreeLine], mistakes: Sequence[LineMistake]
) -> tuple[ImportPlan, _Draft]:
    draft = _Draft()
    wrong = list(mistakes)
    changes: list[PlannedChange] = []
    seen: dict[tuple[str, object], int] = {}
    # Groups first, so that places find them under their new names.
    for line in sorted(lines, key=lambda line: (line.kind != "group", line.number)):
        try:
            change, about = (_group if line.kind == "group" else _point)(draft, line)
        except ValueError as error:
            wrong.append(LineMistake(line.number, str(error)))
            continue
        before = seen.setdefault((line.kind, about), line.number)
        if before != line.number:
            text = _("It is about the same one as line %(line)d.")
            wrong.append(LineMistake(line.number, text % {"line": before}))
        elif change is not None:
            changes.append(change)
    found = ImportPlan(
        tuple(sorted(changes, key=lambda change: change.line)),
        len(lines) - len(changes) - len(wrong),
        tuple(sorted(wrong)),
        tuple(_implied(draft, lines)),
    )
    return found, draft


def _implied(draft: _Draft, lines: Sequence[TreeLine]) -> Iterator[ImpliedGroup]:
    """The new groups that no line is about, from the top down."""
    own = {_keys(*line.group, line.name) for line in lines if line.kind == "group"}
    below: dict[Names, int] = {}
    for line in lines:
        for n in range(1, len(line.group) + 1):
            below.setdefault(_keys(*line.group[:n]), line.number)
    known = {draft.path(group).casefold(): draft.path(group) for group in draft.groups.values()}
    for group in draft.new_groups:
        path = draft.path(group)
        names = _keys(*path.split(SEPARATOR))
        if names in own or names not in below:
            continue
        near = difflib.get_close_matches(path.casefold(), known, n=1, cutoff=0.75)
        yield ImpliedGroup(below[names], path, known[near[0]] if near else "")


def _keys(*names: str) -> Names:
    return tuple(map(name_key, names))


def _group(draft: _Draft, line: TreeLine) -> tuple[PlannedChange | None, object]:
    if line.id is not None:
        group = draft.groups.get(line.id)
        if group is None:
            raise ValueError(_("There is no group with the id g%(id)d.") % {"id": line.id})
        was = (draft.path(group.parent), group.name)
        parent = draft.group(line.group)
        above: Group | None = parent
        while above is not None:
            if above is group:
                raise ValueError(_("A group can't stand below itself."))
            above = above.parent
        now = (draft.path(parent), line.name)
        if was == now:
            return None, id(group)
        other = draft.known((*line.group, line.name))
        if other is not None and other is not group:
            raise ValueError(_("There is a group of this name at this place already."))
        path = draft.path(group)
        draft.place_group(group, parent, line.name)
        draft.changed["group", group.pk] = group
        return PlannedChange(
            line.number, "group", path, False, _details(("group", "name"), was, now)
        ), id(group)
    known = draft.known((*line.group, line.name))
    group = draft.group((*line.group, line.name))
    if known is not None and known.pk is not None:
        return None, id(known)
    return PlannedChange(line.number, "group", draft.path(group), True, ()), id(group)


def _point(draft: _Draft, line: TreeLine) -> tuple[PlannedChange | None, object]:
    group = draft.group(line.group)
    if group is None:
        raise ValueError(_("A location needs a group."))
    there = draft.point(group, line.name)
    point = there if line.id is None else draft.points.get(line.id)
    if point is None and line.id is not None:
        raise ValueError(_("There is no location with the id p%(id)d.") % {"id": line.id})
    if there is not None and there is not point:
        raise ValueError(_("There is a location of this name in this group already."))
    if point is None:
        point = ExperiencePoint(time_zone=settings.TIME_ZONE)
        draft.place_point(point, group, line.name)
        _fill(point, line)
        draft.new_points.append(point)
        details = _details(_NAMED, ("",) * 5, _said(draft, point)[2:])
        return PlannedChange(line.number, "place", _path(draft, point), True, details), id(point)
    was, path = _said(draft, point), _path(draft, point)
    # Found by its name, however that is written in the file: only an id renames.
    draft.place_point(point, group, line.name if line.id is not None else point.name)
    _fill(point, line)
    now = _said(draft, point)
    if was == now:
        return None, id(point)
    if point.pk is not None:
        draft.changed["place", point.pk] = point
    return PlannedChange(
        line.number, "place", path, False, _details(("group", "name", *_NAMED), was, now)
    ), id(point)


_NAMED = ("time_zone", "opening_hours", "tags", "custom")


def _fill(point: ExperiencePoint, line: TreeLine) -> None:
    if line.time_zone is not None:
        point.time_zone = line.time_zone
    if line.opening_hours is not None:
        point.opening_hours = line.opening_hours
    if line.tags is not None:
        point.tags = line.tags
    if line.custom is not None:
        point.custom = line.custom


def _said(draft: _Draft, point: ExperiencePoint) -> tuple[str, ...]:
    custom = "; ".join(f"{key}: {value}" for key, value in point.custom.items())
    hours = validation.hours_text(point.opening_hours)
    return (
        draft.path(point.group),
        point.name,
        point.time_zone,
        hours,
        ", ".join(point.tags),
        custom,
    )


def _path(draft: _Draft, point: ExperiencePoint) -> str:
    return SEPARATOR.join((draft.path(point.group), point.name))


def _details(columns: Names, was: Names, now: Names) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (column, old, new)
        for column, old, new in zip(columns, was, now, strict=False)
        if old != new
    )
