"""``hymio-kiosk enrol`` and ``renew``: how a kiosk gets, and replaces, its credential."""

from functools import partial
from importlib import metadata
from pathlib import Path

from config.loader import load_settings
from config.settings import Settings
from kiosk.cli import data_folder
from sync.clock import SystemClock
from sync.enrolment import enrol, save_identity
from sync.errors import IdentityError, OutboxInUseError
from sync.identity import Identity, keep_credential, load_identity
from sync.keyring import Keyring
from sync.rotation import rotate
from sync.sqlite import SqliteOutbox
from sync.transport import HttpTransport


def join(code: str, url: str, config: Path | None, data: Path | None) -> str:
    """Enrols and keeps the identity; says what was done.

    Raises ConfigError, or SyncError if the head office refuses or can't be reached.
    """
    settings = load_settings(config)
    identity = enrolled(code, url, settings, data_folder(data, settings.storage.folder))
    return f"Enrolled as {identity.place!r} at {identity.url}."


def enrolled(code: str, url: str, settings: Settings, folder: Path) -> Identity:
    """Enrols the kiosk of a folder; one that is running there takes the identity up by itself.

    Raises SyncError; an identity from before then stays.
    """
    identity = enrol(
        code,
        url,
        installation=_installation(folder),
        version=metadata.version("hymio"),
        head_office=settings.head_office,
        sync=settings.sync,
    )
    save_identity(folder, identity)
    return identity


def renew(config: Path | None, data: Path | None) -> str:
    """Replaces the credential, also of a kiosk that is running; says what was done.

    Raises ConfigError, or SyncError if there is no new one; the present one then stays.
    """
    settings = load_settings(config)
    folder = data_folder(data, settings.storage.folder)
    identity = load_identity(folder)
    if identity is None:
        raise IdentityError(f"The kiosk of {folder} is not enrolled: it has no credential.")
    clock, keyring = SystemClock(), Keyring(identity, partial(keep_credential, folder))
    moved = keyring.at(settings.head_office.url)
    transport = HttpTransport(moved, clock, settings.sync, settings.head_office, keyring)
    rotate(transport, keyring, _installation(folder), clock)
    return f"The credential of {identity.place!r} was replaced; the old one ends when it is used."


def _installation(folder: Path) -> str:
    """The outbox's installation, also while a kiosk is using it."""
    try:
        with SqliteOutbox.open(folder) as outbox:
            return outbox.position().installation
    except OutboxInUseError:
        with SqliteOutbox.look(folder) as outbox:
            return outbox.position().installation
