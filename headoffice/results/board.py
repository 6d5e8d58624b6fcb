"""The page of today as it is drawn: a card for each kiosk."""

from datetime import datetime
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from headoffice import clock
from headoffice.fleet.kiosks import search_kiosks
from headoffice.health import words
from headoffice.health.condition import Kind
from headoffice.results import texts
from headoffice.results.formatting import FaceCount, IndexText, face_rows, index_text
from headoffice.results.ratings import enough
from headoffice.results.statistics import Index
from headoffice.results.today import KioskDay, Today

AT_ONCE = 12
"""More kiosks than these stand in rows on the page of today."""
CARDS = 60
"""So many kiosks stand on one page of today."""


class LocalTime(NamedTuple):
    """An instant by the clock of its place."""

    at: datetime
    text: str
    """The time alone, if it is today."""


class Card(NamedTuple):
    """One kiosk."""

    kiosk: int
    name: str
    place: str
    rows: tuple[tuple[FaceCount, ...], ...]
    figure: IndexText
    last_answer: LocalTime | None
    last_beat: LocalTime | None
    zone: str
    state: tuple[str, str]
    """In one or two words, and the look of their pill; empty: as it should be."""
    notes: tuple[str, ...]


class Board(NamedTuple):
    """The whole page."""

    page: Page[KioskDay]
    cards: tuple[Card, ...]
    """Of the kiosks on this page of them."""
    rows: tuple[tuple[FaceCount, ...], ...]
    figure: IndexText
    summary: str
    """One sentence, for those who hear the page."""
    many: bool = False
    """Whether there are more kiosks than can be overlooked: then they are rows."""
    urgent: int = 0
    """So many of the cards, the first ones, are of kiosks that somebody should look at."""
    others: int = 0
    """The kiosks on all pages that nobody needs to look at."""


def board(today: Today, number: str = "1", search: str = "") -> Board:
    """The page of a day: the figures of all kiosks, and so many of them one by one.

    Those that somebody should look at come first. ``search``: only kiosks that are found so.
    """
    by_kiosk = {each.at.kiosk.pk: each for each in today.kiosks}
    found = search_kiosks([each.at for each in today.kiosks], search)
    kiosks = sorted(
        (by_kiosk[row.kiosk.pk] for row in found),
        key=lambda kiosk: (not kiosk.needs_attention, *kiosk.condition.severity),
    )
    page = Paginator(kiosks, CARDS).get_page(number)
    index = _index_text(today.faces.happiness)
    if today.faces.happiness is None:
        summary = _("No answers yet today.")
    elif not index.value:
        n = today.faces.happiness.n
        summary = ngettext("%(n)s answer today.", "%(n)s answers today.", n) % {"n": index.n}
    else:
        summary = ngettext(
            "%(n)s answer today, happiness index %(index)s.",
            "%(n)s answers today, happiness index %(index)s.",
            today.faces.happiness.n,
        ) % {"n": index.n, "index": index.value}
    cards = tuple(map(_card, page))
    return Board(
        page,
        cards,
        face_rows(today.faces),
        index,
        summary,
        many=len(today.kiosks) > AT_ONCE,
        urgent=sum(kiosk.needs_attention for kiosk in page),
        others=sum(not kiosk.needs_attention for kiosk in kiosks),
    )


def _card(kiosk: KioskDay) -> Card:
    row = kiosk.at.kiosk
    return Card(
        kiosk=row.pk,
        name=_("Kiosk %(n)d") % {"n": row.pk},
        place=kiosk.at.place,
        rows=face_rows(kiosk.faces),
        figure=_index_text(kiosk.faces.happiness),
        last_answer=_local(kiosk.last_answer, kiosk),
        last_beat=_local(row.heartbeat_at, kiosk),
        zone=kiosk.at.point.time_zone,
        state=("", "") if row.demonstration else words.state(kiosk.at),
        notes=tuple(_notes(kiosk)),
    )


def _local(instant: datetime | None, kiosk: KioskDay) -> LocalTime | None:
    if instant is None:
        return None
    at = instant.astimezone(kiosk.zone)
    today = at.date() == clock.now().astimezone(kiosk.zone).date()
    text = date_format(at, "TIME_FORMAT" if today else "SHORT_DATETIME_FORMAT")
    return LocalTime(at, texts.with_zone(text, at))


def _notes(kiosk: KioskDay) -> list[str]:
    """What is wrong with it; that it is offline stands beside its name already."""
    concerns = kiosk.condition.concerns
    notes = [each.text for each in concerns if each.kind not in (Kind.OVERDUE, Kind.VERSION)]
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


def _index_text(index: Index | None) -> IndexText:
    """The same, of a day that has just begun: only n below the privacy minimum."""
    if index is not None and not enough(index.n):
        return index_text(None)._replace(n=texts.number_text(index.n))
    return index_text(index)
