"""Kiosks for people: where they stand and how they are."""

import datetime as dt
import uuid
from collections import Counter
from typing import NamedTuple

from headoffice import clock
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import DETAILS, Assignment, ExperiencePoint, Kiosk
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
        """Whether it has been silent for too long; who can't speak is not expected to."""
        if self.kiosk.revoked_at is not None or self.kiosk.demonstration:
            return False
        since = self.kiosk.heartbeat_at or self.kiosk.created_at
        return clock.now() - since > OVERDUE_AFTER


def stays_now() -> dict[int, Assignment]:
    """Where each kiosk stands now, with the kiosk and the place."""
    stays = Assignment.objects.filter(since_ms__lte=clock.now_ms()).order_by("since_ms")
    # Later stays overwrite earlier ones.
    stays = stays.select_related("kiosk", "point__group")
    return {a.kiosk_id: a for a in stays.defer(*(f"point__{name}" for name in DETAILS))}


def all_kiosks(points: frozenset[int] | None = None) -> list[KioskAt]:
    """Every kiosk where it stands now, by place; only those at these points, if given."""
    stays = [a for a in stays_now().values() if points is None or a.point_id in points]
    often = Counter(point.name for point in {a.point for a in stays})
    rows = [KioskAt(a.kiosk, a.point, _told_apart(a.point, often)) for a in stays]
    return sorted(rows, key=lambda row: (row.place.casefold(), row.kiosk.pk))


def matching(kiosks: list[KioskAt], search: str, *, overdue: bool = False) -> list[KioskAt]:
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


def _told_apart(point: ExperiencePoint, often: Counter[str]) -> str:
    """A checkout is found in every shop: such places carry the name of the shop too."""
    return f"{point.group.name}, {point.name}" if often[point.name] > 1 else point.name


def names_to_choose() -> list[str]:
    """The places by name, those with the same name by their path."""
    points = list(ExperiencePoint.objects.order_by("name"))
    often = Counter(point.name for point in points)
    tree = Tree.load()
    return [p.name if often[p.name] == 1 else tree.path_of(p) for p in points]


def find(text: str) -> Kiosk:
    """The kiosk with this number or id; HeadOfficeError if there is none."""
    kiosks = Kiosk.objects.all()
    try:
        found = (
            kiosks.filter(pk=int(text)) if text.isdecimal() else kiosks.filter(uuid=uuid.UUID(text))
        )
        return found.get()
    except (ValueError, OverflowError, Kiosk.DoesNotExist):
        raise HeadOfficeError(f"there is no kiosk {text}: see `hymio-headoffice kiosks`") from None


def revoke(kiosk: Kiosk) -> None:
    """Shut a kiosk out from the next request on; its answers stay.

    The credential's hash is kept, so that the kiosk is told `revoked` and not `unauthorised`.
    """
    Kiosk.objects.filter(pk=kiosk.pk, revoked_at=None).update(revoked_at=clock.now())
