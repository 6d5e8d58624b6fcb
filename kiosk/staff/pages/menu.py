"""Everything that staff can do, and the declared pages behind it."""

from dataclasses import dataclass
from typing import Any

from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Control, Leave
from kiosk.staff.pages.choose_pin import ChoosePin
from kiosk.staff.pages.connection import ConnectionPage
from kiosk.staff.pages.enrolment import EnrolmentPage
from kiosk.staff.pages.export import ExportPage
from kiosk.staff.pages.hours import HoursPage
from kiosk.staff.pages.leave import LeavePage
from kiosk.staff.pages.questionnaire import QuestionnairePage
from kiosk.staff.pages.sound import SoundPage
from kiosk.staff.pages.status import StatusPage
from kiosk.staff.pages.test_mode import TestPage
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.views import Key, StaffView

TILES: tuple[type[StaffPage[Any]], ...] = (
    StatusPage,
    TestPage,
    QuestionnairePage,
    HoursPage,
    SoundPage,
    ConnectionPage,
    EnrolmentPage,
    ExportPage,
    ChoosePin,
    LeavePage,
)
"""The pages that the menu opens, in its order. A new page is a file and a line here."""


@dataclass(frozen=True)
class OpenPage(Control):
    """A tile of the menu."""

    page: type[StaffPage[Any]]


@dataclass(frozen=True)
class Menu(StaffPage[OpenPage]):
    """A tile for each page."""

    name = "menu"

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Staff")

    def press(self, control: OpenPage, state: StaffState, config: ActiveConfig) -> StaffStep:
        page, effects = control.page.open()
        return state.show(page, *effects)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        tiles = tuple(
            Key(
                OpenPage(page),
                page.title(_),
                is_chosen=page.is_marked(state, config),
                picture=page.picture or page.name,
            )
            for page in TILES
        )
        leave = Key(Leave(), _("Exit"))
        return StaffView(f"staff_{self.name}", self.title(_), leave=leave, tiles=tiles)
