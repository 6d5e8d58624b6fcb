"""What staff pages are told: facts found in the background, each a frozen value."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kiosk.pin import Verdict

Sign = Literal["good", "warn", "bad", "none"]


@dataclass(frozen=True)
class PinState:
    """Whether a PIN is chosen, and how long none is looked at; ``problem`` if it can't be told."""

    is_set: bool
    locked_ms: int = 0
    problem: str = ""


@dataclass(frozen=True)
class PinJudged:
    """What came of a try."""

    verdict: Verdict


@dataclass(frozen=True)
class PinKept:
    """A PIN was chosen; or why it was not."""

    problem: str = ""


@dataclass(frozen=True)
class Report:
    """How the kiosk is; times are milliseconds, sizes bytes, None where it is not known."""

    version: str
    place: str | None = None
    """None: not enrolled."""
    head_office: str | None = None
    stored: int = 0
    waiting: int = 0
    oldest_waiting_ms: int | None = None
    quarantined: int = 0
    last_contact_ms: int | None = None
    clock_offset_ms: int | None = None
    free_disk_bytes: int | None = None
    failure: str = ""
    """What is wrong with the way home now, in the words of :mod:`sync.words`."""
    paused: str = ""
    """Why staff must act before more is sent."""
    trouble: tuple[str, ...] = ()
    """What else is wrong, such as a questionnaire that can't be used."""
    has_pin: bool = True


@dataclass(frozen=True)
class QuarantineEntry:
    """One message that the head office did not take."""

    id: int
    seq: int
    reason: str
    detail: str
    when_ms: int
    readable: bool


@dataclass(frozen=True)
class QuarantineList:
    """What is in quarantine, the oldest first, and how much more there is."""

    entries: tuple[QuarantineEntry, ...]
    total: int


@dataclass(frozen=True)
class Choice:
    """A questionnaire that can be chosen; with mistakes it can't."""

    name: str
    """As the settings name it."""
    title: str
    mistakes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choices:
    """The questionnaires, and what is asked now."""

    questionnaires: tuple[Choice, ...]
    chosen: str
    languages: tuple[str, ...]
    language: str


@dataclass(frozen=True)
class NotUsed:
    """A questionnaire has mistakes; the one before stays."""

    name: str
    mistakes: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """What staff changed is on the disk; or why it is not."""

    problem: str = ""


@dataclass(frozen=True)
class Light:
    """The panel's backlight, in per cent; None where it can't be set."""

    percent: int | None


Step = Literal["network", "name", "connect", "tls", "answer", "credential", "clock"]


@dataclass(frozen=True)
class Finding:
    """One step of the way to the head office: fine, or what fails."""

    step: Step
    sign: Sign
    fault: str = ""
    """A short word for what fails; see ``words_of_fault``."""
    detail: str = ""


@dataclass(frozen=True)
class Findings:
    """The steps taken so far."""

    steps: tuple[Finding, ...]
    done: bool


@dataclass(frozen=True)
class Membership:
    """Where the kiosk belongs."""

    url: str
    place: str | None


@dataclass(frozen=True)
class Joined:
    """The kiosk was enrolled and its answers are on their way."""

    place: str


@dataclass(frozen=True)
class NotJoined:
    """It was not, for this reason."""

    why: str


@dataclass(frozen=True)
class Medium:
    """A USB stick."""

    path: Path
    name: str
    free_bytes: int
    writable: bool


@dataclass(frozen=True)
class Media:
    """The sticks that are in."""

    found: tuple[Medium, ...]


@dataclass(frozen=True)
class Exporting:
    """So many of the answers are written."""

    done: int
    total: int


@dataclass(frozen=True)
class Exported:
    """All of it is on the stick."""

    folder: Path
    messages: int


ExportFault = Literal["full", "read_only", "gone", "failed", "stopped"]


@dataclass(frozen=True)
class NotExported:
    """Nothing with a final name was left behind."""

    fault: ExportFault
    detail: str = ""


Fact = (
    PinState
    | PinJudged
    | PinKept
    | Report
    | QuarantineList
    | Choices
    | NotUsed
    | Kept
    | Light
    | Findings
    | Membership
    | Joined
    | NotJoined
    | Media
    | Exporting
    | Exported
    | NotExported
)
