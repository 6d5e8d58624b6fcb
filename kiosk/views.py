"""What each phase of the session looks like, in words and numbers; screens draw exactly this."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.questionnaire import Smiley, Translations
from kiosk.i18n import native_name, translator
from kiosk.session import Asking, OutOfOrder, Phase, Rules, State, Storing, Thanking
from sync.messages import Answered


@dataclass(frozen=True)
class LanguageButton:
    """One language to choose, under the name that its speakers use."""

    tag: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class RatingView:
    """The question with its faces; ``touched`` is the face that is being stored."""

    question_id: str
    question: str
    faces: int
    labels: tuple[str, ...]
    languages: tuple[LanguageButton, ...]
    touched: int | None = None


@dataclass(frozen=True)
class ThanksView:
    """The shopper is thanked; the face is the one that was touched."""

    heading: str
    line: str
    face: int
    faces: int


@dataclass(frozen=True)
class OutOfOrderView:
    """Closed for a moment: nothing is asked while nothing can be stored."""

    heading: str
    line: str


View = RatingView | ThanksView | OutOfOrderView


def view(state: State, rules: Rules) -> View:
    """What to show in this state."""
    phase: Phase = state.phase
    match phase:
        case Asking(language=language):
            return _rating(rules, language, None)
        case Storing(answer=answer):
            return _rating(rules, answer.language, _face(answer))
        case Thanking(answer=answer):
            _ = translator(answer.language)
            return ThanksView(
                heading=_("Thank you!"),
                line=_("Your answer helps us do better."),
                face=_face(answer),
                faces=rules.questionnaire.rating.faces,
            )
        case OutOfOrder():
            _ = translator(rules.language)
            return OutOfOrderView(
                heading=_("Closed for a moment"),
                line=_("We will be right back. Thank you for your patience."),
            )


def _rating(rules: Rules, language: str, touched: int | None) -> RatingView:
    question: Smiley = rules.questionnaire.rating
    languages = rules.questionnaire.languages
    return RatingView(
        question_id=question.id,
        question=_in(question.text, language),
        faces=question.faces,
        labels=tuple(_in(label, language) for label in question.labels),
        languages=tuple(
            LanguageButton(tag, native_name(tag), tag == language)
            for tag in (languages if len(languages) > 1 else ())
        ),
        touched=touched,
    )


def _in(text: Mapping[str, str] | Translations, language: str) -> str:
    return text[language]


def _face(answer: Answered) -> int:
    if not isinstance(answer.value, int):
        raise TypeError(f"a rating is a number, not {answer.value!r}")
    return answer.value
