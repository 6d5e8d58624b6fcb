"""XLSForm workbooks become drafts, as far as kiosks can ask; what is not carried over is told."""

import io
from typing import Any

import pytest

from config.loader import load_questionnaire
from headoffice.authoring.publication import questionnaire_of
from headoffice.authoring.xlsform.reader import Import, language_tag, read_form
from headoffice.authoring.xlsform.relevance import NoConditionError, conditions_of
from headoffice.authoring.xlsform.workbook import (
    UnreadableWorkbookError,
    Workbook,
    is_available,
    read_workbook,
)
from headoffice.authoring.xlsform.writer import write_form

with_pyxform = pytest.mark.skipif(not is_available(), reason="the extra xlsform is not installed")
YES_NO = ({"list_name": "yn", "name": "yes"}, {"list_name": "yn", "name": "no"})
FRUIT = tuple(
    {"list_name": "fruit", "name": name, "label::English (en)": name, "label::suomi (fi)": fi}
    for name, fi in (("Apple", "Omena"), ("plum-2", "Luumu"), ("pear", "Päärynä"))
)  # fmt: skip


def read(*rows: dict[str, str], choices: Any = (*YES_NO, *FRUIT)) -> Import:
    return read_form(Workbook(survey=rows, choices=choices, name="Market"))


def told(found: Import) -> list[tuple[int, str]]:
    return [(one.row, one.words) for one in found.findings]


@with_pyxform
@pytest.mark.parametrize("name", ["checkout", "demonstration"])
def test_a_questionnaire_comes_back_from_its_workbook_as_it_was(name: str) -> None:
    questionnaire = load_questionnaire(name)
    found = read_form(read_workbook(write_form(questionnaire)))
    assert [] == found.findings
    assert questionnaire == questionnaire_of(found.document)


@with_pyxform
@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04rubbish", b"a,b\n1,2\n", b"\xd0\xcf\x11\xe0" * 200]
)
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableWorkbookError):
        read_workbook(data)


@with_pyxform
def test_nothing_that_people_wrote_is_a_formula() -> None:
    import openpyxl

    form = load_questionnaire("checkout")
    first = form.questions[0]
    evil = dict.fromkeys(form.languages, '=HYPERLINK("http://evil")')
    changed = type(form)(
        id=form.id,
        title="=1+1",
        languages=form.languages,
        questions=(type(first)(id=first.id, text=evil),),
    )
    book = openpyxl.load_workbook(io.BytesIO(write_form(changed)))
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {"s"} == {cell.data_type for cell in cells}


def test_questions_their_languages_and_conditions_are_carried_over() -> None:
    both = {"label::English (en)": "Which?", "label::suomi (fi)": "Mikä?"}
    found = read(
        {"type": "select_one yn", "name": "any", **both},
        {"type": "select_multiple fruit or_other", "name": "Which-ones", **both,
         "relevant": "${any} = 'yes'"},
        {"type": "text", "name": "why", **both, "constraint": "string-length(.) < 90",
         "relevant": "${any}='no' or selected(${Which-ones}, 'plum-2')"},
    )  # fmt: skip
    rating, yes_no, fruit, why = found.document["questions"]
    assert ["smiley", "yes_no", "multiple_choice", "text"] == [
        one["kind"] for one in (rating, yes_no, fruit, why)
    ]
    assert ["en", "fi"] == found.document["languages"]
    assert {"en": "Which?", "fi": "Mikä?"} == fruit["text"]
    assert ["apple", "plum_2", "pear"] == [one["id"] for one in fruit["options"]]
    assert ("which_ones", True) == (fruit["id"], fruit["other"])
    assert {"question": "any", "one_of": [True]} == fruit["show_if"]
    assert [
        {"question": "any", "one_of": [False]},
        {"question": "which_ones", "one_of": ["plum_2"]},
    ] == why["show_if_any"]
    assert 90 == why["max_length"]
    assert [(1, "A questionnaire begins with the faces: they are put in front.")] == told(found)


def test_what_cannot_be_carried_over_is_told_by_its_row() -> None:
    found = read(
        {"type": "geopoint", "name": "here", "label": "Where?"},
        {"type": "begin_repeat", "name": "again"},
        {"type": "text", "name": "each", "label": "Each?"},
        {"type": "end_repeat"},
        {"type": "calculate", "name": "sum", "calculation": "1+1"},
        {"type": "text", "name": "age", "label": "Why ${each}?", "hint": "Think", "required": "yes",
         "relevant": "${each} != ''"},
        {"type": "select_one none", "name": "empty", "label": "None?"},
        {"type": "range", "name": "far", "label": "Far?", "parameters": "start=0 end=10 step=1"},
        {"type": "range", "name": "farther", "label": "Far?", "parameters": "start=0 end=99"},
    )  # fmt: skip
    assert {2, 3, 4, 6, 7, 8, 10, 1} == {row for row, _words in told(found)}
    assert [2, 3, 4, 6, 8, 10] == [one.row for one in found.findings if one.is_left_out]
    assert ["smiley", "text", "scale"] == [one["kind"] for one in found.document["questions"]]
    assert (0, 10) == tuple(found.document["questions"][2][name] for name in ("low", "high"))
    about_age = " ".join(words for row, words in told(found) if row == 7)
    for word in ("hint", "required", "everybody is asked", "${…}"):
        assert word in about_age


def test_a_group_hands_its_condition_to_its_questions() -> None:
    found = read(
        {"type": "select_one yn", "name": "came", "label": "Came?"},
        {"type": "begin_group", "name": "g", "relevant": "${came} = 'yes'"},
        {"type": "text", "name": "why", "label": "Why?"},
        {"type": "end_group"},
        {"type": "text", "name": "end", "label": "End?"},
    )
    _rating, _came, why, end = found.document["questions"]
    assert {"question": "came", "one_of": [True]} == why["show_if"]
    assert "show_if" not in end


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("${n} > 3", [("all", "n", [4, 5])]),
        ("${n} != 1 and ${c} = 'a'", [("all", "n", [2, 3, 4, 5]), ("all", "c", ["a"])]),
        ("${n}=1 or ${n}=2", [("all", "n", [1, 2])]),
        ("${c}='a' and (${n}=1 or ${d}='b')",
         [("all", "c", ["a"]), ("any", "n", [1]), ("any", "d", ["b"])]),
        ("(${c}='a' or ${d}='b') and ${n}>=5",
         [("all", "n", [5]), ("any", "c", ["a"]), ("any", "d", ["b"])]),
        ("selected(${c}, 'b') = true()", [("all", "c", ["b"])]),
    ],
)  # fmt: skip
def test_conditions_are_read(text: str, rows: list[Any]) -> None:
    found = conditions_of(text, VALUES)
    assert rows == [(join, one["question"], one["one_of"]) for join, one in found]


@pytest.mark.parametrize(
    "text",
    ["", "true()", "${x} = 1", "${n} = 9", "${c} > 'a'", "not(${n}=1)", "${n}=1 and", "(${n}=1",
     "${c}='a' or (${n}=1 and ${d}='b')", "(${c}='a' or ${n}=1) and (${c}='b' or ${d}='b')",
     "${n}=1 ${n}=2", "(" * 2000 + "${n}=1", "count(${n}) > 1"],
)  # fmt: skip
def test_what_is_no_condition_of_a_kiosk_is_not_guessed(text: str) -> None:
    with pytest.raises(NoConditionError):
        conditions_of(text, VALUES)


def VALUES(name: str) -> dict[str, bool | int | str]:  # noqa: N802 - a constant
    known: dict[str, dict[str, bool | int | str]] = {
        "n": {str(n): n for n in range(1, 6)},
        "c": {"a": "a", "b": "b"},
        "d": {"a": "a", "b": "b"},
    }
    return known.get(name, {})


@pytest.mark.parametrize(
    ("name", "tag"),
    [("English (en)", "en"), ("Suomi (fi)", "fi"), ("Finnish", "fi"), ("français", "fr"),
     ("Português (pt-BR)", "pt-BR"), ("Klingon", "en"), ("", "en")],
)  # fmt: skip
def test_languages_are_known_by_name_or_by_code(name: str, tag: str) -> None:
    assert tag == language_tag(name)
