"""Whether the head office can store, and if not, why."""

from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, ProgrammingError, connection

from headoffice.db.disk import take_room
from headoffice.db.failures import Trouble, trouble_of
from headoffice.db.outages import OUTAGES
from headoffice.db.queries import fetch_all
from headoffice.timekeeping.guard import GUARD

OTHER, CLOCK = "other_head_office", "clock"
_IDENTITY = "SELECT uuid FROM fleet_headoffice WHERE id = 1"
_MAY_NOT_WRITE = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean"


class Readiness:
    """Looks for what keeps the head office from storing, without writing a row.

    That a kiosk was refused a moment ago tells what a look can't, such as the full disk of a
    database on another machine.
    """

    identity = ""
    """The id of the head office that was opened; empty: whichever is in the database."""

    def find_reasons(self) -> list[str]:
        """Why it can't store, as monitoring calls each reason; none: it can."""
        reasons: set[str] = set(OUTAGES.failing())
        try:
            reasons |= self._database()
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            reasons.add(trouble_of(error) or Trouble.AWAY)
        if connection.vendor == "sqlite":
            reasons |= _disk()
        return sorted(reasons)

    def _database(self) -> set[str]:
        # One that was restarted meanwhile has cut the line, and is no less ready for that.
        connection.close_if_unusable_or_obsolete()
        reasons: set[str] = set()
        if self.identity and _identity() != self.identity:
            return {OTHER}
        if connection.vendor == "postgresql" and fetch_all(_MAY_NOT_WRITE)[0][0]:
            reasons.add(Trouble.READ_ONLY)
        if GUARD.objection() is not None:
            reasons.add(CLOCK)
        return reasons


READINESS = Readiness()


def _identity() -> str:
    """Of the head office that is in the database; empty if there is none."""
    try:
        rows = fetch_all(_IDENTITY)
    except ProgrammingError:
        # A PostgreSQL without its tables: another one than this head office's.
        return ""
    return str(UUID(str(rows[0][0]))) if rows else ""


def _disk() -> set[str]:
    try:
        take_room(Path(settings.DATABASES["default"]["NAME"]).parent)
    except OSError as error:
        return {trouble_of(error) or Trouble.READ_ONLY}
    return set()
