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
class Delivered:
    """A receipt that is ours, and what it told about the head office's clock."""

    receipt: Receipt
    sighting: Sighting


@dataclass(frozen=True)
class Accepted:
    """The head office took a questionnaire."""


@dataclass(frozen=True, repr=False)
class Renewed:
    """The head office gave a further credential, at this time of its clock."""

    credential: str
    head_ms: int

    def __repr__(self) -> str:
        return "Renewed(…)"


@dataclass(frozen=True)
class Rejected:
    """An HTTP status that means no."""

    status: int
    problem: Problem | None = None
    """What the head office says about it; None if somebody else answered."""
    retry_after: str | None = None
    date: str | None = None


@dataclass(frozen=True)
class NetworkFailed:
    """No reply came."""

    kind: NetworkTrouble
    detail: str


@dataclass(frozen=True)
class NotAReceipt:
    """A reply came that is no receipt of our head office for this request."""

    why: Literal["redirect", "not_json", "invalid", "echo", "kiosk", "head_office", "too_large"]
    detail: str


@dataclass(frozen=True)
class Interrupted:
    """The kiosk is stopping; nothing is known about the request, and that is no error."""


Outcome = Delivered | Accepted | Renewed | Rejected | NetworkFailed | NotAReceipt | Interrupted
