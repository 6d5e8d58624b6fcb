"""The transitions of the staff mode that no finger makes; see :mod:`kiosk.staff`."""

from dataclasses import replace

from msgspec import structs

from kiosk.errors import IllegalEventError
from kiosk.pin import Locked, Right, Wrong
from kiosk.staff import (
    LOOK_AGAIN_MS,
    LOOK_FOR_STICK_MS,
    Away,
    ChoosePin,
    ConnectionPage,
    EnrolmentPage,
    EnterPin,
    Event,
    ExportPage,
    Held,
    Menu,
    Pressed,
    QuarantinePage,
    QuestionnairePage,
    Rules,
    SoundPage,
    State,
    StatusPage,
    Step,
    Tick,
    Told,
    at_page,
    deadline,
    is_busy,
)  # fmt: skip
from kiosk.staff_facts import (
    Choices,
    Exported,
    Exporting,
    Fact,
    Findings,
    Joined,
    Kept,
    Light,
    Media,
    Membership,
    NotExported,
    NotJoined,
    NotUsed,
    PinJudged,
    PinKept,
    PinState,
    QuarantineList,
    Report,
)  # fmt: skip
from kiosk.staff_orders import (
    LookAtPin,
    LookAtStatus,
    LookForMedia,
)  # fmt: skip
from kiosk.staff_presses import gone, pressed

_URL_START = "https://"


def step(state: State, event: Event, rules: Rules) -> Step:
    """What an event does; raises IllegalEventError, without any change, where it can't happen."""
    match event:
        case Held(at_ms=at_ms):
            if not isinstance(state.page, Away):
                return Step(state)
            return at_page(replace(state, touched_ms=at_ms, problem=""), EnterPin(), LookAtPin())
        case Tick(at_ms=at_ms):
            return _tick(state, at_ms, rules)
        case Told(at_ms=at_ms, fact=fact):
            return _told(state, at_ms, fact)
        case Pressed(at_ms=at_ms, control=control):
            done = pressed(replace(state, touched_ms=at_ms), control, rules)
            if done is None:
                raise IllegalEventError(event, state.page, f"there is no control {control!r}")
            return done


# --- time ---------------------------------------------------------------------------------


def _tick(state: State, at_ms: int, rules: Rules) -> Step:
    due = deadline(state, rules)
    if due is None or at_ms < due:
        return Step(state)
    if state.test_until_ms is not None and at_ms >= state.test_until_ms:
        state = replace(state, test_until_ms=None)
    if isinstance(state.page, Away):
        return Step(state)
    if at_ms >= state.touched_ms + rules.idle_ms and not is_busy(state.page):
        return gone(state)
    return _looked_again(state, at_ms)


def _looked_again(state: State, at_ms: int) -> Step:
    match state.page:
        case EnterPin(locked_until_ms=int(until)) if at_ms >= until:
            return at_page(state, EnterPin(waiting=False))
        case StatusPage(looked_ms=looked) as page if at_ms >= looked + LOOK_AGAIN_MS:
            return at_page(state, replace(page, looked_ms=at_ms), LookAtStatus())
        case ExportPage(progress=None, result=None, looked_ms=looked) as page if (
            at_ms >= looked + LOOK_FOR_STICK_MS
        ):
            return at_page(state, replace(page, looked_ms=at_ms), LookForMedia())
    return Step(state)


# --- facts --------------------------------------------------------------------------------


def _told(state: State, at_ms: int, fact: Fact) -> Step:  # noqa: C901, PLR0911, PLR0912 - one case for each fact
    match state.page, fact:
        case _, Kept(problem=problem):
            return Step(replace(state, problem=problem))
        case EnterPin(), PinState() as found:
            return _pin_looked_at(state, at_ms, found)
        case EnterPin(), PinJudged(verdict=Right()):
            return at_page(replace(state, touched_ms=at_ms), Menu())
        case EnterPin(), PinJudged(verdict=Wrong(locked_ms=locked) | Locked(locked_ms=locked)):
            until = at_ms + locked if locked else None
            return at_page(state, EnterPin(waiting=False, note="wrong", locked_until_ms=until))
        case ChoosePin(), PinKept(problem=""):
            return at_page(state, Menu())
        case ChoosePin(first_run=first_run), PinKept(problem=problem):
            return at_page(state, ChoosePin(note="problem", detail=problem, first_run=first_run))
        case StatusPage(), Report() as report:
            return at_page(state, StatusPage(report, at_ms))
        case QuarantinePage(), QuarantineList() as found:
            return at_page(state, QuarantinePage(found))
        case QuestionnairePage(asked_for=asked_for), Choices() as found:
            overlay = state.overlay
            if asked_for:
                overlay = structs.replace(overlay, questionnaire=asked_for, language=None)
            return at_page(replace(state, overlay=overlay), QuestionnairePage(found))
        case QuestionnairePage(choices=choices), NotUsed(name=name, mistakes=mistakes):
            return at_page(state, QuestionnairePage(choices, refused=name, mistakes=mistakes))
        case SoundPage(), Light() as light:
            return at_page(state, SoundPage(light))
        case ConnectionPage(), Findings() as found:
            return at_page(replace(state, touched_ms=at_ms), ConnectionPage(found))
        case EnrolmentPage() as page, Membership(url=url, place=place):
            page = replace(page, url=url or _URL_START, place=place, waiting=False)
            return at_page(state, replace(page, typing="code" if url else "url"))
        case EnrolmentPage() as page, Joined(place=place):
            page = replace(page, waiting=False, joined=place, place=place, code="", problem="")
            return at_page(replace(state, touched_ms=at_ms), page)
        case EnrolmentPage() as page, NotJoined(why=why):
            page = replace(page, waiting=False, problem=why)
            return at_page(replace(state, touched_ms=at_ms), page)
        case ExportPage(progress=None, result=None) as page, Media() as media:
            return at_page(state, replace(page, media=media, looked_ms=at_ms))
        case ExportPage(progress=Exporting()) as page, Exporting() as progress:
            return at_page(state, replace(page, progress=progress))
        case ExportPage(progress=Exporting()) as page, (Exported() | NotExported()) as result:
            page = replace(page, progress=None, result=result)
            return at_page(replace(state, touched_ms=at_ms), page)
    return Step(state)


def _pin_looked_at(state: State, at_ms: int, found: PinState) -> Step:
    if found.problem:
        return at_page(state, EnterPin(note="problem", detail=found.problem))
    if not found.is_set:
        return at_page(state, ChoosePin(first_run=True))
    until = at_ms + found.locked_ms if found.locked_ms else None
    return at_page(state, EnterPin(waiting=False, locked_until_ms=until))
