"""``hymio-kiosk enrol``: joins a head office with a one-time code."""

from importlib import metadata
from pathlib import Path

from config.loader import load_settings
from kiosk.cli import data_folder
from sync.enrolment import enrol, save_identity
from sync.errors import OutboxInUseError
from sync.sqlite import SqliteOutbox


def join(code: str, url: str, config: Path | None, data: Path | None) -> str:
    """Enrols and keeps the identity; says what was done.

    Raises ConfigError, or SyncError if the head office refuses or can't be reached.
    """
    settings = load_settings(config)
    folder = data_folder(data, settings.storage.folder)
    installation, running = _installation(folder)
    identity = enrol(
        code,
        url,
        installation=installation,
        version=metadata.version("hymio"),
        head_office=settings.head_office,
        sync=settings.sync,
    )
    save_identity(folder, identity)
    done = f"Enrolled as {identity.place!r} at {identity.url}."
    if running:
        done += " Restart the kiosk that is running here, so that it begins to send."
    return done


def _installation(folder: Path) -> tuple[str, bool]:
    """The outbox's installation, and whether a kiosk is using it just now."""
    try:
        with SqliteOutbox.open(folder) as outbox:
            return outbox.position().installation, False
    except OutboxInUseError:
        with SqliteOutbox.look(folder) as outbox:
            return outbox.position().installation, True
