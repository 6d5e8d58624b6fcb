"""How long a session may stand as it is."""

from kiosk.session.state import (
    Asking,
    Finishing,
    Idle,
    Inviting,
    OutOfOrder,
    Phase,
    Rules,
    State,
    StoringRating,
    Thanking,
)

RETRY_MS = 3_000
"""Between two attempts to store while the kiosk is out of order."""
PATIENCE_MS = 15_000
"""A store that takes longer than this puts the kiosk out of order until it is done."""
SETTLE_MS = 300
"""A control behind the rating takes no touch this soon: it was meant for what stood there."""


def deadline(state: State, rules: Rules) -> int | None:
    """When the next Tick is due, in monotonic milliseconds; None: not before something else."""
    due = phase_deadline(state.phase, rules)
    if isinstance(state.phase, OutOfOrder) or state.attempt is None:
        return due
    patience = state.attempt.since_ms + PATIENCE_MS
    return patience if due is None else min(due, patience)


def phase_deadline(phase: Phase, rules: Rules) -> int | None:
    """The same, whatever is on its way to the disk."""
    match phase:
        case Idle(language=language, touched_ms=touched_ms):
            return None if language == rules.language else touched_ms + to_ms(rules.timing.language)
        case Asking() | Inviting():
            end = phase.touched_ms + limit_ms(phase, rules)
            return end if phase.is_warned else end - warning_ms(phase, rules)
        case Thanking(until_ms=until_ms):
            return until_ms
        case OutOfOrder(retry_ms=retry_ms):
            return retry_ms
        case StoringRating() | Finishing():
            return None


def is_stuck(state: State, at_ms: int) -> bool:
    """Whether a shopper has waited for the disk for too long."""
    return (
        state.attempt is not None
        and not isinstance(state.phase, OutOfOrder)
        and at_ms >= state.attempt.since_ms + PATIENCE_MS
    )


def limit_ms(phase: Asking | Inviting, rules: Rules) -> int:
    """How long this may stand without a touch."""
    is_short = phase.is_offer or isinstance(phase, Inviting)
    return to_ms(rules.timing.invitation if is_short else rules.timing.question)


def warning_ms(phase: Asking | Inviting, rules: Rules) -> int:
    """How long before the end the shopper is asked; at most half of the time."""
    return min(to_ms(rules.timing.still_there), limit_ms(phase, rules) // 2)


def to_ms(seconds: float) -> int:
    """Whole milliseconds."""
    return round(seconds * 1000)
