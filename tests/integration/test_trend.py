"""A line over time says what is sure, and in steps that hold enough answers."""

from datetime import date, timedelta

import pytest

from headoffice.results.charts import Point, QuietLine, faces_within, trend_chart
from headoffice.results.ratings import NO_FACES, Faces
from headoffice.rollups.periods import ChartStep, Span, hours_per_step, step_size

MONDAY = date(2026, 6, 1)
HAPPY, MIXED = Faces.of({3: [4, 4, 92]}), Faces.of({3: [40, 20, 40]})


def points(*faces: Faces, partial: int = 1) -> list[Point]:
    """A day each; the last ones are partial."""
    days = [MONDAY + timedelta(at) for at in range(len(faces))]
    return [
        Point(day.isoformat(), ChartStep(Span(day, day), at >= len(faces) - partial), one, f"?{at}")
        for at, (day, one) in enumerate(zip(days, faces, strict=True))
    ]


def span(days: int) -> Span:
    return Span(MONDAY, MONDAY + timedelta(days - 1))


@pytest.mark.parametrize(
    ("days", "n", "size"),
    [
        (28, 10_000, "day"),
        (28, 560, "day"),
        (28, 559, "week"),
        (27, 30, "day"),
        (62, 10_000, "day"),
        (63, 10_000, "week"),
        (365, 100, "month"),
        (365, 1_100, "week"),
        (401, 10**6, "month"),
        (28, 0, "week"),
    ],
)
def test_a_step_has_twenty_answers_as_long_as_four_steps_are_left(
    days: int, n: int, size: str
) -> None:
    assert size == step_size(span(days), n)


@pytest.mark.parametrize(("n", "wide"), [(240, 1), (239, 2), (120, 2), (80, 3), (79, 4), (0, 4)])
def test_hours_of_a_quiet_day_are_taken_together(n: int, wide: int) -> None:
    assert wide == hours_per_step(12, n)


def test_what_is_said_of_a_line_leaves_out_what_is_not_whole() -> None:
    chart = trend_chart(points(HAPPY, HAPPY, MIXED), "day")
    assert "From 94 to 94, between 94 and 94." == chart.summary
    assert [False, False, True] == chart.spec["partial"]


def test_a_scale_that_is_cut_says_so() -> None:
    chart = trend_chart(points(HAPPY, HAPPY), "day")
    assert (80, 100) == chart.spec["axis"]
    assert "The scale runs from 80 to 100, not from 0 to 100." in chart.note
    whole = trend_chart(points(Faces.of({3: [6, 0, 0]}), Faces.of({3: [0, 0, 6]})), "day")
    assert (0, 100) == whole.spec["axis"]
    assert "The scale" not in whole.note


def test_other_times_are_lines_and_columns_that_keep_quiet_about_too_few() -> None:
    few = Faces.of({3: [1, 1, 1]})
    lines = [
        QuietLine("Before", "May", (MIXED, MIXED, few)),
        QuietLine("A year ago", "June 2025", (few, NO_FACES, NO_FACES)),
    ]
    chart = trend_chart(points(HAPPY, HAPPY, HAPPY), "day", lines)
    (drawn,) = chart.spec["quiet"]
    assert {"name": "Before", "value": [50, 50, None], "n": [100, 100, 0]} == drawn
    assert ("Before", "50.0", "50.0", "–") == (chart.header[-1], *(row[-1] for row in chart.rows))
    assert "Dashed: May." in chart.note
    assert "June 2025" not in chart.note


def test_one_point_of_another_time_stands_in_the_table_and_is_no_line() -> None:
    lines = [
        QuietLine("Before", "May", (MIXED, NO_FACES, MIXED)),
        QuietLine("A year ago", "June 2025", (NO_FACES, MIXED, MIXED)),
    ]
    chart = trend_chart(points(HAPPY, HAPPY, HAPPY), "day", lines)
    assert ["A year ago"] == [line["name"] for line in chart.spec["quiet"]]
    assert ("Before", "A year ago") == chart.header[-2:]
    assert ("50.0", "–") == chart.rows[0][-2:]
    assert "Dashed: June 2025." in chart.note
    assert "May" not in chart.note


def test_every_row_leads_to_the_answers_behind_its_point() -> None:
    chart = trend_chart(points(HAPPY, MIXED), "day")
    assert ["?0", "?1"] == [link for link, _row in chart.linked_rows] == chart.spec["links"]


def test_days_are_added_up_within_their_step_alone() -> None:
    by_day = {MONDAY + timedelta(n): Faces.of({3: [1, 0, n]}) for n in range(10)}
    spans = [
        Span(MONDAY + timedelta(first), MONDAY + timedelta(last))
        for first, last in ((1, 3), (4, 4), (7, 20), (21, 27))
    ]
    found = faces_within(by_day, spans)
    assert [((3, 0, 6),), ((1, 0, 4),), ((3, 0, 24),), ()] == [faces.tallies for faces in found]
