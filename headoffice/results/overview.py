"""The headline of any selection: index, change, trend, volume; and the places that stand out."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from headoffice.results import charts, texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.changes import (
    LEAST_TO_RANK,
    IndexChange,
    Verdict,
    compared_spans,
    differences_from_rest,
    index_change,
    verdict_against_rest,
)
from headoffice.results.charts import Chart, Point, QuietLine
from headoffice.results.counts import Coverage, faces_by, faces_by_weekday_and_hour
from headoffice.results.filters import Selection
from headoffice.results.places import Directory, Place
from headoffice.results.ratings import NO_FACES, Faces, enough, withhold
from headoffice.results.statistics import Index
from headoffice.rollups.periods import ChartStep, Span, hours_per_step, steps

OUTSTANDING = 5
"""How many of the best and of the worst places are shown."""


@dataclass(frozen=True)
class Headline:
    """What a manager reads first."""

    faces: Faces
    n: int
    few: bool
    """Someone answered, and too few for a figure."""
    changes: tuple[IndexChange, ...]
    charts: tuple[Chart, ...]

    @property
    def index(self) -> Index | None:
        """The index, unless too few answered."""
        return None if self.few else self.faces.happiness


def headline(selection: Selection, catalogue: Catalogue, directory: Directory) -> Headline:
    """The figures of the period, against those of the other times, and over time."""
    span = selection.period.span
    by_day = _by_day(selection, catalogue, span)
    whole = Faces.total(by_day.values())
    others = [
        (title, other, _by_day(selection, catalogue, other))
        for title, other in compared_spans(selection)
    ]
    changes = tuple(
        index_change(
            whole,
            Faces.total(days.values()),
            title,
            other,
            (_coverage(selection, span, by_day), _coverage(selection, other, days)),
        )
        for title, other, days in others
    )
    few = not enough(whole.n)
    if few:
        return Headline(whole, whole.n, few, changes, ())
    if selection.whole(span).days == 1:
        size = "hour"
        points, lines = _hours(selection, catalogue, directory)
    else:
        size, points = _points(selection, by_day, whole.n)
        lines = [
            QuietLine(title, texts.days(other), _shifted(selection, points, other, days))
            for title, other, days in others
        ]
    over_time = (
        charts.trend_chart(points, size, lines),
        charts.volume_chart(points, size),
        charts.mood_chart(points, size),
    )
    drawn = tuple(chart for chart in over_time if chart is not None) if len(points) > 1 else ()
    return Headline(whole, whole.n, few, changes, drawn)


def _by_day(selection: Selection, catalogue: Catalogue, span: Span) -> dict[date, Faces]:
    return {day: part for (day,), part in faces_by(selection, catalogue, span, "day").items()}


def _coverage(selection: Selection, span: Span, by_day: dict[date, Faces]) -> Coverage:
    days = selection.days(span)
    return Coverage(min(days, sum(part.n > 0 for part in by_day.values())), days)


def _points(selection: Selection, by_day: dict[date, Faces], n: int) -> tuple[str, list[Point]]:
    span = selection.period.span
    size, parts = steps(selection.whole(span), selection.common(span), selection.first_today, n)
    sums = charts.faces_within(by_day, [step.span for step in parts])
    return size, [
        Point(
            texts.step_label(size, step),
            step,
            faces,
            selection.address(
                period=None,
                **{"from": step.span.first.isoformat(), "to": step.span.last.isoformat()},
            ),
        )
        for step, faces in zip(parts, sums, strict=True)
    ]


def _shifted(
    selection: Selection, points: list[Point], other: Span, by_day: dict[date, Faces]
) -> tuple[Faces, ...]:
    """What was said at another time, in steps that begin as many days after its own begin."""
    back = selection.whole(selection.period.span).first - selection.whole(other).first
    spans = [Span(point.step.span.first - back, point.step.span.last - back) for point in points]
    return tuple(charts.faces_within(by_day, spans))


def _hours(
    selection: Selection, catalogue: Catalogue, directory: Directory
) -> tuple[list[Point], list[QuietLine]]:
    """A single day, hour by hour by the clock of each place, and the days to compare it with."""
    span = selection.period.span
    now = _by_hour(selection, catalogue, directory, span)
    going_on = span.last >= selection.first_today
    hours = range(min(now, default=0), max(now, default=-1) + 1)
    wide = hours_per_step(len(hours), sum(faces.n for faces in now.values()))
    begins = range(hours.start // wide * wide, hours.stop, wide)
    points = [
        Point(
            f"{begin:02}:00",
            ChartStep(span, partial=going_on and begin == begins[-1]),
            _in_hours(now, begin, wide),
            selection.address(from_hour=begin, to_hour=begin + wide),
        )
        for begin in begins
    ]
    lines = []
    for title, other in compared_spans(selection):
        then = _by_hour(selection, catalogue, directory, other)
        shown = tuple(_in_hours(then, begin, wide) for begin in begins)
        lines.append(QuietLine(title, texts.days(other), shown))
    return points, lines


def _in_hours(by_hour: dict[int, Faces], begin: int, wide: int) -> Faces:
    return Faces.total(by_hour.get(hour, NO_FACES) for hour in range(begin, begin + wide))


def _by_hour(
    selection: Selection, catalogue: Catalogue, directory: Directory, span: Span
) -> dict[int, Faces]:
    zones = directory.zones(selection.points)
    found: dict[int, list[Faces]] = {}
    cells = faces_by_weekday_and_hour(selection, catalogue, zones, span)
    for (_weekday, hour), part in cells.items():
        found.setdefault(hour, []).append(part)
    return {hour: Faces.total(parts) for hour, parts in found.items()}


@dataclass(frozen=True)
class Standing:
    """One place among others."""

    place: Place
    index: Index
    verdict: Verdict
    address: str
    """To the page of the place."""


def standings(
    selection: Selection,
    places: list[Place],
    found: dict[str, Faces],
    whole: Faces,
    least: int = LEAST_TO_RANK,
) -> tuple[list[Standing], list[tuple[Place, int]]]:
    """The places by index, best first; and those with too few answers, with how many.

    ``found`` is what was said at each of them, ``whole`` at all together.
    """
    known: list[tuple[Place, Index]] = []
    silent = []
    of_places = {place.key: found[place.key].n for place in places}
    hidden = withhold(of_places, least)
    if len(places) - len(hidden) > 2 * OUTSTANDING:
        # Not all that are ranked stand beside their sum.
        hidden = frozenset(key for key, n in of_places.items() if n < least or not enough(n))
    for place in places:
        index = found[place.key].happiness
        if index is None or place.key in hidden:
            silent.append((place, found[place.key].n))
        else:
            known.append((place, index))
    apart = differences_from_rest([found[place.key] for place, _index in known], whole)
    ranked = [
        Standing(place, index, verdict_against_rest(gap), selection.address(place=place.key))
        for (place, index), gap in zip(known, apart, strict=True)
    ]
    ranked.sort(key=lambda s: (-s.index.value, s.place.name.casefold()))
    return ranked, silent


class LanguageIndex(NamedTuple):
    """One language that was answered in."""

    tag: str
    name: str
    value: str
    interval: str
    n: str


def by_language(selection: Selection, catalogue: Catalogue) -> list[LanguageIndex]:
    """The index of each language that was answered in, most used first."""
    found = faces_by(selection, catalogue, selection.period.span, "language")
    ordered = sorted(found.items(), key=lambda row: (-row[1].n, row[0]))
    hidden = withhold({key: part.n for key, part in found.items()})
    return [
        _language_index(key[0], None if key in hidden else part.happiness) for key, part in ordered
    ]


def _language_index(tag: str, index: Index | None) -> LanguageIndex:
    if index is None:
        return LanguageIndex(tag, texts.language(tag), "–", "–", _("too few"))
    value, interval = texts.number_text(index.value), texts.interval(index)
    return LanguageIndex(tag, texts.language(tag), value, interval, texts.number_text(index.n))
