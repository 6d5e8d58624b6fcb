"""Tells the service manager that the kiosk is ready and its screen alive (``sd_notify``).

A few lines of the protocol that systemd documents in sd_notify(3): datagrams to the socket that
NOTIFY_SOCKET names. Where nobody listens, nothing is sent.
"""

import os
import socket
from collections.abc import Mapping


class Notifier:
    """Says how the program is to whoever started it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):  # a name without a file
            self._address = "\0" + self._address[1:]
        self._every_s = _interval_s(environment)

    @property
    def feed_every_s(self) -> float | None:
        """How often to call :meth:`alive`; None: nobody waits for it."""
        return self._every_s if self._address else None

    def ready(self) -> None:
        """The first frame is on the screen."""
        self._send("READY=1")

    def alive(self) -> None:
        """The screen is drawn and hears touches."""
        self._send("WATCHDOG=1")

    def stopping(self, code: int = 0) -> None:
        """The program ends on purpose, with this exit code."""
        self._send(f"STOPPING=1\nEXIT_STATUS={code}")

    def send(self, words: bytes) -> None:
        """Hand on what another program says."""
        self._send(words.decode(errors="replace"))

    def _send(self, word: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as to:
                to.sendto(word.encode(), self._address)
        except OSError:  # nobody listens any more: the manager itself has ended
            return


def _interval_s(environment: Mapping[str, str]) -> float | None:
    """Half of what systemd allows, as it recommends; None if it does not watch this process."""
    try:
        allowed = int(environment.get("WATCHDOG_USEC", ""))
        pid = int(environment.get("WATCHDOG_PID", "") or os.getpid())
    except ValueError:
        return None
    return allowed / 2_000_000 if allowed > 0 and pid == os.getpid() else None
