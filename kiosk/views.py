"""What each phase of the session looks like, in words and numbers; screens draw exactly this."""

from dataclasses import dataclass, replace

from config.questionnaire import Question
from kiosk.i18n import native_name, translator
from kiosk.session import warning_ms
from kiosk.session_route import following, seconds
from kiosk.session_state import (
    Asking,
    Finishing,
    Idle,
    Inviting,
    OutOfOrder,
    Rated,
    Rules,
    State,
    Thanking,
    Visit,
)
from kiosk.views_question import Area, area, finished, needs_done
from sync.messages import Value


@dataclass(frozen=True)
class LanguageButton:
    """One language to choose, under the name that its speakers use."""

    tag: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class StillThere:
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
class RatingView:
    """The question with its faces; ``touched`` is the face that is being stored."""

    question_id: str
    question: str
    faces: int
    labels: tuple[str, ...]
    languages: tuple[LanguageButton, ...]
    touched: int | None = None
    happy_first: bool = False


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
    done: str = ""
    """Hands over what was put together; empty where a touch answers at once."""
    answer: Value | None = None
    """What "done" hands over; None while there is nothing."""
    back: str = ""
    leave: str = ""
    thanks: Thanks | None = None
    progress: Progress | None = None
    languages: tuple[LanguageButton, ...] = ()
    """To choose from behind the language button; empty: there is only one."""
    busy: bool = False
    """The answer is being stored, and no touch counts."""
    still_there: StillThere | None = None


@dataclass(frozen=True)
class InvitationView:
    """Would the shopper tell more?"""

    question: str
    line: str
    accept: str
    decline: str
    back: str = ""
    thanks: Thanks | None = None
    languages: tuple[LanguageButton, ...] = ()
    still_there: StillThere | None = None


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
        case Rated(visit=visit):
            return _rating(rules, visit.language, visit.rating)
        case Asking() as asking:
            return _question(asking, rules)
        case Finishing(visit=visit, question=question, value=value):
            return _finishing(visit, question, value, rules)
        case Inviting() as inviting:
            return _invitation(inviting, rules)
        case Thanking(visit=visit):
            _ = translator(visit.language)
            return ThanksView(
                heading=_("Thank you!"),
                line=_("Your answer helps us do better."),
                face=visit.rating,
                faces=rules.questionnaire.rating.faces,
            )
        case OutOfOrder():
            _ = translator(rules.language)
            return OutOfOrderView(
                heading=_("Closed for a moment"),
                line=_("We will be right back. Thank you for your patience."),
            )


def _rating(rules: Rules, language: str, touched: int | None) -> RatingView:
    question = rules.questionnaire.rating
    return RatingView(
        question_id=question.id,
        question=question.text[language],
        faces=question.faces,
        labels=tuple(label[language] for label in question.labels),
        languages=_languages(rules, language),
        touched=touched,
        happy_first=rules.way.happy_first,
    )


def _languages(rules: Rules, language: str) -> tuple[LanguageButton, ...]:
    languages = rules.questionnaire.languages
    return tuple(
        LanguageButton(tag, native_name(tag), tag == language)
        for tag in (languages if len(languages) > 1 else ())
    )


def _question(asking: Asking, rules: Rules) -> QuestionView:
    visit, language = asking.visit, asking.visit.language
    question = rules.questionnaire.question(asking.question)
    answer = finished(question, asking.draft)
    _ = translator(language)
    done = ""
    if needs_done(question, asking.draft):
        done = _("Done") if asking.thanks or _is_last(visit, question, rules) else _("Next")
    elif question.id in visit.answers and answer is not None:
        done = _("Next")  # answered before: it may stay as it is
    return QuestionView(
        question_id=question.id,
        text=question.text[language],
        language=language,
        area=area(question, asking.draft, language, happy_first=rules.way.happy_first),
        skip=_("No, thanks") if asking.thanks else _("Skip"),
        done=done,
        answer=answer,
        back=_("Back") if visit.trail else "",
        leave="" if asking.thanks else _("Finish"),
        thanks=_thanks(asking, rules) if asking.thanks else None,
        progress=None if asking.thanks else _progress(visit, question, rules),
        languages=_languages(rules, language),
        still_there=_still_there(asking, rules),
    )


def _finishing(visit: Visit, question_id: str, value: Value | None, rules: Rules) -> QuestionView:
    """The question as it was, so that nothing jumps while its answer is being stored."""
    said = {question: said for question, said in visit.answers.items() if question != question_id}
    before = replace(visit, trail=visit.trail[:-1], answers=said)
    asked = Asking(before, question_id, 0, 0, value, thanks=not (visit.invited or before.trail))
    return replace(_question(asked, rules), busy=True)


def _invitation(inviting: Inviting, rules: Rules) -> InvitationView:
    visit = inviting.visit
    _ = translator(visit.language)
    return InvitationView(
        question=_("Would you like to tell us more?"),
        line=_duration(_coming(visit, visit.trail[-1] if visit.trail else None, rules), visit),
        accept=_("Yes, gladly"),
        decline=_("No, thanks"),
        back=_("Back") if visit.trail else "",
        thanks=_thanks(inviting, rules) if inviting.thanks else None,
        languages=_languages(rules, visit.language),
        still_there=_still_there(inviting, rules),
    )


def _duration(questions: tuple[Question, ...], visit: Visit) -> str:
    _ = translator(visit.language)
    takes = seconds(questions)
    if takes < 60:
        return _("It takes about {seconds} seconds.").format(seconds=takes)
    return _("It takes about {minutes} min.").format(minutes=round(takes / 60))


def _thanks(phase: Asking | Inviting, rules: Rules) -> Thanks:
    _ = translator(phase.visit.language)
    untouched = phase.touched_ms == phase.since_ms
    runs_out = warning_ms(phase, rules) / 1000 if phase.warned and untouched else None
    return Thanks(_("Thank you!"), phase.visit.rating, rules.questionnaire.rating.faces, runs_out)


def _still_there(phase: Asking | Inviting, rules: Rules) -> StillThere | None:
    """Nobody who only rated is asked: a ring around the face says enough, without pressing."""
    if not phase.warned or (phase.thanks and phase.touched_ms == phase.since_ms):
        return None
    _ = translator(phase.visit.language)
    return StillThere(
        heading=_("Are you still there?"),
        line=_("Touch the screen to go on."),
        seconds=warning_ms(phase, rules) / 1000,
    )


def _progress(visit: Visit, question: Question, rules: Rules) -> Progress:
    _ = translator(visit.language)
    number = len(visit.trail) + 1
    total = number + len(_coming(visit, question.id, rules))
    text = _("{number} of {total}").format(number=number, total=total)
    return Progress(number, total, text)


def _is_last(visit: Visit, question: Question, rules: Rules) -> bool:
    return not _coming(visit, question.id, rules)


def _coming(visit: Visit, after: str | None, rules: Rules) -> tuple[Question, ...]:
    answers = {rules.questionnaire.rating.id: visit.rating, **visit.answers}
    return following(rules.questions, answers, after)
