"""What a touch says and where it leads: handlers of the table that know the questions."""

from dataclasses import replace
from typing import Literal

from config.questionnaire import Question
from config.values import Value
from kiosk.errors import IllegalEventError
from kiosk.session.branching import (
    Answers,
    follow_ups,
    unreachable_answers,
    upcoming_questions,
)
from kiosk.session.deadlines import SETTLE_MS
from kiosk.session.events import (
    AnswerGiven,
    BackChosen,
    DraftChanged,
    Event,
    Ignore,
    InvitationAnswered,
    LanguageChosen,
    LeaveChosen,
    Reason,
    SkipChosen,
)
from kiosk.session.handover import SessionStep, hand_over
from kiosk.session.kinds import facts
from kiosk.session.misuse import Rated, Tap, misuse
from kiosk.session.state import (
    Asking,
    Finishing,
    Idle,
    Inviting,
    Phase,
    Rules,
    State,
    StoringRating,
    Thanking,
    Visit,
    idle,
)
from sync.messages import AnswerBody, Body, EndBody, Misuse, SkipBody

# --- guards -------------------------------------------------------------------------------


def is_its_question(phase: Asking, event: AnswerGiven | DraftChanged | SkipChosen) -> Reason | None:
    """A control of a question that has gone speaks of that question."""
    return None if event.question == phase.question else "other_question"


def has_previous(phase: Asking | Inviting, _event: BackChosen) -> Reason | None:
    """There has to be a question to go back to."""
    return None if phase.visit.back_stack else "not_here"


def has_settled(phase: Asking | Inviting, event: Event) -> Reason | None:
    """What was touched this soon was meant for what stood there before."""
    return "too_early" if event.at_ms < phase.since_ms + SETTLE_MS else None


# --- the rating ---------------------------------------------------------------------------


def rate(state: State, phase: Idle, event: AnswerGiven, rules: Rules) -> SessionStep:
    """The rating begins a response."""
    if event.question != rules.questionnaire.rating.id or not isinstance(event.value, int):
        raise IllegalEventError(event, phase, "only the rating is on the screen")
    return begin_response(state, phase, event, event.value, rules)


def begin_response(
    state: State,
    phase: Idle,
    event: AnswerGiven,
    rating: int,
    rules: Rules,
    *,
    before: tuple[Body, ...] = (),
) -> SessionStep:
    """Hands the rating over, behind what remained ``before`` it of another response."""
    took_ms = max(0, event.at_ms - phase.since_ms)
    tap = Tap(event.at_ms, took_ms, event.touch, rating)
    visit = Visit(event.response, phase.language, rating)
    body = AnswerBody(
        response=visit.response,
        questionnaire=rules.digest,
        language=visit.language,
        question=event.question,
        value=rating,
        took_ms=took_ms,
        test=rules.test,
        misuse=misuse(tap, state.history, rules.misuse),
    )
    rated = Rated(event.at_ms, rating, took_ms, event.touch.spot)
    state = replace(state, history=state.history.with_rating(rated))
    if _upcoming(visit, rules):
        return hand_over(state, StoringRating(visit), (*before, body), event.moment)
    bodies = (*before, body, _end_body(visit, "complete", None, rules))
    return hand_over(state, StoringRating(replace(visit, is_ended=True)), bodies, event.moment)


def next_offer(visit: Visit, rules: Rules, at_ms: int) -> Asking | Inviting:
    """What stands below the thanks: the next follow-up of this rating, or the invitation."""
    last = visit.back_stack[-1] if visit.back_stack else None
    first = _upcoming(visit, rules, last)[0]
    return offer(visit, first, rules, at_ms)


def offer(visit: Visit, first: Question, rules: Rules, at_ms: int) -> Asking | Inviting:
    """The same where this question is the next."""
    if _is_follow_up(first.id, rules):
        return replace(_ask(visit, first.id, at_ms), thanks=True)
    return Inviting(visit, at_ms, at_ms, thanks=True)


def choose_language(state: State, phase: Idle, event: LanguageChosen, _rules: Rules) -> SessionStep:
    """The rating is asked in this language."""
    after = replace(phase, language=event.language, touched_ms=event.at_ms)
    return SessionStep(replace(state, phase=after), _no_change(phase.language, event))


# --- the questions behind it --------------------------------------------------------------


def answer(state: State, phase: Asking, event: AnswerGiven, rules: Rules) -> SessionStep:
    """The answer is handed over, and the next question comes."""
    took_ms = max(0, event.at_ms - phase.since_ms)
    flags = misuse(Tap(event.at_ms, took_ms, event.touch), state.history, rules.misuse)
    answers = {**phase.visit.answers, phase.question: event.value}
    bodies = _answer_bodies(phase, event.value, took_ms, answers=answers, rules=rules, flags=flags)
    return _go_on(state, phase, event, answers, bodies, rules=rules)


def change_draft(state: State, phase: Asking, event: DraftChanged, _rules: Rules) -> SessionStep:
    """Nothing is handed over yet; ticking and typing is no hammering."""
    after = replace(phase, draft=event.draft, touched_ms=event.at_ms)
    return SessionStep(replace(state, phase=after, history=state.history.without_last_touch()))


def skip(state: State, phase: Asking, event: SkipChosen, rules: Rules) -> SessionStep:
    """The question is passed over, and the next one comes."""
    visit = phase.visit
    answers: Answers = {**visit.answers, phase.question: None}
    if phase.question in visit.answers and visit.answers[phase.question] is None:
        return _go_on(state, phase, event, answers, (), rules=rules)
    took_ms = max(0, event.at_ms - phase.since_ms)
    bodies = (
        _skip_body(visit, phase.question, took_ms, rules),
        *_withdrawals(visit, answers, rules),
    )
    return _go_on(state, phase, event, answers, bodies, rules=rules)


def leave(state: State, phase: Asking, event: LeaveChosen, rules: Rules) -> SessionStep:
    """The response ends here, with what was typed."""
    return end_early(state, phase, event, "partial", rules)


def go_back(
    state: State, phase: Asking | Inviting, event: BackChosen, _rules: Rules
) -> SessionStep:
    """To the question before, with what was answered there."""
    *before, last = phase.visit.back_stack
    visit = replace(phase.visit, back_stack=tuple(before))
    return SessionStep(replace(state, phase=_ask(visit, last, event.at_ms)))


def choose_visit_language(
    state: State, phase: Asking | Inviting, event: LanguageChosen, _rules: Rules
) -> SessionStep:
    """The rest of the response is asked in this language."""
    visit = replace(phase.visit, language=event.language)
    after = replace(phase, visit=visit, touched_ms=event.at_ms)
    return SessionStep(replace(state, phase=after), _no_change(phase.visit.language, event))


def answer_invitation(
    state: State, phase: Inviting, event: InvitationAnswered, rules: Rules
) -> SessionStep:
    """To the first question, or to the next shopper."""
    visit = phase.visit
    if not event.accepts:
        bodies = (_end_body(visit, "partial", None, rules),)
        return hand_over(state, idle(rules, event.at_ms), bodies, event.moment)
    last = visit.back_stack[-1] if visit.back_stack else None
    first = _upcoming(visit, rules, last)[0]
    after = _ask(replace(visit, has_accepted=True), first.id, event.at_ms)
    return SessionStep(replace(state, phase=after))


def end_early(
    state: State,
    phase: Asking | Inviting,
    event: Event,
    outcome: Literal["partial", "timed_out"],
    rules: Rules,
) -> SessionStep:
    """The response ends before its last question, and is thanked if there is something to thank.

    Where the thanks for the rating are still on the screen, and nothing was said since, the next
    shopper has the faces at once.
    """
    bodies = closing_bodies(phase, outcome, rules)
    has_said_more = any(isinstance(body, AnswerBody) and not body.unsent for body in bodies)
    if isinstance(phase, Inviting) or (phase.thanks and not has_said_more):
        return hand_over(state, idle(rules, event.at_ms), bodies, event.moment)
    stack = (*phase.visit.back_stack, phase.question)
    visit = replace(phase.visit, back_stack=stack, is_ended=True)
    return hand_over(state, Finishing(visit, phase.question, phase.draft), bodies, event.moment)


def closing_bodies(
    phase: StoringRating | Thanking | Asking | Inviting | Finishing,
    outcome: Literal["partial", "timed_out"],
    rules: Rules,
) -> tuple[Body, ...]:
    """What remains to be stored of a response that ends before its last question.

    Words that were typed are an answer, also without a touch on "done"; options that were only
    touched are kept as unsent, unless the question was answered before.
    """
    visit = phase.visit
    if visit.is_ended:
        return ()
    bodies: tuple[Body, ...] = ()
    question = None
    if isinstance(phase, Asking):
        question = phase.question
        left = facts(rules.questionnaire.question(question)).remainder(phase.draft)
        took_ms = phase.touched_ms - phase.since_ms
        if left is not None and left.is_answer:
            answers = {**visit.answers, question: left.value}
            bodies = _answer_bodies(phase, left.value, took_ms, answers=answers, rules=rules)
        elif left is not None and visit.answers.get(question) is None:
            bodies = (_answer_body(phase, left.value, took_ms, rules, unsent=True),)
    return (*bodies, _end_body(visit, outcome, question, rules))


def _go_on(
    state: State,
    phase: Asking,
    event: AnswerGiven | SkipChosen,
    answers: Answers,
    bodies: tuple[Body, ...],
    *,
    rules: Rules,
) -> SessionStep:
    """To the next question of this branch, to the invitation, or to the end."""
    gone = _unreachable(phase.visit, answers, rules)
    visit = replace(
        phase.visit,
        answers={question: value for question, value in answers.items() if question not in gone},
        back_stack=(*phase.visit.back_stack, phase.question),
    )
    upcoming = _upcoming(visit, rules, phase.question)
    after: Phase
    if not upcoming:
        bodies = (*bodies, _end_body(visit, "complete", None, rules))
        if phase.thanks and isinstance(event, SkipChosen):
            # Thanked already, and nothing was said since: the next shopper may come.
            after = idle(rules, event.at_ms)
        else:
            value = event.value if isinstance(event, AnswerGiven) else None
            after = Finishing(replace(visit, is_ended=True), phase.question, value)
    elif visit.has_accepted:
        after = _ask(visit, upcoming[0].id, event.at_ms)
    elif phase.thanks and isinstance(event, AnswerGiven):
        # Thanked for, once it is stored, before more is offered.
        after = Finishing(visit, phase.question, event.value)
    elif _is_follow_up(upcoming[0].id, rules):
        after = replace(_ask(visit, upcoming[0].id, event.at_ms), thanks=phase.thanks)
    else:
        after = Inviting(visit, event.at_ms, event.at_ms, thanks=phase.thanks)
    return hand_over(state, after, bodies, event.moment)


def _ask(visit: Visit, question: str, at_ms: int) -> Asking:
    return Asking(visit, question, at_ms, at_ms, draft=visit.answers.get(question))


def _no_change(language: str, event: LanguageChosen) -> tuple[Ignore, ...]:
    return (Ignore("same_language"),) if language == event.language else ()


# --- bodies --------------------------------------------------------------------------------


def _answer_bodies(
    asking: Asking,
    value: Value,
    took_ms: int,
    *,
    answers: Answers,
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
    body = _answer_body(asking, value, took_ms, rules, flags=flags)
    return (body, *_withdrawals(visit, answers, rules))


def _answer_body(
    asking: Asking,
    value: Value,
    took_ms: int,
    rules: Rules,
    *,
    flags: tuple[Misuse, ...] = (),
    unsent: bool = False,
) -> AnswerBody:
    return AnswerBody(
        response=asking.visit.response,
        questionnaire=rules.digest,
        language=asking.visit.language,
        question=asking.question,
        value=value,
        took_ms=took_ms,
        test=rules.test,
        misuse=flags,
        unsent=unsent,
    )


def _withdrawals(visit: Visit, answers: Answers, rules: Rules) -> tuple[SkipBody, ...]:
    return tuple(
        _skip_body(visit, question, 0, rules) for question in _unreachable(visit, answers, rules)
    )


def _unreachable(visit: Visit, answers: Answers, rules: Rules) -> tuple[str, ...]:
    said = {**_rating_answer(visit, rules), **answers}
    return unreachable_answers(rules.questions_for(visit), said)


def _skip_body(visit: Visit, question: str, took_ms: int, rules: Rules) -> SkipBody:
    return SkipBody(
        response=visit.response,
        questionnaire=rules.digest,
        language=visit.language,
        question=question,
        took_ms=took_ms,
        test=rules.test,
    )


def _end_body(
    visit: Visit,
    outcome: Literal["complete", "partial", "timed_out"],
    question: str | None,
    rules: Rules,
) -> EndBody:
    return EndBody(
        response=visit.response,
        questionnaire=rules.digest,
        language=visit.language,
        outcome=outcome,
        question=question,
        test=rules.test,
    )


def _rating_answer(visit: Visit, rules: Rules) -> dict[str, Value | None]:
    return {rules.questionnaire.rating.id: visit.rating}


def _all_answers(visit: Visit, rules: Rules) -> Answers:
    return {**_rating_answer(visit, rules), **visit.answers}


def _upcoming(visit: Visit, rules: Rules, after: str | None = None) -> tuple[Question, ...]:
    return upcoming_questions(rules.questions_for(visit), _all_answers(visit, rules), after)


def _is_follow_up(question: str, rules: Rules) -> bool:
    return any(question == follow_up.id for follow_up in follow_ups(rules.questionnaire))
