"""The session: what a touch, a tick or a commit does to the screen, as a pure state machine.

No window, clock, disk or thread is in here. :func:`step` takes a state and an event and returns
the next state and what has to be done; the caller does it. At most one store is under way at
any time, and while it is, no touch counts: that is the rule that the first touch wins.

An event that can't happen by any finger raises IllegalEventError and changes nothing. An event that
happens every day and means nothing here (a second finger) is answered with Ignore and a reason.
"""

from dataclasses import dataclass, replace
from typing import Literal

from config.questionnaire import Question, Questionnaire, Smiley
from config.settings import Timing
from kiosk.errors import IllegalEventError
from sync.messages import Answered, Body, Moment, Value

RETRY_MS = 3_000
"""Between two attempts to store while the kiosk is out of order."""
PATIENCE_MS = 15_000
"""A store that takes longer than this puts the kiosk out of order until it is done."""


@dataclass(frozen=True)
class Rules:
    """What stays the same from session to session."""

    questionnaire: Questionnaire
    digest: str
    language: str
    """Shown when nobody has chosen another."""
    timing: Timing


# --- phases -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asking:
    """A question is on the screen; with the rating and no response yet, the kiosk is idle."""

    question: str
    language: str
    since_ms: int
    touched_ms: int
    """The last touch that meant something, such as choosing a language."""


@dataclass(frozen=True)
class Storing:
    """An answer is on its way to the disk; nobody is thanked yet and no touch counts."""

    ticket: int
    answer: Answered
    moment: Moment


@dataclass(frozen=True)
class Thanking:
    """The answer is safe and the shopper is told so."""

    answer: Answered
    until_ms: int


@dataclass(frozen=True)
class OutOfOrder:
    """Nothing can be stored, so nothing is asked; it is tried again until it works.

    ``bodies`` was touched but not thanked. It is stored once that works: another attempt at an
    answer of the same response and question replaces it, so it can't count twice.
    """

    ticket: int
    bodies: tuple[Body, ...]
    moment: Moment
    retry_ms: int | None
    """When to try again; None while an attempt is under way."""


Phase = Asking | Storing | Thanking | OutOfOrder


@dataclass(frozen=True)
class State:
    """Where the session is, and the last ticket it has given out."""

    phase: Phase
    ticket: int


# --- events -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Touched:
    """A control that gives an answer was pressed and let go."""

    moment: Moment
    question: str
    value: Value
    response: str
    """A fresh UUIDv7, used if this touch begins a response."""

    @property
    def at_ms(self) -> int:
        """Monotonic milliseconds."""
        return self.moment.mono_ms


@dataclass(frozen=True)
class LanguageChosen:
    """A language button was pressed and let go."""

    at_ms: int
    language: str


@dataclass(frozen=True)
class Tick:
    """Time has passed; sent when :func:`deadline` is reached, harmless at any other time."""

    at_ms: int


@dataclass(frozen=True)
class Stored:
    """Everything under this ticket is committed to the disk."""

    at_ms: int
    ticket: int


@dataclass(frozen=True)
class StoreFailed:
    """Nothing under this ticket is known to be on the disk."""

    at_ms: int
    ticket: int


@dataclass(frozen=True)
class StorageUnavailable:
    """The outbox can't be opened, found out before anyone touched anything."""

    moment: Moment

    @property
    def at_ms(self) -> int:
        """Monotonic milliseconds."""
        return self.moment.mono_ms


Event = Touched | LanguageChosen | Tick | Stored | StoreFailed | StorageUnavailable


# --- effects ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Store:
    """Commit these; with none, only see whether storing would work."""

    ticket: int
    bodies: tuple[Body, ...]
    moment: Moment


Reason = Literal["already_answered", "thanking", "out_of_order", "other_question", "same_language"]


@dataclass(frozen=True)
class Ignore:
    """The event was ordinary and meant nothing, for this reason."""

    reason: Reason


Effect = Store | Ignore


@dataclass(frozen=True)
class Step:
    """The answer to an event."""

    state: State
    effects: tuple[Effect, ...] = ()


# --- transitions --------------------------------------------------------------------------


def begin(rules: Rules, at_ms: int) -> State:
    """Idle from the first frame on, while the disk is being opened in the background."""
    return State(_idle(rules, at_ms), ticket=0)


def step(state: State, event: Event, rules: Rules) -> Step:
    """What ``event`` does; raises IllegalEventError, without any change, where it can't happen."""
    match event:
        case Touched():
            return _touched(state, event, rules)
        case LanguageChosen():
            return _language_chosen(state, event, rules)
        case Tick():
            return _tick(state, event, rules)
        case Stored():
            return _stored(state, event, rules)
        case StoreFailed():
            return _store_failed(state, event)
        case StorageUnavailable():
            return _storage_unavailable(state, event)


def deadline(state: State, rules: Rules) -> int | None:
    """When the next Tick is due, in monotonic milliseconds; None: not before something else."""
    match state.phase:
        case Asking(language=language, touched_ms=touched_ms):
            return None if language == rules.language else touched_ms + _ms(rules.timing.language)
        case Storing(moment=moment):
            return moment.mono_ms + PATIENCE_MS
        case Thanking(until_ms=until_ms):
            return until_ms
        case OutOfOrder(retry_ms=retry_ms):
            return retry_ms


def _touched(state: State, event: Touched, rules: Rules) -> Step:
    _check_answer(state.phase, event, rules)
    match state.phase:
        case Asking(question=question) if question != event.question:
            return _ignored(state, "other_question")
        case Asking() as asking:
            answer = Answered(
                response=event.response,
                questionnaire=rules.digest,
                language=asking.language,
                question=event.question,
                value=event.value,
                took_ms=max(0, event.at_ms - asking.since_ms),
            )
            ticket = state.ticket + 1
            storing = Storing(ticket, answer, event.moment)
            return Step(State(storing, ticket), (Store(ticket, (answer,), event.moment),))
        case Storing():
            return _ignored(state, "already_answered")
        case Thanking():
            return _ignored(state, "thanking")
        case OutOfOrder():
            return _ignored(state, "out_of_order")


def _check_answer(phase: Phase, event: Touched, rules: Rules) -> None:
    try:
        question = rules.questionnaire.question(event.question)
    except KeyError:
        raise IllegalEventError(event, phase, f"there is no question {event.question!r}") from None
    if not _fits(question, event.value):
        raise IllegalEventError(event, phase, f"{event.value!r} is no answer to {question.id!r}")


def _fits(question: Question, value: Value) -> bool:
    match question:
        case Smiley(faces=faces):
            return type(value) is int and 0 <= value < faces
        case _:
            # Only the rating is on a screen so far; no control gives anything else.
            return False


def _language_chosen(state: State, event: LanguageChosen, rules: Rules) -> Step:
    if event.language not in rules.questionnaire.languages:
        raise IllegalEventError(event, state.phase, f"there is no language {event.language!r}")
    match state.phase:
        case Asking(language=language) as asking:
            phase = replace(asking, language=event.language, touched_ms=event.at_ms)
            reason: tuple[Effect, ...] = ()
            if language == event.language:
                reason = (Ignore("same_language"),)
            return Step(State(phase, state.ticket), reason)
        case Storing():
            return _ignored(state, "already_answered")
        case Thanking():
            return _ignored(state, "thanking")
        case OutOfOrder():
            return _ignored(state, "out_of_order")


def _tick(state: State, event: Tick, rules: Rules) -> Step:
    due = deadline(state, rules)
    if due is None or event.at_ms < due:
        return Step(state)
    match state.phase:
        case Asking() as asking:
            phase: Phase = replace(asking, language=rules.language, touched_ms=event.at_ms)
            return Step(State(phase, state.ticket))
        case Thanking():
            return Step(State(_idle(rules, event.at_ms), state.ticket))
        case Storing(ticket=ticket, answer=answer, moment=moment):
            # The attempt goes on; only the promise to this shopper is off.
            phase = OutOfOrder(ticket, (answer,), moment, retry_ms=None)
            return Step(State(phase, state.ticket))
        case OutOfOrder(bodies=bodies, moment=moment):
            ticket = state.ticket + 1
            phase = OutOfOrder(ticket, bodies, moment, retry_ms=None)
            return Step(State(phase, ticket), (Store(ticket, bodies, moment),))


def _stored(state: State, event: Stored, rules: Rules) -> Step:
    match state.phase:
        case Storing(ticket=ticket, answer=answer) if ticket == event.ticket:
            until_ms = event.at_ms + _ms(rules.timing.thanks)
            return Step(State(Thanking(answer, until_ms), state.ticket))
        case OutOfOrder(ticket=ticket, retry_ms=None) if ticket == event.ticket:
            return Step(State(_idle(rules, event.at_ms), state.ticket))
    raise IllegalEventError(event, state.phase, f"nothing waits for ticket {event.ticket}")


def _store_failed(state: State, event: StoreFailed) -> Step:
    retry_ms = event.at_ms + RETRY_MS
    match state.phase:
        case Storing(ticket=ticket, answer=answer, moment=moment) if ticket == event.ticket:
            phase: Phase = OutOfOrder(ticket, (answer,), moment, retry_ms)
            return Step(State(phase, state.ticket))
        case OutOfOrder(retry_ms=None) as broken if broken.ticket == event.ticket:
            return Step(State(replace(broken, retry_ms=retry_ms), state.ticket))
    raise IllegalEventError(event, state.phase, f"nothing waits for ticket {event.ticket}")


def _storage_unavailable(state: State, event: StorageUnavailable) -> Step:
    match state.phase:
        case Asking():
            broken = OutOfOrder(state.ticket, (), event.moment, event.at_ms + RETRY_MS)
            return Step(State(broken, state.ticket))
        case Storing():
            return _ignored(state, "already_answered")
        case Thanking():
            return _ignored(state, "thanking")
        case OutOfOrder():
            return _ignored(state, "out_of_order")


def _ignored(state: State, reason: Reason) -> Step:
    return Step(state, (Ignore(reason),))


def _idle(rules: Rules, at_ms: int) -> Asking:
    return Asking(rules.questionnaire.rating.id, rules.language, at_ms, at_ms)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
