"""The kinds of questions in words: their names, what each is for, and their answers."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kinds import OTHER_CHOICE, possible_values
from config.questionnaire import Question
from headoffice.authoring.documents import Part
from headoffice.authoring.question_fields import DEFAULTS, value_key
from headoffice.results.ratings import FACE_NAMES
from headoffice.results.texts import phrase


class KindWords(NamedTuple):
    """How a kind of question is offered."""

    title: str | Promise
    purpose: str | Promise


KIND_WORDS: Mapping[str, KindWords] = {
    "smiley": KindWords(gettext_lazy("Faces"), gettext_lazy("How it was, in 3, 4 or 5 faces.")),
    "single_choice": KindWords(
        gettext_lazy("One choice"), gettext_lazy("One of up to twelve answers.")
    ),
    "multiple_choice": KindWords(
        gettext_lazy("Several choices"), gettext_lazy("Any number of up to twelve answers.")
    ),
    "yes_no": KindWords(gettext_lazy("Yes or no"), gettext_lazy("The quickest question.")),
    "text": KindWords(gettext_lazy("Own words"), gettext_lazy("Shoppers write what they like.")),
    "csat": KindWords(
        gettext_lazy("Satisfaction"), gettext_lazy("How satisfied with something: 1 to 5, or 7.")
    ),
    "ces": KindWords(
        gettext_lazy("Effort"), gettext_lazy("How far “It was easy” is true: 1 to 7.")
    ),
    "nps": KindWords(
        gettext_lazy("Recommendation"), gettext_lazy("Would they recommend the shop: 0 to 10.")
    ),
    "scale": KindWords(
        gettext_lazy("Scale"), gettext_lazy("A row of numbers with words of your own at its ends.")
    ),
    "contact": KindWords(
        gettext_lazy("Contact details"),
        gettext_lazy("Name, e-mail or phone, kept only with consent."),
    ),
}
_NONE_TO_CHOOSE = ("text", "contact")


class Answer(NamedTuple):
    """An answer that a condition may name."""

    key: str
    label: str
    image: str = ""
    """Of a face, among the static files."""


def words_of(question: Part, language: str) -> str:
    """A question's text as its reader understands it best."""
    return phrase(question.get("text", {}), language) or _("(no words yet)")


def can_be_branched_on(question: Part) -> bool:
    """Whether a condition may name this question."""
    return question.get("kind") not in _NONE_TO_CHOOSE


def answers(question: Part, language: str) -> Sequence[Answer]:
    """What can be said to a question that is sound as far as this needs it; else none."""
    words = {
        one["id"]: phrase(one.get("text", {}), language) for one in question.get("options", ())
    }
    return [_answer(question, value, words) for value in answer_values(question)]


def answer_values(question: Part) -> Sequence[bool | int | str]:
    """The values that a condition may name; none for kinds that can't be branched on."""
    kind = question["kind"]
    if kind in ("single_choice", "multiple_choice"):
        other = (OTHER_CHOICE,) if question.get("other") else ()
        return (*(str(option["id"]) for option in question.get("options", ())), *other)
    ends: object = {"low": {"en": "-"}, "high": {"en": "-"}}
    plain = {"id": "x", "kind": kind, "text": {"en": "-"}}
    plain |= {name: question.get(name, at) for name, at in DEFAULTS.get(kind, {}).items()}
    plain |= {"ends": ends} if kind == "scale" else {}
    if not can_be_branched_on(question):
        return ()
    try:
        return possible_values(msgspec.convert(plain, Question))
    except msgspec.ValidationError:
        return ()


def _answer(question: Part, value: bool | int | str, words: Mapping[str, str]) -> Answer:
    key = value_key(value)
    match value:
        case bool():
            return Answer(key, _("Yes") if value else _("No"))
        case int() if question["kind"] == "smiley":
            faces = question.get("faces", 3)
            return Answer(key, str(FACE_NAMES[faces][value]), f"faces/face-{value}-of-{faces}.svg")
        case int():
            return Answer(key, str(value))
    if value == OTHER_CHOICE:
        return Answer(key, _("Something else (own words)"))
    return Answer(key, words.get(value) or _("(no words yet)"))
