"""When the shop is open: local times of day, made exact across midnight and summer time.

A range belongs to the day on which it begins; one that ends earlier than it begins ends on the
next day. Where summer time makes a time of day ambiguous or skips it, the shop is open: it opens
at the earlier reading and closes at the later one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from config.settings import WEEKDAYS, Hours

SET_CLOCK_MS = 1_704_067_200_000
"""2024 began then. A wall clock that says less was never set, and nothing follows from it."""
_LOCALTIME = Path("/etc/localtime")
_DAYS_AHEAD = 8


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
    if all(getattr(hours, day) is None for day in WEEKDAYS):  # the common case, and no zone
        return Opening(is_open=True, until_ms=None)
    spans = list(_merged(_spans(hours, local(hours, wall_ms).date(), zone_of(hours))))
    for begin, end in spans:
        if begin <= wall_ms < end:
            return Opening(is_open=True, until_ms=end)
    ahead = [begin for begin, _end in spans if begin > wall_ms]
    return Opening(is_open=False, until_ms=min(ahead, default=None))


def zone_of(hours: Hours) -> tzinfo:
    """The shop's time zone; that of the machine where none is set."""
    if hours.time_zone:
        return ZoneInfo(hours.time_zone)
    try:
        with _LOCALTIME.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC


def local(hours: Hours, wall_ms: int) -> datetime:
    """Unix milliseconds as the shop's time of day."""
    return datetime.fromtimestamp(wall_ms / 1000, zone_of(hours))


def _spans(hours: Hours, today: date, zone: tzinfo) -> Iterator[tuple[int, int]]:
    """Begin and end of every range from yesterday on, in Unix milliseconds."""
    for ahead in range(-1, _DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        ranges = getattr(hours, WEEKDAYS[day.weekday()])
        for text in ("00:00-24:00",) if ranges is None else ranges:
            begin, end = (_minutes(part) for part in text.split("-"))
            if end <= begin:
                end += 24 * 60
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


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
