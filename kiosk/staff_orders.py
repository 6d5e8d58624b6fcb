"""What the staff mode asks to have done; what takes time is a ``Work``."""

from dataclasses import dataclass
from pathlib import Path

from kiosk.overlay import Overlay


@dataclass(frozen=True)
class LookAtPin:
    """Is told as PinState."""


@dataclass(frozen=True)
class JudgePin:
    """Is told as PinJudged, or PinState with a problem."""

    pin: str


@dataclass(frozen=True)
class KeepPin:
    """Is told as PinKept."""

    pin: str


@dataclass(frozen=True)
class LookAtStatus:
    """Is told as Report."""


@dataclass(frozen=True)
class LookAtQuarantine:
    """Is told as QuarantineList."""


@dataclass(frozen=True)
class SendAgain:
    """Takes these out of quarantine, all if none is named; is told as QuarantineList."""

    ids: tuple[int, ...]


@dataclass(frozen=True)
class LookForQuestionnaires:
    """Is told as Choices."""


@dataclass(frozen=True)
class UseQuestionnaire:
    """Checks it and asks it from now on, with the overlay kept; told as Choices or NotUsed."""

    overlay: Overlay


@dataclass(frozen=True)
class Keep:
    """Is told as Kept, and in force at once."""

    overlay: Overlay


@dataclass(frozen=True)
class LookAtLight:
    """Is told as Light."""


@dataclass(frozen=True)
class TryConnection:
    """Is told as Findings, one step at a time."""


@dataclass(frozen=True)
class LookAtMembership:
    """Is told as Membership."""


@dataclass(frozen=True)
class Join:
    """Is told as Joined or NotJoined."""

    code: str
    url: str


@dataclass(frozen=True)
class LookForMedia:
    """Is told as Media."""


@dataclass(frozen=True)
class Export:
    """Is told as Exporting, then Exported or NotExported."""

    folder: Path


@dataclass(frozen=True)
class StopExport:
    """Ends an export; it is told as NotExported."""


Work = (
    LookAtPin
    | JudgePin
    | KeepPin
    | LookAtStatus
    | LookAtQuarantine
    | SendAgain
    | LookForQuestionnaires
    | UseQuestionnaire
    | Keep
    | LookAtLight
    | TryConnection
    | LookAtMembership
    | Join
    | LookForMedia
    | Export
    | StopExport
)


@dataclass(frozen=True)
class Restart:
    """Start the program anew."""


@dataclass(frozen=True)
class Quit:
    """End the program."""


Effect = Work | Restart | Quit
