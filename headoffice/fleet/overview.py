"""Kiosks for people: where they stand and how they are."""

import datetime as dt
import uuid
from typing import NamedTuple

from headoffice import clock
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import Assignment, ExperiencePoint, Kiosk

OVERDUE_AFTER = dt.timedelta(minutes=5)


class KioskAt(NamedTuple):
    """A kiosk and the experience point where it stands now."""

    kiosk: Kiosk
    point: ExperiencePoint

    @property
    def place(self) -> str:
        """The name of the experience point."""
        return self.point.name

    @property
    def overdue(self) -> bool:
        """Whether it has been silent for too long; a revoked one is not expected to speak."""
        since = self.kiosk.heartbeat_at or self.kiosk.created_at
        return self.kiosk.revoked_at is None and clock.now() - since > OVERDUE_AFTER


def all_kiosks() -> list[KioskAt]:
    """Every kiosk where it stands now, by place."""
    now = clock.now_ms()
    stays = Assignment.objects.filter(since_ms__lte=now).order_by("since_ms")
    # Later stays overwrite earlier ones.
    latest = {a.kiosk_id: a for a in stays.select_related("kiosk", "point")}
    rows = [KioskAt(a.kiosk, a.point) for a in latest.values()]
    return sorted(rows, key=lambda row: (row.place.casefold(), row.kiosk.pk))


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
