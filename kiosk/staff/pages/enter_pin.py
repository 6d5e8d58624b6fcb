"""The way in: the PIN."""

from dataclasses import dataclass, replace
from typing import Literal, Self, assert_never

from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Confirm, Control, Delete, Digit, Leave
from kiosk.staff.keypad import PinControl, edit_digits, pin_keys
from kiosk.staff.pages.choose_pin import ChoosePin
from kiosk.staff.pages.pin_recovery import PinRecoveryPage
from kiosk.staff.pin import SHORTEST, PinLocked, PinRight, PinWrong
from kiosk.staff.results import PinChecked, PinState, Result
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import CheckPin, Effect, ReadPinState
from kiosk.staff.texts import duration
from kiosk.staff.views import Key, Line, StaffView


@dataclass(frozen=True)
class ForgetPin(Control):
    """Nobody here knows the PIN."""


@dataclass(frozen=True)
class EnterPin(StaffPage[PinControl | ForgetPin]):
    """Until the first result it isn't known whether there is a PIN."""

    name = "pin"

    digits: str = ""
    waiting: bool = True
    """Something is being looked up or judged; no key counts."""
    note: Literal["", "wrong", "problem"] = ""
    detail: str = ""
    locked_until_ms: int | None = None

    @classmethod
    def open(cls) -> tuple[Self, tuple[Effect, ...]]:
        return cls(), (ReadPinState(),)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Staff")

    @property
    def due_ms(self) -> int | None:
        return self.locked_until_ms

    def on_due(self, state: StaffState, at_ms: int) -> StaffStep:
        return state.show(EnterPin(waiting=False))

    def press(
        self, control: PinControl | ForgetPin, state: StaffState, config: ActiveConfig
    ) -> StaffStep:
        match control:
            case ForgetPin():
                page, effects = PinRecoveryPage.open()
                return state.show(page, *effects)
            case Digit() | Delete():
                return state.show(replace(self, digits=edit_digits(self.digits, control), note=""))
            case Confirm():
                return state.show(EnterPin(digits=self.digits), CheckPin(self.digits))
            case _:
                assert_never(control)

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        match result:
            case PinState(problem=problem) if problem:
                return state.show(EnterPin(note="problem", detail=problem))
            case PinState(is_set=False):
                return state.show(ChoosePin(first_run=True))
            case PinState(locked_ms=locked_ms):
                return state.show(self._locked(at_ms, locked_ms))
            case PinChecked(verdict=PinRight()):
                return StaffStep(replace(state, touched_ms=at_ms), is_done=True)
            case PinChecked(verdict=PinWrong(locked_ms) | PinLocked(locked_ms)):
                return state.show(replace(self._locked(at_ms, locked_ms), note="wrong"))
        return StaffStep(state)

    @staticmethod
    def _locked(at_ms: int, locked_ms: int) -> "EnterPin":
        return EnterPin(waiting=False, locked_until_ms=at_ms + locked_ms if locked_ms else None)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        enabled = not self.waiting and self.locked_until_ms is None
        return StaffView(
            name=f"staff_{self.name}",
            title=self.title(_),
            leave=Key(Leave(), _("Exit")),
            lines=(self._line(now_ms, _),),
            entry="•" * len(self.digits),
            keys=pin_keys(enabled, len(self.digits) >= SHORTEST, _),
        )

    def _line(self, now_ms: int, _: Gettext) -> Line:
        forgotten = (Key(ForgetPin(), _("PIN forgotten")),)
        if self.note == "problem":
            advice = _("Choose a new one on the kiosk's command line: hymio-kiosk set-pin")
            return Line(_("The PIN can't be read"), f"{advice}\n{self.detail}", "bad", forgotten)
        if self.locked_until_ms is not None:
            left = _("Locked for {time}").format(time=duration(self.locked_until_ms - now_ms, _))
            return Line(_("Too many wrong tries"), left, "bad", forgotten)
        if self.note == "wrong":
            return Line(_("Wrong PIN"), _("Try again"), "warn", forgotten)
        if self.waiting and self.digits:
            return Line(_("One moment…"))
        return Line(_("Enter the PIN"))
