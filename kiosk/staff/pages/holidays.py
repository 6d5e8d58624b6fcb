"""Days on which the shop is closed, though its weekday is not."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum
from typing import Self

from msgspec import structs

from kiosk.overrides import ActiveConfig, OverridesChange
from kiosk.staff.controls import Control
from kiosk.staff.results import Result, Today
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import Effect, ReadToday
from kiosk.staff.texts import weekday
from kiosk.staff.views import Key, Line, StaffView

FURTHEST_DAYS = 400
_FULL_DATE = len("2026-12-24")


class Days(IntEnum):
    """How far a button moves the day."""

    WEEK_BACK, BACK, ON, WEEK_ON = -7, -1, 1, 7


@dataclass(frozen=True)
class MoveDay(Control):
    """Another day."""

    days: Days


@dataclass(frozen=True)
class CloseDay(Control):
    """The shop is closed on the day that is shown."""


@dataclass(frozen=True)
class RemoveHoliday(Control):
    """A holiday is a day like others; by its place in the list."""

    index: int


@dataclass(frozen=True)
class HolidaysPage(StaffPage[MoveDay | CloseDay | RemoveHoliday]):
    """Holidays, and a day to add."""

    name = "holidays"

    today: date | None = None
    """None: not read yet."""
    ahead: int = 1
    """The day that is shown, in days from today."""

    @classmethod
    def open(cls) -> tuple[Self, tuple[Effect, ...]]:
        return cls(), (ReadToday(),)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Holidays")

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        if isinstance(result, Today):
            return state.show(replace(self, today=result.date))
        return StaffStep(state)

    def press(
        self, control: MoveDay | CloseDay | RemoveHoliday, state: StaffState, config: ActiveConfig
    ) -> StaffStep:
        hours = config.settings.hours
        match control:
            case MoveDay(days=days):
                ahead = min(max(0, self.ahead + days), FURTHEST_DAYS)
                return state.show(replace(self, ahead=ahead))
            case RemoveHoliday(index=index):
                kept = (*hours.holidays[:index], *hours.holidays[index + 1 :])
            case CloseDay():
                kept = tuple(sorted({*hours.holidays, str(self._day)}))
        return state.change(OverridesChange.of(hours=structs.replace(hours, holidays=kept)))

    @property
    def _day(self) -> date | None:
        return None if self.today is None else self.today + timedelta(days=self.ahead)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        lines = [*state.problem_lines(_)]
        buttons: tuple[Key, ...] = ()
        holidays = config.settings.hours.holidays
        if (day := self._day) is None:
            lines.append(Line(_("One moment…")))
        else:
            keys = tuple(
                Key(MoveDay(each), f"{each:+d}".replace("-", "−"), enabled=self._can_move(each))
                for each in Days
            )
            lines.append(Line(f"{weekday(day.weekday(), _)} {day}", keys=keys))
            is_new = str(day) not in holidays
            buttons = (Key(CloseDay(), _("Closed on this day"), enabled=is_new, strong=True),)
        lines += [
            _holiday_line(text, Key(RemoveHoliday(index), _("Remove")), _)
            for index, text in enumerate(holidays)
            if not self._is_over(text.split(" ")[0])
        ]
        return self.frame(_, lines=tuple(lines), buttons=buttons)

    def _is_over(self, name: str) -> bool:
        return self.today is not None and name < str(self.today) and len(name) == _FULL_DATE

    def _can_move(self, days: int) -> bool:
        return 0 <= self.ahead + days <= FURTHEST_DAYS


def _holiday_line(text: str, key: Key, _: Gettext) -> Line:
    name, *ranges = text.split(" ")
    yearly = _("every year")
    day = name if len(name) == _FULL_DATE else f"{name} ({yearly})"
    times = ", ".join(each.replace("-", "–") for each in ranges)
    return Line(day, times or _("Closed"), keys=(key,))
