"""Lists of places as spreadsheets save them: what holds nothing is no mistake."""

import csv
import io

import pytest
from django.test import Client
from django.utils import translation

from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.structure.csv_file import read_lines, write_tree
from headoffice.structure.csv_import import plan_import

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


def test_an_empty_column_between_others_is_no_mistake() -> None:
    text = "group;;name; ;tags\nSuomi;;Till 1;;big\nSuomi; ;Till 2;;\n"
    lines, mistakes = read_lines(text)
    assert ([], ["Till 1", "Till 2"]) == (mistakes, [line.name for line in lines])
    assert ["big"] == lines[0].tags


def test_a_column_that_holds_something_needs_a_name() -> None:
    _lines, (mistake,) = read_lines("group;;name\nSuomi;;Till 1\nSuomi;what?;Till 2\n")
    assert (1, True) == (mistake.line, "Column 2 " in mistake.text)


def test_a_row_with_fewer_cells_says_what_is_missing() -> None:
    _lines, (mistake,) = read_lines("group;name;tags\nSuomi;Till 1\nSuomi\n")
    assert (3, "A name is missing.") == mistake


@pytest.mark.django_db
def test_no_spreadsheet_calculates_a_part_of_a_place_and_it_comes_back_as_it_was() -> None:
    group = Group.objects.create(name="Suomi;=1+1")
    said = {"a;=2+2": 'Nice;=1+1;x,@SUM(1);-3;"=4', "b": "'=1", "c": "x;''=2", "d": "x;'y"}
    ExperiencePoint.objects.create(
        group=group, name="=3+3", time_zone="UTC", tags=["x;-1"], custom=said
    )
    text = write_tree(frozenset({group.pk}))
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            assert [] == [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    lines, mistakes = read_lines(text)
    assert [] == mistakes
    assert ("Suomi;=1+1", "=3+3", ["x;-1"], said) == (
        lines[0].name,
        lines[1].name,
        lines[1].tags,
        lines[1].custom,
    )


@pytest.mark.django_db
def test_where_there_is_no_group_the_file_to_download_is_an_example_that_can_be_taken() -> None:
    admin = Client()
    admin.force_login(create_user("admin", "puolukka-77x", role=Role.ADMINISTRATOR))
    with translation.override("en"):
        assert "Example as CSV" in admin.get("/structure/import").content.decode()
        finnish = admin.get("/structure/places.csv", headers={"Accept-Language": "fi"})
        lines, mistakes = read_lines(finnish.content.decode())
        assert [] == mistakes
        assert ["Yrityksemme", "Pohjoinen", "Pääkatu, kassa"] == [line.name for line in lines]
        assert () == plan_import(lines, mistakes).groups_without_line
        Group.objects.create(name="Suomi")
        assert "Export as CSV" in admin.get("/structure/import").content.decode()
        assert "Pääkatu" not in admin.get("/structure/places.csv").content.decode()
