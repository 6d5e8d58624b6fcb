"""What came in today, kiosk by kiosk, each by the calendar of its own place."""

from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from headoffice import clock
from headoffice.db.sums import SafeSum
from headoffice.fleet.kiosks import KioskAt, all_kiosks
from headoffice.health.condition import Condition, Fleet
from headoffice.results.catalogue import Catalogue
from headoffice.results.filters import Filters
from headoffice.results.ratings import Faces, face_of
from headoffice.rollups.local_time import local_day
from headoffice.rollups.models import Daily


class KioskDay(NamedTuple):
    """One kiosk today."""

    condition: Condition
    zone: ZoneInfo
    faces: Faces
    unknown: int
    """Answers whose questionnaire is not known yet, so they are in no tally."""
    last_answer: datetime | None

    @property
    def at(self) -> KioskAt:
        """The kiosk, and where it stands."""
        return self.condition.at

    @property
    def needs_attention(self) -> bool:
        """Whether there is something about it to look at."""
        return self.condition.needs_attention or self.unknown > 0


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
    fleet = Fleet(rows)

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
                condition=fleet.condition(row),
                zone=clock.zone_of(row.point.time_zone),
                faces=Faces.of(tallies or {3: [0, 0, 0]}),
                unknown=unknown,
                last_answer=row.last_answer,
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
