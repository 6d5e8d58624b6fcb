"""What pages say of the clock."""

from datetime import datetime

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest

from headoffice import clock
from headoffice.timekeeping.guard import GUARD


class ClockNotice:
    """Worked out only by a template that draws it."""

    @property
    def is_in_doubt(self) -> bool:
        """Whether nothing is taken in because of it."""
        try:
            return GUARD.objection() is not None
        except (DatabaseError, InterfaceError):
            return False

    @property
    def shown(self) -> datetime:
        """What it shows."""
        return clock.now()


def clock_notice(request: HttpRequest) -> dict[str, object]:
    """Context processor: whether the clock is in doubt, for every page."""
    del request
    return {"clock_notice": ClockNotice()}
