"""How many files one process makes at a time, and who makes room when others want one.

A file that is being downloaded holds a thread and a connection for as long as its reader takes.
That may be long: so who reads slowly loses the file when somebody else wants one, and the place
is kept for that one for a while.
"""

import threading

from headoffice import clock
from headoffice.errors import HeadOfficeError

AT_ONCE = 2
"""Files of one process at the same time."""
SLOW = 50_000
"""Bytes a second: who reads less has to make room. A year's million answers take two hours so."""
UNDISTURBED_S = 10.0
"""Whoever has just begun may be slow."""
KEPT_S = 180.0
"""So long a place is kept for whom it was made free: the slow one may need most of it to end."""


class BusyError(HeadOfficeError):
    """Other files are being made; this one can begin when one of them is complete."""


class OutrunError(HeadOfficeError):
    """Somebody else waits, and this file was read too slowly."""


class Slot:
    """The place of one file."""

    def __init__(self) -> None:
        self._since, self._sent = clock.mono(), 0
        self.has_to_end = False

    def note(self, size: int) -> None:
        """So many bytes more were sent; OutrunError if somebody else waits for the place."""
        self._sent += size
        if self.has_to_end:
            raise OutrunError(str(OutrunError.__doc__))

    def is_slow(self) -> bool:
        """Whether it makes room for others."""
        return clock.mono() - self._since > UNDISTURBED_S and self.rate() < SLOW

    def rate(self) -> float:
        """Bytes a second so far."""
        return self._sent / max(clock.mono() - self._since, 1.0)


class Slots:
    """Those of one process."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once, self._lock = at_once, threading.Lock()
        self._taken: list[Slot] = []
        self._kept_for, self._kept_until = 0, 0.0

    def take(self, person: int) -> Slot:
        """A place for a file of this person; BusyError, and somebody slow ends, if none is free."""
        with self._lock:
            kept = clock.mono() < self._kept_until
            mine = kept and self._kept_for == person
            if len(self._taken) < self._at_once - (kept and not mine):
                self._kept_until = 0.0 if mine else self._kept_until
                slot = Slot()
                self._taken.append(slot)
                return slot
            if not kept:
                self._make_room(person)
        raise BusyError(str(BusyError.__doc__))

    def free(self, slot: Slot) -> None:
        """It is over."""
        with self._lock:
            self._taken.remove(slot)

    def _make_room(self, person: int) -> None:
        slow = [slot for slot in self._taken if slot.is_slow()]
        if slow:
            min(slow, key=Slot.rate).has_to_end = True
            self._kept_for, self._kept_until = person, clock.mono() + KEPT_S
