"""The headline of any selection: index, change, trend, volume; and the places that stand out."""

from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from headoffice.results import charts, texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.changes import (
    LEAST_TO_RANK,
    IndexChange,
    compared_spans,
    index_change,
    verdict_against_rest,
)
from headoffice.results.charts import Chart, Point
from headoffice.results.counts import faces, faces_by, faces_of
from headoffice.results.filters import Selection
from headoffice.results.places import Directory, Place
from headoffice.results.ratings import Faces, enough
from headoffice.results.statistics import Index
from headoffice.rollups.periods import steps

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
    """The figures of the period, against those of the two other times, and over time."""
    period = selection.period
    today = directory.today(selection.points)
    by_day = {
        day: part for (day,), part in faces_by(selection, catalogue, period.span, "day").items()
    }
    size, parts = steps(period.span, today)
    points = [
        Point(
            texts.step_label(size, step),
            step,
            Faces.total(f for day, f in by_day.items() if step.span.first <= day <= step.span.last),
        )
        for step in parts
    ]
    whole = Faces.total(by_day.values())
    n = whole.n
    changes = tuple(
        index_change(whole, faces(selection, catalogue, span), title, span)
        for title, span in compared_spans(selection)
    )
    over_time = (
        charts.trend_chart(points, size),
        charts.volume_chart(points, size),
        charts.mood_chart(points, size),
    )
    few = not enough(n)
    return Headline(
        faces=whole,
        n=n,
        few=few,
        changes=changes,
        charts=() if few or len(points) < 2 else tuple(c for c in over_time if c is not None),
    )


@dataclass(frozen=True)
class Standing:
    """One place among others."""

    place: Place
    index: Index
    verdict: str
    mood: str
    address: str
    """To the page of the place."""


def standings(
    selection: Selection,
    catalogue: Catalogue,
    places: list[Place],
    whole: Faces,
    least: int = LEAST_TO_RANK,
) -> tuple[list[Standing], list[tuple[Place, int]]]:
    """The places by index, best first; and those with too few answers, with how many.

    ``whole`` is what was said at all places together.
    """
    found = faces_of(places, selection, catalogue, selection.period.span)
    ranked, silent = [], []
    for place in places:
        own = found[place.key]
        index = own.happiness
        if index is None or index.n < least or not enough(index.n):
            silent.append((place, own.n))
            continue
        address = selection.address(place=place.key)
        ranked.append(Standing(place, index, *verdict_against_rest(own, whole), address))
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
    return [_language_index(tag, part.happiness) for (tag,), part in ordered]


def _language_index(tag: str, index: Index | None) -> LanguageIndex:
    if index is None or not enough(index.n):
        return LanguageIndex(tag, texts.language(tag), "–", "–", _("too few"))
    value, interval = texts.number_text(index.value), texts.interval(index)
    return LanguageIndex(tag, texts.language(tag), value, interval, texts.number_text(index.n))
