"""What the staff mode asks to have done; what takes time is a ``Task``."""

from dataclasses import dataclass
from pathlib import Path

from kiosk.overrides import OverridesChange


@dataclass(frozen=True)
class ReadPinState:
    """Is told as PinState."""


@dataclass(frozen=True)
class CheckPin:
    """Is told as PinChecked, or PinState with a problem."""

    pin: str


@dataclass(frozen=True)
class BeginRecovery:
    """The PIN was forgotten; is told as RecoveryChallenge."""


@dataclass(frozen=True)
class CheckRecovery:
    """What the head office answered; is told as RecoveryVerdict."""

    answer: str


@dataclass(frozen=True)
class SavePin:
    """Is told as PinSaved."""

    pin: str


@dataclass(frozen=True)
class ReadStatus:
    """Is told as StatusReport."""


@dataclass(frozen=True)
class AcknowledgeDamage:
    """Staff have seen what damaged files of answers cost; is told as StatusReport."""


@dataclass(frozen=True)
class ListQuarantine:
    """Is told as QuarantineList."""


@dataclass(frozen=True)
class Resend:
    """Takes these out of quarantine, all if none is named; is told as QuarantineList."""

    ids: tuple[int, ...]


@dataclass(frozen=True)
class ListQuestionnaires:
    """Is told as QuestionnaireChoices."""


ASSIGNMENT = "(head office)"
"""In the place of a questionnaire's name: staff leave the choice to the head office."""


@dataclass(frozen=True)
class UseQuestionnaire:
    """Checks it, saves the choice and asks it from now on.

    Is told as QuestionnaireUsed or QuestionnaireFailure.
    """

    name: str


@dataclass(frozen=True)
class SaveOverrides:
    """Puts what is in force on the disk; is told as OverridesSaved."""


@dataclass(frozen=True)
class ReadResetState:
    """Is told as ResetState."""


@dataclass(frozen=True)
class RequestReset:
    """Everything of this shop goes with the next start; is told as ResetState."""


@dataclass(frozen=True)
class ReadToday:
    """Is told as Today."""


@dataclass(frozen=True)
class ReadBrightness:
    """Is told as BrightnessLevel."""


@dataclass(frozen=True)
class TestConnection:
    """Is told as Findings, one step at a time."""


@dataclass(frozen=True)
class ReadMembership:
    """Is told as Membership."""


@dataclass(frozen=True)
class Enrol:
    """Is told as EnrolmentDone or EnrolmentFailure."""

    code: str
    url: str


@dataclass(frozen=True)
class ListMedia:
    """Is told as Media."""


@dataclass(frozen=True)
class ExportAnswers:
    """Is told as ExportProgress, then ExportDone or ExportFailure."""

    folder: Path


@dataclass(frozen=True)
class CancelExport:
    """Ends an export; it is told as ExportFailure."""


@dataclass(frozen=True)
class CancelNetwork:
    """Nobody waits any more for what was asked of the network; nothing of it is told or kept."""


NetworkTask = TestConnection | Enrol
"""These may hang for as long as a network does, so that nothing stands in line behind them."""
WorkerTask = (
    ReadPinState
    | CheckPin
    | SavePin
    | BeginRecovery
    | CheckRecovery
    | ReadStatus
    | AcknowledgeDamage
    | ListQuarantine
    | Resend
    | ListQuestionnaires
    | UseQuestionnaire
    | SaveOverrides
    | ReadResetState
    | RequestReset
    | ReadToday
    | ReadBrightness
    | TestConnection
    | ReadMembership
    | Enrol
    | ListMedia
    | ExportAnswers
)
Task = WorkerTask | CancelExport | CancelNetwork


@dataclass(frozen=True)
class ChangeOverrides:
    """Bring this into force."""

    change: OverridesChange


@dataclass(frozen=True)
class BeginPause:
    """Say “Back soon” for so many minutes, or for the rest of the day."""

    minutes: int | None


@dataclass(frozen=True)
class Restart:
    """Start the program anew."""


@dataclass(frozen=True)
class Quit:
    """End the program."""


Effect = Task | ChangeOverrides | BeginPause | Restart | Quit
