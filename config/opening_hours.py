"""When a shop is open: weekly hours, as files, databases and people write them, and on a date.

A range belongs to the day on which it begins; one that ends earlier than it begins ends on the
next day. A day may have several. Where summer time makes a time of day ambiguous or skips it, the
shop is open: it opens at the earlier reading and closes at the later one.

::

    WeeklyHours.of(settings.hours)                            # a kiosk's settings
    WeeklyHours.load({"mon": [["09:00", "21:00"]]}).dump()    # a database's column
    str(parse_hours("Mon-Fri 09:00-21:00; Sat 22:00-03:00"))  # what people write; also 24/7
    opening(settings.hours, clock.moment().wall_ms).is_open
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from itertools import pairwise
from typing import Literal, NamedTuple, Self
from zoneinfo import ZoneInfo

from config.errors import Mistake
from config.local_zone import local_zone
from config.settings import WEEKDAYS, Hours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SET_CLOCK_MS = 1_704_067_200_000
"""2024 began then. A wall clock that says less was never set, and nothing follows from it."""
StoredHours = dict[str, list[list[str]]]
"""As a database keeps them: ``{"mon": [["09:00", "21:00"]]}``; days left out are closed."""
_DAY = 24 * 60
_DAYS_AHEAD = 8
_FULL_DATE = len("2026-12-24")
_PART = re.compile(r"([^\W\d_]+)\.?(?:\s*[-–]\s*([^\W\d_]+)\.?)?\s+(\S.*)")
_RANGE = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*[-–]\s*(\d{1,2})(?:[:.](\d\d))?")
_ALWAYS = re.compile(r"24\s*/\s*7")


class TimeRange(NamedTuple):
    """From one time of day to another, in minutes from the midnight before the first."""

    begin: int
    """0 to 1439."""
    end: int
    """Less than a day later; above 1440 it is on the next day."""

    @classmethod
    def of(cls, begin: int, end: int) -> Self:
        """The range between two times of day; the second is on the next day if need be."""
        return cls(begin, end if end >= begin else end + _DAY)

    @classmethod
    def load(cls, text: str) -> Self:
        """A range such as ``09:00-21:00``."""
        times = (part.split(":") for part in text.split("-"))
        begin, end = (int(hour) * 60 + int(minute) for hour, minute in times)
        return cls.of(begin, end)

    @property
    def times(self) -> tuple[str, str]:
        """Both times of day, the end of a day as 24:00."""
        end = self.end if self.end <= _DAY else self.end - _DAY
        return _time(self.begin), _time(end)

    def __str__(self) -> str:
        return "-".join(self.times)


ALL_DAY = TimeRange(0, _DAY)


@dataclass(frozen=True)
class WeeklyHours:
    """The ranges of each day from Monday, ascending; none: closed all day."""

    days: tuple[tuple[TimeRange, ...], ...]

    @classmethod
    def of(cls, hours: Hours) -> Self:
        """Those of a kiosk's settings, where a day left out is open all day."""
        ranges = (getattr(hours, day) for day in WEEKDAYS)
        return cls(
            tuple(
                (ALL_DAY,) if day is None else tuple(sorted(map(TimeRange.load, day)))
                for day in ranges
            )
        )

    @classmethod
    def load(cls, stored: Mapping[str, Sequence[Sequence[str]]]) -> Self:
        """Those that a database keeps."""
        days = (stored.get(day, ()) for day in DAYS)
        return cls(tuple(tuple(TimeRange.load("-".join(times)) for times in day) for day in days))

    def dump(self) -> StoredHours:
        """As a database keeps them."""
        days = zip(DAYS, self.days, strict=True)
        return {day: [list(each.times) for each in ranges] for day, ranges in days if ranges}

    def are_open(self, zone: tzinfo, wall_ms: int) -> bool:
        """Whether a shop with these hours is open then, where it stands."""
        today = datetime.fromtimestamp(wall_ms / 1000, zone).date()
        ranges_on = partial(_ranges_on, self, Holidays({}, {}))
        return any(begin <= wall_ms < end for begin, end in _spans(ranges_on, today, zone))

    def open_spans(self, zone: tzinfo, first: date, last: date) -> list[tuple[int, int]]:
        """When it is open on these days and the one before, in Unix milliseconds, ascending."""
        days = (last - first).days + 1
        return list(_merged(_spans(partial(_ranges_on, self, Holidays({}, {})), first, zone, days)))

    def text(self, names: Sequence[str] = DAYS) -> str:
        """The shortest text, with these names of the days; parse_hours() reads it back."""
        parts: list[tuple[list[int], str]] = []
        for number, ranges in enumerate(self.days):
            said = ", ".join(map(str, ranges))
            if parts and parts[-1] == (parts[-1][0], said) and parts[-1][0][-1] == number - 1:
                parts[-1][0].append(number)
            elif said:
                parts.append(([number], said))
        return "; ".join(f"{days_text(days[0], days[-1], names)} {said}" for days, said in parts)

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class Holidays:
    """The ranges of days that are otherwise than their weekday; none: closed."""

    once: Mapping[str, tuple[TimeRange, ...]]
    """By the date, like ``2026-12-24``."""
    yearly: Mapping[str, tuple[TimeRange, ...]]
    """By the day of each year, like ``12-25``."""

    @classmethod
    def of(cls, hours: Hours) -> Self:
        """Those of a kiosk's settings."""
        days = dict(map(_holiday, hours.holidays))
        once = {name: ranges for name, ranges in days.items() if len(name) == _FULL_DATE}
        return cls(once, {name: days[name] for name in days.keys() - once.keys()})

    def ranges_on(self, day: date) -> tuple[TimeRange, ...] | None:
        """When it is open on a day; None: as on its weekday."""
        name = day.isoformat()
        return self.once.get(name, self.yearly.get(name[-5:]))


class HoursTextError(ValueError):
    """{part} is no opening hours: {mistake}."""

    def __init__(self, part: str, mistake: Literal["form", "time", "empty", "overlap"]):
        """``form``: not like Mon-Fri 09:00-21:00; ``time``: none that a clock shows; ``empty``: it
        ends as it begins; ``overlap``: with others of that day."""
        self.part = part
        self.mistake = mistake
        super().__init__(f"{part!r} is no opening hours: {mistake}")


def parse_hours(text: str, *languages: Sequence[str]) -> WeeklyHours:
    """The hours that a text says; raises HoursTextError.

    Days are read in English, and by the short names of further languages, from Monday; a span of
    them may go over the end of the week, as in ``Sun-Thu``, and a full hour is one, as in ``8-21``.
    """
    if _ALWAYS.fullmatch(text.strip()):
        return WeeklyHours(((ALL_DAY,),) * 7)
    numbers = {name: number for days in (DAYS, *languages) for number, name in enumerate(days)}
    week: list[list[TimeRange]] = [[] for _day in DAYS]
    for part in filter(None, (piece.strip() for piece in re.split(r"[;\n]", text.lower()))):
        found = _PART.fullmatch(part)
        if not found or found[1] not in numbers or (found[2] or "mon") not in numbers:
            raise HoursTextError(part, "form")
        first, last = numbers[found[1]], numbers[found[2] or found[1]]
        ranges = [_parse_range(each.strip(), part) for each in found[3].split(",")]
        for day in (week[(first + n) % 7] for n in range((last - first) % 7 + 1)):
            day.extend(ranges)
            day.sort()
            if _overlap(day):
                raise HoursTextError(part, "overlap")
    return WeeklyHours(tuple(map(tuple, week)))


def days_text(first: int, last: int, names: Sequence[str] = DAYS) -> str:
    """One day or several, as in ``Mon-Fri``; 0 is Monday."""
    return "-".join(names[day].capitalize() for day in dict.fromkeys((first, last)))


def hours_mistakes(hours: Hours) -> Iterator[Mistake]:
    """An unknown time zone; ranges of a day that are empty or overlap."""
    if hours.time_zone:
        try:
            ZoneInfo(hours.time_zone)
        except (OSError, ValueError, KeyError):  # a folder, no name at all, an unknown one
            yield Mistake("hours.time_zone", repr(hours.time_zone), "like 'Europe/Helsinki'")
    for day, ranges in zip(WEEKDAYS, WeeklyHours.of(hours).days, strict=True):
        if any(begin == end for begin, end in ranges):
            yield Mistake(f"hours.{day}", "a range that ends as it begins", "it lasts a while")
        elif _overlap(ranges):
            yield Mistake(f"hours.{day}", "ranges that overlap", "one ends before the next begins")
    for index, text in enumerate(hours.holidays):
        name, ranges = _holiday(text)
        path = f"hours.holidays[{index}]"
        if not _is_date(name):
            yield Mistake(path, repr(name), "there is no such day")
        elif any(begin == end for begin, end in ranges) or _overlap(ranges):
            yield Mistake(path, repr(text), "its ranges last a while and don't overlap")


def _parse_range(text: str, part: str) -> TimeRange:
    found = _RANGE.fullmatch(text)
    if not found:
        raise HoursTextError(part, "form")
    hour, minute, last_hour, last_minute = map(int, found.groups(default="0"))
    begin, end = hour * 60 + minute, last_hour * 60 + last_minute
    if max(minute, last_minute) > 59 or begin >= _DAY or end > _DAY:
        raise HoursTextError(part, "time")
    if begin == end:
        raise HoursTextError(part, "empty")
    return TimeRange.of(begin, end)


def _holiday(text: str) -> tuple[str, tuple[TimeRange, ...]]:
    """The name of a day and its ranges."""
    name, *ranges = text.split(" ")
    return name, tuple(sorted(map(TimeRange.load, ranges)))


def _is_date(name: str) -> bool:
    try:
        date.fromisoformat(name if len(name) == _FULL_DATE else f"2024-{name}")
    except ValueError:
        return False
    return True


def _overlap(ranges: Sequence[TimeRange]) -> bool:
    return any(after.begin < before.end for before, after in pairwise(ranges))


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


# --- on a date ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Opening:
    """Whether the shop is open, and until when that holds."""

    is_open: bool
    until_ms: int | None
    """Unix milliseconds; None: it never changes."""


def opening(hours: Hours, wall_ms: int) -> Opening:
    """How it is at this time. With a clock that was never set the shop counts as open."""
    if wall_ms < SET_CLOCK_MS:
        return Opening(is_open=True, until_ms=SET_CLOCK_MS)
    is_always_open = all(getattr(hours, day) is None for day in WEEKDAYS)
    if is_always_open and not hours.holidays:  # the common case, and no zone
        return Opening(is_open=True, until_ms=None)
    today, zone = local(hours, wall_ms).date(), zone_of(hours)
    weekly, holidays = WeeklyHours.of(hours), Holidays.of(hours)
    ranges_on = partial(_ranges_on, weekly, holidays)
    spans = list(_merged(_spans(ranges_on, today, zone)))
    for begin, end in spans:
        if begin <= wall_ms < end:
            return Opening(is_open=True, until_ms=end)
    ahead = [begin for begin, _end in spans if begin > wall_ms]
    return Opening(is_open=False, until_ms=min(ahead, default=None))


def mean_day_ms(hours: Hours) -> int:
    """How long the shop is open on a day on which it opens; 0: on none."""
    days = [day for day in WeeklyHours.of(hours).days if day]
    minutes = sum(end - begin for day in days for begin, end in day)
    return minutes * 60_000 // len(days) if days else 0


def zone_of(hours: Hours) -> tzinfo:
    """The shop's time zone; that of the machine where none is set."""
    return ZoneInfo(hours.time_zone) if hours.time_zone else local_zone()


def local(hours: Hours, wall_ms: int) -> datetime:
    """Unix milliseconds as the shop's time of day."""
    return datetime.fromtimestamp(wall_ms / 1000, zone_of(hours))


def _ranges_on(weekly: WeeklyHours, holidays: "Holidays", day: date) -> tuple[TimeRange, ...]:
    other = holidays.ranges_on(day)
    return weekly.days[day.weekday()] if other is None else other


def _spans(
    ranges_on: Callable[[date], tuple[TimeRange, ...]],
    today: date,
    zone: tzinfo,
    days: int = _DAYS_AHEAD,
) -> Iterator[tuple[int, int]]:
    """Begin and end of every range from yesterday on, in Unix milliseconds."""
    for ahead in range(-1, days):
        day = today + timedelta(days=ahead)
        for begin, end in ranges_on(day):
            yield min(_readings(day, begin, zone)), max(_readings(day, end, zone))


def _merged(spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans without overlaps or seams, so that closing at 24:00 and opening at 0:00 is one."""
    now: tuple[int, int] | None = None
    for begin, end in sorted(spans):
        if now is None:
            now = (begin, end)
        elif begin <= now[1]:
            now = (now[0], max(now[1], end))
        else:
            yield now
            now = (begin, end)
    if now is not None:
        yield now


def _readings(day: date, minutes: int, zone: tzinfo) -> tuple[int, int]:
    """The two instants that a time of day may mean; nearly always the same one twice."""
    at = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minutes)
    return _ms(at.replace(fold=0)), _ms(at.replace(fold=1))


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
