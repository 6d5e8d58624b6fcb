"""Brings this kiosk's answers home: what ``sync`` runs in the background, put together."""

import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from config.settings import Settings
from sync.clock import Clock
from sync.errors import SyncError
from sync.identity import identity_file, load_identity, save_credential
from sync.messages import MAX_TROUBLES, Trouble
from sync.outbox.protocol import Outbox
from sync.wire_types import Digest

if TYPE_CHECKING:
    from kiosk.configuration.keeper import StoredConfigurations
    from sync.command_inbox import Action, CommandInbox
    from sync.configuration_pull import ConfigurationPull
    from sync.credential import Keyring
    from sync.heartbeat import HeartbeatSender, KioskCondition
    from sync.relay import Relay
    from sync.rotation import Rotation
    from sync.scheduler import SyncScheduler, SyncStatus

log = logging.getLogger(__name__)
_LOOK_S = 5.0
"""How often the identity is looked at."""
_AGAIN_S = 60.0
"""How long a connection that could not be set up, as without its certificates, is left alone."""


@dataclass(frozen=True)
class SyncPorts:
    """What the service has to know about its kiosk."""

    questionnaire: Callable[[], Digest]
    """The one in use."""
    can_store: Callable[[], bool]
    """Whether answers can be stored just now."""
    condition: Callable[[], Literal["open", "closed", "paused", "test"]] = lambda: "open"
    """What staff and opening hours make of a kiosk that can store."""
    troubles: Callable[[], tuple[Trouble, ...]] = tuple
    """What is wrong with the kiosk."""
    configuration: "StoredConfigurations | None" = None
    """Who keeps what the head office wants of it."""
    commands: "Mapping[str, Action]" = field(default_factory=dict)
    """What the head office can ask for, beside what the outbox alone can do."""


@cache
def _version() -> str:
    return metadata.version("hymio")


class SyncService:
    """Relay, heartbeat and retention of an enrolled kiosk; retention alone of another.

    It is put together in a thread of its own, because the imports take a moment in which the
    screen and the disk already have work to do. The thread goes on looking at the identity: a
    kiosk that is enrolled while it runs, or enrolled anew, begins to send by itself.
    """

    def __init__(self, settings: Settings, folder: Path, clock: Clock) -> None:
        """``folder``: where outbox and identity are."""
        self._settings = settings
        self._folder = folder
        self._clock = clock
        self._background: SyncScheduler | None = None
        self._keyring: Keyring | None = None
        self._relay: Relay | None = None
        self._inbox: CommandInbox | None = None
        self._pull: ConfigurationPull | None = None
        self._blocked = False
        """Whether the kiosk is enrolled, but something keeps it from sending."""
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    def start(self, outbox: Outbox, ports: SyncPorts) -> None:
        """Begins in the background."""
        self._outbox = outbox
        self._ports = ports
        threading.Thread(target=self._work, name="sync-service", daemon=True).start()

    def wake(self) -> None:
        """There is a new answer; returns at once."""
        # Not yet there: the relay looks for itself when it begins.
        if self._background is not None:
            self._background.wake()

    def report(self) -> None:
        """There is something to tell the head office; returns at once."""
        if self._background is not None:
            self._background.report()

    def status(self) -> "SyncStatus | None":
        """How the sync fares; None in the moment before it begins. A few quick look-ups."""
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
        from sync.command_inbox import CommandInbox

        # Once: what was begun and not done before this run was cut off.
        actions = {"resend": self._resend, **self._ports.commands}
        self._inbox = CommandInbox(self._outbox, actions)
        file = self._file()
        self._begin()
        tried_ms = self._clock.mono_ms()
        while not self._stopping.wait(_LOOK_S):
            before, file = file, self._file()
            if file != before and self._is_news():
                log.info("This kiosk was enrolled, or given another credential.")
            elif not self._blocked or self._clock.mono_ms() - tried_ms < _AGAIN_S * 1000:
                continue
            self._begin()
            tried_ms = self._clock.mono_ms()

    def _file(self) -> tuple[int, int] | None:
        """What changes whenever the identity does: it is replaced, never written over."""
        try:
            status = identity_file(self._folder).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns

    def _is_news(self) -> bool:
        """Whether somebody else than this kiosk's own rotation has changed the identity."""
        try:
            identity = load_identity(self._folder)
        except SyncError as error:
            log.warning("%s", error)
            return False
        if identity is None:
            return False
        return self._keyring is None or identity != self._keyring.identity

    def _begin(self) -> None:
        from sync.scheduler import SyncScheduler  # slow, see above

        relay, heartbeat, rotation = self._connected()
        with self._lock:
            if self._stopping.is_set():
                return
            if self._background is not None:
                self._background.stop()
            self._background = SyncScheduler(
                self._outbox,
                self._clock,
                relay,
                heartbeat,
                rotation,
                pull=self._pull,
                sync=self._settings.sync,
                storage=self._settings.storage,
            )
            self._background.start()

    def _connected(self) -> "tuple[Relay, HeartbeatSender, Rotation] | tuple[None, None, None]":
        from sync.configuration_pull import ConfigurationPull
        from sync.credential import Keyring
        from sync.heartbeat import HeartbeatSender  # slow, see above
        from sync.relay import Relay
        from sync.rotation import Rotation
        from sync.transport import HttpTransport

        self._pull = None
        settings, folder = self._settings, self._folder
        sync, office, clock = settings.sync, settings.head_office, self._clock
        try:
            self._blocked = False
            identity = load_identity(folder)
            if identity is None:
                log.info("This kiosk is not enrolled: it keeps its answers and sends none.")
                return None, None, None
            keyring = Keyring(identity, partial(save_credential, folder))
            transport = HttpTransport(keyring.at(office.url), clock, sync, office, keyring)
        except SyncError as error:
            log.error("Answers are kept, but none can be sent: %s", error)  # noqa: TRY400  # no bug
            self._blocked = True
            return None, None, None
        self._keyring = keyring
        if (keeper := self._ports.configuration) is not None:
            self._pull = ConfigurationPull(transport, identity, keeper, clock)
        relay = self._relay = Relay(self._outbox, transport, clock, sync)
        heartbeat = HeartbeatSender(
            self._outbox,
            transport,
            clock,
            relay,
            self._condition,
            every_s=sync.heartbeat,
            inbox=self._inbox,
        )
        rotation = Rotation(transport, keyring, clock, self._outbox, days=sync.credential_days)
        return relay, heartbeat, rotation

    def _resend(self) -> str:
        """Send again what is in quarantine; how many that were."""
        found = self._outbox.quarantine(1_000_000)
        count = sum(self._outbox.send_again(each.id) is not None for each in found)
        self.wake()
        return str(count)

    def _condition(self) -> "KioskCondition":
        from sync.heartbeat import KioskCondition

        ports = self._ports
        try:
            free: int | None = shutil.disk_usage(self._folder).free
        except OSError:
            free = None
        return KioskCondition(
            version=_version(),
            questionnaire=ports.questionnaire(),
            state=ports.condition() if ports.can_store() else "out_of_order",
            free_disk_bytes=free,
            troubles=ports.troubles()[:MAX_TROUBLES],
            configuration=ports.configuration.report() if ports.configuration else None,
        )
