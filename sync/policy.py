"""What to do after each attempt to deliver: pure decisions, no clock, no network.

Back-off is exponential with full jitter (Marc Brooker, "Exponential Backoff And Jitter", AWS
Architecture Blog, 2015): uniform between 0 and min(cap, base * 2^attempts). It is never given up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from sync.failure_texts import failure_text
from sync.messages import Problem, Receipt, Sighting
from sync.outcome import (
    Interruption,
    NetworkFailure,
    NewCredential,
    NotAReceipt,
    QuestionnaireStored,
    Rejection,
    SendOutcome,
    VerifiedReceipt,
)

BASE_S = 1.0
CAP_S = 300.0
PAUSE_S = 600.0
LONGEST_RETRY_AFTER_S = 3600.0
_MESSAGE_AT_FAULT = frozenset({400, 406, 409, 413, 422})
"""Statuses that a single message can bring about; others are about the way or the address."""
_PROBLEM_PREFIX = "urn:hymio:problem:"
_BEYOND_MESSAGES = frozenset(
    {"protocol", "not_found", "method", "unsupported_media", "unsupported_encoding"}
)
"""Problems that the head office itself has with every request alike."""


@dataclass(frozen=True)
class Proceed:
    """It arrived."""

    receipt: Receipt
    sighting: Sighting | None


@dataclass(frozen=True)
class Wait:
    """Try again after this many seconds; ``smaller``: with half as many messages."""

    seconds: float
    reason: str
    smaller: bool = False


@dataclass(frozen=True)
class Pause:
    """Staff must act; try again rarely, in case they already have."""

    seconds: float
    reason: str


@dataclass(frozen=True)
class Halve:
    """Send half as many at once: too large, or one of them is at fault."""

    reason: str


@dataclass(frozen=True)
class Isolate:
    """This one message is suspected; if an empty batch gets through, withhold it."""

    reason: str


@dataclass(frozen=True)
class Stop:
    """The kiosk is stopping."""


SyncDecision = Proceed | Wait | Pause | Halve | Isolate | Stop


def decide(  # noqa: PLR0911 - one line for each case reads best
    outcome: SendOutcome,
    *,
    attempts: int,
    messages: int,
    now_s: float,
    random: Callable[[], float],
) -> SyncDecision:
    """What to do after an attempt.

    ``attempts``: failures in a row before this one; ``messages``: how many the batch held;
    ``now_s``: Unix time, for a Retry-After that is a date in a reply without one;
    ``random``: uniform in [0, 1).
    """
    match outcome:
        case VerifiedReceipt(receipt=receipt, sighting=sighting):
            return Proceed(receipt, sighting)
        case Interruption():
            return Stop()
        case Rejection() if needs_staff(outcome):
            return Pause(PAUSE_S * (0.5 + random()), failure_text(outcome))
        case Rejection(status=status) if status in _MESSAGE_AT_FAULT and messages > 1:
            return Halve(failure_text(outcome))
        case Rejection(status=status) if status in _MESSAGE_AT_FAULT and messages == 1:
            return Isolate(failure_text(outcome))
        case Rejection(retry_after=text, date=date) if text is not None:
            least_s = retry_after_s(text, date, now_s)
            seconds = back_off_s(attempts, random)
            # A little more than asked, so that not all kiosks come back in the same instant.
            return Wait(max(seconds, least_s * (1 + 0.1 * random())), failure_text(outcome))
        case NetworkFailure(kind="timeout" | "cut"):
            return Wait(back_off_s(attempts, random), failure_text(outcome), smaller=True)
        case (
            Rejection() | NetworkFailure() | NotAReceipt() | QuestionnaireStored() | NewCredential()
        ):
            return Wait(back_off_s(attempts, random), failure_text(outcome))


def needs_staff(outcome: SendOutcome) -> bool:
    """Whether trying again is in vain until a person has done something.

    So it is when the head office itself says that it finds fault with more than a message: then
    no message may be suspected, or each would end in quarantine.
    """
    match outcome:
        case Rejection(status=401 | 403):
            return True
        case Rejection(problem=Problem(type=kind, errors=errors)) if kind.startswith(
            _PROBLEM_PREFIX
        ):
            word = kind.removeprefix(_PROBLEM_PREFIX)
            return word in _BEYOND_MESSAGES or (
                word == "invalid"
                and bool(errors)
                and not any(error.path.startswith("$.messages[") for error in errors)
            )
    return False


def finds_fault_with_sightings(outcome: SendOutcome) -> bool:
    """Whether the head office refuses a batch for nothing but the times that came along."""
    match outcome:
        case Rejection(problem=Problem(type="urn:hymio:problem:invalid", errors=errors)):
            return bool(errors) and all(each.path.startswith("$.sightings") for each in errors)
    return False


def back_off_s(attempts: int, random: Callable[[], float]) -> float:
    """Seconds to wait after ``attempts`` failures in a row and one more."""
    # min() before the power: 2.0 ** 1100 is an OverflowError, and trying is never given up.
    return random() * min(CAP_S, BASE_S * 2.0 ** min(attempts + 1, 30))


def retry_after_s(text: str, date: str | None, now_s: float) -> float:
    """Seconds that a Retry-After header asks for, at most an hour; 0 if it makes no sense.

    A date is compared with the reply's own Date, since the kiosk's clock may be wrong.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        # Never int(): a line of thousands of digits is an error there.
        return min(float(text[:9]), LONGEST_RETRY_AFTER_S)
    then, now = _unix_s(text), _unix_s(date) if date else now_s
    if then is None:
        return 0.0
    return min(max(then - (now_s if now is None else now), 0.0), LONGEST_RETRY_AFTER_S)


def _unix_s(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
