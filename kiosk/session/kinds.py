"""What the kiosk knows about each kind of question, but for how it looks.

A kind that :func:`facts` forgets is an error of the type checker. How each kind looks is said in
:mod:`kiosk.session.question_view`, as exhaustively.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from config.kinds import is_answer
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
    YesNo,
)
from config.values import ChoiceValue, ContactDetails, Value

Draft = Value | None
"""What is ticked or typed; None: nothing."""


@dataclass(frozen=True)
class KindFacts:
    """One kind of question; drafts are those of a question of this kind."""

    seconds: float
    """About how long it takes to read and to answer: honest to the nearest ten in a sum."""
    needs_submit: Callable[[Draft], bool]
    """Whether an answer is put together and then handed over, instead of touched at once."""
    answer: Callable[[Draft], Draft]
    """The answer that a draft amounts to; None while there is none."""
    remainder: Callable[[Draft], "Remainder | None"]
    """What of a draft is kept when the shopper goes away; None: nothing, it stays private."""


@dataclass(frozen=True)
class Remainder:
    """What somebody left behind who did not hand it over."""

    value: str | ChoiceValue
    is_answer: bool
    """Words that were typed are meant. A touched option may be the next shopper's doing: it is
    kept as unsent, and counts as nothing."""


def facts(question: Question) -> KindFacts:
    """What holds for this kind of question."""
    match question:
        case Smiley() | Nps() | Ces() | Csat() | Scale() | YesNo():
            return KindFacts(3, _never, _as_touched, _nothing)
        case SingleChoice():
            return KindFacts(4, _has_other, _choice, lambda draft: _chosen(question, draft))
        case MultipleChoice():
            return KindFacts(6, _always, _choice, lambda draft: _chosen(question, draft))
        case FreeText():
            return KindFacts(15, _always, _text, _written)
        case Contact():
            return KindFacts(20, _always, _contact, _nothing)
        case _:
            assert_never(question)


def _never(_draft: Draft) -> bool:
    return False


def _always(_draft: Draft) -> bool:
    return True


def _has_other(draft: Draft) -> bool:
    return isinstance(draft, ChoiceValue) and draft.other is not None


def _as_touched(draft: Draft) -> Draft:
    return draft


def _choice(draft: Draft) -> ChoiceValue | None:
    if not isinstance(draft, ChoiceValue):
        return None
    other = None if draft.other is None else draft.other.strip()
    return ChoiceValue(draft.options, other) if draft.options or other is not None else None


def _text(draft: Draft) -> str | None:
    return draft.strip() or None if isinstance(draft, str) else None


def _contact(draft: Draft) -> ContactDetails | None:
    """Without consent nothing is left but the refusal."""
    if not isinstance(draft, ContactDetails):
        return None
    if not draft.consent:
        return ContactDetails(consent=False)
    name, email, phone = (
        (text or "").strip() or None for text in (draft.name, draft.email, draft.phone)
    )
    details = ContactDetails(consent=True, name=name, email=email, phone=phone)
    return details if name or email or phone else None


def _nothing(_draft: Draft) -> None:
    return None


def _written(draft: Draft) -> Remainder | None:
    text = _text(draft)
    return None if text is None else Remainder(text, is_answer=True)


def _chosen(question: SingleChoice | MultipleChoice, draft: Draft) -> Remainder | None:
    value = _choice(draft)
    if value is None or not is_answer(question, value):
        return None
    return Remainder(value, is_answer=bool(value.other))
