"""How the process of a kiosk ends: by a signal, by staff or by a crash; and its exit code."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

from kiosk.options import FAILED, OK, STAFF_ENDED
from kiosk.supervisor.backoff import CRASHES, crashes_in_a_row, parse_crash_count, pause_s
from sync.clock import Clock

log = logging.getLogger(__name__)

STOP_S = 1.7
"""What is left of the two seconds when the process has to be gone."""


class Lifecycle:
    """From the start of the process to its exit code; any thread may call it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_ms = clock.mono_ms()
        self._exit_code: int | None = OK
        """None: start again."""
        self._error: Exception | None = None
        self._stop_requested = threading.Event()
        self._ended = threading.Event()
        self._is_crash = False
        self._stop_window: Callable[[], None] | None = None

    def watch_signals(self) -> None:
        """From now on SIGTERM and SIGINT end the kiosk in good order."""
        # Blocked in every thread and awaited in one of its own: a handler on the main thread
        # could interrupt Kivy's clock while it holds its lock, or not run at all while
        # the window is busy.
        ends = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        threading.Thread(
            target=self._await_signal, args=(ends,), name="signals", daemon=True
        ).start()

    def attach_window(self, stop: Callable[[], None]) -> bool:
        """From now on an end is the window's; False if the kiosk was told to end before."""
        self._stop_window = stop
        return not self._stop_requested.is_set()

    def quit(self) -> None:
        """Staff end the program."""
        self._end(STAFF_ENDED)

    def restart(self) -> None:
        """The program begins anew."""
        self._end(None)

    def abort(self, error: Exception) -> None:
        """The kiosk can't run here; says why when everything has ended."""
        self._error = error
        self._end(FAILED)

    @property
    def is_crash(self) -> bool:
        """Whether the program ends because its screen has failed."""
        return self._is_crash

    @property
    def crash_pause_s(self) -> float:
        """How long a crash is covered by the calm page."""
        # Never at once: what is said meanwhile has to be read.
        return pause_s(1 + parse_crash_count(os.environ.get(CRASHES, "")))

    def restart_after_crash(self) -> None:
        """The program begins anew and knows how many crashes came in a row."""
        before = parse_crash_count(os.environ.get(CRASHES, ""))
        ran_s = (self._clock.mono_ms() - self._began_ms) / 1000
        self._is_crash = True
        os.environ[CRASHES] = str(crashes_in_a_row(before, ran_s) + 1)
        self.restart()

    def finish(self) -> int:
        """Everything has ended: the exit code, or no return if the program begins anew."""
        self._ended.set()
        if self._error is not None:
            print(self._error, file=sys.stderr)  # noqa: T201  # the end of a command
        if self._exit_code is None and not self._stop_requested.is_set():
            _restart_process()
        return self._exit_code or OK

    def _end(self, exit_code: int | None) -> None:
        self._exit_code = exit_code
        if self._stop_window is not None:
            self._stop_window()

    def _await_signal(self, ends: set[signal.Signals]) -> None:
        signal.sigwait(ends)
        self._stop_requested.set()
        if self._stop_window is None:
            os._exit(OK)  # still starting, which may take long: nothing is open yet
        self._stop_window()
        if not self._ended.wait(STOP_S):
            log.error("The window did not end in time; every thanked answer is stored.")
            os._exit(FAILED)


def _restart_process() -> NoReturn:
    """The same program in the same process, from the beginning; everything was ended before."""
    # What C libraries opened, such as the connection to the display, would stay open.
    os.closerange(3, 4096)
    os.execv(sys.executable, [sys.executable, "-m", "kiosk", *sys.argv[1:]])  # noqa: S606 - this very program
