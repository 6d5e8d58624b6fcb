"""Kiosks for people: where they stand and how they are."""

import datetime as dt
import statistics
import uuid
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from config.opening_hours import WeeklyHours
from headoffice import clock
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import DETAILS, Assignment, ExperiencePoint, Kiosk
from headoffice.fleet.places import full_name
from headoffice.fleet.tree import Tree

OVERDUE_AFTER = dt.timedelta(minutes=5)


class KioskAt(NamedTuple):
    """A kiosk and the experience point where it stands now."""

    kiosk: Kiosk
    point: ExperiencePoint
    place: str
    """The name of the experience point, with that of its group where several share it."""

    @property
    def overdue(self) -> bool:
        """Whether it has been silent for too long; who can't speak is not expected to.

        When it was heard is not known if that lies ahead: the clock was wrong then, or is now.
        """
        row = self.kiosk
        if row.revoked_at is not None or row.demonstration or row.offline:
            return False
        since = self.kiosk.heartbeat_at or self.kiosk.created_at
        return abs(clock.now() - since) > OVERDUE_AFTER

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
        KioskAt(a.kiosk, a.point, full_name(a.point.name, a.point.group.name, often)) for a in stays
    ]
    return sorted(rows, key=lambda row: (row.place.casefold(), row.kiosk.pk))


def overdue_while_open(rows: Iterable[KioskAt]) -> list[KioskAt]:
    """Those that are overdue where the shop is open now; also where its hours are not known."""
    late = [row for row in rows if row.overdue]
    points = ExperiencePoint.objects.filter(pk__in={row.point.pk for row in late})
    hours = dict(points.values_list("pk", "opening_hours"))
    now_ms = clock.now_ms()
    return [
        row
        for row in late
        if not (known := hours[row.point.pk])
        or WeeklyHours.load(known).are_open(clock.zone_of(row.point.time_zone), now_ms)
    ]


def median_clock_offset(rows: Iterable[KioskAt]) -> float | None:
    """Seconds by which the clock here is ahead of those of kiosks in touch; None if none says."""
    offsets = [row.kiosk.clock_offset_ms for row in rows if not row.overdue]
    known = [offset for offset in offsets if offset is not None]
    return statistics.median(known) / 1000 if known else None


def search_kiosks(kiosks: list[KioskAt], search: str, *, overdue: bool = False) -> list[KioskAt]:
    """Those with all these words in path, version or number; a whole number's kiosk first."""
    words = search.casefold().split()
    found = [row for row in kiosks if row.overdue] if overdue else kiosks
    if not words:
        return found
    tree = Tree.load()
    told = [
        (row, f"{row.kiosk.pk} {tree.path_of(row.point)} {row.kiosk.version}".casefold())
        for row in found
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
