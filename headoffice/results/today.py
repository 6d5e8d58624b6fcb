"""What came in today, kiosk by kiosk, each by the calendar of its own place."""

from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from headoffice import clock
from headoffice.db.sums import SafeSum
from headoffice.fleet.kiosks import KioskAt, all_kiosks
from headoffice.fleet.models import Alarm
from headoffice.messages.losses import losses, unfit_answers
from headoffice.results.catalogue import Catalogue
from headoffice.results.filters import Filters
from headoffice.results.ratings import Faces, face_of
from headoffice.rollups.local_time import local_day
from headoffice.rollups.models import Daily


class KioskDay(NamedTuple):
    """One kiosk today."""

    at: KioskAt
    zone: ZoneInfo
    faces: Faces
    unknown: int
    """Answers whose questionnaire is not known yet, so they are in no tally."""
    last_answer: datetime | None
    alarms: tuple[Alarm, ...]
    messages_lost: int
    """Messages that the kiosk lost before they were delivered."""
    unfit: int
    """Answers that were set aside, as they don't fit their questionnaire."""
    impossible: bool
    """Whether it says to have lost messages with numbers that no kiosk can have given."""

    @property
    def needs_attention(self) -> bool:
        """Whether there is something about it to look at."""
        at = self.at
        return bool(
            at.overdue
            or self.alarms
            or self.messages_lost
            or self.impossible
            or self.unknown
            or self.unfit
            or at.kiosk.quarantined
            or at.kiosk.troubles
        )


class Today(NamedTuple):
    """All kiosks today."""

    kiosks: tuple[KioskDay, ...]
    faces: Faces
    unknown: int


def read_today(points: frozenset[int] | None = None) -> Today:
    """Everything that the page of today shows; only of these points, if given."""
    now = clock.now_ms()
    rows = all_kiosks(points)
    days = {row.point.pk: local_day(now, row.point.time_zone) for row in rows}
    catalogue = Catalogue.load()
    filters = Filters(points, kiosks=frozenset(row.kiosk.pk for row in rows))
    counts = _counts(filters, set(days.values()), catalogue)
    alarms, lost, unfit = _alarms(), losses(), unfit_answers()

    kiosks = []
    total: dict[int, list[int]] = {}
    for row in rows:
        tallies: dict[int, list[int]] = {}
        unknown = 0
        # Nothing stands in two places at once, so the kiosk's own place names the day.
        for version, question, value, count in counts[row.kiosk.pk, days[row.point.pk]]:
            rating = catalogue.ratings.get(version)
            if rating is None:
                unknown += count
            elif rating[0] == question and (face := face_of(value, rating[1])) is not None:
                for sums in (tallies, total):
                    sums.setdefault(rating[1], [0] * rating[1])[face] += count
        if row.kiosk.revoked_at is not None and not tallies:
            continue
        kiosks.append(
            KioskDay(
                at=row,
                zone=clock.zone_of(row.point.time_zone),
                faces=Faces.of(tallies or {3: [0, 0, 0]}),
                unknown=unknown,
                last_answer=row.last_answer,
                alarms=tuple(alarms[row.kiosk.pk]),
                messages_lost=lost[row.kiosk.pk].messages if row.kiosk.pk in lost else 0,
                unfit=unfit.get(row.kiosk.pk, 0),
                impossible=row.kiosk.pk in lost and lost[row.kiosk.pk].impossible > 0,
            )
        )
    everything = Faces.of(total or {3: [0, 0, 0]})
    return Today(tuple(kiosks), everything, sum(k.unknown for k in kiosks))


def _counts(
    filters: Filters, days: set[date], catalogue: Catalogue
) -> dict[tuple[int, date], list[tuple[int, str, str, int]]]:
    """The counts of ratings, and of all questions of versions that are not known yet."""
    daily = filters.narrow(Daily.objects.filter(day__in=days))
    rows = (
        daily.filter(Q(question__in=catalogue.rating_questions) | Q(version__in=catalogue.unknown))
        .exclude(question="")
        .values_list("kiosk", "day", "version", "question", "value")
        .annotate(total=SafeSum("count"))
        .filter(~Q(total=0))
    )
    found: dict[tuple[int, date], list[tuple[int, str, str, int]]] = defaultdict(list)
    for kiosk, day, version, question, value, count in rows:
        found[kiosk, day].append((version, question, value, count))
    return found


def _alarms() -> dict[int, list[Alarm]]:
    found: dict[int, list[Alarm]] = defaultdict(list)
    for alarm in Alarm.objects.order_by("first_at"):
        found[alarm.kiosk_id].append(alarm)
    return found
