"""Keeps what is brought, follows how it fares, and says so: any thread may call it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from config.questionnaire import Questionnaire
from config.settings import Settings
from kiosk.configuration.effect import cut
from kiosk.configuration.start import ConfigurationStart, check, identity_of, program_version
from kiosk.configuration.store import (
    CANDIDATE,
    GOOD,
    ConfigurationStore,
    Refusal,
    StoredConfiguration,
    StoredState,
)
from kiosk.configuration.trial import TrialState, end_start, prove, show
from kiosk.troubles import TroubleBoard, trouble
from sync.configuration import (
    NONE,
    Configuration,
    ConfigurationDigest,
    ConfigurationReport,
    FileEntry,
    Panel,
    SettingName,
    Trial,
    configuration_digest,
)

log = logging.getLogger(__name__)

KIND = "configuration"
"""Of the trouble that is reported."""


@dataclass(frozen=True)
class KeeperPorts:
    """What has to be known of the kiosk to check a configuration, and to report on it."""

    own: Settings
    """The settings file's."""
    questionnaire: Questionnaire | None
    """That of the kiosk's own files."""
    panel_mm: Callable[[], tuple[int, int] | None]
    panel: Callable[[], Panel | None] = lambda: None
    staff: Callable[[], tuple[SettingName, ...]] = tuple
    """What staff changed on the spot, and holds."""
    report: Callable[[], None] = lambda: None
    """There is something to tell the head office."""


class StoredConfigurations:
    """A :class:`sync.configuration_pull.ConfigurationKeeper`."""

    def __init__(
        self, data: Path, start: ConfigurationStart, troubles: TroubleBoard, ports: KeeperPorts
    ) -> None:
        self._store = ConfigurationStore(data)
        self._start = start
        self._troubles = troubles
        self._ports = ports
        self._stage: Trial = start.stage
        self._candidate = start.candidate
        self._refusal = start.refusal
        self._meant: ConfigurationDigest | None = None
        """As a receipt has named it; None: nothing is known yet."""
        self._is_supported: bool | None = None
        self._failure = ""
        self._lock = threading.RLock()
        self._report_trouble()

    # --- what is brought, in the thread of the sync ---

    def candidate(self) -> ConfigurationDigest:
        """The one that the next start uses; empty: none."""
        return self._candidate

    def settle(self, meant: ConfigurationDigest) -> bool:
        """Whether nothing has to be brought: it is there, refused, or none. Raises OSError."""
        with self._lock:
            self._meant = meant
            self._report_trouble()
            if meant == NONE:
                self._drop()
                return True
            if self._is_refusal(meant) or meant == self._candidate:
                return True
            good = self._store.find(GOOD)
            if good is None or good.digest != meant:
                return False
            self._put(good)
            return True

    def lacks(self, entry: FileEntry) -> bool:
        """Whether the file has to be brought."""
        return not self._store.has_file(entry)

    def add_file(self, entry: FileEntry, content: bytes) -> None:
        """Store a file, checked. Raises OSError."""
        with self._lock:
            self._store.add_file(entry, content)

    def take(self, body: bytes, configuration: Configuration) -> None:
        """Check what it says, and store it; ConfigurationRefusalError or OSError if it can't."""
        check(
            self._store,
            configuration,
            self._ports.own,
            identity=identity_of(self._store),
            questionnaire=None if configuration.schedule else self._ports.questionnaire,
            panel_mm=self._ports.panel_mm(),
        )
        with self._lock:
            self._put(StoredConfiguration(configuration_digest(body), body))

    def refuse(self, digest: ConfigurationDigest, reasons: tuple[str, ...]) -> None:
        """It can't be taken, for these reasons. Raises OSError."""
        told = tuple(map(cut, reasons))
        with self._lock:
            self._refusal = Refusal(digest=digest, reasons=told, version=program_version())
            log.error("Configuration %.12s is refused: %s", digest, "; ".join(told))
            self._report_trouble()
            state = self._store.state()
            self._store.save_state(structs.replace(state, refusal=self._refusal))

    def fail(self, reason: str) -> None:
        """It could not be brought, and is tried again; empty: nothing is wrong any more."""
        with self._lock:
            self._failure = reason
            self._report_trouble()

    # --- how the present one fares ---

    @property
    def is_waiting(self) -> bool:
        """Whether a restart would bring another one into force."""
        return self._candidate not in (self._start.candidate, self._start.in_force) or (
            self._candidate == NONE != self._start.in_force
        )

    def show(self) -> None:
        """The faces were drawn; waits for the disk."""
        with self._lock:
            if self._stage == "trial":
                self._stage = "shown"
            if self._stage != "good":
                self._follow(show)
        self._ports.report()

    def prove(self) -> None:
        """An answer was stored after that; waits for the disk."""
        with self._lock:
            if self._stage != "shown":
                return
            present = self._store.find(CANDIDATE)
            if present is None or present.digest != self._start.in_force:
                return
            try:
                self._store.write(GOOD, present)
            except OSError as error:
                log.warning("That the configuration is good can't be stored: %s", error)
                return
            self._stage = "good"
            self._follow(prove)
            log.info("Configuration %.12s is good.", present.digest)
        self._ports.report()

    def end(self) -> None:
        """The program ends in good order; waits for the disk."""
        with self._lock:
            if self._stage != "good":
                self._follow(end_start)

    def report(self) -> ConfigurationReport:
        """What to tell the head office."""
        with self._lock:
            refusal = self._refusal
            return ConfigurationReport(
                in_force=self._start.in_force,
                state=self._stage,
                refusal=refusal.digest if refusal else NONE,
                reasons=refusal.reasons if refusal else (),
                is_fallback=refusal.is_fallback if refusal else False,
                staff=self._ports.staff(),
                panel=self._ports.panel(),
            )

    @property
    def start(self) -> ConfigurationStart:
        """What the start has found; what is in force since."""
        return self._start

    @property
    def stage(self) -> Trial:
        """How far what is in force has proven itself."""
        return self._stage

    @property
    def is_supported(self) -> bool | None:
        """Whether the head office configures kiosks; None: it has not said."""
        return self._is_supported

    def hear(self, *, is_supported: bool) -> None:
        """Whether the head office configures kiosks."""
        self._is_supported = is_supported

    def _put(self, stored: StoredConfiguration) -> None:
        self._store.write(CANDIDATE, stored)
        self._candidate = stored.digest
        self._refusal = None
        # What was remembered is about another one.
        self._store.save_state(StoredState())
        self._report_trouble()

    def _drop(self) -> None:
        """The kiosk's own files hold again."""
        for name in (CANDIDATE, GOOD):
            self._store.remove(name)
        self._store.clear_state()
        self._candidate, self._refusal = NONE, None
        self._report_trouble()

    def _follow(self, change: Callable[[TrialState], TrialState]) -> None:
        """Remember how the present one fares, unless another one is stored meanwhile."""
        state = self._store.state()
        if state.trial.digest != self._start.in_force or self._start.in_force == NONE:
            return
        try:
            self._store.save_state(structs.replace(state, trial=change(state.trial)))
        except OSError as error:
            log.warning("How the configuration fares can't be stored: %s", error)

    def _is_refusal(self, digest: ConfigurationDigest) -> bool:
        return self._refusal is not None and self._refusal.digest == digest

    def _report_trouble(self) -> None:
        """What staff and head office should see, as long as it is about what is meant."""
        found = self._failure
        refusal = self._refusal
        if refusal is not None and self._meant in (None, refusal.digest):
            found = "; ".join(refusal.reasons) or found
        self._troubles.report(KIND, *((trouble(KIND, found),) if found else ()))
