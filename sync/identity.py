"""Who this kiosk is to its head office, kept in a file that only its user can read.

::

    identity = load_identity(folder)     # None: not enrolled yet
"""

from pathlib import Path

import msgspec
from msgspec import structs

from config.private_file import write_private_file
from sync.errors import IdentityError
from sync.wire_types import UuidText

_NAME = "identity.json"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What enrolment gave; the credential is shown nowhere."""

    kiosk: UuidText
    credential: str
    place: str
    """The experience point's name, for staff."""
    head_office: UuidText
    url: str
    """Base address of the head office."""
    previous: str = ""
    """The credential before this one; empty if there was none."""
    issued_ms: int = 0
    """When the credential was given, by the head office's clock; 0: not known."""

    def __repr__(self) -> str:
        return f"Identity(kiosk={self.kiosk!r}, place={self.place!r}, url={self.url!r})"

    __str__ = __repr__

    def __rich_repr__(self) -> list[tuple[str, str]]:
        """As above; msgspec's own would show the credential."""
        return [("kiosk", self.kiosk), ("place", self.place), ("url", self.url)]


def identity_file(folder: Path) -> Path:
    """Where a folder's identity is kept."""
    return folder / _NAME


def load_identity(folder: Path) -> Identity | None:
    """The identity kept in a folder; None if this kiosk was never enrolled.

    Raises IdentityError if the file can't be read or makes no sense.
    """
    file = folder / _NAME
    try:
        return msgspec.json.decode(file.read_bytes(), type=Identity)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise IdentityError(f"{file} can't be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # The decoder's words could quote the credential.
        raise IdentityError(
            f"{file} is damaged. Answers are safe, but can't be sent: enrol this kiosk again."
        ) from error


def save_credential(folder: Path, identity: Identity) -> None:
    """Put a replaced credential into the file. Raises IdentityError.

    So also if the file is meanwhile about another kiosk: then somebody has enrolled this one anew.
    """
    known = load_identity(folder)
    if known is None or known.kiosk != identity.kiosk:
        raise IdentityError(f"{folder / _NAME} was replaced meanwhile.")
    merged = structs.replace(
        known,
        credential=identity.credential,
        previous=identity.previous,
        issued_ms=identity.issued_ms,
    )
    save_identity(folder, merged)


def save_identity(folder: Path, identity: Identity) -> None:
    """Keep an identity, mode 0600, whole or not at all. Raises IdentityError."""
    file = folder / _NAME
    try:
        write_private_file(file, msgspec.json.encode(identity))
    except OSError as error:
        raise IdentityError(f"{file} can't be written: {error.strerror}.") from error
