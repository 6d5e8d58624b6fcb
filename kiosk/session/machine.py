"""The session: what a touch, a tick or a commit does to the screen, as a pure state machine.

No window, clock, disk or thread is in here. :func:`step` takes a state and an event and returns
the next state and what has to be done; the caller does it.

What is promised about storing:

* At most one store is under way. What is given meanwhile waits and is stored after it, in order,
  so that a later answer never overtakes an earlier one, whatever fails.
* The rating is thanked after its commit, and so is the end. Between the two a question may be
  followed by the next while it is being stored: nothing is promised, and nobody waits.
* A store that fails or takes too long puts the kiosk out of order. What was given and is not
  known to be stored is tried again until it is; another attempt at an answer of the same response
  and question replaces it, so it can't count twice.
* Every response ends with exactly one EndBody, handed over together with what ended it.

An event that can't happen by any finger raises IllegalEventError and changes nothing. An event
that happens every day and means nothing here (a second finger) is answered with Ignore. What each
event does in each phase stands in one table, :mod:`kiosk.session.transitions`.
"""

from dataclasses import replace

from config.kinds import is_answer
from config.questionnaire import Question
from kiosk.errors import IllegalEventError
from kiosk.session import transitions
from kiosk.session.events import (
    AnswerGiven,
    AnswersStored,
    DraftChanged,
    Event,
    LanguageChosen,
    SkipChosen,
    StoreFailed,
)
from kiosk.session.handover import SessionStep
from kiosk.session.state import Rules, State, idle


def begin(rules: Rules, at_ms: int) -> State:
    """Idle from the first frame on, while the disk is being opened in the background."""
    return State(idle(rules, at_ms))


def reset(state: State, rules: Rules, at_ms: int) -> State:
    """Idle under other rules; what is on its way to the disk stays on it."""
    return replace(state, phase=idle(rules, at_ms))


def step(state: State, event: Event, rules: Rules) -> SessionStep:
    """What ``event`` does; raises IllegalEventError, without any change, where it can't happen."""
    illegal = _objection(state, event, rules)
    if illegal is not None:
        raise IllegalEventError(event, state.phase, illegal)
    return transitions.apply(state, event, rules)


def _objection(state: State, event: Event, rules: Rules) -> str | None:
    """Why no control of these questions, and no disk, could have done this."""
    match event:
        case AnswerGiven() | DraftChanged() | SkipChosen():
            question = _question(event.question, rules)
            if question is None:
                return f"there is no question {event.question!r}"
            if isinstance(event, AnswerGiven) and not is_answer(question, event.value):
                return f"{event.value!r} is no answer to {event.question!r}"
        case LanguageChosen(language=language) if language not in rules.questionnaire.languages:
            return f"there is no language {language!r}"
        case AnswersStored(ticket=ticket) | StoreFailed(ticket=ticket):
            if state.attempt is None or state.attempt.ticket != ticket:
                return f"nothing waits for ticket {ticket}"
    return None


def _question(name: str, rules: Rules) -> Question | None:
    return next((each for each in rules.questionnaire.questions if each.id == name), None)
