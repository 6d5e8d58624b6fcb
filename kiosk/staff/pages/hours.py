"""The week, the holidays and the pause."""

from dataclasses import dataclass

from config.opening_hours import local
from kiosk.overrides import ActiveConfig, OverridesChange
from kiosk.staff.controls import Control
from kiosk.staff.pages.day import DayPage
from kiosk.staff.pages.holidays import HolidaysPage
from kiosk.staff.pages.pause import PausePage
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.texts import number, ranges_in_words, set_by_head_office, weekday
from kiosk.staff.views import Key, Line, StaffView


@dataclass(frozen=True)
class OpenDay(Control):
    """One weekday; 0 is Monday."""

    day: int


@dataclass(frozen=True)
class OpenHolidays(Control):
    """Days that are otherwise than their weekday."""


@dataclass(frozen=True)
class OpenPause(Control):
    """How long a pause is to be."""


@dataclass(frozen=True)
class EndPause(Control):
    """The question is shown again."""


@dataclass(frozen=True)
class ResetHours(Control):
    """As the settings file has them."""


HoursControl = OpenDay | OpenHolidays | OpenPause | EndPause | ResetHours


@dataclass(frozen=True)
class HoursPage(StaffPage[HoursControl]):
    """The hours of every weekday."""

    name = "hours"
    children = (DayPage, HolidaysPage, PausePage)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Opening hours and pause")

    @classmethod
    def is_marked(cls, state: StaffState, config: ActiveConfig) -> bool:
        return config.overrides.paused

    def press(self, control: HoursControl, state: StaffState, config: ActiveConfig) -> StaffStep:
        match control:
            case OpenDay(day=day):
                return state.show(DayPage(day))
            case OpenHolidays():
                page, effects = HolidaysPage.open()
                return state.show(page, *effects)
            case OpenPause():
                return state.show(PausePage())
            case EndPause():
                return state.change(OverridesChange.of(paused=False, pause_ends_ms=None))
            case ResetHours():
                return state.change(OverridesChange.of(hours=None))

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        hours = config.settings.hours
        is_locked = "hours" in config.sleeping

        def change(control: HoursControl) -> tuple[Key, ...]:
            return () if is_locked else (Key(control, _("Change")),)

        days = (
            Line(weekday(day, _), ranges_in_words(hours, day, _), keys=change(OpenDay(day)))
            for day in range(7)
        )
        count = _("Days: {count}").format(count=number(len(hours.holidays), _))
        holidays = Line(
            _("Holidays"),
            count if hours.holidays else _("None"),
            keys=change(OpenHolidays()),
        )
        buttons: tuple[Key, ...] = ()
        if config.overrides.hours is not None and not is_locked:
            buttons = (Key(ResetHours(), _("Back to the settings file")),)
        office = (Line(set_by_head_office(_)),) if is_locked else ()
        lines = (*state.problem_lines(_), _pause_line(config, _), *office, *days, holidays)
        return self.frame(_, lines=lines, buttons=buttons)


def _pause_line(config: ActiveConfig, _: Gettext) -> Line:
    overrides = config.overrides
    if not overrides.paused:
        shown = _("Shows “Back soon” instead of the question.")
        return Line(_("Pause"), shown, keys=(Key(OpenPause(), _("Pause")),))
    if overrides.pause_ends_ms is None:
        text = _("The screen says “Back soon” until you end the pause.")
    else:
        ends = local(config.settings.hours, overrides.pause_ends_ms)
        text = _("The screen says “Back soon” until {time}.").format(time=f"{ends:%H:%M}")
    return Line(_("Pause"), text, "warn", (Key(EndPause(), _("End the pause")),))
