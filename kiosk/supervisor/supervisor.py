"""``hymio-kiosk keep``: keeps a kiosk running, whatever happens to it.

The kiosk runs as a child. It is started again when it ends by itself and when its screen gives no
sign of life for a while: at once at first, then ever more rarely. A calm page stands behind it, in
a process of its own, so that nobody sees an empty screen meanwhile.

The supervisor listens where the child believes its service manager to be, so it works with and
without systemd; with it, signs of life are handed on, so that systemd in its turn restarts a frozen
supervisor.
"""

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from kiosk.options import OK, STAFF_ENDED, WRONG_USAGE, parse_run_options
from kiosk.supervisor.backoff import crashes_in_a_row, pause_s
from kiosk.supervisor.sd_notify import Notifier
from kiosk.supervisor.sole_keeper import sole_keeper
from sync.clock import Clock, SystemClock

log = logging.getLogger(__name__)

START_S = 60.0
"""A first frame takes no longer, also on a slow card."""
STOP_S = 2.0
FALLBACK_PAGE_S = 5.0
_PULSE_S = 0.25


class Supervisor:
    """Runs one command until told to stop, or until it ends on purpose."""

    def __init__(
        self,
        command: Sequence[str],
        frozen_s: float,
        clock: Clock | None = None,
        *,
        fallback: Sequence[str] = (),
    ) -> None:
        """``frozen_s``: no sign of life for this long means that the screen is frozen.

        ``fallback``: the command of what is seen while the other one does not run; empty: nothing.
        """
        self._command = list(command)
        self._fallback = FallbackProcess(fallback)
        self._frozen_s = frozen_s
        self._clock = clock or SystemClock()
        self._manager = Notifier(os.environ)
        self._crashes = 0
        self._stopping = threading.Event()

    def run(self) -> int:
        """Returns the exit code that the child ended with on purpose."""
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, self._stop)
        with tempfile.TemporaryDirectory(prefix="hymio-keep-") as folder:
            address = Path(folder) / "notify"
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as signs:
                signs.bind(str(address))
                signs.settimeout(_PULSE_S)
                try:
                    return self._supervise(signs, address)
                finally:
                    self._fallback.end()

    def _supervise(self, signs: socket.socket, address: Path) -> int:
        while True:
            self._fallback.begin()
            began = self._now_s()
            code = self._run_child(signs, address)
            if self._stopping.is_set() or code in (OK, STAFF_ENDED, WRONG_USAGE):
                code = OK if self._stopping.is_set() else code
                self._manager.stopping(code)
                return code
            self._crashes = crashes_in_a_row(self._crashes, self._now_s() - began)
            pause = pause_s(self._crashes)
            self._crashes += 1
            log.error("The kiosk ended (%s); it is started again in %.0f s.", code, pause)
            self._wait(pause)
            if self._stopping.is_set():
                return OK

    def _run_child(self, signs: socket.socket, address: Path) -> int:
        environment = dict(os.environ) | {
            "NOTIFY_SOCKET": str(address),
            "WATCHDOG_USEC": str(round(self._frozen_s * 1_000_000)),
        }
        environment.pop("WATCHDOG_PID", None)
        child = subprocess.Popen(self._command, env=environment)  # noqa: S603 - the kiosk
        last_sign_s, allowed = self._now_s(), START_S
        while child.poll() is None:
            sign = self._sign(signs)
            if sign in (b"READY=1", b"WATCHDOG=1"):
                last_sign_s, allowed = self._now_s(), self._frozen_s
                if sign == b"READY=1":
                    self._manager.ready()
                self._manager.alive()
            elif allowed == START_S:
                # As long as it may take to start, the supervisor itself is what has to be alive.
                self._manager.alive()
            if self._stopping.is_set():
                self._end(child)
            elif self._now_s() - last_sign_s > allowed:
                log.error("The screen has given no sign of life for %.0f s.", allowed)
                # Its handler writes every thread's stack to the log.
                self._end(child, signal.SIGABRT)
        return child.returncode

    def _end(self, child: "subprocess.Popen[bytes]", how: signal.Signals = signal.SIGTERM) -> None:
        with suppress(ProcessLookupError):
            child.send_signal(how)
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _wait(self, seconds: float) -> None:
        until = self._now_s() + seconds
        while not self._stopping.is_set() and (left := until - self._now_s()) > 0:
            self._manager.alive()
            self._stopping.wait(min(left, _PULSE_S))

    def _stop(self, *_args: object) -> None:
        self._stopping.set()

    def _now_s(self) -> float:
        return self._clock.mono_ms() / 1000

    @staticmethod
    def _sign(signs: socket.socket) -> bytes:
        try:
            return signs.recv(4096)
        except (TimeoutError, InterruptedError):
            return b""


class FallbackProcess:
    """The process with the calm page; what becomes of it is no matter for the kiosk."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Shows it, if it is not there; waits until it is, so that it lies behind what follows."""
        if not self._command:
            return
        if self._process is not None and self._process.poll() in (None, OK):
            return  # it is there, or it has said that there is nothing to show
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE)  # noqa: S603 - see above
        output = self._process.stdout
        if output is not None and not select.select([output], [], [], FALLBACK_PAGE_S)[0]:
            log.warning("The page behind the kiosk does not come; there will be none.")
            self.end()

    def end(self) -> None:
        """Takes it away."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def supervise(arguments: Sequence[str], frozen_s: float) -> int:
    """Keeps ``hymio-kiosk run`` with these arguments running."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    options = parse_run_options(arguments)
    python = [sys.executable, "-m"]
    command = [*python, "kiosk", "run", *arguments]
    fallback = [*python, "kiosk.ui.platform.fallback_page", *arguments]
    with sole_keeper(options):
        return Supervisor(command, frozen_s, fallback=fallback).run()
