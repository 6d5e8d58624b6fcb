"""What can happen to a session, and what it asks for in return."""

from dataclasses import dataclass
from typing import Literal

from sync.messages import Body, Moment, Value


@dataclass(frozen=True)
class _Happened:
    moment: Moment

    @property
    def at_ms(self) -> int:
        """Monotonic milliseconds."""
        return self.moment.mono_ms


# --- what a shopper does ------------------------------------------------------------------


@dataclass(frozen=True)
class Touched(_Happened):
    """An answer was given: a control that is one was touched, or "done" below a draft."""

    question: str
    value: Value
    response: str
    """A fresh UUIDv7, used if this touch begins a response."""
    held_ms: int = 0
    """From the press to the release."""


@dataclass(frozen=True)
class Drafted(_Happened):
    """An answer is being put together: options ticked, letters typed. None: all taken back."""

    question: str
    draft: Value | None


@dataclass(frozen=True)
class SkipChosen(_Happened):
    """The shopper passes this question over."""

    question: str


@dataclass(frozen=True)
class BackChosen(_Happened):
    """To the question before."""


@dataclass(frozen=True)
class LeaveChosen(_Happened):
    """Enough for today."""


@dataclass(frozen=True)
class InvitationAnswered(_Happened):
    """Tell more, or not."""

    accepted: bool


@dataclass(frozen=True)
class LanguageChosen(_Happened):
    """A language button was pressed and let go."""

    language: str


@dataclass(frozen=True)
class Stirred(_Happened):
    """A finger came down anywhere or a key was pressed: someone is there."""


# --- what the machine does ----------------------------------------------------------------


@dataclass(frozen=True)
class Tick(_Happened):
    """Time has passed; sent when the deadline is reached, harmless at any other time."""


@dataclass(frozen=True)
class Stored(_Happened):
    """Everything under this ticket is committed to the disk."""

    ticket: int


@dataclass(frozen=True)
class StoreFailed(_Happened):
    """Nothing under this ticket is known to be on the disk."""

    ticket: int


@dataclass(frozen=True)
class StorageUnavailable(_Happened):
    """The outbox can't be opened, found out before anyone touched anything."""


@dataclass(frozen=True)
class Stopped(_Happened):
    """The kiosk is being switched off in good order."""


Event = (
    Touched
    | Drafted
    | SkipChosen
    | BackChosen
    | LeaveChosen
    | InvitationAnswered
    | LanguageChosen
    | Stirred
    | Tick
    | Stored
    | StoreFailed
    | StorageUnavailable
    | Stopped
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
