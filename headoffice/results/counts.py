"""Reads the counts: every figure of a page comes through here, within the points selected."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import F, Q, Value

from headoffice import clock
from headoffice.db.sums import SafeSum
from headoffice.results.catalogue import Catalogue
from headoffice.results.filters import Rows, Selection
from headoffice.results.places import Place
from headoffice.results.ratings import NO_FACES, Faces, face_of
from headoffice.rollups.areas import Cover, SummedArea, cover_points
from headoffice.rollups.models import AreaDay, AreaHour, Daily, Hourly, Late, Monthly
from headoffice.rollups.periods import Span

Key = tuple[Any, ...]
_DAY = timedelta(days=1)
_AREA, _OF_AREA, _ALONE = "area", "of an area", "alone"


MOST_POINTS = 300
"""Of more points than these it is not read on which days each of them had answers."""


class Coverage(NamedTuple):
    """How much of a span has answers."""

    answer_days: int
    """Days on which anything was rated."""
    days: int


CountModel = type[Daily] | type[Hourly] | type[Late]


def month_rows(span: Span) -> list[Rows]:
    """The counts of the whole months of a span, and of the days around them; each ``begins``."""
    rows: list[Rows] = [
        Daily.objects.filter(day__range=tuple(part)).annotate(begins=F("day"))
        for part in span.around_months
    ]
    if (months := span.months) is not None:
        whole = Monthly.objects.filter(month__range=tuple(months))
        rows.append(whole.annotate(begins=F("month")))
    return rows


def _counts(model: CountModel, selection: Selection, span: Span, points: frozenset[int]) -> Rows:
    """The counts that a selection admits, of these of its points."""
    rows: Rows = model._default_manager.all()  # noqa: SLF001
    if span.first > span.last:
        # A statement would look for each of the points in vain.
        return rows.none()
    rows = selection.within(points).narrow(_of_days(rows, selection, span))
    return rows if model is Daily else selection.narrow_times(rows, "hour_ms", *span.wide_ms)


def _of_days(rows: Rows, selection: Selection, span: Span) -> Rows:
    """Those of the days of a span that are of the weekdays asked for."""
    rows = rows.filter(day__range=tuple(span))
    if selection.times is None or not selection.times.every_hour:
        return rows
    days = (span.first + n * _DAY for n in range(span.days))
    return rows.filter(day__in=[day for day in days if day.isoweekday() in selection.times.days])


def _counted(selection: Selection) -> type[Daily] | type[Hourly]:
    """The counts that know what is asked for: days don't know their hours."""
    return Hourly if selection.times is not None and not selection.times.every_hour else Daily


class _Parts:
    """Where the counts of a span are read: sums of areas, what is late, and counts of kiosks.

    They are read in one statement, since what is late moves into the sums.
    """

    def __init__(self, selection: Selection, span: Span, areas: tuple[SummedArea, ...]) -> None:
        self._selection, self._span = selection, span
        before = min((area.before for area in areas), default=span.first)
        self.areas = areas if before > span.first else ()
        self._summed = span._replace(last=min(span.last, before - _DAY))
        self._fresh = span._replace(first=max(span.first, before))

    def sums(self) -> Rows:
        """Sums of the areas."""
        rows = AreaDay.objects.filter(area__in=[area.pk for area in self.areas])
        return self._selection.narrow_sums(_of_days(rows, self._selection, self._summed))

    def sums_by_hour(self) -> Rows:
        """The same by the hour on the wall."""
        rows = AreaHour.objects.filter(area__in=[area.pk for area in self.areas])
        rows = rows.filter(hour_ms__range=self._summed.wall_ms)
        if (times := self._selection.times) is not None:
            rows = rows.filter(times.condition("hour_ms", "UTC", *self._summed.wall_ms))
        return self._selection.narrow_sums(rows)

    def late(self, points: frozenset[int]) -> Rows:
        """What the sums lack of these of their points."""
        return _counts(Late, self._selection, self._summed, points)

    def fresh(self, model: CountModel, points: frozenset[int]) -> Rows:
        """Counts of the days that are not summed, of points of the areas."""
        return _counts(model, self._selection, self._fresh, points)

    def whole(self, model: CountModel, points: frozenset[int]) -> Rows:
        """Counts of all days."""
        return _counts(model, self._selection, self._span, points)

    def by_months(self, points: frozenset[int]) -> list[Rows]:
        """Counts of the whole months and of the days around them, where no day is asked for."""
        if self._selection.times is not None:
            return [self.whole(_counted(self._selection), points)]
        within = self._selection.within(points)
        return [within.narrow(rows) for rows in month_rows(self._span)]


def _sums(selection: Selection, span: Span, wanted: Q, columns: tuple[str, ...]) -> dict[Key, int]:
    """Counts by these columns of the counts per day; nothing that came to nothing."""
    return _added(_sources(selection, span, wanted, columns))


def _sources(selection: Selection, span: Span, wanted: Q, columns: tuple[str, ...]) -> list[Rows]:
    """Where these columns of the counts per day are read."""
    model, areas = _counted(selection), selection.areas
    if model is Hourly or selection.kiosks is not None or {"kiosk", "point"} & {*columns}:
        areas = ()
    rows: list[Rows] = []
    for points, own in selection.parts(span):
        found = cover_points(points, areas)
        parts, rest = _Parts(selection, own, found.areas), points
        if parts.areas:
            rows += [parts.sums(), parts.late(found.covered), parts.fresh(model, found.covered)]
            rest = found.rest
        if rest:
            rows += [parts.whole(model, rest)] if "day" in columns else parts.by_months(rest)
    return [part.filter(wanted).values_list(*columns) for part in rows]


def _added(parts: list[Rows]) -> dict[Key, int]:
    """The counts of several tables, added up by all the columns of the rows."""
    sums: dict[Key, int] = {}
    for row in _one_statement([part.annotate(total=SafeSum("count")) for part in parts]):
        key = row[:-1]
        sums[key] = sums.get(key, 0) + row[-1]
    return _some(sums)


def _some(sums: dict[Key, int]) -> dict[Key, int]:
    """What did not come to nothing."""
    return {key: n for key, n in sums.items() if n}


def _one_statement(parts: list[Rows]) -> Iterable[Key]:
    """All these rows, read at one instant."""
    filled = [part.order_by() for part in parts if not part.query.is_empty()]
    if not filled:
        return ()
    first, *others = filled
    return first.union(*others, all=True) if others else first


def faces_by(
    selection: Selection, catalogue: Catalogue, span: Span, *dimensions: str
) -> dict[Key, Faces]:
    """Ratings for each value of these columns of the counts; `()` is the key without columns."""
    wanted = Q(question__in=catalogue.rating_questions)
    rows = _sums(selection, span, wanted, (*dimensions, "version", "question", "value"))
    return _faces(rows, catalogue)


def _faces(rows: dict[Key, int], catalogue: Catalogue) -> dict[Key, Faces]:
    """Ratings by what stands before version, question and value in the keys."""
    found: dict[Key, dict[int, list[int]]] = defaultdict(dict)
    for (*key, version, question, value), count in rows.items():
        rating = catalogue.ratings.get(version)
        if rating is None or rating[0] != question:
            continue
        if (face := face_of(value, rating[1])) is not None:
            found[tuple(key)].setdefault(rating[1], [0] * rating[1])[face] += count
    return {key: Faces.of(tallies) for key, tallies in found.items()}


def faces_of(
    places: Sequence[Place], selection: Selection, catalogue: Catalogue, span: Span
) -> dict[str, Faces]:
    """Ratings of each of these places, by its key; places may lie within each other."""
    found = faces_of_by(places, selection, catalogue, span)
    return {key: parts.get((), NO_FACES) for key, parts in found.items()}


def faces_of_by(
    places: Sequence[Place],
    selection: Selection,
    catalogue: Catalogue,
    span: Span,
    *dimensions: str,
) -> dict[str, dict[Key, Faces]]:
    """The same for each value of these columns of the counts, all in one statement."""
    found: dict[str, dict[Key, Faces]] = {place.key: {} for place in places}
    if any(place.kiosk is not None for place in places):
        keys = {place.kiosk: place.key for place in places}
        by_kiosk = faces_by(selection, catalogue, span, "kiosk", *dimensions)
        for (kiosk, *rest), faces in by_kiosk.items():
            if kiosk in keys:
                found[keys[kiosk]][tuple(rest)] = faces
        return found
    wanted = Q(question__in=catalogue.rating_questions)
    columns = (*dimensions, "version", "question", "value")
    sources, whose = _sources_of(places, selection, span, by_day="day" in dimensions)
    rows = [
        part.filter(wanted).annotate(kind=Value(kind)).values_list("kind", column, *columns)
        for kind, column, part in sources
    ]
    parts: dict[Key, list[Faces]] = defaultdict(list)
    for (kind, there, *rest), faces in _faces(_added(rows), catalogue).items():
        for key in whose[kind, there]:
            parts[key, *rest].append(faces)
    for (key, *rest), said in parts.items():
        found[key][tuple(rest)] = said[0] if len(said) == 1 else Faces.total(said)
    return found


def _sources_of(
    places: Sequence[Place], selection: Selection, span: Span, *, by_day: bool
) -> tuple[list[tuple[str, str, Rows]], dict[Key, list[str]]]:
    """Where the ratings of places are read, and whose they are.

    The kind of the rows and what tells them apart, which together say the keys of the places.
    """
    model = _counted(selection)
    areas = selection.areas if model is Daily else ()
    sources: list[tuple[str, str, Rows]] = []
    whose: dict[Key, list[str]] = defaultdict(list)
    for nth, (points, own) in enumerate(selection.parts(span)):
        covers = {place.key: cover_points(place.points & points, areas) for place in places}
        parts = _Parts(selection, own, tuple({a for c in covers.values() for a in c.areas}))
        if not parts.areas:
            covers = {key: Cover((), c.covered | c.rest) for key, c in covers.items()}
        for key, cover in covers.items():
            for source in _keys(cover, nth):
                whose[source].append(key)
        for kind, column, part in _of_places(parts, model, covers.values(), by_day=by_day):
            sources.append((f"{kind}{nth}", column, part))
    return sources, whose


def _of_places(
    parts: _Parts, model: type[Daily] | type[Hourly], covers: Iterable[Cover], *, by_day: bool
) -> Iterator[tuple[str, str, Rows]]:
    """Where the ratings of places are read: the kind of the rows, and what tells them apart."""
    covers = list(covers)
    if covered := frozenset[int]().union(*(cover.covered for cover in covers)):
        yield _AREA, "area", parts.sums()
        yield _OF_AREA, "point", parts.late(covered)
        yield _OF_AREA, "point", parts.fresh(model, covered)
    if rest := frozenset[int]().union(*(cover.rest for cover in covers)):
        for part in [parts.whole(model, rest)] if by_day else parts.by_months(rest):
            yield _ALONE, "point", part


def _keys(cover: Cover, n: int) -> Iterator[Key]:
    """What the rows of one place have in front, in part number n of the days."""
    for area in cover.areas:
        yield f"{_AREA}{n}", area.pk
    for point in cover.covered:
        yield f"{_OF_AREA}{n}", point
    for point in cover.rest:
        yield f"{_ALONE}{n}", point


def faces_by_weekday_and_hour(
    selection: Selection, catalogue: Catalogue, zones: dict[str, frozenset[int]], span: Span
) -> dict[Key, Faces]:
    """Ratings by ISO weekday and local hour; the hour that comes twice in autumn is one."""
    areas = selection.areas if selection.kiosks is None else ()
    rows: list[tuple[str, Rows]] = []
    for points, own in selection.parts(span):
        found = cover_points(points, areas)
        parts = _Parts(selection, own, found.areas)
        covered = found.covered if parts.areas else frozenset[int]()
        if parts.areas:
            # Sums know the hours on the wall alone, as if they had been UTC's.
            rows.append(("UTC", parts.sums_by_hour()))
        for zone, in_zone in zones.items():
            if there := points & in_zone & covered:
                rows += [(zone, parts.late(there)), (zone, parts.fresh(Hourly, there))]
            if there := (points & in_zone) - covered:
                rows.append((zone, parts.whole(Hourly, there)))
    wanted = Q(question__in=catalogue.rating_questions)
    columns = ("zone", "hour_ms", "version", "question", "value")
    of_zones = [
        part.filter(wanted).annotate(zone=Value(zone)).values_list(*columns) for zone, part in rows
    ]
    # Added up first: by itself, what is late may be less than nothing.
    sums: dict[Key, int] = defaultdict(int)
    for (zone, began, *said), n in _added(of_zones).items():
        local = clock.instant(began).astimezone(clock.zone_of(zone))
        sums[local.isoweekday(), local.hour, *said] += n
    return _faces(_some(sums), catalogue)


def coverage(selection: Selection, catalogue: Catalogue, span: Span) -> Coverage:
    """On how many days of a span anything was rated, wherever that was."""
    wanted = Q(question__in=catalogue.rating_questions)
    rated = len(_sums(selection, span, wanted, ("day",)))
    days = selection.days(span)
    return Coverage(min(rated, days), days)


def coverage_of(
    places: Sequence[Place], selection: Selection, catalogue: Catalogue, span: Span
) -> dict[str, Coverage]:
    """The same of each of these places; of very many points that of all of them together."""
    if len(selection.points) > MOST_POINTS:
        together = coverage(selection, catalogue, span)
        return {place.key: together for place in places}
    by_kiosk = any(place.kiosk is not None for place in places)
    column = "kiosk" if by_kiosk else "point"
    wanted = Q(question__in=catalogue.rating_questions) & ~Q(count=0)
    model = _counted(selection)
    parts = [_counts(model, selection, own, points) for points, own in selection.parts(span)]
    rated: dict[int, set[date]] = defaultdict(set)
    # Not added up, which takes longer than to find the days.
    rows = [part.filter(wanted).values_list(column, "day").distinct() for part in parts]
    for there, day in _one_statement(rows):
        rated[there].add(day)
    days = selection.days(span)
    found = {}
    for place in places:
        at = place.points if place.kiosk is None else {place.kiosk}
        own = set[date]().union(*(rated[one] for one in at if one in rated))
        found[place.key] = Coverage(min(len(own), days), days)
    return found


def faces(selection: Selection, catalogue: Catalogue, span: Span) -> Faces:
    """All ratings of a selection in a span."""
    return faces_by(selection, catalogue, span).get((), NO_FACES)


class WordCount(NamedTuple):
    """How often a word was counted, and how long the answers that hold it took together."""

    n: int
    took_ms: int


def word_counts(
    selection: Selection, span: Span, ids: Iterable[str]
) -> dict[tuple[int, str], dict[str, WordCount]]:
    """The counted words of these questions, by version and question.

    The question with the empty name holds how the responses ended.
    """
    found: dict[tuple[int, str], dict[str, WordCount]] = defaultdict(dict)
    wanted = Q(question__in=ids)
    parts = _sources(selection, span, wanted, ("version", "question", "value"))
    timed = [part.annotate(total=SafeSum("count"), took=SafeSum("took_ms")) for part in parts]
    for version, question, value, n, took_ms in _one_statement(timed):
        words = found[version, question]
        before = words.get(value, WordCount(0, 0))
        words[value] = WordCount(before.n + n, before.took_ms + took_ms)
    some = ((of, {v: word for v, word in words.items() if word.n}) for of, words in found.items())
    return {of: words for of, words in some if words}


def answers_waiting(selection: Selection, catalogue: Catalogue, span: Span) -> int:
    """Answers that wait for the definition of their questionnaire."""
    if not catalogue.unknown:
        return 0
    wanted = Q(version__in=catalogue.unknown) & ~Q(question="")
    return sum(_sums(selection, span, wanted, ("version",)).values())
