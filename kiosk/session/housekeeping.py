"""What time, the disk and the switch do to a session: handlers of the table of transitions."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from kiosk.session.answers import closing_bodies, end_early, next_offer
from kiosk.session.deadlines import RETRY_MS, is_stuck, limit_ms, phase_deadline, to_ms
from kiosk.session.events import (
    AnswersStored,
    Event,
    Ignore,
    KioskStopped,
    ScreenTouched,
    StorageUnavailable,
    StoreFailed,
    Tick,
)
from kiosk.session.handover import SessionStep, hand_over, store
from kiosk.session.state import (
    Asking,
    Finishing,
    Idle,
    Inviting,
    Load,
    OutOfOrder,
    Phase,
    Rules,
    State,
    StoringRating,
    Thanking,
    idle,
)
from sync.messages import Body, Moment

P = TypeVar("P", bound=Phase)


def stay(state: State, _phase: Phase, _event: Event, _rules: Rules) -> SessionStep:
    """Nothing changes."""
    return SessionStep(state)


def note_touch(state: State, _phase: Phase, event: ScreenTouched, _rules: Rules) -> SessionStep:
    """Only misuse is judged by it."""
    return SessionStep(replace(state, history=state.history.with_touch(event.at_ms)))


def note_presence(
    state: State, phase: Asking | Inviting, event: ScreenTouched, rules: Rules
) -> SessionStep:
    """Someone is there: the time begins anew.

    Not where the faces are in reach: whoever it is, the time of the offer runs out.
    """
    if not phase.is_offer:
        state = replace(state, phase=replace(phase, touched_ms=event.at_ms, is_warned=False))
    return note_touch(state, phase, event, rules)


# --- time ---------------------------------------------------------------------------------


def when_due(
    do: Callable[[State, P, Tick, Rules], SessionStep],
) -> Callable[[State, P, Tick, Rules], SessionStep]:
    """Does it when the phase has stood for its time; a disk that hangs closes the kiosk first."""

    def tick(state: State, phase: P, event: Tick, rules: Rules) -> SessionStep:
        if is_stuck(state, event.at_ms):
            # The attempt goes on; only the promise to this shopper is off.
            return _close(state, event.moment, rules, retry_ms=None)
        due = phase_deadline(phase, rules)
        if due is None or event.at_ms < due:
            return SessionStep(state)
        return do(state, phase, event, rules)

    return tick


def reset_language(state: State, phase: Idle, event: Tick, rules: Rules) -> SessionStep:
    """Nobody goes on in the language that somebody chose."""
    phase = replace(phase, language=rules.language, touched_ms=event.at_ms)
    return SessionStep(replace(state, phase=phase))


def warn_or_time_out(
    state: State, phase: Asking | Inviting, event: Tick, rules: Rules
) -> SessionStep:
    """Asks whether someone is still there; without a touch the response ends."""
    if not phase.is_warned and event.at_ms < phase.touched_ms + limit_ms(phase, rules):
        return SessionStep(replace(state, phase=replace(phase, is_warned=True)))
    return end_early(state, phase, event, "timed_out", rules)


def become_idle(state: State, _phase: Phase, event: Event, rules: Rules) -> SessionStep:
    """For the next shopper."""
    return SessionStep(replace(state, phase=idle(rules, event.at_ms)))


def retry(state: State, _phase: OutOfOrder, event: Tick, _rules: Rules) -> SessionStep:
    """Another attempt at what is not stored; with nothing, whether storing works at all."""
    load = state.waiting or Load((), event.moment)
    return store(replace(state, phase=OutOfOrder(None), waiting=None), load, event.at_ms)


# --- the disk -----------------------------------------------------------------------------


def after_commit(
    do: Callable[[State, P, AnswersStored, Rules], SessionStep],
) -> Callable[[State, P, AnswersStored, Rules], SessionStep]:
    """Does it once nothing waits for the disk any more."""

    def stored(state: State, phase: P, event: AnswersStored, rules: Rules) -> SessionStep:
        state = replace(state, attempt=None)
        if state.waiting is not None:
            return store(replace(state, waiting=None), state.waiting, event.at_ms)
        return do(state, phase, event, rules)

    return stored


def go_on_after_thanks(state: State, phase: Thanking, event: Tick, rules: Rules) -> SessionStep:
    """What is offered below the first thanks, or the faces for the next shopper."""
    if not phase.goes_on:
        return become_idle(state, phase, event, rules)
    return SessionStep(replace(state, phase=next_offer(phase.visit, rules, event.at_ms)))


def make_way(state: State, phase: Thanking, event: ScreenTouched, rules: Rules) -> SessionStep:
    """Whoever touches the last thanks after a moment is the next shopper, and gets the faces."""
    state = note_touch(state, phase, event, rules).state
    if phase.goes_on or event.at_ms < phase.since_ms + to_ms(rules.timing.moment):
        return SessionStep(state)
    return become_idle(state, phase, event, rules)


def thank(
    state: State, phase: StoringRating | Finishing, event: AnswersStored, rules: Rules
) -> SessionStep:
    """Everything is safe. Where more is offered, the thanks stand alone for a moment first."""
    goes_on = not phase.visit.is_ended
    lasts_ms = to_ms(rules.timing.moment if goes_on else rules.timing.thanks)
    after = Thanking(phase.visit, event.at_ms + lasts_ms, event.at_ms, goes_on)
    return SessionStep(replace(state, phase=after))


def close_and_retry(state: State, _phase: Phase, event: StoreFailed, rules: Rules) -> SessionStep:
    """Out of order; what could not be stored comes before what waits."""
    if state.attempt is not None:
        waiting = state.attempt.load.and_then(state.waiting)
        state = replace(state, attempt=None, waiting=waiting)
    return _close(state, event.moment, rules, event.at_ms + RETRY_MS)


def close_at_once(
    state: State, _phase: Idle, event: StorageUnavailable, _rules: Rules
) -> SessionStep:
    """Out of order before anyone touched anything."""
    if state.attempt is not None:
        return SessionStep(state, (Ignore("already_answered"),))
    return SessionStep(replace(state, phase=OutOfOrder(event.at_ms + RETRY_MS)))


def cut_off(
    state: State,
    phase: StoringRating | Thanking | Asking | Inviting | Finishing,
    event: KioskStopped,
    rules: Rules,
) -> SessionStep:
    """The response ends here, in good order."""
    bodies = closing_bodies(phase, "partial", rules)
    return hand_over(state, idle(rules, event.at_ms), bodies, event.moment)


def _close(state: State, moment: Moment, rules: Rules, retry_ms: int | None) -> SessionStep:
    """Out of order, with what the shopper has given, and that it ended here."""
    bodies: tuple[Body, ...] = ()
    match state.phase:
        case StoringRating() | Asking() | Inviting() | Finishing() as cut:
            bodies = closing_bodies(cut, "partial", rules)
    return SessionStep(hand_over(state, OutOfOrder(retry_ms), bodies, moment).state)
