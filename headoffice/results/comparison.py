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
    Verdict,
    compared_spans,
    differences_from_rest,
    index_change,
    judge_changes,
    verdict_against_rest,
)
from headoffice.results.counts import Coverage, coverage_of, faces, faces_of
from headoffice.results.filters import Selection
from headoffice.results.formatting import IndexText, index_text, ruler_ends
from headoffice.results.multiplicity import ranks
from headoffice.results.places import Place
from headoffice.results.ratings import Faces, enough
from headoffice.results.statistics import Difference, Index, contrast, difference
from headoffice.rollups.periods import Span

MOST_MOVERS = 3
"""So many places that fell are shown, and that rose."""
LEASTS = (5, 30, 100, 300)
"""The smallest numbers of answers that one may ask for."""
MOST_QUESTIONNAIRES = 20
"""Of more than these the newest are compared."""


class Contestant(NamedTuple):
    """What is ranked: a place, or a questionnaire."""

    key: str
    title: str
    link: str
    """To its own page."""
    now: Faces
    then: tuple[Faces, ...]
    """At the other times."""
    coverages: tuple[tuple[Coverage, Coverage], ...] = ()
    """How much of the period and of each other time has answers, where it was looked."""

    def coverages_at(self, other: int) -> tuple[Coverage, Coverage] | None:
        """The same of one of the other times, by its number."""
        return self.coverages[other] if self.coverages else None


class RankedRow(NamedTuple):
    """One ranked part."""

    rank: str
    part: Contestant
    figure: IndexText
    verdict: Verdict
    changes: tuple[IndexChange, ...]
    exact: Index
    apart: Difference | None
    """From all the rest."""
    sad_share: float
    """In per cent."""
    relative: IndexChange | None
    """The change against the period before, less that of all other places."""

    @property
    def sad(self) -> str:
        """The share of sad faces as text."""
        return texts.percent(self.sad_share)


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


def compare_places(
    selection: Selection,
    catalogue: Catalogue,
    places: list[Place],
    least: int = LEAST_TO_RANK,
    *,
    chain: Selection | None = None,
    chain_now: Faces | None = None,
    now: dict[str, Faces] | None = None,
    spans: list[tuple[str, Span]] | None = None,
) -> Comparison:
    """Rank the places by index; each against the rest of them and against itself before.

    ``now`` is what was said at each in the period, if that is known already; ``spans`` are the
    other times, if not all are wanted.

    With ``chain``, the same question about all places, the change of each is also compared with
    that of all the others; ``chain_now`` is what was said there, likewise.
    """
    points = frozenset[int]().union(*(place.points for place in places))
    selection = selection.within(points)
    spans = spans or compared_spans(selection)
    now = now or faces_of(places, selection, catalogue, selection.period.span)
    then = [faces_of(places, selection, catalogue, span) for _title, span in spans]
    covered = [
        coverage_of(places, selection, catalogue, span)
        for span in (selection.period.span, *(span for _title, span in spans))
    ]
    parts = [
        Contestant(
            place.key,
            place.title,
            selection.address(place=place.key),
            now[place.key],
            tuple(earlier[place.key] for earlier in then),
            tuple((covered[0][place.key], other[place.key]) for other in covered[1:]),
        )
        for place in places
    ]
    whole = _together(places, now, selection, catalogue, selection.period.span)
    everywhere = None
    if chain is not None and chain.points == selection.points and chain.kiosks == selection.kiosks:
        everywhere = whole, _together(places, then[0], selection, catalogue, spans[0][1])
    elif chain is not None:
        everywhere = (
            chain_now or faces(chain, catalogue, chain.period.span),
            faces(chain, catalogue, chain.period.before),
        )
    return _ranking(parts, whole, least, spans, everywhere)


def _together(
    places: list[Place],
    found: dict[str, Faces],
    selection: Selection,
    catalogue: Catalogue,
    span: Span,
) -> Faces:
    """What was said at all of them, once: a group and a point of it may both be chosen."""
    points = selection.points
    apart = len(points) == sum(len(points & place.points) for place in places)
    if apart and all(place.kiosk is None for place in places):
        return Faces.total(found.values())
    return faces(selection, catalogue, span)


def compare_questionnaires(
    selection: Selection, catalogue: Catalogue, least: int = LEAST_TO_RANK
) -> Comparison | None:
    """Rank the questionnaires, at all these places together; None where there is but one."""
    names = {} if selection.questionnaire else catalogue.names()
    if len(names) < 2:
        return None
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
    if len(parts) < 2:
        return None
    whole = faces(selection, catalogue, selection.period.span)
    return _ranking(parts, whole, least, spans)


def _ranking(
    parts: list[Contestant],
    whole: Faces,
    least: int,
    spans: list[tuple[str, Span]],
    everywhere: tuple[Faces, Faces] | None = None,
) -> Comparison:
    ranked = [
        (part, index)
        for part in parts
        if (index := part.now.happiness) is not None and index.n >= least and enough(index.n)
    ]
    ranked.sort(key=lambda pair: (-pair[1].value, pair[0].title.casefold()))
    open_ranks = ranks([index for _part, index in ranked])
    ends = ruler_ends(index for _part, index in ranked)
    apart = differences_from_rest([part.now for part, _index in ranked], whole)
    columns = [
        judge_changes(
            [
                index_change(part.now, part.then[at], title, span, part.coverages_at(at))
                for part, _index in ranked
            ]
        )
        for at, (title, span) in enumerate(spans)
    ]
    relative = _relative_changes([part for part, _index in ranked], columns[0], everywhere)
    rows = [
        RankedRow(
            _rank(best, worst),
            part,
            index_text(index, ends),
            verdict_against_rest(apart[at]),
            tuple(column[at] for column in columns),
            index,
            apart[at],
            part.now.sad_share,
            relative[at],
        )
        for at, ((part, index), (best, worst)) in enumerate(zip(ranked, open_ranks, strict=True))
    ]
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


def _relative_changes(
    parts: list[Contestant],
    changes: list[IndexChange],
    everywhere: tuple[Faces, Faces] | None,
) -> list[IndexChange] | list[None]:
    """The changes against the first of the other times, less those of all other places."""
    if everywhere is None:
        return [None] * len(parts)
    now, before = everywhere
    found = []
    for part, change in zip(parts, changes, strict=True):
        others = _change(now.minus(part.now), before.minus(part.then[0]))
        gap = change.difference and others and contrast(change.difference, others)
        found.append(change._replace(title=_("Against the chain's change"), difference=gap))
    return judge_changes(found)


def _change(now: Faces, before: Faces) -> Difference | None:
    new, old = now.happiness, before.happiness
    if new is None or old is None or not (enough(new.n) and enough(old.n)):
        return None
    return difference(new, old)


def movers(found: Comparison) -> list[RankedRow]:
    """The places that moved clearly against all others: those that fell most, then that rose."""
    moved = sorted(
        (gap.value, at)
        for at, row in enumerate(found.rows)
        if row.relative and (gap := row.relative.difference) and gap.clear
    )
    falls = [at for value, at in moved if value < 0][:MOST_MOVERS]
    rises = [at for value, at in moved[::-1] if value > 0][:MOST_MOVERS]
    return [found.rows[at] for at in (*falls, *rises)]


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
