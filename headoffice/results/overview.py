"""The headline of any selection: index, change, trend, volume; and the places that stand out."""

from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from headoffice.results import charts, texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.charts import Chart, Point, responses
from headoffice.results.day import Faces
from headoffice.results.directory import Directory, Place
from headoffice.results.periods import Span, steps
from headoffice.results.selection import Selection
from headoffice.results.statistics import Difference, Index, difference
from headoffice.results.tallies import enough, faces, faces_by, faces_of, together

OUTSTANDING = 5
"""How many of the best and of the worst places are shown."""
LEAST_TO_RANK = 30
"""Below so many answers a place is not ranked, unless the address says otherwise."""


class Change(NamedTuple):
    """The index against that of another time."""

    title: str
    days: str
    found: Difference | None
    """None where one of the two has too few answers."""
    before: Index | None

    @property
    def mood(self) -> str:
        """``better``, ``worse``, ``same`` or ``none``, for its look."""
        if self.found is None:
            return "none"
        if not self.found.clear:
            return "same"
        return "better" if self.found.value > 0 else "worse"

    @property
    def figure(self) -> str:
        """The change in points of the index."""
        return "" if self.found is None else texts.signed(self.found.value)

    @property
    def interval(self) -> str:
        """Its 95 % interval."""
        return "" if self.found is None else texts.gap(self.found)

    @property
    def verdict(self) -> str:
        """What it means, in a word or two."""
        return {
            "better": _("Clearly better"),
            "worse": _("Clearly worse"),
            "same": _("No clear change"),
            "none": _("Too few answers to compare"),
        }[self.mood]

    @property
    def n(self) -> str:
        """How many answered then."""
        return "" if self.before is None else texts.number(self.before.n)


@dataclass(frozen=True)
class Headline:
    """What a manager reads first."""

    faces: Faces
    n: int
    few: bool
    """Someone answered, and too few for a figure."""
    changes: tuple[Change, ...]
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
            texts.step(size, step),
            step,
            together([f for day, f in by_day.items() if step.span.first <= day <= step.span.last]),
        )
        for step in parts
    ]
    whole = together(list(by_day.values()))
    n = responses(whole)
    changes = tuple(
        change(whole, faces(selection, catalogue, span), title, span)
        for title, span in times(selection)
    )
    drawn = (charts.trend(points, size), charts.volume(points, size), charts.moods(points, size))
    few = not enough(n)
    return Headline(
        faces=whole,
        n=n,
        few=few,
        changes=changes,
        charts=() if few or len(points) < 2 else tuple(c for c in drawn if c is not None),
    )


def times(selection: Selection) -> list[tuple[str, Span]]:
    """The times that a period is compared with, each once, and the days of one's own."""
    period = selection.period
    a_year_ago = (_("Against a year ago"), period.year_ago)
    found = [(_("Against the period before"), period.before), a_year_ago]
    if period.year_ago == period.before:
        found = [a_year_ago]
    if selection.against is not None:
        found.append((_("Against your own days"), selection.against))
    return found


def change(now: Faces, before: Faces, title: str, span: Span) -> Change:
    """The change between two ratings; nothing where one has too few."""
    new, old = now.happiness, before.happiness
    if new is None or old is None or not (enough(new.n) and enough(old.n)):
        return Change(title, texts.days(span), None, None)
    return Change(title, texts.days(span), difference(new, old), old)


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
            silent.append((place, responses(own)))
            continue
        address = selection.address(place=place.key)
        ranked.append(Standing(place, index, *against_the_rest(own, whole), address))
    ranked.sort(key=lambda s: (-s.index.value, s.place.name.casefold()))
    return ranked, silent


def against_the_rest(own: Faces, whole: Faces) -> tuple[str, str]:
    """Whether a part lies clearly above or below all the rest: in words, and for its look."""
    rest = less(whole, own).happiness
    if own.happiness is None or rest is None or not enough(rest.n):
        return "", "none"
    found = difference(own.happiness, rest)
    if not found.clear:
        return _("No clear difference from the rest"), "same"
    if found.value > 0:
        return _("Clearly above the rest"), "better"
    return _("Clearly below the rest"), "worse"


def less(whole: Faces, part: Faces) -> Faces:
    """The ratings of a whole without those of a part of it."""
    taken = {len(tally): tally for tally in part.tallies}
    return Faces.of(
        {
            len(tally): [a - b for a, b in zip(tally, taken.get(len(tally), tally), strict=True)]
            if len(tally) in taken
            else list(tally)
            for tally in whole.tallies
        }
    )


class Spoken(NamedTuple):
    """One language that was answered in."""

    tag: str
    name: str
    value: str
    interval: str
    n: str


def by_language(selection: Selection, catalogue: Catalogue) -> list[Spoken]:
    """The index of each language that was answered in, most used first."""
    found = faces_by(selection, catalogue, selection.period.span, "language")
    ordered = sorted(found.items(), key=lambda row: (-responses(row[1]), row[0]))
    return [_spoken(tag, part.happiness) for (tag,), part in ordered]


def _spoken(tag: str, index: Index | None) -> Spoken:
    if index is None or not enough(index.n):
        return Spoken(tag, texts.language(tag), "–", "–", _("too few"))
    value, interval = texts.number(index.value), texts.between(index)
    return Spoken(tag, texts.language(tag), value, interval, texts.number(index.n))
