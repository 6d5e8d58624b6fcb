"""Several places over time in one chart."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from headoffice.results import charts, texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.charts import Chart, Point
from headoffice.results.counts import faces_by
from headoffice.results.filters import Selection
from headoffice.results.places import Place
from headoffice.results.ratings import Faces
from headoffice.rollups.periods import steps

MOST_LINES = 6
"""More lines than these can't be told apart."""


def lines_chart(
    places: Sequence[Place], selection: Selection, catalogue: Catalogue, chain: Selection | None
) -> Chart | None:
    """The index of each place over the period, and of the whole chain as a quiet line.

    None where no place has enough answers for two points.
    """
    span = selection.period.span
    size, parts = steps(selection.whole(span), selection.common(span), selection.first_today)
    asked = [(place.title, _of_place(selection, place)) for place in places[:MOST_LINES]]
    if chain is not None:
        asked.append((_("All locations"), chain))
    lines: list[tuple[str, list[Point]]] = []
    for title, of in asked:
        by_day = {day: part for (day,), part in faces_by(of, catalogue, span, "day").items()}
        points = [
            Point(
                texts.step_label(size, step),
                step,
                Faces.total(
                    found
                    for day, found in by_day.items()
                    if step.span.first <= day <= step.span.last
                ),
            )
            for step in parts
        ]
        lines.append((title, points))
    if not any(sum(point.n > 0 for point in points) > 1 for _title, points in lines):
        return None
    return _chart(lines, size, quiet=chain is not None)


def _of_place(selection: Selection, place: Place) -> Selection:
    part = selection.within(place.points)
    if place.kiosk is not None:
        return replace(part, kiosks=frozenset({place.kiosk}))
    return part


def _chart(lines: list[tuple[str, list[Point]]], size: str, *, quiet: bool) -> Chart:
    first = lines[0][1]
    indices = [
        [point.faces.happiness if point.n else None for point in points] for _t, points in lines
    ]
    spec = {
        "kind": "lines",
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
    note = _("Gaps have too few answers to be shown.")
    if quiet:
        note += " " + _("The dashed line is all locations together.")
    names = ", ".join(title for title, _points in lines)
    return Chart("lines", _("Happiness index over time"), names, spec, header, tuple(rows), note)
