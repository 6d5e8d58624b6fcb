"""The places that something is said for: who may see them, their names, what stands above them."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404
from django.utils.translation import gettext as _

from headoffice import clock
from headoffice.accounts.access import Person
from headoffice.configuration.scopes import Chain, field_of
from headoffice.fleet.kiosks import current_assignments
from headoffice.fleet.models import ExperiencePoint
from headoffice.fleet.tree import SEPARATOR, Tree
from headoffice.fleet.visibility import visible_groups, visible_points


class ScopePlace(NamedTuple):
    """A group, an experience point or a kiosk, for a page about it."""

    scope: str
    name: str
    path: str
    """Of what is above it."""
    chain: Chain
    """From itself upwards."""
    zone: ZoneInfo


class ScopeNames:
    """Names of scopes, as far as one person may see them."""

    def __init__(self, user: Person) -> None:
        self._tree = Tree.load()
        self._groups = visible_groups(user, self._tree)
        self._points = visible_points(user)
        self._stays = current_assignments()

    def place(self, scope: str) -> ScopePlace:
        """The place of a scope; Http404 if there is none that this person may see."""
        try:
            field, number = field_of(scope)
        except (KeyError, ValueError):
            raise Http404 from None
        if field == "group":
            if number not in self._groups:
                raise Http404
            group = self._tree.groups[number]
            path = self._tree.path(group.parent_id)
            chain = self._above(number)
            zone = clock.zone_of(settings.DEFAULT_ZONE.name)
            return ScopePlace(scope, group.name, path, chain, zone)
        stay = self._stays.get(number) if field == "kiosk" else None
        point = stay.point if stay is not None else None
        if field == "point":
            point = ExperiencePoint.objects.filter(pk=number).first()
        if point is None or point.pk not in self._points:
            raise Http404
        above = (f"p{point.pk}", *self._above(point.group_id))
        zone = clock.zone_of(point.time_zone)
        if field == "point":
            return ScopePlace(scope, point.name, self._tree.path(point.group_id), above, zone)
        name = _("Kiosk %(kiosk)s") % {"kiosk": number}
        return ScopePlace(scope, name, self._tree.path_of(point), (scope, *above), zone)

    def name(self, scope: str) -> str:
        """In few words; of what one may not see, only what kind of place it is."""
        if scope.startswith("g"):
            group = self._tree.groups.get(int(scope[1:]))
            return "–" if group is None else group.name
        try:
            found = self.place(scope)
        except Http404:
            return "–"
        return found.name

    def _above(self, group: int | None) -> Chain:
        found = []
        while group is not None:
            found.append(f"g{group}")
            group = self._tree.groups[group].parent_id
        return tuple(found)

    def kiosk_name(self, kiosk: int) -> str:
        """Its number, with where it stands."""
        stay = self._stays.get(kiosk)
        path = "" if stay is None else self._tree.path_of(stay.point)
        return SEPARATOR.join(filter(None, (path, _("Kiosk %(kiosk)s") % {"kiosk": kiosk})))

    def may_see(self, kiosk: int) -> bool:
        """Whether a kiosk stands where this person may look."""
        stay = self._stays.get(kiosk)
        return stay is not None and stay.point_id in self._points
