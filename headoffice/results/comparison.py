"""Places side by side: a ranking that says what the data can't tell."""

from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from headoffice.results import texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.charts import responses
from headoffice.results.directory import Directory, Place
from headoffice.results.drawing import Figure, figure, scale
from headoffice.results.overview import LEAST_TO_RANK, Change, against_the_rest, change, times
from headoffice.results.selection import Selection
from headoffice.results.statistics import ranks
from headoffice.results.tallies import enough, faces, faces_of

LEASTS = (5, 30, 100, 300)
"""The smallest numbers of answers that one may ask for."""
MOST_AT_ONCE = 60
"""More points than these are compared by the groups that they are in, or by those above."""


class Row(NamedTuple):
    """One ranked place."""

    rank: str
    place: Place
    figure: Figure
    verdict: str
    mood: str
    changes: tuple[Change, ...]
    link: str
    """To the page of the place."""


class Silent(NamedTuple):
    """A place with too few answers to be ranked."""

    place: Place
    n: str


class Comparison(NamedTuple):
    """The whole ranking."""

    rows: tuple[Row, ...]
    silent: tuple[Silent, ...]
    least: int
    tied: bool
    """Whether no place differs clearly from any other."""
    titles: tuple[tuple[str, str], ...]
    """The other times, and their days."""
    scale: tuple[int, int]
    """The ends of the rulers."""


def candidates(selection: Selection, directory: Directory) -> list[Place]:
    """The places to compare: those chosen; of one group, or of none, what is below it."""
    if len(selection.places) > 1:
        return list(selection.places)
    if selection.places and selection.places[0].kind != "group":
        return directory.below(selection.places[0]) or list(selection.places)
    points = [
        place
        for place in directory.places.values()
        if place.kind == "point" and place.points <= selection.points
    ]
    shops = [
        place
        for key in dict.fromkeys(point.parent for point in points)
        if key is not None and (place := directory.places.get(key)) is not None
    ]
    for level in (points, shops):
        if len(level) <= MOST_AT_ONCE:
            return level
    below = directory.below(selection.places[0] if selection.places else None)
    while len(below) == 1 and below[0].kind == "group":
        below = directory.below(below[0])
    return below


def compare(
    selection: Selection, catalogue: Catalogue, places: list[Place], least: int = LEAST_TO_RANK
) -> Comparison:
    """Rank the places by index; each against the rest of them and against itself before."""
    points = frozenset[int]().union(*(place.points for place in places))
    selection = selection.within(points)
    spans = times(selection)
    # Of all of them at once and not of each place: a group and a point of it may both be chosen.
    whole = faces(selection, catalogue, selection.period.span)
    now = faces_of(places, selection, catalogue, selection.period.span)
    then = [faces_of(places, selection, catalogue, span) for _title, span in spans]
    ranked = [
        (place, index)
        for place in places
        if (index := now[place.key].happiness) is not None and index.n >= least and enough(index.n)
    ]
    ranked.sort(key=lambda pair: (-pair[1].value, pair[0].title.casefold()))
    open_ranks = ranks([index for _place, index in ranked])
    ends = scale(index for _place, index in ranked)
    rows = []
    for (place, index), (best, worst) in zip(ranked, open_ranks, strict=True):
        own = now[place.key]
        verdict, mood = against_the_rest(own, whole)
        changes = tuple(
            change(own, earlier[place.key], title, span)
            for earlier, (title, span) in zip(then, spans, strict=True)
        )
        link = selection.address(place=place.key)
        rows.append(
            Row(_rank(best, worst), place, figure(index, ends), verdict, mood, changes, link)
        )
    known = {place.key for place, _index in ranked}
    silent = tuple(
        Silent(place, _n(responses(now[place.key]))) for place in places if place.key not in known
    )
    tied = len(rows) > 1 and all(span == (1, len(rows)) for span in open_ranks)
    return Comparison(
        tuple(rows),
        silent,
        least,
        tied,
        tuple((title, texts.days(span)) for title, span in spans),
        ends,
    )


def _rank(best: int, worst: int) -> str:
    return texts.number(best) if best == worst else f"{texts.number(best)}–{texts.number(worst)}"


def _n(n: int) -> str:
    if n and not enough(n):
        return _("fewer than %(n)s") % {"n": texts.number(settings.PRIVACY_MINIMUM)}
    return texts.number(n)
