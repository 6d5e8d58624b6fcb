"""What an event leads to, and the way of what was given to the disk.

At most one store is under way. What is given meanwhile waits and is stored after it, in order.
"""

from dataclasses import dataclass, replace

from kiosk.session.events import Effect, Store
from kiosk.session.state import Attempt, Load, OutOfOrder, Phase, State
from sync.messages import Body, Moment


@dataclass(frozen=True)
class SessionStep:
    """The answer to an event."""

    state: State
    effects: tuple[Effect, ...] = ()


def hand_over(state: State, phase: Phase, bodies: tuple[Body, ...], moment: Moment) -> SessionStep:
    """Goes on with ``phase`` and hands over what was given, after what was given before."""
    state = replace(state, phase=phase)
    if not bodies:
        return SessionStep(state)
    load = Load(bodies, moment)
    if state.attempt is None and not isinstance(phase, OutOfOrder):
        return store(state, load, moment.mono_ms)
    return SessionStep(
        replace(state, waiting=state.waiting.and_then(load) if state.waiting else load)
    )


def store(state: State, load: Load, at_ms: int) -> SessionStep:
    """Begins an attempt to store this."""
    ticket = state.ticket + 1
    state = replace(state, ticket=ticket, attempt=Attempt(ticket, load, at_ms))
    return SessionStep(state, (Store(ticket, load.bodies, load.moment),))
