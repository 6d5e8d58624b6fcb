"""Reads the counts: every figure of a page comes through here, within the points selected."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q, QuerySet, Sum, Value

from headoffice import clock
from headoffice.results.areas import Area, Cover, cover
from headoffice.results.catalogue import Catalogue
from headoffice.results.day import Faces
from headoffice.results.directory import Place
from headoffice.results.models import AreaDay, AreaHour, Daily, Hourly, Late, Monthly
from headoffice.results.periods import Span
from headoffice.results.selection import Selection

Key = tuple[Any, ...]
_DAY = timedelta(days=1)
_AREA, _OF_AREA, _ALONE = "area", "of an area", "alone"


def enough(n: int) -> bool:
    """Whether so many responses may be drawn without pointing at anybody."""
    return n >= settings.PRIVACY_MINIMUM


Counts = type[Daily] | type[Hourly] | type[Late]
Rows = QuerySet[Any, Any]


def in_months(span: Span) -> list[Rows]:
    """The counts of the whole months of a span, and of the days around them; each ``begins``."""
    rows: list[Rows] = [
        Daily.objects.filter(day__range=tuple(part)).annotate(begins=F("day"))
        for part in span.around_months
    ]
    if (months := span.months) is not None:
        whole = Monthly.objects.filter(month__range=tuple(months))
        rows.append(whole.annotate(begins=F("month")))
    return rows


def _counts(model: Counts, selection: Selection, span: Span, points: Iterable[int]) -> Rows:
    """The counts that a selection admits, of these of its points."""
    rows: Rows = model._default_manager.all()  # noqa: SLF001
    if span.first > span.last:
        # A statement would look for each of the points in vain.
        return rows.none()
    return _within(rows.filter(day__range=tuple(span)), selection, points)


def _within(rows: Rows, selection: Selection, points: Iterable[int]) -> Rows:
    """The rows that a selection admits, of these of its points."""
    rows = rows.filter(point__among=points)
    if selection.kiosks is not None:
        rows = rows.filter(kiosk__among=selection.kiosks)
    return _narrowed(rows, selection)


def _narrowed(rows: Rows, selection: Selection) -> Rows:
    """The rows that were said in a way that a selection admits."""
    if selection.versions is not None:
        rows = rows.filter(version__in=selection.versions)
    if selection.language:
        rows = rows.filter(language=selection.language)
    if not selection.test:
        rows = rows.filter(test=False)
    if not selection.misuse:
        rows = rows.filter(misuse="")
    return rows


class _Parts:
    """Where the counts of a span are read: sums of areas, what is late, and counts of kiosks.

    They are read in one statement, since what is late moves into the sums.
    """

    def __init__(self, selection: Selection, span: Span, areas: tuple[Area, ...]) -> None:
        self._selection, self._span = selection, span
        before = min((area.before for area in areas), default=span.first)
        self.areas = areas if before > span.first else ()
        self._summed = span._replace(last=min(span.last, before - _DAY))
        self._fresh = span._replace(first=max(span.first, before))

    def sums(self) -> Rows:
        """Sums of the areas."""
        rows = AreaDay.objects.filter(area__in=[area.pk for area in self.areas])
        return _narrowed(rows.filter(day__range=tuple(self._summed)), self._selection)

    def sums_by_hour(self) -> Rows:
        """The same by the hour on the wall."""
        rows = AreaHour.objects.filter(area__in=[area.pk for area in self.areas])
        return _narrowed(rows.filter(hour_ms__range=self._summed.wall_ms), self._selection)

    def late(self, points: Iterable[int]) -> Rows:
        """What the sums lack of these of their points."""
        return _counts(Late, self._selection, self._summed, points)

    def fresh(self, model: Counts, points: Iterable[int]) -> Rows:
        """Counts of the days that are not summed, of points of the areas."""
        return _counts(model, self._selection, self._fresh, points)

    def whole(self, model: Counts, points: Iterable[int]) -> Rows:
        """Counts of all days."""
        return _counts(model, self._selection, self._span, points)

    def by_months(self, points: Iterable[int]) -> list[Rows]:
        """Counts of the whole months and of the days around them, where no day is asked for."""
        return [_within(rows, self._selection, points) for rows in in_months(self._span)]


def _sums(
    selection: Selection, span: Span, wanted: Q, columns: tuple[str, ...]
) -> dict[Key, list[int]]:
    """Count and time taken by these columns of the counts per day; nothing that came to nothing."""
    areas: tuple[Area, ...] = ()
    if selection.kiosks is None and not {"kiosk", "point"} & {*columns}:
        areas = selection.areas
    found = cover(selection.points, areas)
    parts = _Parts(selection, span, found.areas)
    rows: list[Rows] = []
    rest = selection.points
    if parts.areas:
        rows = [parts.sums(), parts.late(found.covered), parts.fresh(Daily, found.covered)]
        rest = found.rest
    if rest:
        rows += [parts.whole(Daily, rest)] if "day" in columns else parts.by_months(rest)
    return _added([part.filter(wanted).values_list(*columns) for part in rows])


def _added(parts: list[Rows]) -> dict[Key, list[int]]:
    """The rows of several tables as one statement, added up by all their columns."""
    asked = [part for part in parts if not part.query.is_empty()]
    if not asked:
        return {}
    first, *others = (
        part.annotate(total=Sum("count"), took=Sum("took_ms")).order_by() for part in asked
    )
    sums: dict[Key, list[int]] = {}
    for *key, n, took_ms in first.union(*others, all=True) if others else first:
        total = sums.setdefault(tuple(key), [0, 0])
        total[0] += n
        total[1] += took_ms
    return {key: total for key, total in sums.items() if total[0]}


def faces_by(
    selection: Selection, catalogue: Catalogue, span: Span, *dimensions: str
) -> dict[Key, Faces]:
    """Ratings for each value of these columns of the counts; `()` is the key without columns."""
    wanted = Q(question__in=catalogue.rating_questions)
    rows = _sums(selection, span, wanted, (*dimensions, "version", "question", "value"))
    return _faces(rows, catalogue)


def _faces(rows: dict[Key, list[int]], catalogue: Catalogue) -> dict[Key, Faces]:
    """Ratings by what stands before version, question and value in the keys."""
    found: dict[Key, dict[int, list[int]]] = defaultdict(dict)
    for (*key, version, question, value), (count, _took) in rows.items():
        rating = catalogue.ratings.get(version)
        if rating is not None and rating[0] == question and value.isdecimal():
            tally = found[tuple(key)].setdefault(rating[1], [0] * rating[1])
            tally[int(value)] += count
    return {key: Faces.of(tallies) for key, tallies in found.items()}


def faces_of(
    places: "list[Place]", selection: Selection, catalogue: Catalogue, span: Span
) -> dict[str, Faces]:
    """Ratings of each of these places, by its key; places may lie within each other."""
    if any(place.kiosk is not None for place in places):
        by_kiosk = faces_by(selection, catalogue, span, "kiosk")
        return {place.key: by_kiosk.get((place.kiosk,), NONE) for place in places}
    covers = {
        place.key: cover(place.points & selection.points, selection.areas) for place in places
    }
    areas = {area.pk: area for found in covers.values() for area in found.areas}
    parts = _Parts(selection, span, tuple(areas.values()))
    if not parts.areas:
        covers = {key: Cover((), found.covered | found.rest) for key, found in covers.items()}
    covered = frozenset[int]().union(*(found.covered for found in covers.values()))
    rest = frozenset[int]().union(*(found.rest for found in covers.values()))
    wanted = Q(question__in=catalogue.rating_questions)
    sources: list[tuple[str, str, Rows]] = []
    if covered:
        sources.append((_AREA, "area", parts.sums()))
        sources.append((_OF_AREA, "point", parts.late(covered)))
        sources.append((_OF_AREA, "point", parts.fresh(Daily, covered)))
    if rest:
        sources += [(_ALONE, "point", part) for part in parts.by_months(rest)]
    rows: list[Rows] = []
    for kind, column, part in sources:
        told = part.filter(wanted).annotate(kind=Value(kind))
        rows.append(told.values_list("kind", column, "version", "question", "value"))
    found = _faces(_added(rows), catalogue) if rows else {}
    return {
        key: together(
            [found.get((_AREA, area.pk), NONE) for area in part.areas]
            + [found.get((_OF_AREA, point), NONE) for point in part.covered]
            + [found.get((_ALONE, point), NONE) for point in part.rest]
        )
        for key, part in covers.items()
    }


def faces_by_weekday_and_hour(
    selection: Selection, catalogue: Catalogue, zones: dict[str, list[int]], span: Span
) -> dict[Key, Faces]:
    """Ratings by ISO weekday and local hour; the hour that comes twice in autumn is one."""
    areas = selection.areas if selection.kiosks is None else ()
    found = cover(selection.points, areas)
    parts = _Parts(selection, span, found.areas)
    covered = found.covered if parts.areas else frozenset[int]()
    rows: list[tuple[str, Rows]] = []
    if parts.areas:
        # Sums know the hours on the wall alone, as if they had been UTC's.
        rows.append(("UTC", parts.sums_by_hour()))
    for zone, points in zones.items():
        within = selection.points.intersection(points)
        if there := within & covered:
            rows += [(zone, parts.late(there)), (zone, parts.fresh(Hourly, there))]
        if there := within - covered:
            rows.append((zone, parts.whole(Hourly, there)))
    wanted = Q(question__in=catalogue.rating_questions)
    columns = ("zone", "hour_ms", "version", "question", "value")
    of_zones = [
        part.filter(wanted).annotate(zone=Value(zone)).values_list(*columns) for zone, part in rows
    ]
    # Added up first: by itself, what is late may be less than nothing.
    sums: dict[Key, list[int]] = {}
    for (zone, began, *said), (n, took_ms) in (_added(of_zones) if of_zones else {}).items():
        local = clock.instant(began).astimezone(ZoneInfo(zone))
        total = sums.setdefault((local.isoweekday(), local.hour, *said), [0, 0])
        total[0] += n
        total[1] += took_ms
    return _faces({key: total for key, total in sums.items() if total[0]}, catalogue)


def faces(selection: Selection, catalogue: Catalogue, span: Span) -> Faces:
    """All ratings of a selection in a span."""
    return faces_by(selection, catalogue, span).get((), NONE)


NONE = Faces.of({})


def together(parts: "list[Faces]") -> Faces:
    """Several ratings as one."""
    total: dict[int, list[int]] = {}
    for part in parts:
        for tally in part.tallies:
            sums = total.setdefault(len(tally), [0] * len(tally))
            for face, count in enumerate(tally):
                sums[face] += count
    return Faces.of(total)


class Words(NamedTuple):
    """How often a word was counted, and how long the answers that hold it took together."""

    n: int
    took_ms: int


def questions(
    selection: Selection, span: Span, asked: Iterable[str]
) -> dict[tuple[int, str], dict[str, Words]]:
    """The counted words of these questions, by version and question.

    The question with the empty name holds how the responses ended.
    """
    found: dict[tuple[int, str], dict[str, Words]] = defaultdict(dict)
    wanted = Q(question__in=asked)
    rows = _sums(selection, span, wanted, ("version", "question", "value"))
    for (version, question, value), (n, took_ms) in rows.items():
        found[version, question][value] = Words(n, took_ms)
    return dict(found)


def waiting(selection: Selection, catalogue: Catalogue, span: Span) -> int:
    """Answers that wait for the definition of their questionnaire."""
    if not catalogue.unknown:
        return 0
    wanted = Q(version__in=catalogue.unknown) & ~Q(question="")
    return sum(n for n, _took in _sums(selection, span, wanted, ("version",)).values())
