"""Restart, or end the program."""

from dataclasses import dataclass
from typing import assert_never

from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Control
from kiosk.staff.pages.reset import ResetPage
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import Quit, Restart
from kiosk.staff.views import Key, Line, StaffView


@dataclass(frozen=True)
class RestartProgram(Control):
    """Begin anew."""


@dataclass(frozen=True)
class EndProgram(Control):
    """Ask nothing until somebody starts it."""


@dataclass(frozen=True)
class OpenReset(Control):
    """For handing the kiosk on."""


LeaveControl = RestartProgram | EndProgram | OpenReset


@dataclass(frozen=True)
class LeavePage(StaffPage[LeaveControl]):
    """Both ways to end what runs, and the way to forget the shop."""

    name = "leave"
    children = (ResetPage,)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Restart or quit")

    def press(self, control: LeaveControl, state: StaffState, config: ActiveConfig) -> StaffStep:
        match control:
            case RestartProgram():
                return StaffStep(state, (Restart(),))
            case EndProgram():
                return StaffStep(state, (Quit(),))
            case OpenReset():
                page, effects = ResetPage.open()
                return state.show(page, *effects)
            case _:
                assert_never(control)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        restart = Line(
            _("Restart"),
            _("Takes a few seconds. No answer is lost."),
            keys=(Key(RestartProgram(), _("Restart")),),
        )
        end = Line(
            _("Quit the program"),
            _("The kiosk asks nothing until it is started again."),
            keys=(Key(EndProgram(), _("Quit")),),
        )
        reset = Line(
            _("Factory reset"),
            _("For handing this kiosk on"),
            keys=(Key(OpenReset(), _("Reset")),),
        )
        return self.frame(_, lines=(restart, end, reset))
