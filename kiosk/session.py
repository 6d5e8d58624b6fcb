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
* Every response ends with exactly one Ended, handed over together with what ended it.

An event that can't happen by any finger raises IllegalEventError and changes nothing. An event
that happens every day and means nothing here (a second finger) is answered with Ignore.
"""

from dataclasses import dataclass, replace

from kiosk import session_answers as answers
from kiosk.errors import IllegalEventError
from kiosk.session_events import (
    BackChosen,
    Drafted,
    Effect,
    Event,
    Ignore,
    InvitationAnswered,
    LanguageChosen,
    Reason,
    SkipChosen,
    Stirred,
    Stopped,
    StorageUnavailable,
    Store,
    Stored,
    StoreFailed,
    Tick,
    Touched,
)
from kiosk.session_state import (
    Asking,
    Attempt,
    Finishing,
    Idle,
    Inviting,
    Load,
    OutOfOrder,
    Phase,
    Rated,
    Rules,
    State,
    Thanking,
)
from sync.messages import Body, Moment

RETRY_MS = 3_000
"""Between two attempts to store while the kiosk is out of order."""
PATIENCE_MS = 15_000
"""A store that takes longer than this puts the kiosk out of order until it is done."""
SETTLE_MS = 300
"""A control behind the rating takes no touch this soon: it was meant for what stood there."""


@dataclass(frozen=True)
class Step:
    """The answer to an event."""

    state: State
    effects: tuple[Effect, ...] = ()


def begin(rules: Rules, at_ms: int) -> State:
    """Idle from the first frame on, while the disk is being opened in the background."""
    return State(_idle(rules, at_ms))


def afresh(state: State, rules: Rules, at_ms: int) -> State:
    """Idle under other rules; what is on its way to the disk stays on it."""
    return replace(state, phase=_idle(rules, at_ms))


def step(state: State, event: Event, rules: Rules) -> Step:
    """What ``event`` does; raises IllegalEventError, without any change, where it can't happen."""
    match event:
        case Stored() | StoreFailed() | StorageUnavailable():
            return _reported(state, event, rules)
        case Tick():
            return _tick(state, event, rules)
        case Stirred():
            return Step(_stirred(state, event))
        case Stopped():
            return _stopped(state, event, rules)
        case _:
            return _chosen(state, event, rules)


def deadline(state: State, rules: Rules) -> int | None:
    """When the next Tick is due, in monotonic milliseconds; None: not before something else."""
    due = _phase_deadline(state.phase, rules)
    if isinstance(state.phase, OutOfOrder) or state.attempt is None:
        return due
    patience = state.attempt.since_ms + PATIENCE_MS
    return patience if due is None else min(due, patience)


def limit_ms(phase: Asking | Inviting, rules: Rules) -> int:
    """How long this may stand without a touch."""
    untouched = phase.thanks and phase.touched_ms == phase.since_ms
    offered = untouched or isinstance(phase, Inviting)
    return _ms(rules.timing.invitation if offered else rules.timing.question)


def warning_ms(phase: Asking | Inviting, rules: Rules) -> int:
    """How long before the end the shopper is asked; at most half of the time."""
    return min(_ms(rules.timing.still_there), limit_ms(phase, rules) // 2)


def _phase_deadline(phase: Phase, rules: Rules) -> int | None:
    match phase:
        case Idle(language=language, touched_ms=touched_ms):
            return None if language == rules.language else touched_ms + _ms(rules.timing.language)
        case Asking() | Inviting():
            end = phase.touched_ms + limit_ms(phase, rules)
            return end if phase.warned else end - warning_ms(phase, rules)
        case Thanking(until_ms=until_ms):
            return until_ms
        case OutOfOrder(retry_ms=retry_ms):
            return retry_ms
        case Rated() | Finishing():
            return None


# --- what a shopper does ------------------------------------------------------------------


def _chosen(state: State, event: Event, rules: Rules) -> Step:
    """A touch that means something where it falls, or nothing at all."""
    answers.check(state.phase, event, rules)
    reason = _why_nothing(state.phase, event)
    if reason is not None:
        return Step(state, (Ignore(reason),))
    move = answers.answer(state.phase, state.history, event, rules)
    effects: tuple[Effect, ...] = ()
    if isinstance(event, LanguageChosen) and _language(state.phase) == event.language:
        effects = (Ignore("same_language"),)
    after = _give(replace(state, history=move.history), move.phase, move.bodies, event.moment)
    return Step(after.state, effects + after.effects)


def _why_nothing(phase: Phase, event: Event) -> Reason | None:
    match phase:
        case Rated() | Finishing():
            return "already_answered"
        case Thanking():
            return "thanking"
        case OutOfOrder():
            return "out_of_order"
        case Idle():
            wanted: bool = isinstance(event, Touched | LanguageChosen)
            return None if wanted else "not_here"
        case Asking() | Inviting():
            return _why_not_here(phase, event)


def _why_not_here(phase: Asking | Inviting, event: Event) -> Reason | None:
    if isinstance(event, Touched | Drafted | SkipChosen) and (
        isinstance(phase, Inviting) or event.question != phase.question
    ):
        return "other_question"
    takes: bool = isinstance(event, InvitationAnswered) == isinstance(phase, Inviting)
    if isinstance(event, BackChosen | LanguageChosen):
        takes = isinstance(event, LanguageChosen) or bool(phase.visit.trail)
    if not takes:
        return "not_here"
    return "too_early" if event.at_ms < phase.since_ms + SETTLE_MS else None


def _stirred(state: State, event: Stirred) -> State:
    phase = state.phase
    if isinstance(phase, Asking | Inviting):
        phase = replace(phase, touched_ms=event.at_ms, warned=False)
    return replace(state, phase=phase, history=state.history.touched(event.at_ms))


def _language(phase: Phase) -> str | None:
    match phase:
        case Idle(language=language):
            return language
        case Asking(visit=visit) | Inviting(visit=visit):
            return visit.language
        case _:
            return None


# --- time ---------------------------------------------------------------------------------


def _tick(state: State, event: Tick, rules: Rules) -> Step:  # noqa: PLR0911 - one per phase
    attempt = state.attempt
    if (
        attempt is not None
        and not isinstance(state.phase, OutOfOrder)
        and event.at_ms >= attempt.since_ms + PATIENCE_MS
    ):
        # The attempt goes on; only the promise to this shopper is off.
        return Step(_broken(state, event.moment, rules, retry_ms=None))
    due = _phase_deadline(state.phase, rules)
    if due is None or event.at_ms < due:
        return Step(state)
    match state.phase:
        case Idle() as idle:
            idle = replace(idle, language=rules.language, touched_ms=event.at_ms)
            return Step(replace(state, phase=idle))
        case Asking() | Inviting() as waited:
            if not waited.warned and event.at_ms < waited.touched_ms + limit_ms(waited, rules):
                return Step(replace(state, phase=replace(waited, warned=True)))
            bodies = answers.left(waited, "timed_out", rules)
            return _give(state, _idle(rules, event.at_ms), bodies, event.moment)
        case Thanking():
            return Step(replace(state, phase=_idle(rules, event.at_ms)))
        case OutOfOrder():
            load = state.waiting or Load((), event.moment)
            tried = replace(state, phase=OutOfOrder(None), waiting=None)
            return _attempt(tried, load, event.at_ms)
    return Step(state)


def _stopped(state: State, event: Stopped, rules: Rules) -> Step:
    match state.phase:
        case Rated() | Asking() | Inviting() as cut:
            bodies = answers.left(cut, "partial", rules)
            return _give(state, _idle(rules, event.at_ms), bodies, event.moment)
    return Step(state)


# --- the disk -----------------------------------------------------------------------------


def _give(state: State, phase: Phase, bodies: tuple[Body, ...], moment: Moment) -> Step:
    """Goes on with ``phase`` and hands over what was given, after what was given before."""
    state = replace(state, phase=phase)
    if not bodies:
        return Step(state)
    load = Load(bodies, moment)
    if state.attempt is None and not isinstance(phase, OutOfOrder):
        return _attempt(state, load, moment.mono_ms)
    return Step(replace(state, waiting=state.waiting.and_then(load) if state.waiting else load))


def _attempt(state: State, load: Load, at_ms: int) -> Step:
    ticket = state.ticket + 1
    state = replace(state, ticket=ticket, attempt=Attempt(ticket, load, at_ms))
    return Step(state, (Store(ticket, load.bodies, load.moment),))


def _reported(state: State, event: Stored | StoreFailed | StorageUnavailable, rules: Rules) -> Step:
    if isinstance(event, StorageUnavailable):
        return _unavailable(state, event)
    attempt = state.attempt
    if attempt is None or attempt.ticket != event.ticket:
        raise IllegalEventError(event, state.phase, f"nothing waits for ticket {event.ticket}")
    if isinstance(event, StoreFailed):
        retry_ms = event.at_ms + RETRY_MS
        again = replace(state, attempt=None, waiting=attempt.load.and_then(state.waiting))
        return Step(_broken(again, event.moment, rules, retry_ms))
    state = replace(state, attempt=None)
    if state.waiting is not None:
        return _attempt(replace(state, waiting=None), state.waiting, event.at_ms)
    return Step(replace(state, phase=_when_safe(state.phase, rules, event.at_ms)))


def _when_safe(phase: Phase, rules: Rules, at_ms: int) -> Phase:
    """What was only waiting for the disk goes on."""
    match phase:
        case Rated(visit=visit) if not visit.ended:
            return answers.after_rating(visit, rules, at_ms)
        case Rated(visit=visit) | Finishing(visit=visit):
            return Thanking(visit, at_ms + _ms(rules.timing.thanks))
        case OutOfOrder():
            return _idle(rules, at_ms)
        case _:
            return phase


def _broken(state: State, moment: Moment, rules: Rules, retry_ms: int | None) -> State:
    """Out of order, with what the shopper has given, and that it ended here."""
    bodies: tuple[Body, ...] = ()
    match state.phase:
        case Rated() | Asking() | Inviting() as cut:
            bodies = answers.left(cut, "partial", rules)
    return _give(state, OutOfOrder(retry_ms), bodies, moment).state


def _unavailable(state: State, event: StorageUnavailable) -> Step:
    reasons: dict[type[Phase], Reason] = {Thanking: "thanking", OutOfOrder: "out_of_order"}
    if isinstance(state.phase, Idle) and state.attempt is None:
        return Step(replace(state, phase=OutOfOrder(event.at_ms + RETRY_MS)))
    return Step(state, (Ignore(reasons.get(type(state.phase), "already_answered")),))


def _idle(rules: Rules, at_ms: int) -> Idle:
    return Idle(rules.language, at_ms, at_ms)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
