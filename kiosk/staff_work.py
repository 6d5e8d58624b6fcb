"""What the staff mode has done in the background, one thing after the other."""

import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from config.errors import ConfigError, InvalidFileError
from config.loader import load_questionnaire, shipped_questionnaires
from config.questionnaire import Questionnaire, canonical, digest
from config.settings import Settings
from kiosk.backlight import Backlight
from kiosk.diagnosis import Way, diagnose
from kiosk.errors import PinError
from kiosk.export import ExportError, Named, export
from kiosk.joining import enrolled
from kiosk.media import ROOTS, find_media
from kiosk.overlay import Overlay, applied, save_overlay
from kiosk.pin import PinFile
from kiosk.staff_facts import (
    Choice,
    Choices,
    Fact,
    Joined,
    Kept,
    Light,
    Membership,
    NotExported,
    NotJoined,
    NotUsed,
    PinJudged,
    PinKept,
    PinState,
    QuarantineEntry,
    QuarantineList,
    Report,
)  # fmt: skip
from kiosk.staff_orders import (
    Export,
    Join,
    JudgePin,
    Keep,
    KeepPin,
    LookAtLight,
    LookAtMembership,
    LookAtPin,
    LookAtQuarantine,
    LookAtStatus,
    LookForMedia,
    LookForQuestionnaires,
    SendAgain,
    TryConnection,
    UseQuestionnaire,
    Work,
)  # fmt: skip
from sync.clock import Clock
from sync.errors import SyncError
from sync.identity import load_identity
from sync.outbox import Outbox
from sync.scheduler import SyncStatus

log = logging.getLogger(__name__)

_SHOWN_QUARANTINE = 50


@dataclass(frozen=True)
class Workplace:
    """What the work needs to know of its kiosk; the functions may be called from any thread."""

    file: Settings
    """Those of the settings file."""
    folder: Path
    """Where answers are kept."""
    config_folder: Path | None
    """Where the settings file is: questionnaires are named relative to it."""
    clock: Clock
    outbox: Callable[[], Outbox | None]
    sync_status: Callable[[], SyncStatus | None]
    asked: Callable[[], Questionnaire]
    """The questionnaire in use."""
    use: Callable[[Questionnaire], None]
    """Ask this one from now on."""
    trouble: Callable[[], tuple[str, ...]]
    media_roots: tuple[Path, ...] = ROOTS
    backlight: Backlight = field(default_factory=Backlight)


class StaffWork:
    """Does what is asked; in one thread of its own, see :class:`kiosk.staff_room.StaffRoom`."""

    def __init__(
        self,
        place: Workplace,
        overlay: Overlay,
        tell: Callable[[Fact], None],
        stop_export: threading.Event,
    ) -> None:
        self._place = place
        self._overlay = overlay
        self._tell = tell
        self._stop_export = stop_export
        self._pin = PinFile(place.folder, place.clock)

    def do(self, work: Work) -> None:
        """Does it and tells what came of it; raises nothing."""
        try:
            self._do(work)
        except Exception as error:  # a staff page must never end the kiosk
            log.exception("%s failed", type(work).__name__)
            self._failed(work, error)

    def _failed(self, work: Work, error: Exception) -> None:
        match work:
            case LookAtPin() | JudgePin():
                self._tell(PinState(is_set=True, problem=str(error)))
            case KeepPin():
                self._tell(PinKept(str(error)))
            case UseQuestionnaire(overlay=overlay):
                self._tell(NotUsed(overlay.questionnaire or "", (str(error),)))
            case Join():
                self._tell(NotJoined(str(error)))
            case Export():
                self._tell(NotExported("failed", str(error)))
            case _:
                self._tell(Kept(str(error)))

    def _do(self, work: Work) -> None:  # noqa: C901, PLR0912 - one line for each kind of work
        match work:
            case LookAtPin():
                is_set = self._pin.is_set()
                self._tell(PinState(is_set, self._pin.locked_ms() if is_set else 0))
            case JudgePin(pin=pin):
                self._tell(PinJudged(self._pin.check(pin)))
            case KeepPin(pin=pin):
                self._pin.choose(pin)
                self._tell(PinKept())
            case LookAtStatus():
                self._tell(self._report())
            case LookAtQuarantine():
                self._tell(self._quarantine())
            case SendAgain(ids=ids):
                self._send_again(ids)
            case LookForQuestionnaires():
                self._tell(self._choices())
            case UseQuestionnaire(overlay=overlay):
                self._use(overlay)
            case Keep(overlay=overlay):
                self._keep(overlay)
            case LookAtLight():
                self._tell(Light(self._place.backlight.percent()))
            case TryConnection():
                for findings in diagnose(self._way(), self._place.clock):
                    self._tell(findings)
            case LookAtMembership():
                way = self._way()
                self._tell(Membership(way.url, way.identity.place if way.identity else None))
            case Join(code=code, url=url):
                self._join(code, url)
            case LookForMedia():
                self._tell(find_media(self._place.media_roots))
            case Export(folder=folder):
                self._export(folder)

    @property
    def _settings(self) -> Settings:
        return applied(self._place.file, self._overlay)

    # --- status and quarantine ---

    def _report(self) -> Report:
        place = self._place
        status, outbox = place.sync_status(), place.outbox()
        counts = outbox.counts() if outbox else None
        trouble = list(place.trouble())
        url = name = None
        try:
            if identity := load_identity(place.folder):
                url, name = place.file.head_office.url or identity.url, identity.place
        except SyncError as error:
            trouble.append(str(error))
        try:
            has_pin = self._pin.is_set()
        except PinError as error:
            has_pin = True
            trouble.append(str(error))
        return Report(
            version=metadata.version("hymio"),
            place=name,
            head_office=url,
            stored=counts.last_seq if counts else 0,
            waiting=counts.waiting if counts else 0,
            oldest_waiting_ms=status.oldest_waiting_ms if status else None,
            quarantined=counts.quarantined if counts else 0,
            last_contact_ms=status.last_success_age_ms if status else None,
            clock_offset_ms=status.clock_offset_ms if status else None,
            free_disk_bytes=_free(place.folder),
            failure=status.failure if status else "",
            paused=status.paused if status else "",
            trouble=tuple(trouble),
            has_pin=has_pin,
        )

    def _quarantine(self) -> QuarantineList:
        outbox = self._place.outbox()
        if outbox is None:
            return QuarantineList((), 0)
        found = outbox.quarantine(_SHOWN_QUARANTINE)
        entries = tuple(
            QuarantineEntry(
                q.id, q.seq, q.reason, q.detail, q.moment.wall_ms, readable=q.body is not None
            )
            for q in found
        )
        return QuarantineList(entries, outbox.counts().quarantined)

    def _send_again(self, ids: tuple[int, ...]) -> None:
        outbox = self._place.outbox()
        if outbox is not None:
            everything = outbox.quarantine(1_000_000) if not ids else ()
            for each in ids or tuple(entry.id for entry in everything):
                outbox.send_again(each)
        self._tell(self._quarantine())

    # --- settings ---

    def _choices(self) -> Choices:
        asked = self._place.asked()
        names = [*shipped_questionnaires(), *map(str, self._files())]
        chosen = self._settings.questionnaire
        if chosen not in names:
            names.append(chosen)
        language = self._settings.language
        if language not in asked.languages:
            language = asked.languages[0]
        choices = tuple(self._choice(name) for name in names)
        return Choices(choices, chosen, asked.languages, language or asked.languages[0])

    def _files(self) -> list[Path]:
        folder = Path(
            self._place.file.staff.questionnaires or self._place.folder / "questionnaires"
        )
        try:
            return sorted(folder.expanduser().glob("*.toml"))
        except OSError:
            return []

    def _choice(self, name: str) -> Choice:
        try:
            found = load_questionnaire(name, self._place.config_folder)
        except ConfigError as error:
            return Choice(name, Path(name).stem, mistakes_of(error))
        return Choice(name, found.title)

    def _use(self, overlay: Overlay) -> None:
        name = overlay.questionnaire or ""
        try:
            found = load_questionnaire(name, self._place.config_folder)
        except ConfigError as error:
            self._tell(NotUsed(name, mistakes_of(error)))
            return
        definition = canonical(found)
        outbox = self._place.outbox()
        if outbox is None:
            self._tell(NotUsed(name, ("nothing can be stored just now",)))
            return
        # Before any answer can refer to it.
        outbox.remember_questionnaire(digest(definition), definition)
        save_overlay(self._place.folder, overlay)
        self._overlay = overlay
        self._place.use(found)
        self._tell(self._choices())

    def _keep(self, overlay: Overlay) -> None:
        before, self._overlay = self._overlay, overlay
        if overlay.brightness is not None and overlay.brightness != before.brightness:
            self._place.backlight.set(overlay.brightness)
        try:
            save_overlay(self._place.folder, overlay)
        except OSError as error:
            self._tell(Kept(str(error)))
        else:
            self._tell(Kept())

    # --- the way home ---

    def _way(self) -> Way:
        place = self._place
        try:
            identity = load_identity(place.folder)
        except SyncError:
            identity = None
        return Way(identity, place.file, place.folder, digest(canonical(place.asked())))

    def _join(self, code: str, url: str) -> None:
        place = self._place
        try:
            self._tell(Joined(enrolled(code, url, place.file, place.folder).place))
        except SyncError as error:
            self._tell(NotJoined(str(error)))

    def _export(self, target: Path) -> None:
        place = self._place
        identity = self._way().identity
        named = Named(identity.place if identity else "", place.clock.moment())
        stop = self._stop_export.is_set
        try:
            self._tell(export(place.folder, target, named, self._tell, stop))
        except ExportError as error:
            log.warning("%s", error)
            self._tell(NotExported(error.fault, error.detail))


def mistakes_of(error: ConfigError) -> tuple[str, ...]:
    """Every mistake of a file as a line of its own."""
    if isinstance(error, InvalidFileError):
        return tuple(map(str, error.mistakes))
    return (str(error),)


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
