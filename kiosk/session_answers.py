"""What a touch says and where it leads: the part of the session that knows the questions."""

from dataclasses import dataclass, replace
from typing import Literal

from kiosk.errors import IllegalEventError
from kiosk.misuse import History, Tap, misuse
from kiosk.session_events import (
    BackChosen,
    Drafted,
    Event,
    InvitationAnswered,
    LanguageChosen,
    LeaveChosen,
    SkipChosen,
    Touched,
)
from kiosk.session_route import (
    Answers,
    fits,
    follow_ups,
    following,
    is_begun,
    unreached,
    without_text,
)
from kiosk.session_state import (
    Asking,
    Finishing,
    Idle,
    Inviting,
    Phase,
    Rated,
    Rules,
    Visit,
)
from sync.messages import Answered, Body, Chosen, Ended, Misuse, Skipped, Value


@dataclass(frozen=True)
class Move:
    """The next phase, and what has to be stored."""

    phase: Phase
    history: History
    bodies: tuple[Body, ...] = ()


def check(phase: Phase, event: Event, rules: Rules) -> None:
    """Raises IllegalEventError for what no control of these questions could give."""
    match event:
        case (
            Touched(question=question) | Drafted(question=question) | SkipChosen(question=question)
        ):
            try:
                named = rules.questionnaire.question(question)
            except KeyError:
                raise IllegalEventError(
                    event, phase, f"there is no question {question!r}"
                ) from None
            if isinstance(event, Touched) and not fits(named, event.value):
                raise IllegalEventError(
                    event, phase, f"{event.value!r} is no answer to {question!r}"
                )
        case LanguageChosen(language=language):
            if language not in rules.questionnaire.languages:
                raise IllegalEventError(event, phase, f"there is no language {language!r}")


def answer(  # noqa: PLR0911 - one line per event
    phase: Phase, history: History, event: Event, rules: Rules
) -> Move:
    """What the event means in a phase where it means something."""
    match phase, event:
        case Idle(), Touched():
            return _rate(phase, history, event, rules)
        case Idle(), LanguageChosen(language=language):
            idle = replace(phase, language=language, touched_ms=event.at_ms)
            return Move(idle, history)
        case (Asking() | Inviting()) as standing, LanguageChosen(language=language):
            visit = replace(standing.visit, language=language)
            return Move(replace(standing, visit=visit, touched_ms=event.at_ms), history)
        case Asking(), Touched():
            return _answer(phase, history, event, rules)
        case Asking(), Drafted(draft=draft):
            return Move(replace(phase, draft=draft, touched_ms=event.at_ms), history.meant())
        case Asking(), SkipChosen():
            return _skip(phase, history, event, rules)
        case Asking(), LeaveChosen():
            idle = Idle(rules.language, event.at_ms, event.at_ms)
            return Move(idle, history, left(phase, "partial", rules))
        case (Asking() | Inviting()) as standing, BackChosen():
            visit = standing.visit
            before = replace(visit, trail=visit.trail[:-1])
            return Move(_ask(before, visit.trail[-1], event.at_ms), history)
        case Inviting(visit=visit), InvitationAnswered(accepted=accepted):
            return _invited(visit, history, event, rules, accepted=accepted)
    raise IllegalEventError(event, phase, "nothing takes it")


def after_rating(visit: Visit, rules: Rules, at_ms: int) -> Phase:
    """What stands below the first thanks: the follow-up of this rating, or the invitation."""
    first = following(rules.questions, _all(visit, rules))[0]
    if _is_follow_up(first.id, rules):
        return replace(_ask(visit, first.id, at_ms), thanks=True)
    return Inviting(visit, at_ms, at_ms, thanks=True)


def left(
    phase: Rated | Asking | Inviting,
    outcome: Literal["partial", "timed_out"],
    rules: Rules,
) -> tuple[Body, ...]:
    """What remains to be stored of a response that ends before its last question.

    Options that were ticked are an answer, also without a touch on "done".
    """
    visit = phase.visit
    if visit.ended:
        return ()
    bodies: tuple[Body, ...] = ()
    question = None
    if isinstance(phase, Asking):
        question = phase.question
        draft = phase.draft
        if is_begun(rules.questionnaire.question(question), draft) and isinstance(draft, Chosen):
            kept = draft if draft == visit.answers.get(question) else without_text(draft)
            said = {**visit.answers, question: kept}
            took_ms = phase.touched_ms - phase.since_ms
            bodies = _words(phase, kept, took_ms, said=said, rules=rules)
    return (*bodies, _end(visit, outcome, question, rules))


# --- the rating ---------------------------------------------------------------------------


def _rate(idle: Idle, history: History, event: Touched, rules: Rules) -> Move:
    if event.question != rules.questionnaire.rating.id or not isinstance(event.value, int):
        raise IllegalEventError(event, idle, "only the rating is on the screen")
    rating = event.value
    took_ms = max(0, event.at_ms - idle.since_ms)
    tap = Tap(event.at_ms, took_ms, event.held_ms, rating)
    visit = Visit(event.response, idle.language, rating)
    said = Answered(
        response=visit.response,
        questionnaire=rules.digest,
        language=visit.language,
        question=event.question,
        value=rating,
        took_ms=took_ms,
        test=rules.test,
        misuse=misuse(tap, history, rules.misuse),
    )
    history = history.rated(event.at_ms, rating)
    if following(rules.questions, _all(visit, rules)):
        return Move(Rated(visit), history, (said,))
    end = _end(visit, "complete", None, rules)
    return Move(Rated(replace(visit, ended=True)), history, (said, end))


# --- the questions behind it --------------------------------------------------------------


def _answer(asking: Asking, history: History, event: Touched, rules: Rules) -> Move:
    took_ms = max(0, event.at_ms - asking.since_ms)
    said = {**asking.visit.answers, asking.question: event.value}
    flags = misuse(Tap(event.at_ms, took_ms, event.held_ms), history, rules.misuse)
    bodies = _words(asking, event.value, took_ms, said=said, rules=rules, flags=flags)
    return _go_on(asking, event, said, bodies, history=history, rules=rules)


def _skip(asking: Asking, history: History, event: SkipChosen, rules: Rules) -> Move:
    visit = asking.visit
    said: Answers = {**visit.answers, asking.question: None}
    if asking.question in visit.answers and visit.answers[asking.question] is None:
        return _go_on(asking, event, said, (), history=history, rules=rules)
    took_ms = max(0, event.at_ms - asking.since_ms)
    passed = _passed(visit, asking.question, took_ms, rules)
    withdrawn = tuple(_passed(visit, gone, 0, rules) for gone in _gone(visit, said, rules))
    return _go_on(asking, event, said, (passed, *withdrawn), history=history, rules=rules)


def _go_on(
    asking: Asking,
    event: Touched | SkipChosen,
    said: Answers,
    bodies: tuple[Body, ...],
    *,
    history: History,
    rules: Rules,
) -> Move:
    """To the next question of this branch, to the invitation, or to the end."""
    visit = asking.visit
    gone = _gone(visit, said, rules)
    kept = {question: value for question, value in said.items() if question not in gone}
    visit = replace(visit, answers=kept, trail=(*visit.trail, asking.question))
    coming = following(rules.questions, _all(visit, rules), asking.question)
    if not coming:
        ended = replace(visit, ended=True)
        bodies = (*bodies, _end(visit, "complete", None, rules))
        if asking.thanks and isinstance(event, SkipChosen):
            # Thanked already, and nothing was said since: the next shopper may come.
            return Move(Idle(rules.language, event.at_ms, event.at_ms), history, bodies)
        value = event.value if isinstance(event, Touched) else None
        return Move(Finishing(ended, asking.question, value), history, bodies)
    if visit.invited or _is_follow_up(coming[0].id, rules):
        return Move(_ask(visit, coming[0].id, event.at_ms), history, bodies)
    return Move(Inviting(visit, event.at_ms, event.at_ms), history, bodies)


def _invited(
    visit: Visit, history: History, event: InvitationAnswered, rules: Rules, *, accepted: bool
) -> Move:
    if not accepted:
        idle = Idle(rules.language, event.at_ms, event.at_ms)
        return Move(idle, history, (_end(visit, "partial", None, rules),))
    last = visit.trail[-1] if visit.trail else None
    first = following(rules.questions, _all(visit, rules), last)[0]
    return Move(_ask(replace(visit, invited=True), first.id, event.at_ms), history)


def _ask(visit: Visit, question: str, at_ms: int) -> Asking:
    return Asking(visit, question, at_ms, at_ms, draft=visit.answers.get(question))


# --- words --------------------------------------------------------------------------------


def _words(
    asking: Asking,
    value: Value,
    took_ms: int,
    *,
    said: Answers,
    rules: Rules,
    flags: tuple[Misuse, ...] = (),
) -> tuple[Body, ...]:
    """The answer, and a skip for each answer that it leaves behind; nothing if unchanged.

    An answer on a branch that is no longer taken must not count: a skip is the last word on it.
    Typed like the value, because True == 1 in Python.
    """
    visit, question = asking.visit, asking.question
    before = visit.answers.get(question)
    if type(before) is type(value) and before == value:
        return ()
    given = Answered(
        response=visit.response,
        questionnaire=rules.digest,
        language=visit.language,
        question=question,
        value=value,
        took_ms=took_ms,
        test=rules.test,
        misuse=flags,
    )
    return (given, *(_passed(visit, gone, 0, rules) for gone in _gone(visit, said, rules)))


def _gone(visit: Visit, said: Answers, rules: Rules) -> tuple[str, ...]:
    return unreached(rules.questions, {**_rating(visit, rules), **said})


def _passed(visit: Visit, question: str, took_ms: int, rules: Rules) -> Skipped:
    return Skipped(
        response=visit.response,
        questionnaire=rules.digest,
        language=visit.language,
        question=question,
        took_ms=took_ms,
        test=rules.test,
    )


def _end(
    visit: Visit,
    outcome: Literal["complete", "partial", "timed_out"],
    question: str | None,
    rules: Rules,
) -> Ended:
    return Ended(
        response=visit.response,
        questionnaire=rules.digest,
        language=visit.language,
        outcome=outcome,
        question=question,
        test=rules.test,
    )


def _rating(visit: Visit, rules: Rules) -> dict[str, Value | None]:
    return {rules.questionnaire.rating.id: visit.rating}


def _all(visit: Visit, rules: Rules) -> Answers:
    return {**_rating(visit, rules), **visit.answers}


def _is_follow_up(question: str, rules: Rules) -> bool:
    return any(question == follow_up.id for follow_up in follow_ups(rules.questionnaire))
