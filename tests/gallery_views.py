"""Every view that the kiosk can show, made by its own rules from a questionnaire."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from config.kinds import possible_values
from config.questionnaire import (
    Contact,
    FreeText,
    MultipleChoice,
    Question,
    Questionnaire,
    SingleChoice,
    canonical,
    digest,
)
from config.settings import Timing
from config.values import ChoiceValue, ContactDetails, Value
from kiosk.session.state import (
    Asking,
    Finishing,
    Idle,
    Inviting,
    OutOfOrder,
    Rules,
    State,
    StoringRating,
    Thanking,
    Visit,
)
from kiosk.session.views import unheard, view

NO_TEXT = {
    "id", "question_id", "language", "tag", "name", "control", "feature", "sign", "kind", "typed",
}  # fmt: skip
"""Fields of views that hold no words to translate; ``name`` is how speakers call their language."""


def views(questionnaire: Questionnaire, language: str) -> Iterator[tuple[str, Any]]:
    """Names and views of everything a shopper can come to see, each once."""
    rules = Rules(questionnaire, digest(canonical(questionnaire)), language, Timing())
    last = questionnaire.rating.faces - 1
    visit = Visit("01900000-0000-7000-8000-000000000001", language, last)

    def seen(phase: Any) -> Any:
        return view(State(phase), rules)

    yield "rating", seen(Idle(language, 0, 0))
    yield "rating, being stored", seen(StoringRating(visit))
    yield "thanks", seen(Thanking(visit, 0))
    yield "thanks, sad", seen(Thanking(replace(visit, rating=0), 0))
    yield "out of order", seen(OutOfOrder(None))
    yield "touch to begin", unheard(rules)
    yield "invitation below thanks", seen(Inviting(visit, 0, 0, thanks=True))
    trail = tuple(question.id for question in questionnaire.questions[1:2])
    further = replace(visit, back_stack=trail, has_accepted=True)
    if not questionnaire.questions[1:]:
        return
    yield "invitation", seen(Inviting(further, 0, 0))
    yield "invitation, still there?", seen(Inviting(further, 0, 0, is_warned=True))
    for index, question in enumerate(questionnaire.questions[1:], start=1):
        before = tuple(q.id for q in questionnaire.questions[1:index])
        here = replace(visit, back_stack=before, has_accepted=True)
        full = _draft(question)
        name = f"question {question.id}"
        if index == 1 and question.show_if is not None:
            rated = replace(visit, rating=int(question.show_if.one_of[0]))
            below = Asking(rated, question.id, 0, 0, thanks=True)
            yield f"{name}, below thanks", seen(below)
            chosen = replace(below, draft=_first(question), is_doubtful=True)
            yield f"{name}, below thanks, chosen", seen(chosen)
        yield name, seen(Asking(here, question.id, 0, 0))
        yield f"{name}, answered", seen(Asking(here, question.id, 0, 0, draft=full))
    ended = replace(here, back_stack=(*here.back_stack, question.id))
    yield f"{name}, being stored", seen(Finishing(ended, question.id, full))
    yield f"{name}, still there?", seen(Asking(here, question.id, 0, 0, draft=full, is_warned=True))


def _first(question: Question) -> Value:
    """What one touch answers."""
    if isinstance(question, SingleChoice | MultipleChoice):
        return ChoiceValue((question.options[0].id,))
    return _draft(question)


def _draft(question: Question) -> Value:
    """As much as can be answered."""
    match question:
        case MultipleChoice(options=options):
            ids = tuple(option.id for option in options)
            return ChoiceValue(ids, "A little of everything else" if question.other else None)
        case SingleChoice(options=options):
            return ChoiceValue((options[-1].id,))
        case FreeText():
            return "The people at the till were kind to my mother, who is ninety and in no hurry."
        case Contact():
            return ContactDetails(
                consent=True, name="Maija Meikäläinen", email="maija@example", phone="040 123 4567"
            )
        case _:
            value: Value = possible_values(question)[-1]
            return value


def grown(seen: Any) -> Any:
    """The same view with every text 40 % longer, in longer words and with accents."""
    if is_dataclass(seen) and not isinstance(seen, type):
        changes = {
            field.name: grown(getattr(seen, field.name))
            for field in fields(seen)
            if field.name not in NO_TEXT
        }
        return replace(seen, **changes)
    if isinstance(seen, tuple):
        return tuple(grown(part) for part in seen)
    if isinstance(seen, str) and len(seen) > 1:
        return _longer(seen)
    return seen


def _longer(text: str) -> str:
    wanted = round(len(text) * 1.4)
    words = [_stretched(word) for word in text.split(" ")]
    while len(" ".join(words)) + 4 <= wanted:
        words.append("ölyŐ")
    return " ".join(words)


_ACCENTED: Mapping[str, str] = {"a": "ä", "o": "ö", "u": "ű", "A": "Å", "O": "Ö", "e": "ę"}


def _stretched(word: str) -> str:
    """A quarter longer, which a long word can take; the rest comes in words of its own."""
    if "{" in word or "://" in word:  # a number stands there; an address is nobody's language
        return word
    middle = word[1 : 1 + len(word) // 4]
    return "".join(_ACCENTED.get(letter, letter) for letter in word[:1] + middle + word[1:])
