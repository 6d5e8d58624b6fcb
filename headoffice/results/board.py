"""The page of today as it is drawn: a card for each kiosk."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.core.paginator import Page, Paginator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from headoffice import clock
from headoffice.fleet.models import Alarm
from headoffice.results import texts
from headoffice.results.formatting import FaceCount, IndexText, face_rows, index_text
from headoffice.results.ratings import enough
from headoffice.results.statistics import Index
from headoffice.results.today import KioskDay, Today
from sync.messages import Trouble

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

    name: str
    place: str
    rows: tuple[tuple[FaceCount, ...], ...]
    figure: IndexText
    last_answer: LocalTime | None
    last_beat: LocalTime | None
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
    rows: tuple[tuple[FaceCount, ...], ...]
    figure: IndexText
    summary: str
    """One sentence, for those who hear the page."""
    many: bool = False
    """Whether there are more cards than can be overlooked: then they are rows."""


def board(today: Today, number: str = "1") -> Board:
    """The page of a day: the figures of all kiosks, and so many of them one by one.

    Those that somebody should look at come first.
    """
    kiosks = sorted(today.kiosks, key=lambda kiosk: not kiosk.needs_attention)
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
    return Board(page, cards, face_rows(today.faces), index, summary, len(cards) > AT_ONCE)


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
        rows=face_rows(kiosk.faces),
        figure=_index_text(kiosk.faces.happiness),
        last_answer=_local(kiosk.last_answer, kiosk),
        last_beat=_local(row.heartbeat_at, kiosk),
        zone=kiosk.at.point.time_zone,
        overdue=kiosk.at.overdue,
        revoked=row.revoked_at is not None,
        state=states.get(row.state, ""),
        notes=tuple(_notes(kiosk)),
    )


def _local(instant: datetime | None, kiosk: KioskDay) -> LocalTime | None:
    if instant is None:
        return None
    at = instant.astimezone(kiosk.zone)
    today = at.date() == clock.now().astimezone(kiosk.zone).date()
    return LocalTime(at, date_format(at, "TIME_FORMAT" if today else "SHORT_DATETIME_FORMAT"))


def _notes(kiosk: KioskDay) -> list[str]:
    notes = [_alarm(alarm, kiosk) for alarm in kiosk.alarms]
    notes += map(_trouble, kiosk.at.kiosk.troubles)
    if kiosk.messages_lost:
        notes.append(
            ngettext(
                "%(n)d message was lost on the kiosk before it could be delivered.",
                "%(n)d messages were lost on the kiosk before they could be delivered.",
                kiosk.messages_lost,
            )
            % {"n": kiosk.messages_lost}
        )
    if kiosk.impossible:
        notes.append(
            _(
                "It says that messages were lost whose numbers no kiosk can have given. "
                "They are counted nowhere."
            )
        )
    if kiosk.unfit:
        notes.append(
            ngettext(
                "%(n)d answer does not fit its questionnaire. It is kept, and counts nowhere.",
                "%(n)d answers do not fit their questionnaire. They are kept, and count nowhere.",
                kiosk.unfit,
            )
            % {"n": kiosk.unfit}
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


def _trouble(told: dict[str, Any]) -> str:
    """What a kiosk reports to be wrong with itself; a newer one may know more kinds."""
    trouble = msgspec.convert(told, Trouble)
    count = "" if trouble.count is None else texts.number_text(trouble.count)
    match trouble.kind:
        case "outbox_damaged" if trouble.count is None:
            text = _("Stored answers were damaged. How many are lost is not known.")
        case "outbox_damaged" if trouble.count == 0:
            text = _("Stored answers were damaged. None is lost.")
        case "outbox_damaged":
            text = _("Stored answers were damaged. Lost, at least: %(count)s.")
        case "settings":
            text = _("Its settings have mistakes, which are left aside: %(detail)s")
        case "overrides":
            text = _("What staff changed on it can’t be used: %(detail)s")
        case "questionnaire":
            text = _("Its questionnaire can’t be used: %(detail)s")
        case "touch":
            text = _("Its touch panel is missing: %(detail)s")
        case "untouched":
            text = _("Nobody has touched it for unusually long: %(count)s hours of opening.")
        case _:
            text = _("It reports that something is wrong: %(detail)s")
    return text % {"count": count, "detail": trouble.detail or trouble.kind}


def _alarm(alarm: Alarm, kiosk: KioskDay) -> str:
    since = date_format(alarm.first_at.astimezone(kiosk.zone), "SHORT_DATETIME_FORMAT")
    often = ngettext(
        "Seen %(n)s time since %(since)s.", "Seen %(n)s times since %(since)s.", alarm.count
    )
    return f"{alarm.get_kind_display()}. " + often % {
        "n": texts.number_text(alarm.count),
        "since": since,
    }


def _index_text(index: Index | None) -> IndexText:
    """The same, of a day that has just begun: only n below the privacy minimum."""
    if index is not None and not enough(index.n):
        return index_text(None)._replace(n=texts.number_text(index.n))
    return index_text(index)
