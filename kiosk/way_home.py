"""The way home of this kiosk's answers: what ``sync`` runs in the background, put together."""

import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from config.settings import Settings
from sync.clock import Clock
from sync.errors import SyncError
from sync.identity import Identity, load_identity
from sync.messages import Digest
from sync.outbox import Outbox

if TYPE_CHECKING:
    from sync.heartbeat import Condition, Heartbeat
    from sync.relay import Relay
    from sync.scheduler import Background

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Situation:
    """What the way home has to know about its kiosk."""

    settings: Settings
    folder: Path
    """Where outbox and identity are."""
    questionnaire: Digest
    is_open: Callable[[], bool]
    """Whether answers can be stored just now."""


class WayHome:
    """Relay, heartbeat and retention of an enrolled kiosk; retention alone of another.

    It is put together in a thread of its own, because the imports take a moment in which the
    screen and the disk already have work to do.
    """

    def __init__(self, outbox: Outbox, clock: Clock, situation: Situation) -> None:
        self._outbox = outbox
        self._clock = clock
        self._situation = situation
        self._background: Background | None = None
        self._stopping = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._begin, name="way-home", daemon=True)

    def start(self) -> None:
        """Begins in the background."""
        self._thread.start()

    def wake(self) -> None:
        """There is a new answer; returns at once."""
        # Not yet there: the relay looks for itself when it begins.
        if self._background is not None:
            self._background.wake()

    def stop(self, seconds: float) -> bool:
        """Ends everything; False if something was still busy after this time."""
        with self._lock:
            self._stopping = True
        return self._background is None or self._background.stop(seconds)

    def _begin(self) -> None:
        from sync.scheduler import Background  # slow, see above

        relay, heartbeat = self._connected()
        settings = self._situation.settings
        with self._lock:
            if self._stopping:
                return
            self._background = Background(
                self._outbox,
                self._clock,
                relay,
                heartbeat,
                sync=settings.sync,
                storage=settings.storage,
            )
            self._background.start()

    def _connected(self) -> "tuple[Relay, Heartbeat] | tuple[None, None]":
        from sync.heartbeat import Heartbeat  # slow, see above
        from sync.relay import Relay
        from sync.transport import HttpTransport

        settings = self._situation.settings
        try:
            identity = self._identity()
            if identity is None:
                log.info("This kiosk is not enrolled: it keeps its answers and sends none.")
                return None, None
            transport = HttpTransport(identity, self._clock, settings.sync, settings.head_office)
        except SyncError as error:
            log.error("Answers are kept, but none can be sent: %s", error)  # noqa: TRY400  # no bug
            return None, None
        relay = Relay(self._outbox, transport, self._clock, settings.sync)
        return relay, Heartbeat(self._outbox, transport, self._clock, relay, self._condition)

    def _identity(self) -> Identity | None:
        identity = load_identity(self._situation.folder)
        moved_to = self._situation.settings.head_office.url
        if identity is not None and moved_to:
            return structs.replace(identity, url=moved_to)
        return identity

    def _condition(self) -> "Condition":
        from sync.heartbeat import Condition

        try:
            free: int | None = shutil.disk_usage(self._situation.folder).free
        except OSError:
            free = None
        return Condition(
            version=metadata.version("hymio"),
            questionnaire=self._situation.questionnaire,
            state="open" if self._situation.is_open() else "out_of_order",
            free_disk_bytes=free,
        )
