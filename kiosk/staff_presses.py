"""What a press on a staff page does; see :mod:`kiosk.staff`."""

from dataclasses import replace
from typing import Literal

from msgspec import structs

from config.settings import Hours, Sound
from kiosk.errors import UnfitPinError
from kiosk.overlay import Overlay
from kiosk.pin import LONGEST, SHORTEST, check_fitness
from kiosk.staff import (
    Away,
    ChoosePin,
    ConnectionPage,
    DayPage,
    EnrolmentPage,
    EnterPin,
    ExportPage,
    HoursPage,
    LeavePage,
    Menu,
    Page,
    PinNote,
    QuarantinePage,
    QuestionnairePage,
    Rules,
    SoundPage,
    State,
    StatusPage,
    Step,
    TestPage,
    at_page,
)  # fmt: skip
from kiosk.staff_facts import Exporting, Findings, Light, QuarantineList
from kiosk.staff_hours import CHANGES, changed
from kiosk.staff_orders import (
    Effect,
    Export,
    Join,
    JudgePin,
    Keep,
    KeepPin,
    LookAtLight,
    LookAtMembership,
    LookAtQuarantine,
    LookAtStatus,
    LookForMedia,
    LookForQuestionnaires,
    Quit,
    Restart,
    SendAgain,
    StopExport,
    TryConnection,
    UseQuestionnaire,
)  # fmt: skip

SHORTEST_CODE = 4
_LONGEST_CODE = 40
_LONGEST_URL = 200


def gone(state: State) -> Step:
    """The staff left, or were taken to have left."""
    effects = (StopExport(),) if _exporting(state.page) else ()
    return at_page(state, Away(), *effects)


def _exporting(page: Page) -> bool:
    return isinstance(page, ExportPage) and page.progress is not None


def pressed(  # noqa: C901, PLR0911, PLR0912 - one line for each page
    state: State, control: str, rules: Rules
) -> Step | None:
    """What pressing a control does; None if the page has no such control."""
    if control == "leave":
        return gone(state)
    verb, _, what = control.partition(":")
    match state.page:
        case EnterPin() as page:
            return _in_enter_pin(state, page, verb, what)
        case ChoosePin() as page:
            return _in_choose_pin(state, page, verb, what)
        case Menu():
            return _in_menu(state, verb, what)
        case DayPage(day=day):
            return _in_day(state, day, verb, what, rules.hours)
        case page if control == "back" and not isinstance(page, Away):
            back = StatusPage() if isinstance(page, QuarantinePage) else Menu()
            effects = (StopExport(),) if _exporting(page) else ()
            if isinstance(back, StatusPage):
                return at_page(state, back, LookAtStatus())
            return at_page(state, back, *effects)
        case StatusPage() if control == "quarantine":
            return at_page(state, QuarantinePage(), LookAtQuarantine())
        case QuarantinePage(found=QuarantineList(entries=entries)):
            return _in_quarantine(state, tuple(e.id for e in entries), verb, what)
        case TestPage():
            return _in_test(state, control, rules)
        case QuestionnairePage() as page:
            return _in_questionnaires(state, page, verb, what)
        case HoursPage():
            return _in_hours(state, verb, what)
        case SoundPage() as page:
            return _in_sound(state, page, control, rules.sound)
        case ConnectionPage(found=found) if control == "try":
            if found is not None and not found.done:
                return Step(state)
            return at_page(state, ConnectionPage(Findings((), done=False)), TryConnection())
        case EnrolmentPage() as page:
            return _in_enrolment(state, page, verb, what)
        case ExportPage() as page:
            return _in_export(state, page, verb, what)
        case LeavePage() if control == "restart":
            return Step(state, (Restart(),))
        case LeavePage() if control == "quit":
            return Step(state, (Quit(),))
    return None


def _in_enter_pin(state: State, page: EnterPin, verb: str, what: str) -> Step | None:
    if page.waiting or page.locked_until_ms is not None:
        return Step(state) if verb in ("digit", "delete", "done") else None
    if verb == "done":
        if len(page.digits) < SHORTEST:
            return Step(state)
        return at_page(state, EnterPin(digits=page.digits), JudgePin(page.digits))
    digits = _typed(page.digits, verb, what)
    return None if digits is None else at_page(state, replace(page, digits=digits, note=""))


def _in_choose_pin(state: State, page: ChoosePin, verb: str, what: str) -> Step | None:
    if verb == "back" and not page.first_run:
        return at_page(state, Menu())
    if page.waiting:
        return Step(state) if verb in ("digit", "delete", "done") else None
    if verb != "done":
        digits = _typed(page.digits, verb, what)
        return None if digits is None else at_page(state, replace(page, digits=digits, note=""))
    return _chosen(state, page)


def _chosen(state: State, page: ChoosePin) -> Step:
    if not page.first:
        if note := _unfit(page.digits):
            return at_page(state, ChoosePin(note=note, first_run=page.first_run))
        return at_page(state, replace(page, digits="", first=page.digits, note=""))
    if page.digits != page.first:
        return at_page(state, ChoosePin(note="different", first_run=page.first_run))
    return at_page(state, replace(page, waiting=True), KeepPin(page.digits))


def _unfit(digits: str) -> PinNote:
    try:
        check_fitness(digits)
    except UnfitPinError as error:
        return error.why
    return ""


def _typed(digits: str, verb: str, what: str) -> str | None:
    if verb == "delete":
        return digits[:-1]
    if verb == "digit" and len(what) == 1 and what.isascii() and what.isdigit():
        return (digits + what)[:LONGEST]
    return None


def _in_menu(state: State, verb: str, what: str) -> Step | None:
    if verb != "open":
        return None
    opened: dict[str, tuple[Page, tuple[Effect, ...]]] = {
        "status": (StatusPage(), (LookAtStatus(),)),
        "test": (TestPage(), ()),
        "questionnaire": (QuestionnairePage(), (LookForQuestionnaires(),)),
        "hours": (HoursPage(), ()),
        "sound": (SoundPage(), (LookAtLight(),)),
        "connection": (ConnectionPage(Findings((), done=False)), (TryConnection(),)),
        "enrolment": (EnrolmentPage(), (LookAtMembership(),)),
        "export": (ExportPage(), (LookForMedia(),)),
        "pin": (ChoosePin(), ()),
        "leave": (LeavePage(), ()),
    }
    if what not in opened:
        return None
    page, effects = opened[what]
    return Step(replace(state, page=page), effects)


def _in_quarantine(state: State, ids: tuple[int, ...], verb: str, what: str) -> Step | None:
    if verb == "again_all":
        return Step(state, (SendAgain(()),))
    if verb == "again" and what.isdecimal() and int(what) in ids:
        return Step(state, (SendAgain((int(what),)),))
    return None


def _in_test(state: State, control: str, rules: Rules) -> Step | None:
    if control == "start":
        # Whoever starts it wants to tap now.
        started = replace(state, test_until_ms=state.touched_ms + rules.test_ms)
        return at_page(started, Away())
    if control == "stop":
        return Step(replace(state, test_until_ms=None))
    return None


def _in_questionnaires(state: State, page: QuestionnairePage, verb: str, what: str) -> Step | None:
    if page.choices is None:
        return None
    if page.asked_for:
        return Step(state)
    if verb == "use" and what in [choice.name for choice in page.choices.questionnaires]:
        wanted = structs.replace(state.overlay, questionnaire=what, language=None)
        asking = QuestionnairePage(page.choices, asked_for=what)
        return at_page(state, asking, UseQuestionnaire(wanted))
    if verb == "language" and what in page.choices.languages:
        overlay = structs.replace(state.overlay, language=what)
        chosen = replace(page.choices, language=what)
        return _keeping(state, overlay, replace(page, choices=chosen))
    return None


def _in_hours(state: State, verb: str, what: str) -> Step | None:
    if verb == "day" and what in "0123456" and len(what) == 1:
        return at_page(state, DayPage(int(what)))
    if verb == "pause":
        return _keeping(state, structs.replace(state.overlay, paused=not state.overlay.paused))
    return None


def _in_day(state: State, day: int, verb: str, what: str, hours: Hours) -> Step | None:
    if verb == "back":
        return at_page(state, HoursPage())
    if verb != "hours" or what not in CHANGES:
        return None
    return _keeping(state, structs.replace(state.overlay, hours=changed(hours, day, what)))


def _in_sound(state: State, page: SoundPage, control: str, sound: Sound) -> Step | None:
    overlay, light = state.overlay, page.light
    match control:
        case "sounds":
            return _keeping(state, structs.replace(overlay, sounds=not sound.enabled))
        case "louder" | "quieter":
            volume = sound.volume + (0.1 if control == "louder" else -0.1)
            volume = round(min(max(volume, 0.1), 1.0), 1)
            return _keeping(state, structs.replace(overlay, volume=volume))
        case "brighter" | "darker" if light is not None and light.percent is not None:
            percent = light.percent + (10 if control == "brighter" else -10)
            percent = min(max(percent, 10), 100)
            overlay = structs.replace(overlay, brightness=percent)
            return _keeping(state, overlay, SoundPage(Light(percent)))
    return None


def _in_enrolment(  # noqa: PLR0911 - one line for each kind of key
    state: State, page: EnrolmentPage, verb: str, what: str
) -> Step | None:
    match verb:
        case _ if page.waiting:
            return Step(state)
        case "key" | "delete":
            return at_page(state, _with_key(page, verb, what))
        case "signs":
            return at_page(state, replace(page, signs=not page.signs))
        case "type" if what in ("code", "url"):
            typing: Literal["code", "url"] = "code" if what == "code" else "url"
            return at_page(state, replace(page, typing=typing, signs=False))
        case "join" if len(page.code) >= SHORTEST_CODE:
            asking = replace(page, waiting=True, joined="", problem="")
            return at_page(state, asking, Join(page.code, page.url))
        case "join":
            return Step(state)
    return None


def _with_key(page: EnrolmentPage, verb: str, what: str) -> EnrolmentPage:
    page = replace(page, joined="", problem="")
    text = page.code if page.typing == "code" else page.url
    text = text[:-1] if verb == "delete" else text + what[:1]
    if page.typing == "code":
        return replace(page, code=text[:_LONGEST_CODE])
    return replace(page, url=text[:_LONGEST_URL])


def _in_export(state: State, page: ExportPage, verb: str, what: str) -> Step | None:
    if page.progress is not None:
        return Step(state, (StopExport(),)) if verb == "stop" else None
    if verb == "again":
        return at_page(state, ExportPage(), LookForMedia())
    if verb == "export" and page.media is not None and page.result is None:
        for index, medium in enumerate(page.media.found):
            if what == str(index):
                running = replace(page, progress=Exporting(0, 0))
                return at_page(state, running, Export(medium.path))
    return None


def _keeping(state: State, overlay: Overlay, page: Page | None = None) -> Step:
    changed_state = replace(state, overlay=overlay, page=page or state.page)
    return Step(changed_state, (Keep(overlay),))
