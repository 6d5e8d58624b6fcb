"""The route through a questionnaire: what is asked, in which order, and what counts as an answer.

Pure functions of the questions and of what has been answered so far. A skipped question is in the
answers as None: it was passed, and it matches no condition.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

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
from config.rules import possible_values
from sync.messages import Chosen, ContactDetails, Value

Answers = Mapping[str, Value | None]
"""What was said to each question so far, in the order it was asked; None: skipped."""

_SHORT_TEXT = 200
"""Longest name, e-mail, phone and text of "other"; the wire takes no more."""


def follow_ups(questionnaire: Questionnaire) -> tuple[Question, ...]:
    """The questions that stand directly behind the rating and are shown for some ratings only."""
    rating = questionnaire.rating.id

    def belongs(question: Question) -> bool:
        return question.show_if is not None and question.show_if.question == rating

    return tuple(takewhile(belongs, questionnaire.questions[1:]))


def asked(
    questionnaire: Questionnaire, *, follow_up: bool = True, invite: bool = True
) -> tuple[Question, ...]:
    """The questions that a kiosk asks at all, the rating first."""
    behind = follow_ups(questionnaire)
    rest = questionnaire.questions[1 + len(behind) :]
    return (
        questionnaire.rating,
        *(behind if follow_up else ()),
        *(rest if invite else ()),
    )


def reached(questions: Sequence[Question], answers: Answers) -> Iterator[Question]:
    """Those that are asked after these answers, in order.

    A condition on a question that is itself not reached never matches, so whole branches fall
    away at once. One on a question that is not answered yet does not match yet.
    """
    on_the_way: set[str] = set()
    for question in questions:
        condition = question.show_if
        if condition is None or (
            condition.question in on_the_way
            and _matches(condition, answers.get(condition.question))
        ):
            on_the_way.add(question.id)
            yield question


def following(
    questions: Sequence[Question], answers: Answers, after: str | None = None
) -> tuple[Question, ...]:
    """What is still to come after this question; without one, after the rating."""
    order = [question.id for question in questions]
    start = order.index(after) + 1 if after is not None else 1
    behind = set(order[start:])
    return tuple(question for question in reached(questions, answers) if question.id in behind)


def unreached(questions: Sequence[Question], answers: Answers) -> tuple[str, ...]:
    """Answered questions that these answers no longer lead to."""
    on_the_way = {question.id for question in reached(questions, answers)}
    return tuple(
        question
        for question, value in answers.items()
        if value is not None and question not in on_the_way
    )


def seconds(questions: Sequence[Question]) -> int:
    """About how long these take a person, in whole tens of seconds and at least ten."""
    took = sum(_seconds(question) for question in questions)
    return max(10, 10 * round(took / 10))


def _seconds(question: Question) -> float:
    """Rough times to read and to answer; they only have to be honest to the nearest ten."""
    match question:
        case FreeText():
            return 15
        case Contact():
            return 20
        case MultipleChoice():
            return 6
        case SingleChoice():
            return 4
        case _:
            return 3


def fits(question: Question, value: Value) -> bool:  # noqa: PLR0911 - one line per kind
    """Whether this is an answer that the question's controls can give."""
    match question, value:
        case (Smiley() | Nps() | Ces() | Csat() | Scale(), int()):
            # True == 1 in Python.
            return not isinstance(value, bool) and value in possible_values(question)
        case (YesNo(), bool()):
            return True
        case (SingleChoice(), Chosen()):
            return _fits_options(question, value) and _count(value) == 1
        case (MultipleChoice(), Chosen()):
            return _fits_options(question, value) and _count(value) >= 1
        case (FreeText(max_length=longest), str()):
            return 0 < len(value) <= longest
        case (Contact(), ContactDetails()):
            return _fits_contact(question, value)
        case _:
            return False


def is_begun(question: Question, draft: Value | None) -> bool:
    """Whether a draft says something that is worth keeping when the shopper walks away.

    Options that were touched are an answer. A text that was never sent stays private.
    """
    return isinstance(draft, Chosen) and fits(question, draft)


def without_text(value: Chosen) -> Chosen:
    """The touched options alone: that "other" was among them, but not what was being typed."""
    return Chosen(value.options, None if value.other is None else "")


def _fits_options(question: SingleChoice | MultipleChoice, value: Chosen) -> bool:
    order = [option.id for option in question.options]
    in_order = [option for option in order if option in value.options]
    if value.other is not None and (not question.other or len(value.other) > _SHORT_TEXT):
        return False
    return list(value.options) == in_order


def _count(value: Chosen) -> int:
    return len(value.options) + (value.other is not None)


def _fits_contact(question: Contact, value: ContactDetails) -> bool:
    given = {"name": value.name, "email": value.email, "phone": value.phone}
    if not value.consent:
        return all(text is None for text in given.values())
    return all(
        text is None or (field in question.ask and 0 < len(text) <= _SHORT_TEXT)
        for field, text in given.items()
    )


def _matches(condition: Condition, value: Value | None) -> bool:
    match value:
        case None:
            return False
        case Chosen(options=options, other=other):
            chosen = (*options, *(() if other is None else ("other",)))
            return any(option in condition.one_of for option in chosen)
        case _:
            # True == 1 in Python; a condition on a number must not match yes.
            return any(type(one) is type(value) and one == value for one in condition.one_of)
