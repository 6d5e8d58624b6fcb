"""What the head office tells a kiosk to be, as one document, and what the kiosk says of it.

A kiosk learns from a receipt which configuration is meant for it (``Receipt.configuration``), asks
for the document if it has another one, and takes it only as a whole. What is in it lies over the
kiosk's settings file; what staff changed on the spot lies over both, but for settings that are
in ``locks``. The document is known by the SHA-256 of its bytes, which the receipt names: a body
that was cut, altered, or kept from earlier has another one.
"""

import hashlib
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from sync.wire_types import Digest, Milliseconds, Strict, UuidText

CONFIGURATION_VERSION = 1
MAX_CONFIGURATION_BYTES = 2_000_000
MAX_FILE_BYTES = 5_000_000
"""Of a picture or a font that a configuration names."""
MAX_SCHEDULE = 20
MAX_FILES = 20
NONE = ""
"""In the place of a digest: nothing is meant for this kiosk, and its files hold."""

ConfigurationDigest = Annotated[str, Meta(pattern="^([0-9a-f]{64})?$", max_length=64)]
SettingName = Annotated[str, Meta(pattern="^[a-z_]{1,39}([.][a-z_]{1,40})?$", max_length=80)]
"""As in a settings file, with its section: ``sound.volume``."""

OWN_SETTINGS = (
    "head_office",
    "storage",
    "sync",
    "screen.fullscreen",
    "screen.width",
    "screen.height",
    "screen.width_mm",
    "screen.touch",
    "staff.questionnaires",
    "questionnaire",
)
"""What a kiosk's own file alone says: how it reaches the head office, where its answers lie, and
what its machine is. Sections, or single settings. A questionnaire travels as its definition."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Strict: what a kiosk does not know, it could not do; it then keeps what it has."""


class ScheduleEntry(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A questionnaire, and when it is asked."""

    definition: dict[str, Any]
    """As in a questionnaire file."""
    begins_ms: Milliseconds | None = None
    """Unix ms; None: at once."""
    ends_ms: Milliseconds | None = None
    """From this instant on no more; None: for ever."""


class FileEntry(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture or a font: ``GET /api/kiosk/v1/files/<digest>`` has its bytes."""

    digest: Digest
    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,60}\.[a-z0-9]{1,8}$", max_length=70)]
    """In the settings it stands under this name."""
    size: Annotated[int, Meta(ge=1, le=MAX_FILE_BYTES)]


class Configuration(_Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """GET /api/kiosk/v1/configuration: all that the head office wants of one kiosk."""

    configuration: Literal["hymio"]
    version: int = CONFIGURATION_VERSION
    head_office: UuidText
    kiosk: UuidText
    settings: dict[str, Any] = {}
    """The part of a settings file that the head office says, none of ``OWN_SETTINGS``."""
    locks: Annotated[tuple[SettingName, ...], Meta(max_length=100)] = ()
    """Staff's word on these sleeps: ``questionnaire`` and settings by their names."""
    schedule: Annotated[tuple[ScheduleEntry, ...], Meta(max_length=MAX_SCHEDULE)] = ()
    """The first whose time it is is asked; none: that of the kiosk's file."""
    files: Annotated[tuple[FileEntry, ...], Meta(max_length=MAX_FILES)] = ()


def configuration_digest(body: bytes) -> str:
    """SHA-256 of a document's bytes, 64 hexadecimal digits."""
    return hashlib.sha256(body).hexdigest()


def is_content(entry: FileEntry, content: bytes) -> bool:
    """Whether these bytes are the file that a configuration names."""
    return len(content) == entry.size and hashlib.sha256(content).hexdigest() == entry.digest


class Panel(Strict, frozen=True):
    """The picture that a kiosk draws, in pixels, and in mm where that is known."""

    width: Annotated[int, Meta(ge=1, le=100_000)]
    height: Annotated[int, Meta(ge=1, le=100_000)]
    width_mm: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    height_mm: Annotated[int, Meta(ge=1, le=100_000)] | None = None


Trial = Literal["good", "trial", "shown"]
"""How far a configuration has proven itself: ``good`` has shown the faces and stored an answer;
``shown`` has only shown them; ``trial`` is neither."""


class ConfigurationReport(Strict, frozen=True, kw_only=True):
    """Part of a heartbeat, once the head office was heard to configure kiosks."""

    in_force: ConfigurationDigest = NONE
    """Empty: the kiosk's files alone."""
    state: Trial = "good"
    refusal: ConfigurationDigest = NONE
    """The last one that could not be taken, or was given up again."""
    reasons: Annotated[tuple[Annotated[str, Meta(max_length=300)], ...], Meta(max_length=20)] = ()
    """Why, one mistake each; English."""
    is_fallback: bool = False
    """It had been in force, and failed: the last good one is."""
    staff: Annotated[tuple[SettingName, ...], Meta(max_length=100)] = ()
    """Settings that staff changed on the spot, and that are in force."""
    panel: Panel | None = None
