"""What staff pages are told: results found in the background, each a frozen value."""

from dataclasses import dataclass
from datetime import date

from kiosk.maintenance.results import (
    ExportDone,
    ExportFailure,
    ExportProgress,
    Findings,
    Media,
)
from kiosk.staff.pin import Verdict
from sync.configuration import Trial
from sync.messages import Trouble


@dataclass(frozen=True)
class PinState:
    """Whether a PIN is chosen, and how long none is looked at; ``problem`` if it can't be told."""

    is_set: bool
    locked_ms: int = 0
    problem: str = ""


@dataclass(frozen=True)
class PinChecked:
    """What came of a try."""

    verdict: Verdict


@dataclass(frozen=True)
class PinSaved:
    """A PIN was chosen; or why it was not."""

    problem: str = ""


@dataclass(frozen=True)
class RecoveryChallenge:
    """What to tell the head office; empty: there is none."""

    challenge: str


@dataclass(frozen=True)
class RecoveryVerdict:
    """Whether it was the answer; ``challenge`` is what to tell now."""

    is_right: bool
    challenge: str = ""


@dataclass(frozen=True)
class ConfigurationStatus:
    """What the head office wants of the kiosk, and what of it holds."""

    is_supported: bool | None
    """Whether this head office configures kiosks; None: it has not said."""
    is_in_force: bool
    """Else the settings file holds alone."""
    stage: Trial = "good"
    in_force_ms: int | None = None
    """For how long it has been."""
    is_waiting: bool = False
    """Another one comes into force once nobody is here."""


@dataclass(frozen=True)
class StatusReport:
    """How the kiosk is; times are milliseconds, sizes bytes, None where it is not known."""

    version: str
    place: str | None = None
    """None: not enrolled."""
    head_office: str | None = None
    message_count: int = 0
    waiting: int = 0
    oldest_waiting_ms: int | None = None
    in_quarantine: int = 0
    last_contact_ms: int | None = None
    clock_offset_ms: int | None = None
    free_disk_bytes: int | None = None
    failure: str = ""
    """What is wrong with the way home now, in the words of :mod:`sync.failure_texts`."""
    pause_reason: str = ""
    """Why staff must act before more is sent."""
    troubles: tuple[Trouble, ...] = ()
    """What else is wrong, such as a questionnaire that can't be used."""
    has_pin: bool = True
    configuration: ConfigurationStatus | None = None


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
class QuestionnaireChoice:
    """A questionnaire that can be chosen; with mistakes it can't."""

    name: str
    """As the settings name it."""
    title: str
    mistakes: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuestionnaireChoices:
    """All of them."""

    questionnaires: tuple[QuestionnaireChoice, ...]


@dataclass(frozen=True)
class QuestionnaireUsed:
    """A questionnaire was checked, and is asked from now on."""

    name: str


@dataclass(frozen=True)
class QuestionnaireFailure:
    """A questionnaire has mistakes; the one before stays."""

    name: str
    mistakes: tuple[str, ...]
    letters: str = ""
    """Those of its letters that no font has."""


@dataclass(frozen=True)
class OverridesSaved:
    """What staff changed is on the disk; or why it is not."""

    problem: str = ""


@dataclass(frozen=True)
class ResetState:
    """What a factory reset would throw away, or that it comes with the next start."""

    undelivered: int = 0
    is_requested: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Today:
    """The date where the shop is."""

    date: date


@dataclass(frozen=True)
class BrightnessLevel:
    """The panel's backlight, in per cent; None where it can't be set."""

    percent: int | None


@dataclass(frozen=True)
class Membership:
    """Where the kiosk belongs."""

    url: str
    place: str | None


@dataclass(frozen=True)
class EnrolmentDone:
    """The kiosk was enrolled and its answers are on their way."""

    place: str


@dataclass(frozen=True)
class EnrolmentFailure:
    """It was not, for this reason."""

    reason: str
    """A sentence of :mod:`sync.failure_texts`."""
    detail: str = ""


Result = (
    PinState
    | PinChecked
    | PinSaved
    | RecoveryChallenge
    | RecoveryVerdict
    | StatusReport
    | QuarantineList
    | QuestionnaireChoices
    | QuestionnaireUsed
    | QuestionnaireFailure
    | OverridesSaved
    | ResetState
    | Today
    | BrightnessLevel
    | Findings
    | Membership
    | EnrolmentDone
    | EnrolmentFailure
    | Media
    | ExportProgress
    | ExportDone
    | ExportFailure
)
