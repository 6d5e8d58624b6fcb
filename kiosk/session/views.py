"""What each phase of the session looks like, in words and numbers; screens draw exactly this."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from config.questionnaire import MultipleChoice, Question, SingleChoice
from config.values import Value
from kiosk.i18n import is_right_to_left, native_name, translator
from kiosk.session.branching import estimated_seconds, upcoming_questions
from kiosk.session.deadlines import warning_ms
from kiosk.session.kinds import facts
from kiosk.session.question_view import Area, area
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

LEAVE = "×"
"""Goes away in every language, and is no way to hand anything in."""


@dataclass(frozen=True)
class LanguageButton:
    """One language to choose, under the name that its speakers use."""

    tag: str
    name: str
    is_selected: bool


@dataclass(frozen=True)
class IdlePrompt:
    """Asks whether someone is still there, while a ring grows for this long."""

    heading: str
    line: str
    seconds: float


@dataclass(frozen=True)
class Thanks:
    """The rating has been thanked for; stays in sight above what is offered below it."""

    heading: str
    face: int
    faces: int
    runs_out: float | None = None
    """A ring grows around the face for so many seconds, then the offer is taken back."""


@dataclass(frozen=True)
class NextShopper:
    """The faces in a thin row, for whoever comes next while something is offered to this one."""

    question_id: str
    prompt: str
    faces: int
    labels: tuple[str, ...]
    happy_first: bool = False


@dataclass(frozen=True)
class RatingView:
    """The question with its faces; ``pending_face`` is the one that is being stored."""

    question_id: str
    question: str
    faces: int
    labels: tuple[str, ...]
    languages: tuple[LanguageButton, ...]
    pending_face: int | None = None
    happy_first: bool = False
    """The most positive face is the first from the left."""


@dataclass(frozen=True)
class ThanksView:
    """The shopper is thanked; the face is the one that was touched."""

    heading: str
    line: str
    face: int
    faces: int


@dataclass(frozen=True)
class Progress:
    """Where on this branch the question stands."""

    number: int
    total: int
    text: str


@dataclass(frozen=True)
class QuestionView:
    """One question behind the rating."""

    question_id: str
    text: str
    language: str
    area: Area
    skip: str
    submit: str = ""
    """Hands over what was put together; empty where a touch answers at once."""
    answer: Value | None = None
    """What it hands over; None while there is nothing."""
    back: str = ""
    leave: str = ""
    thanks: Thanks | None = None
    next_shopper: NextShopper | None = None
    progress: Progress | None = None
    languages: tuple[LanguageButton, ...] = ()
    """To choose from behind the language button; empty: there is only one."""
    from_right: bool = False
    """Laid out as its language is read."""
    busy: bool = False
    """The answer is being stored, and no touch counts."""
    idle_prompt: IdlePrompt | None = None


@dataclass(frozen=True)
class InvitationView:
    """Would the shopper tell more?"""

    question: str
    line: str
    accept: str
    decline: str
    back: str = ""
    thanks: Thanks | None = None
    next_shopper: NextShopper | None = None
    languages: tuple[LanguageButton, ...] = ()
    from_right: bool = False
    """Laid out as its language is read."""
    idle_prompt: IdlePrompt | None = None


@dataclass(frozen=True)
class OutOfOrderView:
    """Closed for a moment: nothing is asked while nothing can be stored."""

    heading: str
    line: str


View = RatingView | ThanksView | QuestionView | InvitationView | OutOfOrderView


def view(state: State, rules: Rules) -> View:  # noqa: PLR0911 - one per phase
    """What to show in this state."""
    match state.phase:
        case Idle(language=language):
            return _rating(rules, language, None)
        case StoringRating(visit=visit):
            return _rating(rules, visit.language, visit.rating)
        case Asking() as asking:
            return _question(asking, rules)
        case Finishing(visit=visit, question=question, value=value):
            return _finishing(visit, question, value, rules)
        case Inviting() as inviting:
            return _invitation(inviting, rules)
        case Thanking(visit=visit):
            heading, line = _thank_words(visit, rules)
            return ThanksView(heading, line, visit.rating, rules.questionnaire.rating.faces)
        case OutOfOrder():
            _ = translator(rules.language)
            return OutOfOrderView(
                heading=_("Feedback is unavailable right now"),
                line=_("We will be right back. Thank you for your patience."),
            )


def unheard(rules: Rules) -> OutOfOrderView:
    """Instead of the first question, while it is not known whether any touch is heard.

    Faces that do nothing would be worse than none.
    """
    _ = translator(rules.language)
    return OutOfOrderView(heading=_("Touch the screen to begin"), line="")


def _rating(rules: Rules, language: str, pending_face: int | None) -> RatingView:
    question = rules.questionnaire.rating
    return RatingView(
        question_id=question.id,
        question=question.text[language],
        faces=question.faces,
        labels=tuple(label[language] for label in question.labels),
        languages=_languages(rules, language),
        pending_face=pending_face,
        happy_first=_happy_first(rules, language),
    )


def _happy_first(rules: Rules, language: str) -> bool:
    """From the left; languages that run from the right begin at the other side."""
    return rules.route.happy_first != is_right_to_left(language)


def _languages(rules: Rules, language: str) -> tuple[LanguageButton, ...]:
    languages = rules.questionnaire.languages
    return tuple(
        LanguageButton(tag, native_name(tag), tag == language)
        for tag in (languages if len(languages) > 1 else ())
    )


def _question(asking: Asking, rules: Rules) -> QuestionView:
    visit, language = asking.visit, asking.visit.language
    question = rules.questionnaire.question(asking.question)
    kind = facts(question)
    answer = kind.answer(asking.draft)
    _ = translator(language)
    submit = ""
    if asking.thanks and isinstance(question, SingleChoice | MultipleChoice):
        # A touch on a reason sends it, but for one that may be the next shopper's.
        submit = _("Send") if asking.is_doubtful or asking.has_entry else ""
    elif asking.is_doubtful:
        submit = _("Send")
    elif kind.needs_submit(asking.draft):
        submit = _("Send") if asking.thanks or _is_last(visit, question, rules) else _("Next")
    elif question.id in visit.answers and answer is not None:
        submit = _("Next")  # answered before: it may stay as it is
    return QuestionView(
        question_id=question.id,
        text=question.text[language],
        language=language,
        area=area(
            question,
            asking.draft,
            language,
            happy_first=_happy_first(rules, language),
            one_touch=asking.thanks,
        ),
        skip=_skip(asking, _),
        submit=submit,
        answer=answer,
        back=_("Back") if visit.back_stack else "",
        leave="" if asking.thanks else LEAVE,
        thanks=_thanks(asking, rules) if asking.thanks else None,
        next_shopper=_next_shopper(asking, rules),
        progress=None if asking.thanks else _progress(visit, question, rules),
        languages=_languages(rules, language),
        from_right=is_right_to_left(language),
        idle_prompt=_idle_prompt(asking, rules),
    )


def _skip(asking: Asking, _: Callable[[str], str]) -> str:
    """The way past the question; none beside what sends a touch that was in doubt."""
    return "" if asking.thanks and (asking.is_doubtful or asking.has_entry) else _("Skip")


def _finishing(visit: Visit, question_id: str, value: Value | None, rules: Rules) -> QuestionView:
    """The question as it was, so that nothing jumps while its answer is being stored."""
    said = {question: said for question, said in visit.answers.items() if question != question_id}
    before = replace(visit, back_stack=visit.back_stack[:-1], answers=said)
    asking = Asking(before, question_id, 0, 0, value, thanks=not visit.has_accepted)
    return replace(_question(asking, rules), busy=True)


def _invitation(inviting: Inviting, rules: Rules) -> InvitationView:
    visit = inviting.visit
    _ = translator(visit.language)
    return InvitationView(
        question=_("Would you like to tell us more?"),
        line=_duration(
            _coming(visit, visit.back_stack[-1] if visit.back_stack else None, rules), visit
        ),
        accept=_("Yes, gladly"),
        decline=_("No, thanks"),
        back=_("Back") if visit.back_stack else "",
        thanks=_thanks(inviting, rules) if inviting.thanks else None,
        next_shopper=_next_shopper(inviting, rules),
        languages=_languages(rules, visit.language),
        from_right=is_right_to_left(visit.language),
        idle_prompt=_idle_prompt(inviting, rules),
    )


def _duration(questions: tuple[Question, ...], visit: Visit) -> str:
    _ = translator(visit.language)
    takes = estimated_seconds(questions)
    if takes < 60:
        return _("It takes about {seconds} seconds.").format(seconds=takes)
    return _("It takes about {minutes} min.").format(minutes=round(takes / 60))


def _thank_words(visit: Visit, rules: Rules) -> tuple[str, str]:
    """A heading and a line that fit the mood of the rating, or what was told since."""
    _ = translator(visit.language)
    if visit.answers or visit.back_stack:
        return _("Thank you!"), _("Your answer helps us do better.")
    match _mood(visit.rating, rules.questionnaire.rating.faces):
        case "sad":
            return _("Sorry to hear that."), _("Thank you for telling us.")
        case "happy":
            return _("Thank you!"), _("We are glad to hear that.")
        case _:
            return _("Thank you!"), _("Your answer helps us do better.")


def _mood(rating: int, faces: int) -> Literal["sad", "neutral", "happy"]:
    """Below, in or above the middle of the faces."""
    middle = (faces - 1) / 2
    if rating == middle:
        return "neutral"
    return "sad" if rating < middle else "happy"


def _next_shopper(phase: Asking | Inviting, rules: Rules) -> NextShopper | None:
    if not phase.is_offer:
        return None
    _, rating = translator(phase.visit.language), rules.questionnaire.rating
    return NextShopper(
        rating.id,
        _("Next visitor"),
        rating.faces,
        tuple(label[phase.visit.language] for label in rating.labels),
        _happy_first(rules, phase.visit.language),
    )


def _thanks(phase: Asking | Inviting, rules: Rules) -> Thanks:
    _ = translator(phase.visit.language)
    runs_out = warning_ms(phase, rules) / 1000 if phase.is_warned and phase.is_offer else None
    faces = rules.questionnaire.rating.faces
    is_sad = _mood(phase.visit.rating, faces) == "sad" and not phase.visit.answers
    heading = _("Thank you for telling us.") if is_sad else _("Thank you!")
    return Thanks(heading, phase.visit.rating, faces, runs_out)


def _idle_prompt(phase: Asking | Inviting, rules: Rules) -> IdlePrompt | None:
    """Nobody who only rated is asked: a ring around the face says enough, without pressing."""
    if not phase.is_warned or phase.is_offer:
        return None
    _ = translator(phase.visit.language)
    return IdlePrompt(
        heading=_("Are you still there?"),
        line=_("Touch the screen to go on."),
        seconds=warning_ms(phase, rules) / 1000,
    )


def _progress(visit: Visit, question: Question, rules: Rules) -> Progress:
    _ = translator(visit.language)
    number = len(visit.back_stack) + 1
    total = number + len(_coming(visit, question.id, rules))
    text = _("{number} of {total}").format(number=number, total=total)
    return Progress(number, total, text)


def _is_last(visit: Visit, question: Question, rules: Rules) -> bool:
    return not _coming(visit, question.id, rules)


def _coming(visit: Visit, after: str | None, rules: Rules) -> tuple[Question, ...]:
    answers = {rules.questionnaire.rating.id: visit.rating, **visit.answers}
    return upcoming_questions(rules.questions_for(visit), answers, after)
