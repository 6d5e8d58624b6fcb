"""Reads the counts: every figure of a page comes through here, within the points selected."""

from collections import defaultdict
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db.models import Q, QuerySet, Sum

from headoffice.results.catalogue import Catalogue
from headoffice.results.day import Faces
from headoffice.results.models import Daily, Hourly
from headoffice.results.periods import Span
from headoffice.results.selection import Selection

Key = tuple[Any, ...]


def enough(n: int) -> bool:
    """Whether so many responses may be drawn without pointing at anybody."""
    return n >= settings.PRIVACY_MINIMUM


def counted(selection: Selection, span: Span) -> "QuerySet[Daily]":
    """The counts per day of a selection in a span of local days."""
    return _selected(Daily.objects.all(), selection, span)


def counted_by_hour(selection: Selection, span: Span) -> "QuerySet[Hourly]":
    """The counts per hour of a selection in a span of local days."""
    return _selected(Hourly.objects.all(), selection, span)


C = TypeVar("C", Daily, Hourly)


def _selected(rows: "QuerySet[C]", selection: Selection, span: Span) -> "QuerySet[C]":
    rows = rows.filter(day__range=tuple(span), point__in=selection.points)
    if selection.kiosks is not None:
        rows = rows.filter(kiosk__in=selection.kiosks)
    if selection.versions is not None:
        rows = rows.filter(version__in=selection.versions)
    if selection.language:
        rows = rows.filter(language=selection.language)
    if not selection.test:
        rows = rows.filter(test=False)
    if not selection.misuse:
        rows = rows.filter(misuse="")
    return rows


def faces_by(
    selection: Selection, catalogue: Catalogue, span: Span, *dimensions: str
) -> dict[Key, Faces]:
    """Ratings for each value of these columns of the counts; `()` is the key without columns."""
    found: dict[Key, dict[int, list[int]]] = defaultdict(dict)
    table = counted_by_hour if "hour_ms" in dimensions else counted
    rows = (
        table(selection, span)
        .filter(question__in=catalogue.rating_questions)
        .values_list(*dimensions, "version", "question", "value")
        .annotate(total=Sum("count"))
        .filter(~Q(total=0))
    )
    for *key, version, question, value, count in rows:
        rating = catalogue.ratings.get(version)
        if rating is not None and rating[0] == question and value.isdecimal():
            tally = found[tuple(key)].setdefault(rating[1], [0] * rating[1])
            tally[int(value)] += count
    return {key: Faces.of(tallies) for key, tallies in found.items()}


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


def questions(selection: Selection, span: Span) -> dict[tuple[int, str], dict[str, Words]]:
    """The counted words of every question, by version and question.

    The question with the empty name holds how the responses ended.
    """
    found: dict[tuple[int, str], dict[str, Words]] = defaultdict(dict)
    rows = (
        counted(selection, span)
        .values_list("version", "question", "value")
        .annotate(total=Sum("count"), took=Sum("took_ms"))
        .filter(~Q(total=0))
    )
    for version, question, value, n, took_ms in rows:
        found[version, question][value] = Words(n, took_ms)
    return dict(found)


def waiting(selection: Selection, catalogue: Catalogue, span: Span) -> int:
    """Answers that wait for the definition of their questionnaire."""
    if not catalogue.unknown:
        return 0
    rows = counted(selection, span).filter(version__in=catalogue.unknown).exclude(question="")
    return int(rows.aggregate(total=Sum("count"))["total"] or 0)
