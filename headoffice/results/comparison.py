"""Places and questionnaires side by side: rankings that say what the data can't tell."""

from dataclasses import replace
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from headoffice.results import texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.changes import (
    LEAST_TO_RANK,
    IndexChange,
    compared_spans,
    index_change,
    verdict_against_rest,
)
from headoffice.results.counts import faces, faces_of
from headoffice.results.filters import Selection
from headoffice.results.formatting import IndexText, index_text, ruler_ends
from headoffice.results.places import Directory, Place
from headoffice.results.ratings import Faces, enough
from headoffice.results.statistics import ranks
from headoffice.rollups.periods import Span

LEASTS = (5, 30, 100, 300)
"""The smallest numbers of answers that one may ask for."""
MOST_QUESTIONNAIRES = 20
"""Of more than these the newest are compared."""
MOST_AT_ONCE = 60
"""More points than these are compared by the groups that they are in, or by those above."""


class Contestant(NamedTuple):
    """What is ranked: a place, or a questionnaire."""

    key: str
    title: str
    link: str
    """To its own page."""
    now: Faces
    then: tuple[Faces, ...]
    """At the other times."""


class RankedRow(NamedTuple):
    """One ranked part."""

    rank: str
    part: Contestant
    figure: IndexText
    verdict: str
    mood: str
    changes: tuple[IndexChange, ...]


class UnrankedRow(NamedTuple):
    """A part with too few answers to be ranked."""

    part: Contestant
    n: str


class Comparison(NamedTuple):
    """The whole ranking."""

    rows: tuple[RankedRow, ...]
    silent: tuple[UnrankedRow, ...]
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


def compare_places(
    selection: Selection, catalogue: Catalogue, places: list[Place], least: int = LEAST_TO_RANK
) -> Comparison:
    """Rank the places by index; each against the rest of them and against itself before."""
    points = frozenset[int]().union(*(place.points for place in places))
    selection = selection.within(points)
    spans = compared_spans(selection)
    # Of all of them at once and not of each place: a group and a point of it may both be chosen.
    whole = faces(selection, catalogue, selection.period.span)
    now = faces_of(places, selection, catalogue, selection.period.span)
    then = [faces_of(places, selection, catalogue, span) for _title, span in spans]
    parts = [
        Contestant(
            place.key,
            place.title,
            selection.address(place=place.key),
            now[place.key],
            tuple(earlier[place.key] for earlier in then),
        )
        for place in places
    ]
    return _ranking(parts, whole, least, spans)


def compare_questionnaires(
    selection: Selection, catalogue: Catalogue, least: int = LEAST_TO_RANK
) -> Comparison | None:
    """Rank the questionnaires, at all these places together; None where there is but one."""
    names = {} if selection.questionnaire else catalogue.names()
    spans = compared_spans(selection)
    parts = []
    for name, title in list(names.items())[-MOST_QUESTIONNAIRES:]:
        versions = frozenset(edition.pk for edition in catalogue.versions(name))
        own = replace(selection, versions=versions)
        now, *then = (
            faces(own, catalogue, span) for span in (selection.period.span, *(s for _t, s in spans))
        )
        if now.n:
            link = selection.address(questionnaire=name)
            parts.append(Contestant(name, title, link, now, tuple(then)))
    whole = faces(selection, catalogue, selection.period.span)
    return _ranking(parts, whole, least, spans) if len(parts) > 1 else None


def _ranking(
    parts: list[Contestant], whole: Faces, least: int, spans: list[tuple[str, Span]]
) -> Comparison:
    ranked = [
        (part, index)
        for part in parts
        if (index := part.now.happiness) is not None and index.n >= least and enough(index.n)
    ]
    ranked.sort(key=lambda pair: (-pair[1].value, pair[0].title.casefold()))
    open_ranks = ranks([index for _part, index in ranked])
    ends = ruler_ends(index for _part, index in ranked)
    rows = []
    for (part, index), (best, worst) in zip(ranked, open_ranks, strict=True):
        verdict, mood = verdict_against_rest(part.now, whole)
        changes = tuple(
            index_change(part.now, earlier, title, span)
            for earlier, (title, span) in zip(part.then, spans, strict=True)
        )
        rows.append(
            RankedRow(_rank(best, worst), part, index_text(index, ends), verdict, mood, changes)
        )
    known = {part.key for part, _index in ranked}
    silent = tuple(UnrankedRow(part, _n(part.now.n)) for part in parts if part.key not in known)
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
    return (
        texts.number_text(best)
        if best == worst
        else f"{texts.number_text(best)}–{texts.number_text(worst)}"
    )


def _n(n: int) -> str:
    if n and not enough(n):
        return _("fewer than %(n)s") % {"n": texts.number_text(settings.PRIVACY_MINIMUM)}
    return texts.number_text(n)
