"""From figures to what the page draws: shares as widths, figures as texts."""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from headoffice import clock
from headoffice.fleet.models import Alarm
from headoffice.results import texts
from headoffice.results.day import Day, Faces, KioskDay, Tally
from headoffice.results.statistics import Index
from headoffice.results.tallies import enough

NAMES = {
    3: (gettext_lazy("Sad"), gettext_lazy("Neutral"), gettext_lazy("Happy")),
    4: (
        gettext_lazy("Very sad"),
        gettext_lazy("Sad"),
        gettext_lazy("Happy"),
        gettext_lazy("Very happy"),
    ),
    5: (
        gettext_lazy("Very sad"),
        gettext_lazy("Sad"),
        gettext_lazy("Neutral"),
        gettext_lazy("Happy"),
        gettext_lazy("Very happy"),
    ),
}


AT_ONCE = 12
"""More kiosks than these stand in rows on the page of today."""
CARDS = 60
"""So many kiosks stand on one page of today."""


class Face(NamedTuple):
    """One face of a row with its count."""

    image: str
    name: str
    number: int
    percent: str
    mood: str
    """Names its colour: the place on the scale from bad to good, in quarters."""
    x: str
    width: str
    """Where its part of the bar begins and how wide it is, in hundredths."""


class Figure(NamedTuple):
    """An index as texts; all empty without answers."""

    value: str
    n: str
    interval: str
    low: str
    width: str
    dot: str


class Moment(NamedTuple):
    """An instant by the clock of its place."""

    at: datetime
    text: str
    """The time alone, if it is today."""


class Card(NamedTuple):
    """One kiosk."""

    name: str
    place: str
    rows: tuple[tuple[Face, ...], ...]
    figure: Figure
    last_answer: Moment | None
    last_beat: Moment | None
    zone: str
    overdue: bool
    revoked: bool
    state: str
    notes: tuple[str, ...]


class Board(NamedTuple):
    """The whole page."""

    page: Page[KioskDay]
    cards: tuple[Card, ...]
    """Of the kiosks on this page of them."""
    rows: tuple[tuple[Face, ...], ...]
    figure: Figure
    summary: str
    """One sentence, for those who hear the page."""
    many: bool = False
    """Whether there are more cards than can be overlooked: then they are rows."""


def board(day: Day, number: str = "1") -> Board:
    """The page of a day: the figures of all kiosks, and so many of them one by one.

    Those that somebody should look at come first.
    """
    kiosks = sorted(day.kiosks, key=lambda kiosk: not kiosk.troubled)
    page = Paginator(kiosks, CARDS).get_page(number)
    index = _figure(day.faces.happiness)
    if day.faces.happiness is None:
        summary = _("No answers yet today.")
    elif not index.value:
        n = day.faces.happiness.n
        summary = ngettext("%(n)s answer today.", "%(n)s answers today.", n) % {"n": index.n}
    else:
        summary = ngettext(
            "%(n)s answer today, happiness index %(index)s.",
            "%(n)s answers today, happiness index %(index)s.",
            day.faces.happiness.n,
        ) % {"n": index.n, "index": index.value}
    cards = tuple(map(_card, page))
    return Board(page, cards, rows(day.faces), index, summary, len(cards) > AT_ONCE)


def _card(kiosk: KioskDay) -> Card:
    row = kiosk.at.kiosk
    states = {
        "closed": _("Closed"),
        "paused": _("Paused"),
        "test": _("Test mode"),
        "out_of_order": _("Out of order"),
    }
    return Card(
        name=_("Kiosk %(n)d") % {"n": row.pk},
        place=kiosk.at.place,
        rows=rows(kiosk.faces),
        figure=_figure(kiosk.faces.happiness),
        last_answer=_local(kiosk.last_answer, kiosk),
        last_beat=_local(row.heartbeat_at, kiosk),
        zone=kiosk.at.point.time_zone,
        overdue=kiosk.at.overdue,
        revoked=row.revoked_at is not None,
        state=states.get(row.state, ""),
        notes=tuple(_notes(kiosk)),
    )


def _local(instant: datetime | None, kiosk: KioskDay) -> Moment | None:
    if instant is None:
        return None
    at = instant.astimezone(kiosk.zone)
    today = at.date() == clock.now().astimezone(kiosk.zone).date()
    return Moment(at, date_format(at, "TIME_FORMAT" if today else "SHORT_DATETIME_FORMAT"))


def _notes(kiosk: KioskDay) -> list[str]:
    notes = [_alarm(alarm, kiosk) for alarm in kiosk.alarms]
    if kiosk.gone:
        notes.append(
            ngettext(
                "%(n)d message was lost on the kiosk before it could be delivered.",
                "%(n)d messages were lost on the kiosk before they could be delivered.",
                kiosk.gone,
            )
            % {"n": kiosk.gone}
        )
    if kiosk.at.kiosk.quarantined:
        notes.append(
            ngettext(
                "%(n)d message is in quarantine on the kiosk.",
                "%(n)d messages are in quarantine on the kiosk.",
                kiosk.at.kiosk.quarantined,
            )
            % {"n": kiosk.at.kiosk.quarantined}
        )
    if kiosk.unknown:
        notes.append(
            ngettext(
                "%(n)d answer waits for its questionnaire to arrive from the kiosk.",
                "%(n)d answers wait for their questionnaire to arrive from the kiosk.",
                kiosk.unknown,
            )
            % {"n": kiosk.unknown}
        )
    return notes


def _alarm(alarm: Alarm, kiosk: KioskDay) -> str:
    since = date_format(alarm.first_at.astimezone(kiosk.zone), "SHORT_DATETIME_FORMAT")
    often = ngettext(
        "Seen %(n)s time since %(since)s.", "Seen %(n)s times since %(since)s.", alarm.count
    )
    return f"{alarm.get_kind_display()}. " + often % {
        "n": texts.number(alarm.count),
        "since": since,
    }


def rows(faces: Faces) -> tuple[tuple[Face, ...], ...]:
    """One row of faces for each scale that was shown."""
    return tuple(_row(tally) for tally in faces.tallies)


def _row(tally: Tally) -> tuple[Face, ...]:
    number, n = len(tally), sum(tally)
    row = []
    x = 0.0
    for face, count in enumerate(tally):
        width = 100 * count / n if n else 0.0
        row.append(
            Face(
                image=f"faces/face-{face}-of-{number}.svg",
                name=str(NAMES[number][face]),
                number=count,
                percent=f"{width:.0f} %" if n else "",
                mood=str(round(4 * face / (number - 1))),
                x=f"{x:.3f}",
                width=f"{width:.3f}",
            )
        )
        x += width
    return tuple(row)


def _figure(index: Index | None) -> Figure:
    """The same, of a day that has just begun: only n below the privacy minimum."""
    if index is not None and not enough(index.n):
        return figure(None)._replace(n=texts.number(index.n))
    return figure(index)


def figure(index: Index | None, scale: tuple[int, int] = (0, 100)) -> Figure:
    """An index from 0 to 100 as texts and as a ruler, whose ends are those of the scale."""
    if index is None:
        return Figure("", "0", "", "0", "0", "0")
    begin, end = scale
    low, value, high = (
        100 * (at - begin) / (end - begin)
        for at in (index.interval.low, index.value, index.interval.high)
    )
    return Figure(
        value=texts.number(index.value),
        n=texts.number(index.n),
        interval=texts.between(index),
        low=f"{low:.2f}",
        width=f"{high - low:.2f}",
        dot=f"{value:.2f}",
    )


def scale(indices: Iterable[Index]) -> tuple[int, int]:
    """The tens around all these intervals, so that what differs is seen to differ."""
    intervals = [index.interval for index in indices]
    if not intervals:
        return 0, 100
    low, high = min(i.low for i in intervals), max(i.high for i in intervals)
    return math.floor(low / 10) * 10, max(math.floor(low / 10) * 10 + 10, math.ceil(high / 10) * 10)
