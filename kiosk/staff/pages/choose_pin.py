"""A new PIN, twice; on the first run nothing else can be done."""

from dataclasses import dataclass, replace
from typing import Literal, assert_never

from kiosk.errors import UnfitPinError
from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Confirm, Delete, Digit
from kiosk.staff.keypad import PinControl, edit_digits, pin_keys
from kiosk.staff.pin import check_fitness
from kiosk.staff.results import PinSaved, Result
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import SavePin
from kiosk.staff.views import Line, StaffView

PinNote = Literal["", "length", "too_easy", "different", "problem"]


@dataclass(frozen=True)
class ChoosePin(StaffPage[PinControl]):
    """The first time, or another one."""

    name = "choose_pin"
    picture = "pin"

    digits: str = ""
    first: str = ""
    """What was typed the first time."""
    waiting: bool = False
    note: PinNote = ""
    detail: str = ""
    first_run: bool = False

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Change the PIN")

    def press(self, control: PinControl, state: StaffState, config: ActiveConfig) -> StaffStep:
        match control:
            case Digit() | Delete():
                return state.show(replace(self, digits=edit_digits(self.digits, control), note=""))
            case Confirm() if not self.first:
                if note := _unfitness(self.digits):
                    return state.show(ChoosePin(note=note, first_run=self.first_run))
                return state.show(replace(self, digits="", first=self.digits, note=""))
            case Confirm() if self.digits != self.first:
                return state.show(ChoosePin(note="different", first_run=self.first_run))
            case Confirm():
                return state.show(replace(self, waiting=True), SavePin(self.digits))
            case _:
                assert_never(control)

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        match result:
            case PinSaved(problem=""):
                return StaffStep(state, is_done=True)
            case PinSaved(problem=problem):
                page = ChoosePin(note="problem", detail=problem, first_run=self.first_run)
                return state.show(page)
        return StaffStep(state)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        view = self.frame(
            _,
            lines=(self._line(_),),
            entry="•" * len(self.digits),
            keys=pin_keys(not self.waiting, len(self.digits) >= 1, _),
        )
        return replace(view, title=_("Staff"), back=None) if self.first_run else view

    def _line(self, _: Gettext) -> Line:
        match self.note:
            case "length":
                return Line(_("A PIN has 4 to 12 digits"), _("Choose another one"), "warn")
            case "too_easy":
                return Line(_("Too easy to guess"), _("Choose another one"), "warn")
            case "different":
                return Line(_("The PINs don't match"), _("Start again"), "warn")
            case "problem":
                return Line(_("The PIN could not be saved"), self.detail, "bad")
            case "" if self.first:
                again = _("To confirm.")
                return Line(_("Enter it once more"), again)
            case "":
                explanation = _("4–12 digits. Anyone who knows it can change the settings.")
                return Line(_("Choose a PIN"), explanation)
            case _:
                assert_never(self.note)


def _unfitness(digits: str) -> PinNote:
    try:
        check_fitness(digits)
    except UnfitPinError as error:
        return error.reason
    return ""
