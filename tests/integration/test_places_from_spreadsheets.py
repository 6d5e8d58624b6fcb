"""Lists of places as spreadsheets save them: what holds nothing is no mistake."""

import pytest

from headoffice.structure.csv_file import read_lines

ROWS = ("group;name", "Suomi;Till 1", "Suomi;Till 2")


def names(text: str) -> list[str]:
    lines, mistakes = read_lines(text)
    assert [] == mistakes
    return [line.name for line in lines]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "change",
    [
        lambda rows: [f"{row};;" for row in rows],
        lambda rows: [rows[0], *(f"{row};" for row in rows[1:])],
        lambda rows: [rows[0], *(f"{row}; ;" for row in rows[1:])],
        lambda rows: ["sep=;", *rows],
        lambda rows: ['"sep=;"', *rows],
        lambda rows: ["", *rows],
        lambda rows: [";", "", *rows],
        lambda rows: ["SEP=;", "", *rows],
        lambda rows: [rows[0].title(), *rows[1:]],
        lambda rows: [rows[0].upper(), *rows[1:]],
        lambda rows: [*rows, ";;;", ""],
    ],
)
def test_empty_cells_lines_and_the_line_of_the_separator_are_no_mistakes(change, end: str) -> None:
    assert ["Till 1", "Till 2"] == names(end.join(change(list(ROWS))) + end)


def test_a_separator_that_is_told_is_taken() -> None:
    text = "sep=|\r\ngroup|name|custom: Manager\r\nSuomi|Till; 1, left|Ann\r\n"
    ((line,), mistakes) = read_lines(text)
    assert ([], "Till; 1, left", {"Manager": "Ann"}) == (mistakes, line.name, line.custom)


def test_what_is_wrong_is_told_by_the_line_of_the_file() -> None:
    lines, mistakes = read_lines("sep=;\n\ngroup;name\nSuomi;Till 1\n;No group\n")
    assert ([4], [5]) == ([line.number for line in lines], [each.line for each in mistakes])


def test_a_cell_with_something_beyond_the_columns_is_still_a_mistake() -> None:
    _lines, (mistake,) = read_lines("group;name\nSuomi;Till 1;;what?\n")
    assert "more cells" in mistake.text


def test_a_name_that_is_no_column_is_still_a_mistake() -> None:
    _lines, mistakes = read_lines("group;name;;phone\nSuomi;Till 1;;1\n")
    assert any("phone" in each.text for each in mistakes)
