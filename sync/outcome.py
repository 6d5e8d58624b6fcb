"""What can come of sending something to the head office, as a union of small cases."""

from dataclasses import dataclass
from typing import Literal

from sync.messages import Problem, Receipt, Sighting

NetworkTrouble = Literal[
    "name",
    "refused",
    "timeout",
    "tls",
    "certificate_untrusted",
    "certificate_name",
    "certificate_expired",
    "certificate_too_new",
    "unreachable",
    "cut",
    "proxy",
]


@dataclass(frozen=True)
class VerifiedReceipt:
    """A receipt for this kiosk and this request, and what it told about the head office's clock."""

    receipt: Receipt
    sighting: Sighting | None
    """None: it shows a time that no clock can be at."""


@dataclass(frozen=True)
class QuestionnaireStored:
    """The head office took a questionnaire."""


@dataclass(frozen=True, repr=False)
class NewCredential:
    """The head office gave a further credential, at this time of its clock."""

    credential: str
    head_ms: int

    def __repr__(self) -> str:
        return "NewCredential(…)"


@dataclass(frozen=True)
class Rejection:
    """An HTTP status that means no."""

    status: int
    problem: Problem | None = None
    """What the head office says about it; None if somebody else answered."""
    retry_after: str | None = None
    date: str | None = None


@dataclass(frozen=True)
class NetworkFailure:
    """No reply came."""

    kind: NetworkTrouble
    detail: str


@dataclass(frozen=True)
class NotAReceipt:
    """A reply came that is no receipt of this kiosk's head office for this request."""

    reason: Literal["redirect", "not_json", "invalid", "echo", "kiosk", "head_office", "too_large"]
    detail: str


@dataclass(frozen=True)
class Interruption:
    """The kiosk is stopping; nothing is known about the request, and that is no error."""


@dataclass(frozen=True)
class Download:
    """The bytes that were asked for; whether they are what was meant is for the asker to tell."""

    content: bytes


@dataclass(frozen=True)
class Unchanged:
    """The one that is known already is the one there is."""


FetchOutcome = Download | Unchanged | Rejection | NetworkFailure | NotAReceipt | Interruption
SendOutcome = (
    VerifiedReceipt
    | QuestionnaireStored
    | NewCredential
    | Rejection
    | NetworkFailure
    | NotAReceipt
    | Interruption
)
