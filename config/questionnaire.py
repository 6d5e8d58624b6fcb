"""Questionnaires: the questions of a kiosk, their order, branching and languages.

A questionnaire is immutable once published and is identified by the digest of its content, so
the head office can tell two versions apart without anyone having to number them.
"""

import hashlib
from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Identifier = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]{0,39}$(?!\n)",
        description="A short name of lower-case letters, digits and underscores.",
    ),
]
LanguageTag = Annotated[
    str,
    Meta(
        pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$(?!\n)", description="A language as in BCP 47, like `fi`."
    ),
]
Phrase = Annotated[str, Meta(min_length=1, max_length=300)]
Translations = Annotated[
    dict[LanguageTag, Phrase], Meta(description="One text for each language, keyed by language.")
]


class _Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Strict and immutable; defaults are omitted so that a new field keeps old digests."""


class Option(_Model, frozen=True):
    """One choice of a question."""

    id: Identifier
    text: Translations


class Condition(_Model, frozen=True):
    """Shows a question only if an earlier one was answered with one of these values.

    ``one_of`` holds numbers for ratings and scales, true or false for yes/no and option ids
    for choices; a multiple choice matches when any chosen option is listed.
    """

    question: Identifier
    one_of: Annotated[tuple[bool | int | str, ...], Meta(min_length=1)]


Conditions = Annotated[tuple[Condition, ...], Meta(max_length=12)]


class _Question(_Model, frozen=True, kw_only=True, tag_field="kind"):
    id: Identifier
    text: Translations
    show_if: Condition | None = None
    show_if_all: Conditions = ()
    """Conditions of which each has to hold."""
    show_if_any: Conditions = ()
    """Conditions of which one is enough; whatever of the three is given has to hold."""
    pool: Identifier | None = None
    """Of the questions of one pool, which stand one behind another, each response is asked one."""

    @property
    def necessary(self) -> tuple[Condition, ...]:
        """The conditions without which it is never shown."""
        alone = () if self.show_if is None else (self.show_if,)
        only = self.show_if_any if len(self.show_if_any) == 1 else ()
        return (*alone, *self.show_if_all, *only)

    def is_shown(self, holds: Callable[[Condition], bool]) -> bool:
        """Whether this question is asked, where ``holds`` says which conditions do."""
        return all(map(holds, self.necessary)) and (
            not self.show_if_any or any(map(holds, self.show_if_any))
        )

    def depends_on(self, question: str) -> bool:
        """Whether it is never shown whatever is said to other questions than this one."""
        named = {condition.question for condition in self.necessary}
        either = {condition.question for condition in self.show_if_any}
        return question in named or either == {question}


class Ends(_Model, frozen=True, kw_only=True):
    """Labels at the two ends of a row of numbers; both or none."""

    low: Translations
    high: Translations


class Smiley(_Question, frozen=True, kw_only=True, tag="smiley"):
    """A row of 3, 4 or 5 faces; the value is 0 (most negative) to faces - 1."""

    faces: Literal[3, 4, 5] = 3
    labels: tuple[Translations, ...] = ()
    """One under each face, most negative first; empty for none."""


class Nps(_Question, frozen=True, kw_only=True, tag="nps"):
    """How likely is a recommendation: 0 to 10."""

    ends: Ends | None = None


class Ces(_Question, frozen=True, kw_only=True, tag="ces"):
    """Customer effort: 1 (disagree: it was hard) to 7 (agree: it was easy)."""

    ends: Ends | None = None


class Csat(_Question, frozen=True, kw_only=True, tag="csat"):
    """Customer satisfaction: 1 to 5, or 1 to 7."""

    steps: Literal[5, 7] = 5
    ends: Ends | None = None


class YesNo(_Question, frozen=True, kw_only=True, tag="yes_no"):
    """Yes or no."""


class Scale(_Question, frozen=True, kw_only=True, tag="scale"):
    """A row of whole numbers with labelled ends, at most 11 of them."""

    low: Annotated[int, Meta(ge=0, le=1)] = 1
    high: Annotated[int, Meta(ge=2, le=10)] = 5
    ends: Ends


class SingleChoice(_Question, frozen=True, kw_only=True, tag="single_choice"):
    """One option; ``other`` adds a choice that asks for a text."""

    options: Annotated[tuple[Option, ...], Meta(min_length=2, max_length=12)]
    other: bool = False


class MultipleChoice(_Question, frozen=True, kw_only=True, tag="multiple_choice"):
    """Any number of options; ``other`` adds a choice that asks for a text."""

    options: Annotated[tuple[Option, ...], Meta(min_length=2, max_length=12)]
    other: bool = False


class FreeText(_Question, frozen=True, kw_only=True, tag="text"):
    """Free text of at most ``max_length`` characters."""

    max_length: Annotated[int, Meta(ge=10, le=2000)] = 300


class Contact(_Question, frozen=True, kw_only=True, tag="contact"):
    """Name, e-mail or phone, kept only with consent; ``purpose`` says what for."""

    purpose: Translations
    ask: Annotated[tuple[Literal["name", "email", "phone"], ...], Meta(min_length=1)] = (
        "name",
        "email",
        "phone",
    )


Question = (
    Smiley | Nps | Ces | Csat | YesNo | Scale | SingleChoice | MultipleChoice | FreeText | Contact
)


class Questionnaire(_Model, frozen=True, kw_only=True):
    """A published set of questions in one or more languages.

    The first question is the rating. Those that stand directly behind it and are shown after
    certain ratings only are follow-ups.
    """

    id: Identifier
    title: Phrase
    languages: Annotated[tuple[LanguageTag, ...], Meta(min_length=1)]
    """The first one is shown when nobody has chosen."""
    questions: Annotated[tuple[Question, ...], Meta(min_length=1, max_length=60)]

    @property
    def rating(self) -> Smiley:
        """The first question; :func:`check` has made sure that it is a smiley."""
        first = self.questions[0]
        if not isinstance(first, Smiley):
            raise TypeError(f"the first question is a {type(first).__name__}, not a Smiley")
        return first

    def question(self, question_id: str) -> Question:
        """The question with this id; KeyError if there is none."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)


_canonical = msgspec.json.Encoder(order="sorted")


def canonical(questionnaire: Questionnaire) -> bytes:
    """The questionnaire as the one JSON text whose digest identifies it."""
    return _canonical.encode(questionnaire)


def digest(definition: bytes) -> str:
    """SHA-256 of a canonical definition, 64 hexadecimal digits."""
    return hashlib.sha256(definition).hexdigest()
