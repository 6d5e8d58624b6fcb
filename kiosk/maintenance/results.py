"""What comes of maintenance: the connection, the sticks and the export, each a frozen value."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Sign = Literal["good", "warn", "bad", "none"]
ConnectionStep = Literal["network", "name", "connect", "tls", "answer", "credential", "clock"]


@dataclass(frozen=True)
class Finding:
    """One step of the way to the head office: fine, or what fails."""

    step: ConnectionStep
    sign: Sign
    fault: str = ""
    """A short word for what fails; see ``words_of_fault``."""
    detail: str = ""


@dataclass(frozen=True)
class Findings:
    """The steps taken so far."""

    steps: tuple[Finding, ...]
    is_complete: bool


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

    sticks: tuple[Medium, ...]


@dataclass(frozen=True)
class ExportProgress:
    """So many of the answers are written."""

    messages: int
    total: int


@dataclass(frozen=True)
class ExportDone:
    """All of it is on the stick."""

    folder: Path
    messages: int


ExportFault = Literal["full", "read_only", "gone", "failed", "stopped"]


@dataclass(frozen=True)
class ExportFailure:
    """Nothing with a final name was left behind."""

    fault: ExportFault
    detail: str = ""
