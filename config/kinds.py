"""What each kind of question is: its values, its texts, and whether a value answers it.

A kind that one of these functions forgets is an error of the type checker.
"""

from collections.abc import Iterator
from typing import assert_never

from config.questionnaire import (
    Ces,
    Contact,
    Csat,
    FreeText,
    MultipleChoice,
    Nps,
    Question,
    Scale,
    SingleChoice,
    Smiley,
    Translations,
    YesNo,
)
from config.values import SHORT_TEXT_LENGTH, ChoiceValue, ContactDetails, SealedContact, Value

NumberQuestion = Smiley | Nps | Ces | Csat | Scale
"""Kinds that are answered with a whole number."""
ChoiceQuestion = SingleChoice | MultipleChoice
OTHER_CHOICE = "other"
"""What a condition calls the choice of one's own words; no option may have this id."""


def kind(question: Question) -> str:
    """The word that a questionnaire's file calls this kind by."""
    return str(type(question).__struct_config__.tag)


def numbers(question: NumberQuestion) -> range:
    """The whole numbers that can be given, from the lowest."""
    match question:
        case Smiley(faces=faces):
            return range(faces)
        case Nps():
            return range(11)
        case Ces():
            return range(1, 8)
        case Csat(steps=steps):
            return range(1, steps + 1)
        case Scale(low=low, high=high):
            return range(low, high + 1)
        case _:
            assert_never(question)


def possible_values(question: Question) -> tuple[bool | int | str, ...]:
    """The values a condition may name; none for kinds that can't be branched on."""
    match question:
        case Smiley() | Nps() | Ces() | Csat() | Scale():
            return tuple(numbers(question))
        case YesNo():
            return (True, False)
        case (
            SingleChoice(options=options, other=other)
            | MultipleChoice(options=options, other=other)
        ):
            return (*(option.id for option in options), *((OTHER_CHOICE,) if other else ()))
        case FreeText() | Contact():
            return ()
        case _:
            assert_never(question)


def texts(question: Question) -> Iterator[tuple[str, Translations]]:
    """Every text of a question with its path in it."""
    yield "text", question.text
    match question:
        case Smiley(labels=labels):
            for index, label in enumerate(labels):
                yield f"labels[{index}]", label
        case SingleChoice(options=options) | MultipleChoice(options=options):
            for index, option in enumerate(options):
                yield f"options[{index}].text", option.text
        case Nps(ends=ends) | Ces(ends=ends) | Csat(ends=ends) | Scale(ends=ends):
            if ends is not None:
                yield "ends.low", ends.low
                yield "ends.high", ends.high
        case Contact(purpose=purpose):
            yield "purpose", purpose
        case YesNo() | FreeText():
            pass
        case _:
            assert_never(question)


def value_mistake(  # noqa: PLR0911 - one line for each kind reads best
    question: Question, value: Value
) -> str | None:
    """Why this value can't be an answer to this question; None if it can.

    The head office's measure: it refuses only what can't be counted. The order of options, their
    number in a multiple choice and which details were asked for do no harm there; and sealed
    details it can't judge before they are opened.
    """
    match question:
        case Smiley() | Nps() | Ces() | Csat() | Scale():
            return _number_mistake(numbers(question), value)
        case YesNo():
            return None if isinstance(value, bool) else "Expected true or false"
        case SingleChoice() | MultipleChoice():
            return _choice_mistake(question, value)
        case FreeText(max_length=longest):
            if isinstance(value, str) and len(value) <= longest:
                return None
            return f"Expected a text of at most {longest} characters"
        case Contact():
            if isinstance(value, ContactDetails | SealedContact):
                return None
            return "Expected contact details"
        case _:
            assert_never(question)


def is_answer(question: Question, value: Value) -> bool:
    """Whether the question's controls give just this value: the kiosk's, stricter measure.

    Options stand in the order of the questionnaire and there is at least one, no text is empty or
    longer than there is room for, and only such details are there as were asked for.
    """
    if value_mistake(question, value) is not None:
        return False
    match question:
        case Smiley() | Nps() | Ces() | Csat() | Scale() | YesNo():
            return True
        case SingleChoice() | MultipleChoice():
            return isinstance(value, ChoiceValue) and _is_given(question, value)
        case FreeText():
            return value != ""
        case Contact():
            return isinstance(value, ContactDetails) and _is_asked_for(question, value)
        case _:
            assert_never(question)


def _number_mistake(possible: range, value: Value) -> str | None:
    # True == 1 in Python.
    if isinstance(value, int) and not isinstance(value, bool) and value in possible:
        return None
    return f"Expected a whole number from {possible[0]} to {possible[-1]}"


def _choice_mistake(question: ChoiceQuestion, value: Value) -> str | None:
    if not isinstance(value, ChoiceValue):
        return "Expected chosen options"
    if stray := set(value.options) - {option.id for option in question.options}:
        return f"The question has no option {min(stray)}"
    if len(set(value.options)) != len(value.options):
        return "An option is chosen twice"
    if value.other is not None and not question.other:
        return "The question has no choice of one's own words"
    if isinstance(question, SingleChoice) and _choices(value) != 1:
        return "Expected exactly one choice"
    return None


def _choices(value: ChoiceValue) -> int:
    return len(value.options) + (value.other is not None)


def _is_given(question: ChoiceQuestion, value: ChoiceValue) -> bool:
    in_order = tuple(option.id for option in question.options if option.id in value.options)
    short = value.other is None or len(value.other) <= SHORT_TEXT_LENGTH
    return short and value.options == in_order and _choices(value) >= 1


def _is_asked_for(question: Contact, value: ContactDetails) -> bool:
    details = {"name": value.name, "email": value.email, "phone": value.phone}
    left = {name: text for name, text in details.items() if text is not None}
    if not value.consent:
        return not left
    return all(
        name in question.ask and 0 < len(text) <= SHORT_TEXT_LENGTH for name, text in left.items()
    )
