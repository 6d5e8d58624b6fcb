"""The first start of a kiosk: what is still to be done, step by step, and where the way in is."""

from dataclasses import dataclass, replace
from typing import Any, Self

from kiosk.i18n import native_name
from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Control, Leave
from kiosk.staff.pages.enrolment import EnrolmentPage
from kiosk.staff.pages.menu import Menu
from kiosk.staff.pages.questionnaire import QuestionnairePage
from kiosk.staff.pages.test_mode import TestPage
from kiosk.staff.results import Membership, Result
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import Effect, ReadMembership
from kiosk.staff.texts import corner_in_words, number
from kiosk.staff.views import Key, Line, StaffView


@dataclass(frozen=True)
class TakeStep(Control):
    """The page of a step."""

    page: type[StaffPage[Any]]


@dataclass(frozen=True)
class OpenMenu(Control):
    """Everything else."""


@dataclass(frozen=True)
class FinishSetup(Control):
    """Shoppers may come."""


@dataclass(frozen=True)
class FirstStart(StaffPage[TakeStep | OpenMenu | FinishSetup]):
    """Comes after the first PIN, and after each step, until it is finished."""

    name = "first_start"

    place: str | None = None

    @classmethod
    def open(cls) -> tuple[Self, tuple[Effect, ...]]:
        return cls(), (ReadMembership(),)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Set up this kiosk")

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        if isinstance(result, Membership):
            return state.show(replace(self, place=result.place))
        return StaffStep(state)

    def press(
        self, control: TakeStep | OpenMenu | FinishSetup, state: StaffState, config: ActiveConfig
    ) -> StaffStep:
        match control:
            case TakeStep(page=page):
                opened, effects = page.open()
                return state.show(opened, *effects)
            case OpenMenu():
                return StaffStep(replace(state, is_setting_up=False, page=Menu()))
            case FinishSetup():
                return StaffStep(replace(state, is_setting_up=False, page=None))

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        staff = config.settings.staff
        seconds = number(staff.hold, _, 0 if staff.hold == int(staff.hold) else 1)
        corner = _("Hold a finger in the {corner} for {seconds} seconds.").format(
            corner=corner_in_words(staff.corner, _), seconds=seconds
        )
        enrol = Key(TakeStep(EnrolmentPage), _("Enter the code"))
        lines = (
            Line(_("PIN chosen"), "", "good"),
            Line(
                _("Language"),
                native_name(config.language),
                keys=(Key(TakeStep(QuestionnairePage), _("Change")),),
            ),
            Line(_("Head office"), _("Not yet"), keys=(enrol,))
            if self.place is None
            else Line(_("Head office"), self.place, "good"),
            Line(
                _("A test tap"),
                _("Not counted. Then come back by the corner."),
                keys=(Key(TakeStep(TestPage), _("Try")),),
            ),
            Line(_("The way back to these pages"), corner),
        )
        buttons = (Key(FinishSetup(), _("Done"), strong=True), Key(OpenMenu(), _("All settings")))
        return StaffView(
            f"staff_{self.name}",
            self.title(_),
            leave=Key(Leave(), _("Exit")),
            lines=lines,
            buttons=buttons,
        )
