"""A pause: how long "Back soon" is shown. It ends by itself, also after a restart."""

from dataclasses import dataclass

from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Control
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import BeginPause
from kiosk.staff.texts import MINUTE, duration
from kiosk.staff.views import Key, Line, StaffView

CHOICES = (15, 30, 60, 120, 240)
"""Minutes."""


@dataclass(frozen=True)
class PauseFor(Control):
    """So many minutes; None: the rest of the day."""

    minutes: int | None


@dataclass(frozen=True)
class PausePage(StaffPage[PauseFor]):
    """How long it takes."""

    name = "pause"

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Pause")

    def press(self, control: PauseFor, state: StaffState, config: ActiveConfig) -> StaffStep:
        return StaffStep(state, (BeginPause(control.minutes),), is_done=True)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        lines = (Line(_("For how long?"), _("“Back soon” is shown, and ends by itself.")),)
        buttons = (
            *(Key(PauseFor(each), duration(each * MINUTE, _)) for each in CHOICES),
            Key(PauseFor(None), _("The rest of the day")),
        )
        return self.frame(_, lines=lines, buttons=buttons)
