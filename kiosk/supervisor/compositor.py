"""``hymio-kiosk session``: a compositor with a kept kiosk in it, for a panel of its own.

It stands between systemd and the compositor, because neither knows enough of the kiosk:

- A compositor needs a log-in session, whose processes are outside the service's control group, and
  of those systemd takes no word but the main process's. That is this one, which hands on what the
  kiosk says of itself.
- cage ends with 0 whatever its program ended with. The kiosk says its exit code before it ends.
- What is left in the session when the compositor ends is ended here.
"""

import ctypes
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from kiosk.options import FAILED, OK
from kiosk.supervisor.sd_notify import Notifier

log = logging.getLogger(__name__)

PLACE = "{}"
"""Among the words of a compositor, where the kiosk's command stands; else at their end."""
STOP_S = 4.0
_PULSE_S = 0.25
_EXIT_STATUS = re.compile(rb"^EXIT_STATUS=(\d+)$", re.MULTILINE)
_DIES_WITH_PARENT, _ADOPTS_ORPHANS = 1, 36


class CompositorSession:
    """Runs a compositor, with a command in it, until either ends."""

    def __init__(self, compositor: Sequence[str], command: Sequence[str]) -> None:
        words = list(compositor)
        at = words.index(PLACE) if PLACE in words else len(words)
        self.command = [*words[:at], *command, *words[at + 1 :]]
        self._manager = Notifier(os.environ)
        self._stopping = threading.Event()
        self._code: int | None = None
        self._shown = False

    def run(self) -> int:
        """Returns the exit code that the command said, or FAILED if it said none."""
        # What the compositor leaves behind becomes a child of this process.
        ctypes.CDLL(None).prctl(_ADOPTS_ORPHANS, 1)
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, lambda *_: self._stopping.set())
        with tempfile.TemporaryDirectory(prefix="hymio-session-") as folder:
            address = Path(folder) / "notify"
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as words:
                words.bind(str(address))
                words.settimeout(_PULSE_S)
                try:
                    return self._watch(words, address)
                finally:
                    _end_children()

    def _watch(self, words: socket.socket, address: Path) -> int:
        if Path(self.command[0]).name == "cage" and shutil.which("Xwayland") is None:
            # Kivy brings no Wayland, and cage waits for ever.
            log.error("Xwayland is missing, on which the kiosk draws: apt install xwayland.")
            return FAILED
        environment = dict(os.environ) | {"NOTIFY_SOCKET": str(address)}
        environment.pop("WATCHDOG_PID", None)
        try:
            child = subprocess.Popen(  # noqa: S603 - the compositor
                self.command,
                env=environment,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread yet
            )
        except OSError as error:
            log.error("Can't start %s: %s.", self.command[0], error.strerror)  # noqa: TRY400 - said
            return FAILED
        while child.poll() is None and not self._stopping.is_set():
            self._hand_on(words)
        if self._stopping.is_set():
            self._manager.stopping()
            return OK
        while self._hand_on(words):
            pass
        if self._code is None:
            hint = "" if self._shown else ": is there a display?"
            log.error("The compositor ended (%s) without the kiosk%s", child.returncode, hint)
        return FAILED if self._code is None else self._code

    def _hand_on(self, words: socket.socket) -> bool:
        """Whether there was something to hand on."""
        try:
            said = words.recv(4096)
        except (TimeoutError, InterruptedError):
            return False
        self._shown |= said.startswith(b"READY=1")
        if found := _EXIT_STATUS.search(said):
            self._code = int(found[1])
        self._manager.send(said)
        return True


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGTERM)


def _end_children() -> None:
    """Ask all that is left to end, and force what does not."""
    for how, patience in ((signal.SIGTERM, STOP_S), (signal.SIGKILL, STOP_S)):
        deadline = threading.Event()
        timer = threading.Timer(patience, deadline.set)
        timer.start()
        while children := _children():
            for pid in children:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, how)
            deadline.wait(0.1)
            if deadline.is_set():
                break
        timer.cancel()


def _children() -> list[int]:
    """Those that have not ended; those that have are taken off the list of processes."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    children = list[int]()
    for thread in Path("/proc/self/task").iterdir():
        # A timer's thread may end between the two looks, and has no children.
        with suppress(FileNotFoundError, ProcessLookupError):
            children += map(int, (thread / "children").read_text().split())
    return children


def run_session(compositor: Sequence[str], arguments: Sequence[str]) -> int:
    """Shows ``hymio-kiosk keep`` with these arguments in a compositor."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    keep = [sys.executable, "-m", "kiosk", "keep", *arguments]
    return CompositorSession(compositor, keep).run()
