"""What keeps the head office from storing: one line when it begins, and then a count.

::

    the database is away: kiosks keep their answers … (connection refused)
    the database is away since 2026-11-30 09:12:44, 2,036 times
    the database was away from 2026-11-30 09:12:44 to 2026-11-30 09:14:09, 3,011 times

All processes of a head office count together, in memory that is made before they are forked. A lock
of the kernel, which lets go of it when a process dies, keeps two from writing the same line.
"""

import fcntl
import logging
import mmap
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from headoffice import clock
from headoffice.db.failures import Trouble, trouble_of

TOLD_EVERY_S = 60.0
OVER_AFTER_S = 60.0
"""An outage has ended when nothing was refused for so long: one that comes and goes is one."""
_log = logging.getLogger("headoffice.outages")
_CELL = 8
_STORED = 0
"""The first cell: when something was last stored."""


class _Words(NamedTuple):
    subject: str
    state: str
    advice: str

    def now(self) -> str:
        return f"{self.subject} is {self.state}"

    def past(self) -> str:
        return f"{self.subject} was {self.state}"


_BY_ITSELF = "kiosks keep their answers and come again by themselves"
_WORDS = {
    Trouble.FULL: _Words("the disk", "full", f"make room on it; {_BY_ITSELF}"),
    Trouble.AWAY: _Words("the database", "away", _BY_ITSELF),
    Trouble.LOCKED: _Words(
        "the database", "locked by something that takes long", f"is a command running? {_BY_ITSELF}"
    ),
    Trouble.CROWDED: _Words(
        "the database",
        "taking no more connections",
        "raise max_connections of PostgreSQL, see docs/scaling.md",
    ),
    Trouble.READ_ONLY: _Words(
        "the database",
        "not to be written",
        f"is it a standby, or its disk mounted to be read alone? {_BY_ITSELF}",
    ),
    Trouble.DAMAGED: _Words(
        "the database",
        "not to be read or written without errors",
        "look after its disk, and see “Putting a copy back” in docs/operations.md",
    ),
}


class _Outage:
    """What all processes know of one trouble, in a few cells of the memory that they share."""

    COUNT, SINCE_MS, LAST_MS, LAST_S, TOLD_S = range(5)
    CELLS = 5

    def __init__(self, cells: "memoryview[float]") -> None:
        self._cells = cells

    def __getitem__(self, cell: int) -> float:
        return float(self._cells[cell])

    def __setitem__(self, cell: int, value: float) -> None:
        self._cells[cell] = value

    @property
    def goes_on(self) -> bool:
        return self[self.COUNT] > 0

    def clear(self) -> None:
        self[self.COUNT] = 0


class Outages:
    """Counts what was refused, and says so now and then."""

    def __init__(self, mono: Callable[[], float] = clock.mono) -> None:
        self._mono = mono
        size = (1 + _Outage.CELLS * len(Trouble)) * _CELL
        self._file = os.memfd_create("hymio-outages")
        os.ftruncate(self._file, size)
        self._cells = memoryview(mmap.mmap(self._file, size)).cast("d")
        cells = self._cells[1:]
        self._outages = {
            trouble: _Outage(cells[_Outage.CELLS * i : _Outage.CELLS * (i + 1)])
            for i, trouble in enumerate(Trouble)
        }
        self._threads = threading.Lock()

    def note(self, trouble: Trouble, error: BaseException) -> None:
        """Something was refused because of it."""
        now_s, now_ms = self._mono(), clock.now_ms()
        with self._alone():
            outage = self._outages[trouble]
            first = not outage.goes_on
            if first:
                outage[_Outage.SINCE_MS], outage[_Outage.TOLD_S] = now_ms, now_s
            outage[_Outage.COUNT] += 1
            outage[_Outage.LAST_MS], outage[_Outage.LAST_S] = now_ms, now_s
            if first:
                words, cause = _WORDS[trouble], " ".join(str(error).split())
                _log.error("%s: %s (%s)", words.now(), words.advice, cause)

    def note_stored(self) -> None:
        """Something was stored."""
        self._cells[_STORED] = self._mono()

    def say(self) -> None:
        """Say what is due; asked for about once a second."""
        for trouble, outage in self._outages.items():
            if outage.goes_on:
                with self._alone():
                    self._say(_WORDS[trouble], outage)

    def _say(self, words: _Words, outage: _Outage) -> None:
        now_s = self._mono()
        if not outage.goes_on:
            return
        since, count = _time(outage[_Outage.SINCE_MS]), int(outage[_Outage.COUNT])
        if now_s - outage[_Outage.LAST_S] >= OVER_AFTER_S:
            until = _time(outage[_Outage.LAST_MS])
            outage.clear()
            _log.error("%s from %s to %s, %s", words.past(), since, until, _times(count))
        elif (
            now_s - outage[_Outage.TOLD_S] >= TOLD_EVERY_S
            and outage[_Outage.LAST_S] > outage[_Outage.TOLD_S]
        ):
            outage[_Outage.TOLD_S] = now_s
            _log.error("%s since %s, %s", words.now(), since, _times(count))

    def failing(self) -> set[Trouble]:
        """What refused something a while ago at most, with nothing stored since."""
        least_s = max(self._cells[_STORED], self._mono() - OVER_AFTER_S)
        return {
            trouble
            for trouble, outage in self._outages.items()
            if outage.goes_on and outage[_Outage.LAST_S] > least_s
        }

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # The kernel's lock belongs to a process, and would let in all of its threads.
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


def _time(ms: float) -> str:
    """As the lines of the log begin."""
    return clock.instant(int(ms)).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


OUTAGES = Outages()


class OneLineForOneTrouble(logging.Filter):
    """Counts the lines that would each tell of the same outage, with a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is written."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            # What Django adds to a reply of 5xx that the head office gave on purpose.
            return record.name != "django.request"
        trouble = trouble_of(error)
        if trouble is None:
            return True
        OUTAGES.note(trouble, error)
        return False
