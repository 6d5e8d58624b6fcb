"""Places and questionnaires side by side: rankings that say what the data can't tell."""

from dataclasses import replace
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from headoffice.results import texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.charts import responses
from headoffice.results.day import Faces
from headoffice.results.directory import Directory, Place
from headoffice.results.drawing import Figure, figure, scale
from headoffice.results.overview import LEAST_TO_RANK, Change, against_the_rest, change, times
from headoffice.results.periods import Span
from headoffice.results.selection import Selection
from headoffice.results.statistics import ranks
from headoffice.results.tallies import enough, faces, faces_of

LEASTS = (5, 30, 100, 300)
"""The smallest numbers of answers that one may ask for."""
MOST_QUESTIONNAIRES = 20
"""Of more than these the newest are compared."""
MOST_AT_ONCE = 60
"""More points than these are compared by the groups that they are in, or by those above."""


class Part(NamedTuple):
    """What is ranked: a place, or a questionnaire."""

    key: str
    title: str
    link: str
    """To its own page."""
    now: Faces
    then: tuple[Faces, ...]
    """At the other times."""


class Row(NamedTuple):
    """One ranked part."""

    rank: str
    part: Part
    figure: Figure
    verdict: str
    mood: str
    changes: tuple[Change, ...]


class Silent(NamedTuple):
    """A part with too few answers to be ranked."""

    part: Part
    n: str


class Comparison(NamedTuple):
    """The whole ranking."""

    rows: tuple[Row, ...]
    silent: tuple[Silent, ...]
    least: int
    tied: bool
    """Whether none differs clearly from any other."""
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
    # Of a tag, say, there may be none in some of them.
    return [place for place in below if place.points & selection.points]


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
    parts = [
        Part(
            place.key,
            place.title,
            selection.address(place=place.key),
            now[place.key],
            tuple(earlier[place.key] for earlier in then),
        )
        for place in places
    ]
    return _ranking(parts, whole, least, spans)


def of_questionnaires(
    selection: Selection, catalogue: Catalogue, least: int = LEAST_TO_RANK
) -> Comparison | None:
    """Rank the questionnaires, at all these places together; None where there is but one."""
    names = {} if selection.questionnaire else catalogue.names()
    spans = times(selection)
    parts = []
    for name, title in list(names.items())[-MOST_QUESTIONNAIRES:]:
        versions = frozenset(edition.pk for edition in catalogue.versions(name))
        own = replace(selection, versions=versions)
        now, *then = (
            faces(own, catalogue, span) for span in (selection.period.span, *(s for _t, s in spans))
        )
        if responses(now):
            link = selection.address(questionnaire=name)
            parts.append(Part(name, title, link, now, tuple(then)))
    whole = faces(selection, catalogue, selection.period.span)
    return _ranking(parts, whole, least, spans) if len(parts) > 1 else None


def _ranking(
    parts: list[Part], whole: Faces, least: int, spans: list[tuple[str, Span]]
) -> Comparison:
    ranked = [
        (part, index)
        for part in parts
        if (index := part.now.happiness) is not None and index.n >= least and enough(index.n)
    ]
    ranked.sort(key=lambda pair: (-pair[1].value, pair[0].title.casefold()))
    open_ranks = ranks([index for _part, index in ranked])
    ends = scale(index for _part, index in ranked)
    rows = []
    for (part, index), (best, worst) in zip(ranked, open_ranks, strict=True):
        verdict, mood = against_the_rest(part.now, whole)
        changes = tuple(
            change(part.now, earlier, title, span)
            for earlier, (title, span) in zip(part.then, spans, strict=True)
        )
        rows.append(Row(_rank(best, worst), part, figure(index, ends), verdict, mood, changes))
    known = {part.key for part, _index in ranked}
    silent = tuple(Silent(part, _n(responses(part.now))) for part in parts if part.key not in known)
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
