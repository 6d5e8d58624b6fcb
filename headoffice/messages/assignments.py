"""Where a kiosk stood when."""

from typing import NamedTuple

from headoffice.db.queries import fetch_all

_OF_KIOSK = """
SELECT a.since_ms, a.point_id, p.time_zone
FROM fleet_assignment AS a JOIN fleet_experiencepoint AS p ON p.id = a.point_id
WHERE a.kiosk_id = %s ORDER BY a.since_ms DESC
"""


class StandingPlace(NamedTuple):
    """A kiosk at an experience point, from an instant on."""

    since_ms: int
    point: int
    zone: str


class AssignmentHistory:
    """All stays of one kiosk, newest first."""

    def __init__(self, kiosk: int) -> None:
        self.all = tuple(StandingPlace(*row) for row in fetch_all(_OF_KIOSK, kiosk))

    def at(self, ms: int) -> StandingPlace:
        """Where the kiosk stood; before the first stay: there."""
        for stay in self.all:
            if stay.since_ms <= ms:
                return stay
        return self.all[-1]

    @property
    def zones(self) -> dict[int, str]:
        """Time zones of the places where it ever stood."""
        return {stay.point: stay.zone for stay in self.all}
