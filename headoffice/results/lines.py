"""Several places over time in one chart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _

from headoffice.results import charts, texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.charts import Chart, Point
from headoffice.results.counts import Key, faces_by, faces_of_by
from headoffice.results.filters import Selection
from headoffice.results.places import Place
from headoffice.results.ratings import Faces
from headoffice.rollups.periods import Span, steps

MOST_LINES = 6
"""More lines than these can't be told apart."""


def lines_chart(
    places: Sequence[Place],
    selection: Selection,
    catalogue: Catalogue,
    chain: Mapping[date, Faces] | None,
) -> Chart | None:
    """The index of each place over the period, and as a quiet line that of the chain by its days.

    None where no place has enough answers for two points.
    """
    span = selection.period.span
    shown = places[:MOST_LINES]
    by_place = faces_of_by(shown, _of_places(selection, shown), catalogue, span, "day")
    found: list[tuple[str, Mapping[date, Faces]]] = [
        (place.title, _by_day(by_place[place.key])) for place in shown
    ]
    if chain is not None:
        found.append((_("All locations"), chain))
    # Steps that hold enough answers of the place in the middle: all lines have the same.
    numbers = sorted(sum(f.n for f in by_day.values()) for _title, by_day in found[:MOST_LINES])
    n = numbers[len(numbers) // 2] if numbers else 0
    size, parts = steps(selection.whole(span), selection.common(span), selection.first_today, n)
    labels = [texts.step_label(size, step) for step in parts]
    lines: list[tuple[str, list[Point]]] = []
    for title, by_day in found:
        sums = charts.faces_within(by_day, [step.span for step in parts])
        lines.append((title, [Point(*of) for of in zip(labels, parts, sums, strict=True)]))
    if not any(sum(point.n > 0 for point in points) > 1 for _title, points in lines):
        return None
    return _chart(lines, size, quiet=chain is not None)


def _of_places(selection: Selection, places: Sequence[Place]) -> Selection:
    part = selection.within(frozenset[int]().union(*(place.points for place in places)))
    kiosks = frozenset(place.kiosk for place in places if place.kiosk is not None)
    return replace(part, kiosks=kiosks) if kiosks else part


def faces_by_day(selection: Selection, catalogue: Catalogue, span: Span) -> dict[date, Faces]:
    """What was said on each of these days."""
    return _by_day(faces_by(selection, catalogue, span, "day"))


def _by_day(found: dict[Key, Faces]) -> dict[date, Faces]:
    return {day: part for (day,), part in found.items()}


def _chart(lines: list[tuple[str, list[Point]]], size: str, *, quiet: bool) -> Chart:
    first = lines[0][1]
    indices = [
        [point.faces.happiness if point.n else None for point in points] for _t, points in lines
    ]
    axis = charts.scale_of([i for row in indices for i in row if i is not None])
    spec = {
        "kind": "lines",
        "axis": axis,
        "labels": [point.label for point in first],
        "partial": [point.step.partial for point in first],
        "series": [
            {
                "name": title,
                "quiet": quiet and at == len(lines) - 1,
                "value": [None if i is None else round(i.value, 2) for i in row],
                "n": [point.n for point in points],
            }
            for at, ((title, points), row) in enumerate(zip(lines, indices, strict=True))
        ],
    }
    rows = []
    for at, point in enumerate(first):
        cells = [charts.step_name(point)]
        for row in indices:
            index = row[at]
            cells.append(
                "–"
                if index is None
                else f"{texts.number_text(index.value, 1)} (n = {texts.number_text(index.n)})"
            )
        rows.append(tuple(cells))
    header = (charts.size_name(size), *(title for title, _points in lines))
    notes = [_("Gaps have too few answers to be shown.")]
    if quiet:
        notes.append(_("The dashed line is all locations together."))
    note = " ".join([*notes, *charts.partial_note(first), *charts.scale_note(axis)])
    names = ", ".join(title for title, _points in lines)
    return Chart("lines", _("Happiness index over time"), names, spec, header, tuple(rows), note)
