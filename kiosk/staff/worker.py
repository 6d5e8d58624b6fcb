"""What the staff mode has done in the background, one thing after the other."""

import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Protocol, assert_never

from config.opening_hours import local
from config.settings import Settings
from kiosk.errors import PinError
from kiosk.maintenance.backlight import Backlight
from kiosk.maintenance.connection_test import ConnectionPath, diagnose
from kiosk.maintenance.enrolment import enrol_kiosk
from kiosk.maintenance.export import ExportError, export, export_label
from kiosk.maintenance.results import ExportFailure
from kiosk.maintenance.usb import ROOTS, find_media
from kiosk.overrides import OverridesStore
from kiosk.staff.pin import PinFile
from kiosk.staff.questionnaire_work import QuestionnaireWork, QuestionnaireWorkPorts
from kiosk.staff.recovery import PinRecovery
from kiosk.staff.reset_state import reset_state, try_reset
from kiosk.staff.results import (
    BrightnessLevel,
    ConfigurationStatus,
    EnrolmentDone,
    EnrolmentFailure,
    Membership,
    OverridesSaved,
    PinChecked,
    PinSaved,
    PinState,
    QuarantineEntry,
    QuarantineList,
    QuestionnaireFailure,
    RecoveryChallenge,
    RecoveryVerdict,
    Result,
    StatusReport,
    Today,
)
from kiosk.staff.tasks import (
    AcknowledgeDamage,
    BeginRecovery,
    CheckPin,
    CheckRecovery,
    Enrol,
    ExportAnswers,
    ListMedia,
    ListQuarantine,
    ListQuestionnaires,
    ReadBrightness,
    ReadMembership,
    ReadPinState,
    ReadResetState,
    ReadStatus,
    ReadToday,
    RequestReset,
    Resend,
    SaveOverrides,
    SavePin,
    TestConnection,
    UseQuestionnaire,
    WorkerTask,
)  # fmt: skip
from sync.clock import Clock
from sync.errors import EnrolmentError, SyncError
from sync.failure_texts import ADDRESS_UNUSABLE, disk_text
from sync.identity import Identity, load_identity
from sync.messages import Trouble
from sync.outbox.protocol import OutboxStatus, Quarantine, QuestionnaireStore
from sync.scheduler import SyncStatus

log = logging.getLogger(__name__)

_SHOWN_QUARANTINE = 50


class StaffOutbox(OutboxStatus, Quarantine, QuestionnaireStore, Protocol):
    """What staff look at and send again."""


@dataclass(frozen=True)
class WorkerPorts:
    """What the work needs to know of its kiosk; the functions may be called from any thread."""

    store: OverridesStore
    """What holds, and the place for what staff change."""
    folder: Path
    """Where answers are kept."""
    config_folder: Path | None
    """Where the settings file is: questionnaires are named relative to it."""
    clock: Clock
    outbox: Callable[[], StaffOutbox | None]
    sync_status: Callable[[], SyncStatus | None]
    save_last_good: Callable[[bytes], None]
    """Remembers the definition of the questionnaire in use."""
    troubles: Callable[[], tuple[Trouble, ...]]
    acknowledge_damage: Callable[[], None]
    """Staff have seen what damaged files of answers cost."""
    configuration: Callable[[], ConfigurationStatus | None] = lambda: None
    """What the head office wants of the kiosk; None: it is not known."""
    media_roots: tuple[Path, ...] = ROOTS
    backlight: Backlight = field(default_factory=Backlight)


class StaffWorker:
    """Does one task after the other, in a thread of its own."""

    def __init__(
        self,
        ports: WorkerPorts,
        tell: Callable[[Result], None],
        stop_export: threading.Event,
        cancelled: threading.Event | None = None,
    ) -> None:
        """``cancelled``: nobody waits for what is asked of the network."""
        self._ports = ports
        self._cancelled = cancelled or threading.Event()
        self._brightness = ports.store.config.settings.screen.brightness
        """What the panel was set to."""
        self._tell = tell
        self._stop_export = stop_export
        self._pin = PinFile(ports.folder, ports.clock)
        self._recovery = PinRecovery(ports.clock)
        self._questionnaires = QuestionnaireWork(
            QuestionnaireWorkPorts(
                store=ports.store,
                folder=ports.folder,
                config_folder=ports.config_folder,
                outbox=ports.outbox,
                save_last_good=ports.save_last_good,
            ),
            tell,
        )

    def do(self, task: WorkerTask) -> None:
        """Does it and tells what came of it; raises nothing."""
        try:
            self._do(task)
        except Exception as error:  # a staff page must never end the kiosk
            log.exception("%s failed", type(task).__name__)
            self._failed(task, error)

    def _failed(self, task: WorkerTask, error: Exception) -> None:
        match task:
            case ReadPinState() | CheckPin():
                self._tell(PinState(is_set=True, problem=str(error)))
            case SavePin():
                self._tell(PinSaved(str(error)))
            case UseQuestionnaire(name=name):
                self._tell(QuestionnaireFailure(name, (str(error),)))
            case Enrol():
                self._tell(EnrolmentFailure(str(error)))
            case ExportAnswers():
                self._tell(ExportFailure("failed", str(error)))
            case _:
                self._tell(OverridesSaved(disk_text(error)))

    def _do(self, task: WorkerTask) -> None:  # noqa: C901, PLR0912 - one line for each kind of task
        match task:
            case ReadPinState():
                is_set = self._pin.is_set()
                self._tell(PinState(is_set, self._pin.locked_ms() if is_set else 0))
            case CheckPin(pin=pin):
                self._tell(PinChecked(self._pin.check(pin)))
            case SavePin(pin=pin):
                self._pin.choose(pin)
                self._tell(PinSaved())
            case BeginRecovery():
                self._tell(RecoveryChallenge(self._recovery.begin(self._identity())))
            case CheckRecovery(answer=answer):
                self._tell(self._recovery_verdict(answer))
            case ReadStatus():
                self._tell(self._report())
            case AcknowledgeDamage():
                self._ports.acknowledge_damage()
                self._tell(self._report())
            case ListQuarantine():
                self._tell(self._quarantine())
            case Resend(ids=ids):
                self._send_again(ids)
            case ListQuestionnaires():
                self._tell(self._questionnaires.choices())
            case UseQuestionnaire(name=name):
                self._questionnaires.use(name)
            case SaveOverrides():
                self._save()
            case ReadResetState():
                self._tell(reset_state(self._ports.folder))
            case RequestReset():
                self._tell(try_reset(self._ports.folder))
            case ReadToday():
                self._tell(self._today())
            case ReadBrightness():
                self._tell(BrightnessLevel(self._ports.backlight.percent()))
            case TestConnection():
                for findings in diagnose(self._connection_path(), self._ports.clock):
                    self._tell(findings)
            case ReadMembership():
                path = self._connection_path()
                self._tell(Membership(path.url, path.identity.place if path.identity else None))
            case Enrol(code=code, url=url):
                self._enrol(code, url)
            case ListMedia():
                self._tell(find_media(self._ports.media_roots))
            case ExportAnswers(folder=folder):
                self._export(folder)
            case _:
                assert_never(task)

    @property
    def _settings(self) -> Settings:
        return self._ports.store.config.settings

    def _recovery_verdict(self, answer: str) -> RecoveryVerdict:
        identity = self._identity()
        is_right = self._recovery.check(answer, identity)
        return RecoveryVerdict(is_right, "" if is_right else self._recovery.begin(identity))

    def _today(self) -> Today:
        wall_ms = self._ports.clock.moment().wall_ms
        return Today(local(self._settings.hours, wall_ms).date())

    # --- status and quarantine ---

    def _report(self) -> StatusReport:
        ports = self._ports
        status, outbox = ports.sync_status(), ports.outbox()
        counts = outbox.counts() if outbox else None
        troubles = list(ports.troubles())
        url = name = None
        try:
            if identity := load_identity(ports.folder):
                url, name = self._settings.head_office.url or identity.url, identity.place
        except SyncError as error:
            troubles.append(Trouble("identity", str(error)))
        try:
            has_pin = self._pin.is_set()
        except PinError as error:
            has_pin = True
            troubles.append(Trouble("pin", str(error)))
        return StatusReport(
            version=metadata.version("hymio"),
            place=name,
            head_office=url,
            message_count=counts.last_seq if counts else 0,
            waiting=counts.waiting if counts else 0,
            oldest_waiting_ms=status.oldest_waiting_ms if status else None,
            in_quarantine=counts.in_quarantine if counts else 0,
            last_contact_ms=status.last_success_age_ms if status else None,
            clock_offset_ms=status.clock_offset_ms if status else None,
            free_disk_bytes=_free(ports.folder),
            failure=status.failure if status else "",
            pause_reason=status.pause_reason if status else "",
            troubles=tuple(troubles),
            has_pin=has_pin,
            configuration=ports.configuration(),
        )

    def _quarantine(self) -> QuarantineList:
        outbox = self._ports.outbox()
        if outbox is None:
            return QuarantineList((), 0)
        found = outbox.quarantine(_SHOWN_QUARANTINE)
        entries = tuple(
            QuarantineEntry(
                q.id, q.seq, q.reason, q.detail, q.moment.wall_ms, readable=q.body is not None
            )
            for q in found
        )
        return QuarantineList(entries, outbox.counts().in_quarantine)

    def _send_again(self, ids: tuple[int, ...]) -> None:
        outbox = self._ports.outbox()
        if outbox is not None:
            everything = outbox.quarantine(1_000_000) if not ids else ()
            for each in ids or tuple(entry.id for entry in everything):
                outbox.send_again(each)
        self._tell(self._quarantine())

    # --- settings ---

    def _save(self) -> None:
        before, self._brightness = self._brightness, self._settings.screen.brightness
        if self._brightness is not None and self._brightness != before:
            self._ports.backlight.set(self._brightness)
        try:
            self._ports.store.save()
        except OSError as error:
            self._tell(OverridesSaved(disk_text(error)))
        else:
            self._tell(OverridesSaved())

    # --- the way home ---

    def _identity(self) -> Identity | None:
        try:
            return load_identity(self._ports.folder)
        except SyncError:
            return None

    def _connection_path(self) -> ConnectionPath:
        ports, identity = self._ports, self._identity()
        config = ports.store.config
        address = config.overrides.address or ""
        return ConnectionPath(
            identity, config.settings, ports.folder, config.in_use.digest, address
        )

    def _enrol(self, code: str, url: str) -> None:
        ports = self._ports
        try:
            identity = enrol_kiosk(code, url, self._settings, ports.folder, self._cancelled.is_set)
            self._tell(EnrolmentDone(identity.place))
        except EnrolmentError as error:
            self._tell(EnrolmentFailure(error.reason, error.detail))
        except SyncError as error:
            self._tell(EnrolmentFailure(ADDRESS_UNUSABLE, str(error)))

    def _export(self, target: Path) -> None:
        ports = self._ports
        identity = self._connection_path().identity
        now, language = ports.clock.moment(), ports.store.config.language
        label = export_label(identity, now, language)
        stop = self._stop_export.is_set
        try:
            self._tell(export(ports.folder, target, label, self._tell, stop))
        except ExportError as error:
            log.warning("%s", error)
            self._tell(ExportFailure(error.fault, error.detail))


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
