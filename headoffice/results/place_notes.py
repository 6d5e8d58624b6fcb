"""The notes of the places that a page shows, and their marks in its charts."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from headoffice.fleet.tree import Tree
from headoffice.notes.models import Note
from headoffice.results import texts
from headoffice.results.charts import Chart
from headoffice.results.filters import Selection
from headoffice.results.places import Directory
from headoffice.rollups.periods import ChartStep, Span, steps

MOST_MARKS = 30
"""More notes than these are not drawn in one chart: the newest are."""


class PlacedNote(NamedTuple):
    """A note with the points that it is about, as far as somebody sees them."""

    note: Note
    points: frozenset[int]
    place: str
    """What they are called; empty for all places."""

    @property
    def span(self) -> Span:
        """Its days."""
        return Span(self.note.first, self.note.last)

    @property
    def days(self) -> str:
        """Its days as text."""
        return texts.days(self.span)

    @property
    def author(self) -> str:
        """Who wrote it; empty where the account is no more."""
        return self.note.author.username if self.note.author else ""


class NoteMark(NamedTuple):
    """A note as a chart draws it: a line with a number, which stands below the chart."""

    number: int
    placed: PlacedNote
    first_step: int
    """Which of the chart's steps its first day lies in; from 0."""


def notes_within(span: Span, directory: Directory) -> list[PlacedNote]:
    """The notes of these days about anything that somebody sees, oldest first."""
    rows = Note.objects.select_related("author", "group")
    found = []
    tree: Tree | None = None
    for note in rows.filter(first__lte=span.last, last__gte=span.first).order_by("first", "pk"):
        place = directory.find(note.place_key) if note.place_key else None
        if place is not None:
            found.append(PlacedNote(note, place.points, place.title))
        elif note.group is not None:
            # Of a group above what a manager sees, their own places count.
            tree = tree or Tree.load()
            below = (directory.find(f"g{group}") for group in tree.under(note.group.pk))
            points = frozenset[int]().union(*(group.points for group in below if group))
            if points:
                found.append(PlacedNote(note, points, note.group.name))
        elif note.point_id is None:
            found.append(PlacedNote(note, directory.points, ""))
    return found


def notes_about(
    selection: Selection, directory: Directory, parts: Iterable[frozenset[int]] = ()
) -> list[PlacedNote]:
    """The notes that are about all that a chart draws, or about all of one of its parts."""
    wanted = [points for points in (selection.points, *parts) if points]
    placed = notes_within(selection.whole(selection.period.span), directory)
    return [one for one in placed if any(points <= one.points for points in wanted)][-MOST_MARKS:]


def annotate(
    charts: Sequence[Chart], selection: Selection, notes: Sequence[PlacedNote]
) -> tuple[Chart, ...]:
    """The same charts over time with marks, each told below the chart and in its table."""
    if not notes:
        return tuple(charts)
    span = selection.period.span
    _size, parts = steps(selection.whole(span), selection.common(span), selection.first_today)
    marks = [
        NoteMark(number, placed, _first_step(placed.span, parts))
        for number, placed in enumerate(notes, 1)
    ]
    return tuple(_annotated(chart, parts, marks) for chart in charts)


def _first_step(span: Span, parts: Sequence[ChartStep]) -> int:
    return next((at for at, part in enumerate(parts) if part.span.last >= span.first), 0)


def _annotated(chart: Chart, parts: Sequence[ChartStep], marks: Sequence[NoteMark]) -> Chart:
    if len(chart.rows) != len(parts):
        return chart
    rows = []
    for row, part in zip(chart.rows, parts, strict=True):
        said = [
            mark.placed.note.text
            for mark in marks
            if mark.placed.note.first <= part.span.last and mark.placed.note.last >= part.span.first
        ]
        rows.append((*row, "; ".join(said)))
    spec = chart.spec | {
        "notes": [{"at": mark.first_step, "mark": str(mark.number)} for mark in marks]
    }
    return chart._replace(
        spec=spec, header=(*chart.header, _("Notes")), rows=tuple(rows), marks=tuple(marks)
    )
