"""The strip of states of a kiosk, and how much of the opening hours it could be used."""

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils import formats

from headoffice import clock
from headoffice.fleet.history import SILENT
from headoffice.fleet.kiosks import KioskAt
from headoffice.fleet.models import KioskChange
from headoffice.fleet.shop_hours import ShopHours
from headoffice.questionnaires.models import Version

DAYS, WEEKS = 14, 52
_DOWN = (SILENT, "out_of_order", "")
"""In these it could not be used, or is not known to have been there."""
Kind = KioskChange.Kind


class Segment(NamedTuple):
    """A state, for a while; in Unix ms."""

    begin: int
    end: int
    state: str

    def within(self, begin: int, end: int) -> "Segment":
        """The part of it between two instants; empty if there is none."""
        begin = max(begin, self.begin)
        return Segment(begin, max(begin, min(end, self.end)), self.state)

    @property
    def ms(self) -> int:
        """How long it is."""
        return self.end - self.begin


class Bar(NamedTuple):
    """A part of a strip, in thousandths of it."""

    x: float
    width: float
    state: str


class Strip(NamedTuple):
    """A day or a week of a kiosk."""

    first: dt.date
    bars: tuple[Bar, ...]
    uptime: float | None
    """Share of the opening hours, 0 to 1; None: it was not open, or there is nothing to say."""

    @property
    def share(self) -> str:
        """The same in words; rounded down, so that only what was always there says 100 %."""
        if self.uptime is None:
            return "–"
        return formats.number_format(math.floor(self.uptime * 1000) / 10, 1) + " %"


class Change(NamedTuple):
    """What is otherwise since when."""

    at: dt.datetime
    kind: str
    value: str


def segments(changes: Sequence[tuple[int, str]], heard_ms: int, now_ms: int) -> list[Segment]:
    """States by the changes, ascending; what was last said holds until it was last heard."""
    if not changes:
        return []
    ends = [at for at, _state in changes[1:]] + [heard_ms]
    found = [
        Segment(at, max(at, end), state) for (at, state), end in zip(changes, ends, strict=True)
    ]
    if heard_ms < now_ms:
        found.append(Segment(heard_ms, now_ms, SILENT))
    return found


def uptime(told: Sequence[Segment], opens: Sequence[tuple[int, int]]) -> float | None:
    """Which share of these hours it could be used, as far as anything is known of them."""
    parts = [(each.state, each.within(begin, end).ms) for each in told for begin, end in opens]
    whole = sum(ms for state, ms in parts if state)
    return sum(ms for state, ms in parts if state not in _DOWN) / whole if whole else None


def strip(
    told: Sequence[Segment], hours: ShopHours, first: dt.date, days: int, now_ms: int
) -> Strip:
    """That of some days."""
    zone = clock.zone_of(hours.zone)
    begin, end = (
        int(dt.datetime.combine(day, dt.time(), zone).timestamp() * 1000)
        for day in (first, first + dt.timedelta(days=days))
    )
    here = [part for each in told if (part := each.within(begin, end)).ms]
    thousandth = (end - begin) / 1000
    bars = tuple(
        Bar(round((part.begin - begin) / thousandth, 1), round(part.ms / thousandth, 1), part.state)
        for part in here
        if part.state
    )
    spans = hours.spans(first, first + dt.timedelta(days=days - 1))
    if not hours.are_known:
        spans = tuple((part.begin, part.end) for part in here if part.state != "closed")
    opens = [(max(b, begin), min(e, end, now_ms)) for b, e in spans]
    return Strip(first, bars, uptime(here, opens))


def strips(row: KioskAt) -> tuple[list[Strip], list[Strip]]:
    """The latest days, and the weeks of a year; the newest first."""
    now_ms = clock.now_ms()
    kiosk = row.kiosk
    changes = list(
        kiosk.changes.filter(kind=Kind.STATE).order_by("at_ms").values_list("at_ms", "value")
    )
    heard = kiosk.heartbeat_at
    heard_ms = now_ms if heard is None else int(heard.timestamp() * 1000)
    # One that is not missed is as it said: it may be silent for as long as it is.
    told = segments(changes, heard_ms if row.overdue else now_ms, now_ms)
    if not told:
        return [], []
    today = clock.instant(now_ms).astimezone(clock.zone_of(row.hours.zone)).date()
    monday = today - dt.timedelta(days=today.weekday())
    began = clock.instant(told[0].begin).astimezone(clock.zone_of(row.hours.zone)).date()
    days = [today - dt.timedelta(days=n) for n in range(DAYS)]
    weeks = [monday - dt.timedelta(weeks=n) for n in range(WEEKS)]
    return (
        [strip(told, row.hours, day, 1, now_ms) for day in days if day >= began],
        [
            strip(told, row.hours, week, 7, now_ms)
            for week in weeks
            if week + dt.timedelta(days=6) >= began
        ],
    )


def changes(row: KioskAt, most: int = 30) -> Iterator[Change]:
    """What the kiosk had otherwise since when, besides its state; the newest first."""
    found = list(row.kiosk.changes.exclude(kind=Kind.STATE).order_by("-at_ms")[:most])
    digests = {each.value for each in found if each.kind == Kind.QUESTIONNAIRE}
    titles = {each.digest: str(each) for each in Version.objects.filter(digest__in=digests)}
    zone = clock.zone_of(row.point.time_zone)
    for each in found:
        value = titles.get(each.value, each.value[:12])
        if each.kind == Kind.VERSION:
            value = each.value
        yield Change(clock.instant(each.at_ms).astimezone(zone), each.kind, value)
