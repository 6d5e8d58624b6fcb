"""The way home of this kiosk's answers: what ``sync`` runs in the background, put together."""

import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from config.settings import Settings
from sync.clock import Clock
from sync.errors import SyncError
from sync.identity import identity_file, keep_credential, load_identity
from sync.messages import Digest
from sync.outbox import Outbox

if TYPE_CHECKING:
    from sync.heartbeat import Condition, Heartbeat
    from sync.keyring import Keyring
    from sync.relay import Relay
    from sync.rotation import Rotation
    from sync.scheduler import Background, SyncStatus

log = logging.getLogger(__name__)
_LOOK_S = 5.0
"""How often the identity is looked at."""
_AGAIN_S = 60.0
"""How long a way that could not be taken, like one without its certificates, is left alone."""


@dataclass(frozen=True)
class Situation:
    """What the way home has to know about its kiosk."""

    settings: Settings
    folder: Path
    """Where outbox and identity are."""
    questionnaire: Digest
    is_open: Callable[[], bool]
    """Whether answers can be stored just now."""
    condition: Callable[[], Literal["open", "closed", "paused", "test"]] = lambda: "open"
    """What staff and opening hours make of a kiosk that can store."""
    asked: Callable[[], Digest] | None = None
    """The questionnaire in use, where staff can choose another one."""


class WayHome:
    """Relay, heartbeat and retention of an enrolled kiosk; retention alone of another.

    It is put together in a thread of its own, because the imports take a moment in which the
    screen and the disk already have work to do. The thread goes on looking at the identity: a
    kiosk that is enrolled while it runs, or enrolled anew, begins to send by itself.
    """

    def __init__(self, outbox: Outbox, clock: Clock, situation: Situation) -> None:
        self._outbox = outbox
        self._clock = clock
        self._situation = situation
        self._background: Background | None = None
        self._keyring: Keyring | None = None
        self._relay: Relay | None = None
        self._blocked = False
        """Whether the kiosk is enrolled, but something keeps it from sending."""
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="way-home", daemon=True)

    def start(self) -> None:
        """Begins in the background."""
        self._thread.start()

    def wake(self) -> None:
        """There is a new answer; returns at once."""
        # Not yet there: the relay looks for itself when it begins.
        if self._background is not None:
            self._background.wake()

    def status(self) -> "SyncStatus | None":
        """How the way home fares; None in the moment before it begins. A few quick look-ups."""
        return None if self._background is None else self._background.status()

    @property
    def clock_offset_ms(self) -> int:
        """Head office minus kiosk; 0 as long as it isn't known."""
        known = None if self._relay is None else self._relay.status.clock_offset_ms
        return known or 0

    def stop(self, seconds: float) -> bool:
        """Ends everything; False if something was still busy after this time."""
        self._stopping.set()
        with self._lock:
            return self._background is None or self._background.stop(seconds)

    def _work(self) -> None:
        seen = self._file()
        self._begin()
        tried_ms = self._clock.mono_ms()
        while not self._stopping.wait(_LOOK_S):
            before, seen = seen, self._file()
            if seen != before and self._is_news():
                log.info("This kiosk was enrolled, or given another credential.")
            elif not self._blocked or self._clock.mono_ms() - tried_ms < _AGAIN_S * 1000:
                continue
            self._begin()
            tried_ms = self._clock.mono_ms()

    def _file(self) -> tuple[int, int] | None:
        """What changes whenever the identity does: it is replaced, never written over."""
        try:
            found = identity_file(self._situation.folder).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def _is_news(self) -> bool:
        """Whether somebody else than our own rotation has changed the identity."""
        try:
            found = load_identity(self._situation.folder)
        except SyncError as error:
            log.warning("%s", error)
            return False
        return found is not None and (self._keyring is None or found != self._keyring.identity)

    def _begin(self) -> None:
        from sync.scheduler import Background  # slow, see above

        relay, heartbeat, rotation = self._connected()
        settings = self._situation.settings
        with self._lock:
            if self._stopping.is_set():
                return
            if self._background is not None:
                self._background.stop()
            self._background = Background(
                self._outbox,
                self._clock,
                relay,
                heartbeat,
                rotation,
                sync=settings.sync,
                storage=settings.storage,
            )
            self._background.start()

    def _connected(self) -> "tuple[Relay, Heartbeat, Rotation] | tuple[None, None, None]":
        from sync.heartbeat import Heartbeat  # slow, see above
        from sync.keyring import Keyring
        from sync.relay import Relay
        from sync.rotation import Rotation
        from sync.transport import HttpTransport

        settings, folder = self._situation.settings, self._situation.folder
        sync, office, clock = settings.sync, settings.head_office, self._clock
        try:
            self._blocked = False
            identity = load_identity(folder)
            if identity is None:
                log.info("This kiosk is not enrolled: it keeps its answers and sends none.")
                return None, None, None
            keyring = Keyring(identity, partial(keep_credential, folder))
            transport = HttpTransport(keyring.at(office.url), clock, sync, office, keyring)
        except SyncError as error:
            log.error("Answers are kept, but none can be sent: %s", error)  # noqa: TRY400  # no bug
            self._blocked = True
            return None, None, None
        self._keyring = keyring
        relay = self._relay = Relay(self._outbox, transport, clock, sync)
        heartbeat = Heartbeat(self._outbox, transport, clock, relay, self._condition)
        return relay, heartbeat, Rotation(transport, keyring, clock, days=sync.credential_days)

    def _condition(self) -> "Condition":
        from sync.heartbeat import Condition

        situation = self._situation
        try:
            free: int | None = shutil.disk_usage(self._situation.folder).free
        except OSError:
            free = None
        return Condition(
            version=metadata.version("hymio"),
            questionnaire=situation.asked() if situation.asked else situation.questionnaire,
            state=situation.condition() if situation.is_open() else "out_of_order",
            free_disk_bytes=free,
        )
