"""Where a kiosk stood when."""

from typing import NamedTuple

from headoffice.fleet.models import Assignment


class Stay(NamedTuple):
    """A kiosk at an experience point, from an instant on."""

    since_ms: int
    point: int
    zone: str


class Stays:
    """All stays of one kiosk, newest first."""

    def __init__(self, kiosk: int) -> None:
        rows = (
            Assignment.objects.filter(kiosk=kiosk)
            .order_by("-since_ms")
            .values_list("since_ms", "point", "point__time_zone")
        )
        self.all = tuple(Stay(*row) for row in rows)

    def at(self, ms: int) -> Stay:
        """Where the kiosk stood; before the first stay: there."""
        return next((stay for stay in self.all if stay.since_ms <= ms), self.all[-1])

    @property
    def zones(self) -> dict[int, str]:
        """Time zones of the places where it ever stood."""
        return {stay.point: stay.zone for stay in self.all}
