"""One weekday, with as many ranges as it has, five minutes at a time."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from msgspec import structs

from config.opening_hours import TimeRange, WeeklyHours, hours_mistakes
from config.settings import WEEKDAYS, Hours
from kiosk.overrides import ActiveConfig, OverridesChange
from kiosk.staff.controls import Control
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.texts import ranges_in_words, weekday
from kiosk.staff.views import Key, Line, StaffView

USUAL = "09:00-21:00"
MOST_RANGES = 6
STEPS = (-30, -5, 5, 30)
"""Minutes that a button moves a time."""
_DAY = 24 * 60
_BREAK, _SHORTEST = 60, 15


class HoursChange(StrEnum):
    """What a button of the page does to the day."""

    CLOSE = "close"
    ALL_DAY = "all_day"
    USUAL = "usual"
    ADD_BREAK = "add_break"
    TO_WEEKDAYS = "to_weekdays"
    TO_ALL = "to_all"


@dataclass(frozen=True)
class ChangeHours(Control):
    """Another kind of day."""

    change: HoursChange


@dataclass(frozen=True)
class MoveOpening(Control):
    """A range begins so many minutes later."""

    index: int
    minutes: int


@dataclass(frozen=True)
class MoveClosing(Control):
    """A range ends so many minutes later."""

    index: int
    minutes: int


@dataclass(frozen=True)
class RemoveRange(Control):
    """The shop is closed in a range."""

    index: int


DayControl = ChangeHours | MoveOpening | MoveClosing | RemoveRange


@dataclass(frozen=True)
class DayPage(StaffPage[DayControl]):
    """0 is Monday."""

    name = "day"

    day: int

    def press(self, control: DayControl, state: StaffState, config: ActiveConfig) -> StaffStep:
        hours = change_hours(config.settings.hours, self.day, control)
        return state.change(OverridesChange.of(hours=hours))

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        hours = config.settings.hours
        kind = getattr(hours, WEEKDAYS[self.day])
        ranges = _ranges(hours, self.day) if kind else ()
        lines = [*state.problem_lines(_)]
        if not ranges:
            lines.append(Line(ranges_in_words(hours, self.day, _)))
        for index, each in enumerate(ranges):
            lines += _range_lines(hours, self.day, index, each, several=len(ranges) > 1, _=_)
        with_break = change_hours(hours, self.day, ChangeHours(HoursChange.ADD_BREAK))
        buttons = (
            *(() if ranges else (Key(ChangeHours(HoursChange.USUAL), _("Set hours")),)),
            Key(ChangeHours(HoursChange.CLOSE), _("Closed"), is_chosen=kind == ()),
            Key(ChangeHours(HoursChange.ALL_DAY), _("Open all day"), is_chosen=kind is None),
            *(
                (Key(ChangeHours(HoursChange.ADD_BREAK), _("Add a break")),)
                if with_break != hours
                else ()
            ),
            Key(ChangeHours(HoursChange.TO_WEEKDAYS), _("Copy to Mon–Fri")),
            Key(ChangeHours(HoursChange.TO_ALL), _("Copy to every day")),
        )
        return self.frame(_, title=weekday(self.day, _), lines=tuple(lines), buttons=buttons)


def change_hours(hours: Hours, day: int, control: DayControl) -> Hours:
    """The hours after a button; the same where that would make no sense."""
    name = WEEKDAYS[day]
    if isinstance(control, ChangeHours) and control.change != HoursChange.ADD_BREAK:
        return _change_kind(hours, name, control.change)
    if not getattr(hours, name):
        return hours  # there is no range to change
    ranges = list(_ranges(hours, day))
    match control:
        case ChangeHours():
            ranges = _with_break(ranges)
        case MoveOpening(index=index, minutes=minutes):
            begin, end = ranges[index]
            ranges[index] = TimeRange.of(_moved(begin, minutes, 0), _clock(end, _DAY))
        case MoveClosing(index=index, minutes=minutes):
            begin, end = ranges[index]
            ranges[index] = TimeRange.of(begin, _moved(end, minutes, _DAY))
        case RemoveRange(index=index):
            del ranges[index]
        case _:
            assert_never(control)
    changed = structs.replace(hours, **{name: tuple(map(str, sorted(ranges)))})
    return hours if any(hours_mistakes(changed)) else changed


def _change_kind(hours: Hours, name: str, change: HoursChange) -> Hours:
    own = getattr(hours, name)
    days = {HoursChange.TO_WEEKDAYS: WEEKDAYS[:5], HoursChange.TO_ALL: WEEKDAYS}
    kinds: dict[HoursChange, tuple[str, ...] | None] = {
        HoursChange.CLOSE: (),
        HoursChange.ALL_DAY: None,
        HoursChange.USUAL: (USUAL,),
    }
    return structs.replace(
        hours, **dict.fromkeys(days.get(change, (name,)), kinds.get(change, own))
    )


def _ranges(hours: Hours, day: int) -> tuple[TimeRange, ...]:
    return WeeklyHours.of(hours).days[day]


def _range_lines(
    hours: Hours, day: int, index: int, each: TimeRange, *, several: bool, _: Gettext
) -> list[Line]:
    opens, closes = each.times

    def keys(control: type[MoveOpening] | type[MoveClosing]) -> tuple[Key, ...]:
        moves = [control(index, minutes) for minutes in STEPS]
        return tuple(
            Key(
                move,
                f"{move.minutes:+d}".replace("-", "−"),
                enabled=change_hours(hours, day, move) != hours,
            )
            for move in moves
        )

    lines = [
        Line(_("Opens at {time}").format(time=opens), keys=keys(MoveOpening)),
        Line(_("Closes at {time}").format(time=closes), keys=keys(MoveClosing)),
    ]
    if several:
        lines.insert(0, Line(f"{opens}–{closes}", keys=(Key(RemoveRange(index), _("Remove")),)))
    return lines


def _with_break(ranges: list[TimeRange]) -> list[TimeRange]:
    """An hour in the middle of the longest range, if it is long enough for one."""
    if not ranges or len(ranges) >= MOST_RANGES:
        return ranges
    longest = max(ranges, key=lambda each: each.end - each.begin)
    length = longest.end - longest.begin
    if length < _BREAK + 2 * _SHORTEST:
        return ranges
    middle = longest.begin + (length - _BREAK) // 2 // 5 * 5
    parts = [
        TimeRange.of(longest.begin, _clock(middle, _DAY)),
        TimeRange.of(_clock(middle + _BREAK, 0), _clock(longest.end, _DAY)),
    ]
    return [*(each for each in ranges if each is not longest), *parts]


def _moved(minutes: int, step: int, midnight: int) -> int:
    """A time of day so many minutes on, round the clock."""
    return _clock((minutes + step) % _DAY, midnight)


def _clock(minutes: int, midnight: int) -> int:
    """A time of day; ``midnight`` is 0 or 24 h."""
    return minutes % _DAY or midnight
