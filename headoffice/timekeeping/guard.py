"""Watches the clock of this machine for one process of ``serve``.

::

    GUARD.watch()                     # a process that serves; others are not held up
    if GUARD.objection() is not None:
        ...                           # take nothing in, date nothing, erase nothing

Asked with every request, which costs two readings: the clock has to run as the monotonic one does.
The database is asked at the start, every ten seconds, and at once when the clock has jumped.
"""

import logging
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError

from headoffice import clock
from headoffice.db.write_lock import exclusive_write
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import Kiosk
from headoffice.timekeeping import runs, witnesses
from headoffice.timekeeping.judgement import (
    TOLERANCE_MS,
    Objection,
    Reading,
    Reason,
    Trust,
    is_even,
    judge,
    objection_to,
)
from headoffice.timekeeping.models import AcceptedClock

LOOK_EVERY_MS = 10_000
LOOK_IN_DOUBT_MS = 2_000
_log = logging.getLogger("headoffice.server")


def read_clock() -> Reading:
    """Both clocks now."""
    return Reading(clock.now_ms(), clock.boot(), clock.boot_ms())


class ClockGuard:
    """What one process holds of the clock; threads may ask at once, and then look twice."""

    def __init__(self, read: Callable[[], Reading] = read_clock) -> None:
        self._read = read
        self._is_watching = False
        self._looked: Reading | None = None
        """Of which the database was asked last."""
        self._last: Reading | None = None
        """The last reading that was trusted here."""
        self._objection: Objection | None = None
        self._doubted_ms = 0
        """Since when it is in doubt, by the monotonic clock."""
        self._told: Objection | None = None

    def watch(self) -> None:
        """Begin; before that, nothing is in doubt."""
        self._is_watching = True

    def objection(self) -> Objection | None:
        """What stands against the clock now; None if it is trusted.

        Raises DatabaseError if that has to be looked up and can't be.
        """
        if not self._is_watching:
            return None
        now = self._read()
        if self._objection is not None:
            if self._is_due(now, LOOK_IN_DOUBT_MS):
                self.look(now)
        elif self._last is None or not is_even(now, self._last):
            self.look(now)
        else:
            self._last = now
            if self._is_due(now, LOOK_EVERY_MS):
                self._look_again(now)
        return self._objection

    def hear(self, kiosk: Kiosk, wall_ms: int) -> None:
        """Take in what a kiosk's wall clock says, within the caller's transaction."""
        if self._is_watching and witnesses.hear(kiosk, wall_ms, self._read()):
            self._looked = None

    def keep_time(self) -> None:
        """Write down that the clock is trusted, if it is; for the periodic jobs."""
        if self._is_watching:
            now = self._read()
            verdict = self.look(now)
            if isinstance(verdict, Trust):
                runs.go_on(now, verdict)

    def log_changes(self) -> None:
        """Say in the log, once, that the clock has come into doubt, or out of it."""
        objection, told = self._objection, self._told
        if (objection and objection.reason) == (told and told.reason):
            return
        self._told = objection
        if objection is None:
            _log.warning("The clock is trusted again: deliveries are taken.")
        else:
            _log.warning("%s", description(objection, self._read().wall_ms))

    def _is_due(self, now: Reading, every_ms: int) -> bool:
        looked = self._looked
        if looked is None or abs(now.zero_ms - looked.zero_ms) > TOLERANCE_MS:
            return True
        return not 0 <= now.mono_ms - looked.mono_ms < every_ms

    def _look_again(self, now: Reading) -> None:
        """Look whether a trusted clock still is; not while the database is away."""
        try:
            self.look(now)
        except (DatabaseError, InterfaceError):
            self._looked = now

    def look(self, now: Reading) -> Trust | Objection:
        """Ask the database what it knows of this reading, and decide."""
        objection = objection_to(now, runs.last_written(now))
        if objection is None and self._last is not None:
            # Another machine may write down how far its own clock is.
            jump_ms = now.zero_ms - self._last.zero_ms
            objection = Objection(Reason.JUMPED, jump_ms) if abs(jump_ms) > TOLERANCE_MS else None
        waited_ms = now.mono_ms - self._doubted_ms if self._objection is not None else 0
        verdict = judge(
            objection,
            witnesses.count_votes(now),
            waited_ms=waited_ms,
            accepted=is_accepted(now),
        )
        if isinstance(verdict, Objection):
            if self._objection is None:
                self._doubted_ms = now.mono_ms
            self._objection = verdict
        else:
            self._objection, self._last = None, now
            if objection is not None:
                # At once, so that every process goes on from here.
                runs.go_on(now, verdict)
        self._looked = now
        return verdict


GUARD = ClockGuard()
"""Of this process."""


def description(objection: Objection, wall_ms: int) -> str:
    """What is wrong and what to do about it, for the log."""
    today = clock.instant(wall_ms).date()
    begin = f"The clock is in doubt: {objection.reason.value}. It shows {today}"
    if objection.reason is Reason.BEFORE_PROGRAM:
        return f"{begin}. Kiosks keep their answers, nothing is erased. Set the clock."
    return (
        f"{begin}, and seems to be {_span(abs(objection.off_ms))} "
        f"{'ahead' if objection.off_ms > 0 else 'behind'}. Kiosks keep their answers and come "
        "again, nothing is erased. Set the clock. If it is right: hymio-headoffice clock --accept "
        "with today's date"
    )


def _span(ms: int) -> str:
    minutes = ms // 60_000
    if minutes < 2 * 60:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // 1440} days"


def insist_on_trust() -> None:
    """HeadOfficeError while the clock is in doubt: what is done now would be dated by it."""
    now = read_clock()
    verdict = ClockGuard().look(now)
    if isinstance(verdict, Objection):
        raise HeadOfficeError(description(verdict, now.wall_ms))


def lived_ms() -> int:
    """How much time is known to have passed since this database's clock was first trusted."""
    run = runs.last_run()
    return 0 if run is None else run.lived_ms


def is_accepted(now: Reading) -> bool:
    """Whether a person said that this clock is right, as it is set now."""
    word = AcceptedClock.objects.filter(boot=now.boot).first()
    return word is not None and abs(word.zero_ms - now.zero_ms) <= TOLERANCE_MS


def accept_clock(date: str) -> Reading:
    """Take a person's word that this machine's clock is right, as they know what day it is.

    HeadOfficeError if the clock shows another date, or one before this program was made.
    """
    now = read_clock()
    shown = clock.instant(now.wall_ms).date()
    if date != shown.isoformat():
        raise HeadOfficeError(
            f"this machine shows {shown} (UTC), not {date}: nothing was accepted. Set its clock"
        )
    if (found := objection_to(now, None)) is not None:
        raise HeadOfficeError(f"this machine's clock can't be right: {found.reason.value}")
    with exclusive_write():
        AcceptedClock.objects.update_or_create(boot=now.boot, defaults={"zero_ms": now.zero_ms})
    return now
