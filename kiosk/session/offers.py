"""What is offered below the first thanks, where the next shopper may be standing already.

One touch on a reason sends it. But a touch that may be somebody else's is no answer to what the
shopper before was asked. It is taken for this shopper's if it comes within a short time after the
thanks, and not where a face had stood; any other only chooses, which is seen, and a control that
says so sends it. Whatever was chosen and not sent is kept as unsent.

The faces are in reach all the while: a touch on one of them ends the response and begins the next.
"""

from dataclasses import replace

from kiosk.session import answers
from kiosk.session.answers import begin_response, closing_bodies, is_its_question
from kiosk.session.deadlines import to_ms
from kiosk.session.events import AnswerGiven, Ignore, Reason
from kiosk.session.handover import SessionStep
from kiosk.session.state import Asking, Idle, Inviting, Rules, State

SURE_MS = 2_800
"""So long after the thanks a touch is this shopper's: after more silence somebody else may have
stepped up."""


def is_its_question_or_rating(phase: Asking, event: AnswerGiven) -> Reason | None:
    """A control of a question that has gone speaks of that question; the faces may be there."""
    return None if phase.is_offer else is_its_question(phase, event)


def has_faces(phase: Inviting, _event: AnswerGiven) -> Reason | None:
    """Below the first thanks only."""
    return None if phase.is_offer else "other_question"


def answer(state: State, phase: Asking, event: AnswerGiven, rules: Rules) -> SessionStep:
    """The answer of this shopper, the rating of the next, or what may be either."""
    if event.question != phase.question:
        return rate_next(state, phase, event, rules)
    if phase.thanks and not is_this_shoppers(phase, event, rules):
        after = replace(
            phase, draft=event.value, touched_ms=event.at_ms, is_warned=False, is_doubtful=True
        )
        return SessionStep(replace(state, phase=after))
    return answers.answer(state, phase, event, rules)


def is_this_shoppers(phase: Asking, event: AnswerGiven, rules: Rules) -> bool:
    """Whether nobody else can have been meant to rate by this touch."""
    touch = event.touch
    if touch.hands_over:
        return True
    came_ms = event.at_ms - touch.held_ms
    thanked_ms = phase.since_ms - to_ms(rules.timing.moment)
    is_prompt = came_ms <= thanked_ms + SURE_MS
    return is_prompt and not (phase.is_doubtful or touch.on_former_face)


def rate_next(
    state: State, phase: Asking | Inviting, event: AnswerGiven, rules: Rules
) -> SessionStep:
    """The next shopper rates; the one before has gone."""
    if event.question != rules.questionnaire.rating.id or not isinstance(event.value, int):
        return SessionStep(state, (Ignore("other_question"),))
    left = closing_bodies(phase, "timed_out", rules)
    faces = Idle(rules.language, phase.since_ms, event.at_ms)
    return begin_response(state, faces, event, event.value, rules, before=left)
