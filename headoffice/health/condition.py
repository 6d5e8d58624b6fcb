"""What is wrong with each kiosk, as far as the head office knows: worst first, in words.

A kiosk's own word is its latest heartbeat; what never arrived, what does not fit and who uses an
identity twice, the head office finds out by itself.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from headoffice import clock
from headoffice.configuration.divergence import Divergence
from headoffice.fleet.kiosks import KioskAt, all_kiosks
from headoffice.fleet.models import Alarm, Kiosk
from headoffice.health import words
from headoffice.messages.losses import Loss, losses, unfit_answers

LITTLE_DISK_BYTES = 500_000_000
"""A kiosk with less free disk than this needs somebody; an answer takes less than 1 kB."""
CLOCK_OFF_MS = 120_000
"""A clock that differs by more than this shows people a wrong time."""
BACKLOG_MS = 15 * 60 * 1000
"""Messages that have waited for longer than this can't get home."""
_RELEASE = re.compile(r"\d+(?:\.\d+)*")
_NO_LOSS = Loss(0, 0, 0)


class Kind(IntEnum):
    """What can be wrong, the worst first."""

    CLONE = 0
    OUT_OF_ORDER = 1
    OVERDUE = 2
    TOUCH = 3
    OUTBOX = 4
    LOST = 5
    IMPOSSIBLE = 6
    OTHER = 7
    QUESTIONNAIRE = 8
    QUARANTINE = 9
    UNFIT = 10
    DISK = 11
    BACKLOG = 12
    CLOCK = 13
    UNTOUCHED = 14
    SETTINGS = 15
    DIVERGENCE = 16
    VERSION = 17
    SUCCESSION = 18


_REPORTED = {
    "outbox_damaged": Kind.OUTBOX,
    "settings": Kind.SETTINGS,
    "overrides": Kind.SETTINGS,
    "questionnaire": Kind.QUESTIONNAIRE,
    "touch": Kind.TOUCH,
    "untouched": Kind.UNTOUCHED,
    "configuration": Kind.SETTINGS,
}


class Concern(NamedTuple):
    """One thing to look at."""

    kind: Kind
    text: str


class Condition(NamedTuple):
    """A kiosk, and what is wrong with it, worst first."""

    at: KioskAt
    concerns: tuple[Concern, ...]

    @property
    def needs_attention(self) -> bool:
        """Whether there is something to look at; who is shut out needs nobody."""
        return bool(self.concerns) and self.at.kiosk.revoked_at is None

    @property
    def severity(self) -> tuple[int, int]:
        """Ascending from what somebody should look at first."""
        worst = self.concerns[0].kind if self.needs_attention else len(Kind)
        return worst, -len(self.concerns)


class Fleet:
    """What the head office knows about kiosks from elsewhere than their heartbeats."""

    def __init__(self, rows: list[KioskAt]) -> None:
        self._alarms: dict[int, list[Alarm]] = defaultdict(list)
        for alarm in Alarm.objects.order_by("first_at"):
            self._alarms[alarm.kiosk_id].append(alarm)
        self._losses, self._unfit = losses(), unfit_answers()
        self._divergence = Divergence.load()
        heard = [row.kiosk.version for row in rows if row.can_speak and row.kiosk.version]
        self._newest = max(heard, key=_release, default="")

    def condition(self, row: KioskAt) -> Condition:
        """How one of them is."""
        return Condition(row, tuple(sorted(self._concerns(row), key=lambda each: each.kind)))

    def _concerns(self, row: KioskAt) -> Iterator[Concern]:
        kiosk = row.kiosk
        for alarm in self._alarms[kiosk.pk]:
            yield Concern(Kind.CLONE, _alarm(alarm, row))
        for told in kiosk.troubles:
            kind, text = words.trouble(told)
            yield Concern(_REPORTED.get(kind, Kind.OTHER), text)
        loss = self._losses.get(kiosk.pk, _NO_LOSS)
        if loss.messages:
            text = ngettext(
                "%(n)d message was lost on the kiosk before it could be delivered.",
                "%(n)d messages were lost on the kiosk before they could be delivered.",
                loss.messages,
            )
            yield Concern(Kind.LOST, text % {"n": loss.messages})
        if loss.impossible:
            text = _(
                "It says that messages were lost whose numbers no kiosk can have given. "
                "They are counted nowhere."
            )
            yield Concern(Kind.IMPOSSIBLE, text)
        if unfit := self._unfit.get(kiosk.pk, 0):
            text = ngettext(
                "%(n)d answer does not fit its questionnaire. It is kept, and counts nowhere.",
                "%(n)d answers do not fit their questionnaire. They are kept, and count nowhere.",
                unfit,
            )
            yield Concern(Kind.UNFIT, text % {"n": unfit})
        if kiosk.quarantined:
            text = ngettext(
                "%(n)d message is in quarantine on the kiosk.",
                "%(n)d messages are in quarantine on the kiosk.",
                kiosk.quarantined,
            )
            yield Concern(Kind.QUARANTINE, text % {"n": kiosk.quarantined})
        if row.can_speak and kiosk.successor_id is not None:
            yield from _held_back(kiosk)
        elif row.can_speak:
            yield from _told_by_heartbeat(row)
            yield from self._differences(row)

    def _differences(self, row: KioskAt) -> Iterator[Concern]:
        """Where it is not what it should be, or not what the others are."""
        kiosk = row.kiosk
        if not row.is_silent and (told := self._divergence.text(kiosk.pk)):
            yield Concern(Kind.DIVERGENCE, told)
        if kiosk.version and _release(kiosk.version) < _release(self._newest):
            text = _("Version %(old)s is older than %(new)s, which other kiosks have.")
            said = text % {"old": kiosk.version, "new": self._newest}
            yield Concern(Kind.VERSION, said)


def read_conditions(points: frozenset[int] | None = None) -> list[Condition]:
    """Every kiosk, those that somebody should look at first; only those at these points."""
    rows = all_kiosks(points)
    fleet = Fleet(rows)
    return sorted(map(fleet.condition, rows), key=lambda each: each.severity)


def _held_back(kiosk: Kiosk) -> Iterator[Concern]:
    """What a replaced kiosk still has to deliver."""
    if not kiosk.waiting:
        return
    text = ngettext(
        "Kiosk %(other)d stands in its place, and it still holds %(n)s message: connect it once "
        "more, or bring it by stick.",
        "Kiosk %(other)d stands in its place, and it still holds %(n)s messages: connect it once "
        "more, or bring them by stick.",
        kiosk.waiting,
    )
    said = text % {"other": kiosk.successor_id, "n": words.number(kiosk.waiting)}
    yield Concern(Kind.SUCCESSION, said)


def _told_by_heartbeat(row: KioskAt) -> Iterator[Concern]:
    kiosk = row.kiosk
    if row.overdue:
        yield Concern(Kind.OVERDUE, _overdue(row))
    if kiosk.state == "out_of_order":
        yield Concern(Kind.OUT_OF_ORDER, _("Out of order: it takes no answers."))
    age_ms = backlog_age_ms(row)
    if kiosk.waiting and age_ms >= BACKLOG_MS:
        text = ngettext(
            "%(n)s message waits to be delivered. Age: %(age)s.",
            "%(n)s messages wait to be delivered. Age of the oldest: %(age)s.",
            kiosk.waiting,
        )
        said = text % {"n": words.number(kiosk.waiting), "age": words.duration(age_ms)}
        yield Concern(Kind.BACKLOG, said)
    if kiosk.free_disk_bytes is not None and kiosk.free_disk_bytes < LITTLE_DISK_BYTES:
        text = _("Little disk space left: %(size)s.")
        yield Concern(Kind.DISK, text % {"size": words.size(kiosk.free_disk_bytes)})
    offset = kiosk.clock_offset_ms
    if offset is not None and abs(offset) > CLOCK_OFF_MS:
        text = _("Its clock is wrong. Difference: %(time)s.")
        yield Concern(Kind.CLOCK, text % {"time": words.duration(abs(offset))})


def backlog_age_ms(row: KioskAt) -> int:
    """How old the oldest message that waits is; 0 if none does, or nothing is known.

    Of a kiosk that is silent as it may be, as old as it was then: it is switched off.
    """
    kiosk = row.kiosk
    if not kiosk.waiting or kiosk.heartbeat_at is None:
        return 0
    since = clock.now() - kiosk.heartbeat_at if row.overdue else dt.timedelta(0)
    return (kiosk.oldest_waiting_ms or 0) + max(0, int(since.total_seconds() * 1000))


def _overdue(row: KioskAt) -> str:
    heard = row.kiosk.heartbeat_at
    if heard is None:
        return _("It was registered and has never connected.")
    if heard > clock.now():
        return _("When it was heard is not known: the time it was last seen lies in the future.")
    silence_ms = int((clock.now() - heard).total_seconds() * 1000)
    return _("Offline. Time since it was last seen: %(time)s.") % {
        "time": words.duration(silence_ms)
    }


def _alarm(alarm: Alarm, row: KioskAt) -> str:
    zone = clock.zone_of(row.point.time_zone)
    since = date_format(alarm.first_at.astimezone(zone), "SHORT_DATETIME_FORMAT")
    often = ngettext(
        "Seen %(n)s time since %(since)s.", "Seen %(n)s times since %(since)s.", alarm.count
    )
    return f"{alarm.get_kind_display()}. " + often % {
        "n": words.number(alarm.count),
        "since": since,
    }


def _release(version: str) -> tuple[int, ...]:
    """The numbers at the head of a version; what comes after is nobody's release."""
    found = _RELEASE.match(version)
    return tuple(map(int, found[0].split("."))) if found else ()
