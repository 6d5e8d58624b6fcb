"""Short names of questions and options: made of their words when a questionnaire is published.

Results are kept under them, so that they never change afterwards. Who gives one of their own keeps
it.
"""

import copy
import re
import unicodedata
from collections.abc import Mapping, Sequence

from config.kinds import OTHER_CHOICE
from headoffice.authoring.documents import (
    FIRST_QUESTION,
    KINDS,
    Document,
    Part,
    conditions,
    ids,
    next_id,
)

_AUTOMATIC = re.compile(rf"(option|{'|'.join(KINDS)})(_\d+)?")
_LONGEST = 24
_PLAIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "þ": "th"}


def is_automatic(name: str) -> bool:
    """Whether the editor gave this id, and nobody has chosen it."""
    return _AUTOMATIC.fullmatch(name) is not None


def short_name(words: str) -> str:
    """A short name of these words; empty if they have no Latin letters."""
    lower = "".join(_PLAIN.get(letter, letter) for letter in words.casefold())
    plain = unicodedata.normalize("NFKD", lower).encode("ascii", "ignore").decode()
    found = re.findall(r"[a-z0-9]+", plain)
    name = ""
    for word in found:
        if name and len(name) + 1 + len(word) > _LONGEST:
            break
        name = f"{name}_{word}" if name else word[:_LONGEST]
    return name if name[:1].isalpha() else ""


def name_parts(document: Document) -> Document:
    """The document with short names of its words in place of the editor's own."""
    named: Document = copy.deepcopy(document)
    languages = named["languages"]
    named["id"] = named.get("id") or short_name(named["title"]) or "questionnaire"
    questions = named["questions"]
    for index, question in enumerate(questions):
        _name_options(named, question)
        if index and is_automatic(question["id"]):
            others = ids(one for one in questions if one is not question)
            name = _name(question, languages, [*others, FIRST_QUESTION])
            for condition in _conditions_on(named, question):
                condition["question"] = name
            question["id"] = name
    return named


def _name_options(document: Document, question: Part) -> None:
    options = question.get("options", ())
    for option in options:
        if is_automatic(option["id"]):
            others = ids(one for one in options if one is not option)
            name = _name(option, document["languages"], [*others, OTHER_CHOICE])
            for condition in _conditions_on(document, question):
                values = condition["one_of"]
                condition["one_of"] = [name if one == option["id"] else one for one in values]
            option["id"] = name


def _conditions_on(document: Document, question: Part) -> list[Part]:
    return [row for row in conditions(document) if row["question"] == question["id"]]


def _name(part: Part, languages: Sequence[str], others: list[str]) -> str:
    return next_id(short_name(_words(part["text"], languages)) or part["id"], others)


def _words(text: Mapping[str, str], languages: Sequence[str]) -> str:
    return next((text[tag] for tag in ("en", *languages) if text.get(tag)), "")
