"""What came in today, kiosk by kiosk, each by the calendar of its own place."""

from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q, Sum

from headoffice import clock
from headoffice.fleet.models import Alarm, Kiosk
from headoffice.fleet.overview import KioskAt, all_kiosks
from headoffice.ingest.models import Gap
from headoffice.questionnaires.models import Version
from headoffice.questionnaires.registry import parsed
from headoffice.results.hours import local_day
from headoffice.results.models import Daily
from headoffice.results.statistics import Index, happiness

Tally = tuple[int, ...]
"""Counts by face, most negative first."""


class Faces(NamedTuple):
    """A tally and its index."""

    tallies: tuple[Tally, ...]
    happiness: Index | None

    @classmethod
    def of(cls, tallies: dict[int, list[int]]) -> "Faces":
        """From counts by the number of faces shown."""
        rows = tuple(tuple(tallies[faces]) for faces in sorted(tallies))
        return cls(rows, happiness(*rows))


class KioskDay(NamedTuple):
    """One kiosk today."""

    at: KioskAt
    zone: ZoneInfo
    faces: Faces
    unknown: int
    """Answers whose questionnaire is not known yet, so they are in no tally."""
    last_answer: datetime | None
    alarms: tuple[Alarm, ...]
    gone: int
    """Messages that the kiosk lost before they were delivered."""

    @property
    def troubled(self) -> bool:
        """Whether there is something about it to look at."""
        at = self.at
        return bool(at.overdue or self.alarms or self.gone or self.unknown or at.kiosk.quarantined)


class Day(NamedTuple):
    """All kiosks today."""

    kiosks: tuple[KioskDay, ...]
    faces: Faces
    unknown: int


def today(points: frozenset[int] | None = None) -> Day:
    """Everything that the page of today shows; only of these points, if given."""
    now = clock.now_ms()
    rows = all_kiosks(points)
    days = {row.point.pk: local_day(now, row.point.time_zone) for row in rows}
    ratings = _ratings()
    counts = _counts([row.kiosk.pk for row in rows], set(days.values()), points, ratings)
    alarms, gone = _alarms(), _gone()

    kiosks = []
    total: dict[int, list[int]] = {}
    for row in rows:
        tallies: dict[int, list[int]] = {}
        unknown = 0
        # Nothing stands in two places at once, so the kiosk's own place names the day.
        for version, question, value, count in counts[row.kiosk.pk, days[row.point.pk]]:
            rating = ratings.get(version)
            if rating is None:
                unknown += count
            elif rating[0] == question and value.isdecimal():
                for sums in (tallies, total):
                    sums.setdefault(rating[1], [0] * rating[1])[int(value)] += count
        if row.kiosk.revoked_at is not None and not tallies:
            continue
        kiosks.append(
            KioskDay(
                at=row,
                zone=ZoneInfo(row.point.time_zone),
                faces=Faces.of(tallies or {3: [0, 0, 0]}),
                unknown=unknown,
                last_answer=_last(row.kiosk),
                alarms=tuple(alarms[row.kiosk.pk]),
                gone=gone.get(row.kiosk.pk, 0),
            )
        )
    everything = Faces.of(total or {3: [0, 0, 0]})
    return Day(tuple(kiosks), everything, sum(k.unknown for k in kiosks))


def _counts(
    kiosks: list[int],
    days: set[date],
    points: frozenset[int] | None,
    ratings: dict[int, tuple[str, int]],
) -> dict[tuple[int, date], list[tuple[int, str, str, int]]]:
    """The counts of ratings, and of all questions of versions that are not known yet."""
    unknown = list(Version.objects.filter(definition=None).values_list("pk", flat=True))
    questions = {question for question, _faces in ratings.values()}
    daily = Daily.objects.filter(kiosk__among=kiosks, day__in=days, test=False, misuse="")
    if points is not None:
        daily = daily.filter(point__among=points)
    rows = (
        daily.filter(Q(question__in=questions) | Q(version__in=unknown))
        .exclude(question="")
        .values_list("kiosk", "day", "version", "question", "value")
        .annotate(total=Sum("count"))
        .filter(~Q(total=0))
    )
    found: dict[tuple[int, date], list[tuple[int, str, str, int]]] = defaultdict(list)
    for kiosk, day, version, question, value, count in rows:
        found[kiosk, day].append((version, question, value, count))
    return found


def _ratings() -> dict[int, tuple[str, int]]:
    """By version: the id of the rating question and its number of faces."""
    known = Version.objects.exclude(definition=None).values_list("pk", "definition")
    ratings = {}
    for version, definition in known:
        rating = parsed(str(definition)).rating
        ratings[version] = (rating.id, int(rating.faces))
    return ratings


def _last(kiosk: Kiosk) -> datetime | None:
    return None if kiosk.last_answer_ms is None else clock.instant(kiosk.last_answer_ms)


def _alarms() -> dict[int, list[Alarm]]:
    found: dict[int, list[Alarm]] = defaultdict(list)
    for alarm in Alarm.objects.order_by("first_at"):
        found[alarm.kiosk_id].append(alarm)
    return found


def _gone() -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for kiosk, first, last in Gap.objects.values_list("kiosk", "first", "last"):
        found[kiosk] += last - first + 1
    return found
