"""What can happen to a session, and what it asks for in return."""

from dataclasses import dataclass
from typing import Literal

from config.values import Value
from kiosk.session.touch import KEY, Touch
from sync.messages import Body, Moment


@dataclass(frozen=True)
class _SessionEvent:
    moment: Moment

    @property
    def at_ms(self) -> int:
        """Monotonic milliseconds."""
        return self.moment.mono_ms


# --- what a shopper does ------------------------------------------------------------------


@dataclass(frozen=True)
class AnswerGiven(_SessionEvent):
    """An answer was given: a control that is one was touched, or a draft handed over."""

    question: str
    value: Value
    response: str
    """A fresh UUIDv7, used if this touch begins a response."""
    touch: Touch = KEY


@dataclass(frozen=True)
class DraftChanged(_SessionEvent):
    """An answer is being put together: options ticked, letters typed. None: all taken back."""

    question: str
    draft: Value | None


@dataclass(frozen=True)
class SkipChosen(_SessionEvent):
    """The shopper passes this question over."""

    question: str


@dataclass(frozen=True)
class BackChosen(_SessionEvent):
    """To the question before."""


@dataclass(frozen=True)
class LeaveChosen(_SessionEvent):
    """Enough for today."""


@dataclass(frozen=True)
class InvitationAnswered(_SessionEvent):
    """Tell more, or not."""

    accepts: bool


@dataclass(frozen=True)
class LanguageChosen(_SessionEvent):
    """A language button was pressed and let go."""

    language: str


@dataclass(frozen=True)
class ScreenTouched(_SessionEvent):
    """A finger came down anywhere or a key was pressed: someone is there."""


# --- what the machine does ----------------------------------------------------------------


@dataclass(frozen=True)
class Tick(_SessionEvent):
    """Time has passed; sent when the deadline is reached, harmless at any other time."""


@dataclass(frozen=True)
class AnswersStored(_SessionEvent):
    """Everything under this ticket is committed to the disk."""

    ticket: int


@dataclass(frozen=True)
class StoreFailed(_SessionEvent):
    """Nothing under this ticket is known to be on the disk."""

    ticket: int


@dataclass(frozen=True)
class StorageUnavailable(_SessionEvent):
    """The outbox can't be opened, found out before anyone touched anything."""


@dataclass(frozen=True)
class KioskStopped(_SessionEvent):
    """The kiosk is being switched off in good order."""


Event = (
    AnswerGiven
    | DraftChanged
    | SkipChosen
    | BackChosen
    | LeaveChosen
    | InvitationAnswered
    | LanguageChosen
    | ScreenTouched
    | Tick
    | AnswersStored
    | StoreFailed
    | StorageUnavailable
    | KioskStopped
)


# --- effects ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Store:
    """Commit these; with none, only see whether storing would work."""

    ticket: int
    bodies: tuple[Body, ...]
    moment: Moment


Reason = Literal[
    "already_answered",
    "thanking",
    "out_of_order",
    "other_question",
    "same_language",
    "too_early",
    "not_here",
]


@dataclass(frozen=True)
class Ignore:
    """The event was ordinary and meant nothing, for this reason."""

    reason: Reason


Effect = Store | Ignore
