"""The staff mode: what a press, a fact or a tick does to the staff pages, as pure functions.

No window, clock, disk, network or thread is in here. :func:`step` takes a state and an event and
returns the next state and what has to be done. What takes time is asked for as a ``Work`` and
comes back as a ``Told`` with a fact. A fact for a page that was left meanwhile is ignored; a
press of a control that the page does not have raises IllegalEventError and changes nothing.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from config.settings import Hours, Sound
from kiosk.overlay import Overlay
from kiosk.staff_facts import (
    Choices,
    Exported,
    Exporting,
    Fact,
    Findings,
    Light,
    Media,
    NotExported,
    QuarantineList,
    Report,
)
from kiosk.staff_orders import Effect

LOOK_AGAIN_MS = 5_000
"""How often a page that shows something living looks again."""
LOOK_FOR_STICK_MS = 2_000

# --- pages --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Away:
    """Nobody of the staff is here."""


PinNote = Literal["", "wrong", "length", "too_easy", "different", "problem"]


@dataclass(frozen=True)
class EnterPin:
    """The way in. Until the first fact it isn't known whether there is a PIN."""

    digits: str = ""
    waiting: bool = True
    """Something is being looked up or judged; no key counts."""
    note: PinNote = ""
    detail: str = ""
    locked_until_ms: int | None = None


@dataclass(frozen=True)
class ChoosePin:
    """A new PIN, twice; on the first run nothing else can be done."""

    digits: str = ""
    first: str = ""
    """What was typed the first time."""
    waiting: bool = False
    note: PinNote = ""
    detail: str = ""
    first_run: bool = False


@dataclass(frozen=True)
class Menu:
    """Everything that staff can do."""


@dataclass(frozen=True)
class StatusPage:
    """How the kiosk is."""

    report: Report | None = None
    looked_ms: int = 0


@dataclass(frozen=True)
class QuarantinePage:
    """What the head office did not take."""

    found: QuarantineList | None = None


@dataclass(frozen=True)
class TestPage:
    """Taps that do not count."""


@dataclass(frozen=True)
class QuestionnairePage:
    """Which questionnaire, and in which language it begins."""

    choices: Choices | None = None
    asked_for: str = ""
    """Being checked."""
    refused: str = ""
    mistakes: tuple[str, ...] = ()


@dataclass(frozen=True)
class HoursPage:
    """The week."""


@dataclass(frozen=True)
class DayPage:
    """One weekday; 0 is Monday."""

    day: int


@dataclass(frozen=True)
class SoundPage:
    """Sound and brightness."""

    light: Light | None = None


@dataclass(frozen=True)
class ConnectionPage:
    """Step by step to the head office."""

    found: Findings | None = None


@dataclass(frozen=True)
class EnrolmentPage:
    """A one-time code, typed on the screen."""

    url: str = ""
    place: str | None = None
    code: str = ""
    typing: Literal["code", "url"] = "code"
    signs: bool = False
    """Digits and signs are on the keys, instead of letters."""
    waiting: bool = True
    joined: str = ""
    """The place that it is now."""
    problem: str = ""


@dataclass(frozen=True)
class ExportPage:
    """Everything stored, onto a USB stick."""

    media: Media | None = None
    looked_ms: int = 0
    progress: Exporting | None = None
    """While it runs."""
    result: Exported | NotExported | None = None


@dataclass(frozen=True)
class LeavePage:
    """Restart, or end the program."""


Page = (
    Away
    | EnterPin
    | ChoosePin
    | Menu
    | StatusPage
    | QuarantinePage
    | TestPage
    | QuestionnairePage
    | HoursPage
    | DayPage
    | SoundPage
    | ConnectionPage
    | EnrolmentPage
    | ExportPage
    | LeavePage
)


@dataclass(frozen=True)
class Rules:
    """What holds now, with what staff changed."""

    hours: Hours = field(default_factory=Hours)
    sound: Sound = field(default_factory=Sound)
    language: str = "en"
    idle_ms: int = 90_000
    test_ms: int = 600_000


@dataclass(frozen=True)
class State:
    """Where staff are, and what they changed."""

    page: Page = field(default_factory=Away)
    touched_ms: int = 0
    overlay: Overlay = field(default_factory=Overlay)
    test_until_ms: int | None = None
    problem: str = ""
    """Why the last change is not on the disk."""


# --- events -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """A finger rested in the hidden corner for long enough."""

    at_ms: int


@dataclass(frozen=True)
class Pressed:
    """A control of the page was pressed and let go, or its key was."""

    at_ms: int
    control: str


@dataclass(frozen=True)
class Told:
    """Something was found out, or done."""

    at_ms: int
    fact: Fact


@dataclass(frozen=True)
class Tick:
    """Time has passed."""

    at_ms: int


Event = Held | Pressed | Told | Tick


@dataclass(frozen=True)
class Step:
    """The answer to an event."""

    state: State
    effects: tuple[Effect, ...] = ()


def is_busy(page: Page) -> bool:
    """Whether something runs that leaving by itself would take from the staff's eyes."""
    match page:
        case ExportPage(progress=progress):
            return progress is not None
        case ConnectionPage(found=found):
            return found is None or not found.done
        case EnrolmentPage(waiting=waiting):
            return waiting
    return False


def deadline(state: State, rules: Rules) -> int | None:
    """When the next Tick is due, in monotonic milliseconds; None: not before something else."""
    due: list[int] = [] if state.test_until_ms is None else [state.test_until_ms]
    match state.page:
        case Away():
            return min(due, default=None)
        case EnterPin(locked_until_ms=int(until)):
            due.append(until)
        case StatusPage(looked_ms=looked):
            due.append(looked + LOOK_AGAIN_MS)
        case ExportPage(progress=None, result=None, looked_ms=looked):
            due.append(looked + LOOK_FOR_STICK_MS)
    if not is_busy(state.page):
        due.append(state.touched_ms + rules.idle_ms)
    return min(due, default=None)


def at_page(state: State, page: Page, *effects: Effect) -> Step:
    """The state with another page."""
    return Step(replace(state, page=page), effects)
