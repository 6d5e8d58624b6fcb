"""Kiosks for people: where they stand and how they are."""

import datetime as dt
import statistics
import uuid
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import TextField
from django.db.models.functions import Cast

from headoffice import clock
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import DETAILS, Assignment, ExperiencePoint, Kiosk
from headoffice.fleet.places import full_name
from headoffice.fleet.shop_hours import ShopHours
from headoffice.fleet.tree import Tree

OVERDUE_AFTER = dt.timedelta(minutes=5)
"""Of opening time: a kiosk that is switched off while its place is closed is not missed."""
LATE_SHIFT = dt.timedelta(hours=1)
"""While its place is closed, so much opening time may have gone by without a heartbeat: staff
switch off before the doors are closed."""
CLOSED_AT_MOST = dt.timedelta(days=3)
"""A kiosk whose last word was that it is closed is not missed for so long where nobody has said
when its place is open: from a Saturday over a holiday."""


class KioskAt(NamedTuple):
    """A kiosk and the experience point where it stands now."""

    kiosk: Kiosk
    point: ExperiencePoint
    place: str
    """The name of the experience point, with that of its group where several share it."""
    hours: ShopHours = ShopHours()
    """Of that place."""

    @property
    def can_speak(self) -> bool:
        """Whether it is a device that may deliver: neither revoked, nor made up, nor offline."""
        row = self.kiosk
        return row.revoked_at is None and not row.demonstration and not row.offline

    @property
    def is_closed(self) -> bool:
        """Whether its place is closed now, by its hours or else by the kiosk's own last word."""
        if self.kiosk.state == "closed" and not self.is_silent:
            return True
        if self.hours.are_known:
            return not self.hours.is_open(clock.now_ms())
        return self.kiosk.state == "closed" and self._silence <= CLOSED_AT_MOST

    @property
    def is_silent(self) -> bool:
        """Whether its last heartbeat is older than one that may be missing, or lies ahead."""
        return abs(self._silence) > OVERDUE_AFTER

    @property
    def overdue(self) -> bool:
        """Whether it was silent while its place was open; who can't speak, or was replaced, may be.

        When it was heard is not known if that lies ahead: the clock was wrong then, or is now.
        """
        if not self.can_speak or not self.is_silent or self.kiosk.successor_id is not None:
            return False
        if self._silence < dt.timedelta(0):
            return True
        if not self.hours.are_known:
            return not self.is_closed
        now = clock.now_ms()
        since = now - int(self._silence.total_seconds() * 1000)
        patience = OVERDUE_AFTER if self.hours.is_open(now) else LATE_SHIFT
        return self.hours.open_ms(since, now) > patience.total_seconds() * 1000

    @property
    def _silence(self) -> dt.timedelta:
        return clock.now() - (self.kiosk.heartbeat_at or self.kiosk.created_at)

    @property
    def last_answer(self) -> dt.datetime | None:
        """When its newest answer was given; None also if that would lie ahead."""
        ms = self.kiosk.last_answer_ms
        return None if ms is None or ms > clock.now_ms() else clock.instant(ms)


def current_assignments() -> dict[int, Assignment]:
    """Where each kiosk stands now, with the kiosk and the place.

    One that only came in the future, by a clock that was wrong then, stands there already.
    """
    stays = Assignment.objects.order_by("since_ms").select_related("kiosk", "point__group")
    # As text, which tells many equal weeks apart from others without being read.
    stays = stays.annotate(hours_json=Cast("point__opening_hours", TextField()))
    found: dict[int, Assignment] = {}
    now_ms = clock.now_ms()
    for stay in stays.defer(*(f"point__{name}" for name in DETAILS)):
        # Later stays overwrite earlier ones.
        if stay.since_ms <= now_ms or stay.kiosk_id not in found:
            found[stay.kiosk_id] = stay
    return found


def all_kiosks(points: frozenset[int] | None = None) -> list[KioskAt]:
    """Every kiosk where it stands now, by place; only those at these points, if given."""
    stays = [a for a in current_assignments().values() if points is None or a.point_id in points]
    often = Counter(point.name for point in {a.point for a in stays})
    rows = [
        KioskAt(a.kiosk, a.point, full_name(a.point.name, a.point.group.name, often), _hours(a))
        for a in stays
    ]
    return sorted(rows, key=lambda row: (row.place.casefold(), row.kiosk.pk))


def _hours(stay: Assignment) -> ShopHours:
    return ShopHours(getattr(stay, "hours_json", ""), stay.point.time_zone)


def overdue_while_open(rows: Iterable[KioskAt]) -> list[KioskAt]:
    """Those that are overdue where the shop is open now; also where its hours are not known."""
    now = clock.now_ms()
    return [row for row in rows if row.overdue and row.hours.is_open(now)]


def median_clock_offset(rows: Iterable[KioskAt]) -> float | None:
    """Seconds by which the clock here is ahead of those of kiosks in touch; None if none says."""
    offsets = [row.kiosk.clock_offset_ms for row in rows if not row.is_silent]
    known = [offset for offset in offsets if offset is not None]
    return statistics.median(known) / 1000 if known else None


def search_kiosks(kiosks: list[KioskAt], search: str) -> list[KioskAt]:
    """Those with all these words in path, version or number; a whole number's kiosk first."""
    words = search.casefold().split()
    if not words:
        return kiosks
    tree = Tree.load()
    told = [
        (row, f"{row.kiosk.pk} {tree.path_of(row.point)} {row.kiosk.version}".casefold())
        for row in kiosks
    ]
    found = [row for row, about in told if all(word in about for word in words)]
    return sorted(found, key=lambda row: str(row.kiosk.pk) not in words)


def names_to_choose() -> list[str]:
    """The places by name, those with the same name by their path."""
    points = list(ExperiencePoint.objects.order_by("name"))
    often = Counter(point.name for point in points)
    tree = Tree.load()
    return [p.name if often[p.name] == 1 else tree.path_of(p) for p in points]


def find_kiosk(text: str) -> Kiosk:
    """The kiosk with this number or id; HeadOfficeError if there is none."""
    kiosks = Kiosk.objects.all()
    try:
        found = (
            kiosks.filter(pk=int(text)) if text.isdecimal() else kiosks.filter(uuid=uuid.UUID(text))
        )
        return found.get()
    except (ValueError, OverflowError, Kiosk.DoesNotExist):
        raise HeadOfficeError(f"there is no kiosk {text}: see `hymio-headoffice kiosks`") from None


def revoke_kiosk(kiosk: Kiosk) -> None:
    """Shut a kiosk out from the next request on; its answers stay.

    The credential's hash is kept, so that the kiosk is told `revoked` and not `unauthorised`.
    """
    Kiosk.objects.filter(pk=kiosk.pk, revoked_at=None).update(revoked_at=clock.now())
