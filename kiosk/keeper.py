"""``hymio-kiosk keep``: keeps a kiosk running, whatever happens to it.

The kiosk runs as a child. It is started again when it ends by itself and when its screen gives no
sign of life for a while: soon at first, then ever more rarely. The keeper listens where the child
believes its service manager to be, so it works with and without systemd; with it, signs of life
are handed on, so that systemd in its turn restarts a frozen keeper.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from kiosk.cli import OK, STAFF_ENDED, WRONG_USAGE
from kiosk.recovery import counted, pause_s
from kiosk.watchdog import Notifier
from sync.clock import Clock, SystemClock

log = logging.getLogger(__name__)

START_S = 60.0
"""A first frame takes no longer, also on a slow card."""
STOP_S = 2.0
_PULSE_S = 0.25


class Keeper:
    """Runs one command until told to stop, or until it ends on purpose."""

    def __init__(self, command: Sequence[str], frozen_s: float, clock: Clock | None = None) -> None:
        """``frozen_s``: no sign of life for this long means that the screen is frozen."""
        self._command = list(command)
        self._frozen_s = frozen_s
        self._clock = clock or SystemClock()
        self._manager = Notifier(os.environ)
        self._falls = 0
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
                return self._keep(signs, address)

    def _keep(self, signs: socket.socket, address: Path) -> int:
        while True:
            began = self._now_s()
            code = self._one_life(signs, address)
            if self._stopping.is_set() or code in (OK, STAFF_ENDED, WRONG_USAGE):
                self._manager.stopping()
                return OK if self._stopping.is_set() else code
            self._falls = counted(self._falls, self._now_s() - began)
            pause = pause_s(self._falls)
            self._falls += 1
            log.error("The kiosk ended (%s); it is started again in %.0f s.", code, pause)
            self._wait(pause)
            if self._stopping.is_set():
                return OK

    def _one_life(self, signs: socket.socket, address: Path) -> int:
        environment = dict(os.environ) | {
            "NOTIFY_SOCKET": str(address),
            "WATCHDOG_USEC": str(round(self._frozen_s * 1_000_000)),
        }
        environment.pop("WATCHDOG_PID", None)
        child = subprocess.Popen(self._command, env=environment)  # noqa: S603 - our own program
        seen, allowed = self._now_s(), START_S
        while child.poll() is None:
            sign = self._sign(signs)
            if sign in (b"READY=1", b"WATCHDOG=1"):
                seen, allowed = self._now_s(), self._frozen_s
                if sign == b"READY=1":
                    self._manager.ready()
                self._manager.alive()
            elif allowed == START_S:
                # As long as it may take to start, the keeper itself is what has to be alive.
                self._manager.alive()
            if self._stopping.is_set():
                self._end(child)
            elif self._now_s() - seen > allowed:
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


def keep(arguments: Sequence[str], frozen_s: float) -> int:
    """Keeps ``hymio-kiosk run`` with these arguments running."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    command = [sys.executable, "-m", "kiosk", "run", *arguments]
    return Keeper(command, frozen_s).run()
