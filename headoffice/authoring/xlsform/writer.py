"""A questionnaire as a workbook of the XLSForm convention, which other programs read."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.kinds import OTHER_CHOICE, numbers
from config.questionnaire import (
    Ces,
    Condition,
    Contact,
    Csat,
    FreeText,
    MultipleChoice,
    Nps,
    Question,
    Questionnaire,
    Scale,
    SingleChoice,
    Smiley,
    YesNo,
)
from headoffice.authoring.xlsform.reader import BETWEEN, OWN_COLUMN, POOL_COLUMN
from headoffice.results.texts import language

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write_form(questionnaire: Questionnaire) -> bytes:
    """The bytes of an .xlsx file."""
    from openpyxl import Workbook

    names = {tag: f"{language(tag)} ({tag})" for tag in questionnaire.languages}
    labels = [f"label::{name}" for name in names.values()]
    hints = [f"hint::{name}" for name in names.values()]
    heading = [
        "type",
        "name",
        *labels,
        *hints,
        "relevant",
        "constraint",
        "parameters",
        OWN_COLUMN,
        POOL_COLUMN,
    ]
    survey: list[Sequence[str]] = [heading]
    choices: list[Sequence[str]] = [["list_name", "name", *labels]]
    for question in questionnaire.questions:
        texts = [question.text[tag] for tag in names] + [_hint(question, tag) for tag in names]
        relevant = _relevant(questionnaire, question)
        limit = ""
        if isinstance(question, FreeText):
            limit = f"string-length(.) <= {question.max_length}"
        row = [_type(question), question.id, *texts, relevant, limit, *_own(question)]
        survey.append([*row, question.pool or ""])
        for name, words in _choices(question, questionnaire.languages):
            choices.append([f"{question.id}_list", name, *words])
    book = Workbook()
    sheets: Mapping[str, Sequence[Sequence[str]]] = {
        "survey": survey,
        "choices": choices,
        "settings": [
            ["form_title", "form_id", "default_language"],
            [questionnaire.title, questionnaire.id, names[questionnaire.languages[0]]],
        ],
    }
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for cells in rows:
            sheet.append(list(cells))
            for cell in sheet[sheet.max_row]:
                # Nothing that people wrote is a formula.
                cell.data_type = "s" if cell.value else "n"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _type(question: Question) -> str:
    match question:
        case MultipleChoice():
            return f"select_multiple {question.id}_list"
        case FreeText() | Contact():
            return "text"
        case Scale():
            return "range"
        case _:
            return f"select_one {question.id}_list"


def _own(question: Question) -> tuple[str, str]:
    """The parameters, and what kind of question it was."""
    kind = str(type(question).__struct_config__.tag)
    match question:
        case Scale(low=low, high=high):
            return f"start={low} end={high} step=1", kind
        case Smiley(labels=labels) if labels:
            return "", f"{kind} with labels"
        case _:
            return "", kind


def _hint(question: Question, tag: str) -> str:
    match question:
        case Contact(purpose=purpose):
            return purpose[tag]
        case Nps(ends=ends) | Ces(ends=ends) | Csat(ends=ends) | Scale(ends=ends):
            return f"{ends.low[tag]}{BETWEEN}{ends.high[tag]}" if ends else ""
        case _:
            return ""


def _choices(question: Question, languages: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    match question:
        case Smiley(labels=labels) if labels:
            for value, label in enumerate(labels):
                yield str(value), [label[tag] for tag in languages]
        case Smiley() | Nps() | Ces() | Csat():
            for value in numbers(question):
                yield str(value), [str(value)] * len(languages)
        case YesNo():
            for name in ("yes", "no"):
                yield name, [name] * len(languages)
        case (
            SingleChoice(options=options, other=other)
            | MultipleChoice(options=options, other=other)
        ):
            for option in options:
                yield option.id, [option.text[tag] for tag in languages]
            if other:
                yield OTHER_CHOICE, ["…"] * len(languages)
        case _:
            return


def _relevant(questionnaire: Questionnaire, question: Question) -> str:
    each = [_comparison(questionnaire, one) for one in question.necessary]
    either = [_comparison(questionnaire, one) for one in question.show_if_any]
    if len(either) > 1:
        each.append(f"({' or '.join(either)})")
    return " and ".join(each)


def _comparison(questionnaire: Questionnaire, condition: Condition) -> str:
    asked = questionnaire.question(condition.question)
    name = f"${{{condition.question}}}"
    parts = [_equals(asked, name, value) for value in condition.one_of]
    return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"


def _equals(asked: Question, name: str, value: Any) -> str:
    word = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
    if isinstance(asked, MultipleChoice):
        return f"selected({name}, '{word}')"
    return f"{name} = {word}" if isinstance(asked, Scale) else f"{name} = '{word}'"
