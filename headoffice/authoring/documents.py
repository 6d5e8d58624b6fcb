"""What a draft holds: a questionnaire as a kiosk's file has it, as far as it is written.

Pure functions from document to document; what is given is never changed. Numbers, ticks and
choices are always whole, only texts may be missing: the editor can't leave them otherwise, and a
file that has more wrong with it is not taken.
"""

import copy
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from config.loader import shipped_document

Document = dict[str, Any]
Part = dict[str, Any]
"""A question, or an option of one."""
FIRST_QUESTION = "rating"
MOST_QUESTIONS = 60
MOST_CONDITIONS = 12
KINDS = (
    "smiley",
    "single_choice",
    "multiple_choice",
    "yes_no",
    "text",
    "csat",
    "ces",
    "nps",
    "scale",
    "contact",
)
"""In the order in which they are offered."""
_CHOICES = ("single_choice", "multiple_choice")
CONDITION_FIELDS = ("show_if", "show_if_all", "show_if_any")


def encode(document: Document) -> str:
    """The document as it is stored."""
    return msgspec.json.encode(document).decode()


def decode(text: str) -> Document:
    """A stored document."""
    document: Document = msgspec.json.decode(text)
    return document


def new_document(title: str, languages: Sequence[str]) -> Document:
    """Only the question with the faces, with the words of the shipped one where it has them."""
    shipped = shipped_document("checkout")
    rating = {**shipped["questions"][0], "id": FIRST_QUESTION}
    document = {"id": "", "title": title, "languages": list(languages), "questions": [rating]}
    return with_languages(document, languages)


def new_question(kind: str, languages: Sequence[str], among: Iterable[Part]) -> Part:
    """A question of this kind without words, under an id that none of the others has."""
    question: Part = {"kind": kind, "id": next_id(kind, ids(among)), "text": {}}
    if kind in _CHOICES:
        question["options"] = [{"id": f"option_{n}", "text": {}} for n in (1, 2)]
    if kind == "scale":
        question["ends"] = {"low": {}, "high": {}}
    if kind == "contact":
        question["purpose"] = {}
    return _in_languages(question, languages)


def next_id(stem: str, known: Iterable[str]) -> str:
    """The stem, with a number behind it where that is known."""
    there = set(known)
    numbered = (f"{stem[:36]}_{n}" for n in range(2, len(there) + 3))
    return next(name for name in (stem[:40], *numbered) if name not in there)


def ids(parts: Iterable[Part]) -> list[str]:
    """The ids of questions or options."""
    return [str(part.get("id", "")) for part in parts]


def position(document: Document, question: str) -> int | None:
    """Where the question with this id stands."""
    found = ids(document["questions"])
    return found.index(question) if question in found else None


# --- questions ----------------------------------------------------------------------------


def with_question(document: Document, index: int, question: Part) -> Document:
    """The document with another question in the place of one; conditions follow new ids."""
    before = document["questions"][index]
    changed: Document = copy.deepcopy(document)
    changed["questions"][index] = question
    was, now = ids(before.get("options", ())), ids(question.get("options", ()))
    names = dict(zip(was, now, strict=True)) if len(was) == len(now) else {}
    same_options = sorted(was) == sorted(now)
    for condition in conditions(changed):
        if condition.get("question") == before.get("id"):
            condition["question"] = question.get("id")
            if not same_options:
                condition["one_of"] = [
                    names.get(one, one) if isinstance(one, str) else one
                    for one in condition["one_of"]
                ]
    return changed


def with_new_question(document: Document, index: int, question: Part) -> Document:
    """The document with one question more, which stands at this index."""
    questions = list(document["questions"])
    questions.insert(index, question)
    return {**document, "questions": questions}


def without_question(document: Document, index: int) -> Document:
    """The document without a question and without the conditions on it."""
    gone = document["questions"][index].get("id")
    changed: Document = copy.deepcopy(document)
    del changed["questions"][index]
    for question in changed["questions"]:
        rows = [row for row in condition_rows(question) if row[1].get("question") != gone]
        if len(rows) != len(condition_rows(question)):
            set_conditions(question, rows)
    return changed


def with_question_at(document: Document, index: int, to: int) -> Document:
    """The document with a question moved to another place."""
    questions = list(document["questions"])
    questions.insert(max(0, min(to, len(questions) - 1)), questions.pop(index))
    return {**document, "questions": questions}


def follow_up_count(document: Document) -> int:
    """How many questions stand behind the first one and are asked after certain answers to it."""
    questions = document["questions"]
    after = itertools.takewhile(
        lambda one: questions[0]["id"] in {row["question"] for _join, row in condition_rows(one)},
        questions[1:],
    )
    return len(list(after))


# --- conditions ---------------------------------------------------------------------------


def conditions(document: Document) -> Iterator[Part]:
    """Every condition of every question."""
    for question in document["questions"]:
        yield from (condition for _join, condition in condition_rows(question))


def condition_rows(question: Part) -> list[tuple[str, Part]]:
    """The conditions of a question, each with ``all`` or ``any``: how it counts."""
    alone = [question["show_if"]] if question.get("show_if") else []
    every = [("all", row) for row in (*alone, *question.get("show_if_all", ()))]
    return [*every, *(("any", row) for row in question.get("show_if_any", ()))]


def set_conditions(question: Part, rows: Sequence[tuple[str, Part]]) -> None:
    """Give a question these conditions, written in the shortest way."""
    for name in CONDITION_FIELDS:
        question.pop(name, None)
    every = [row for join, row in rows if join == "all"]
    either = [row for join, row in rows if join == "any"]
    if len(either) == 1:
        every, either = [*every, *either], []
    if len(every) == 1:
        question["show_if"] = every[0]
    elif every:
        question["show_if_all"] = every
    if either:
        question["show_if_any"] = either


# --- texts --------------------------------------------------------------------------------


def texts(question: Part) -> Iterator[tuple[str, dict[str, str]]]:
    """Every text of a question with its path in it."""
    yield "text", question.setdefault("text", {})
    for index, label in enumerate(question.get("labels", ())):
        yield f"labels[{index}]", label
    for index, option in enumerate(question.get("options", ())):
        yield f"options[{index}].text", option.setdefault("text", {})
    if ends := question.get("ends"):
        yield "ends.low", ends.setdefault("low", {})
        yield "ends.high", ends.setdefault("high", {})
    if question.get("kind") == "contact":
        yield "purpose", question.setdefault("purpose", {})


def with_languages(document: Document, languages: Sequence[str]) -> Document:
    """The document in these languages: texts in others go."""
    changed: Document = copy.deepcopy(document)
    changed["languages"] = list(languages)
    changed["questions"] = [_in_languages(one, languages) for one in changed["questions"]]
    return changed


def missing(document: Document) -> dict[str, int]:
    """How many texts each language lacks."""
    found = [text for question in document["questions"] for _path, text in texts(question)]
    return {tag: sum(not text.get(tag) for text in found) for tag in document["languages"]}


def _in_languages(question: Part, languages: Sequence[str]) -> Part:
    for _path, text in texts(question):
        for tag in set(text) - set(languages):
            del text[tag]
    return question
