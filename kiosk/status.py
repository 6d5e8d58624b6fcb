"""``hymio-kiosk status``: what waits, what was refused and where it goes."""

import shutil
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import msgspec

from config.loader import load_settings
from kiosk.cli import data_folder
from kiosk.pin import NAME as PIN_FILE
from sync.archive import Archive
from sync.identity import load_identity
from sync.sqlite import SqliteOutbox
from sync.storage import DATABASE


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How the kiosk is, as far as its folder tells; times are Unix milliseconds."""

    data: str
    enrolled: bool
    place: str | None = None
    head_office: str | None = None
    kiosk: str | None = None
    installation: str | None = None
    """None: no answer was ever stored here."""
    stored: int = 0
    """The number of the last message."""
    waiting: int = 0
    quarantined: int = 0
    delivered_up_to: int = 0
    oldest_waiting_ms: int | None = None
    """When the oldest waiting message was recorded; by the kiosk's wall clock, if nothing is known
    of the head office's time then."""
    last_delivery_ms: int | None = None
    """When the head office last took something, by its own clock, to the hour's last one."""
    free_disk_bytes: int | None = None
    version: str = ""
    has_pin: bool = False
    """Whether staff have chosen a PIN."""


def status(config: Path | None, data: Path | None) -> Status:
    """Reads the folder, also while a kiosk is running; raises ConfigError or SyncError."""
    folder = data_folder(data, load_settings(config).storage.folder)
    identity = load_identity(folder)
    known = Status(
        data=str(folder),
        enrolled=identity is not None,
        place=identity.place if identity else None,
        head_office=identity.url if identity else None,
        kiosk=identity.kiosk if identity else None,
        free_disk_bytes=shutil.disk_usage(folder).free if folder.exists() else None,
        version=metadata.version("hymio"),
        has_pin=(folder / PIN_FILE).exists(),
    )
    if not (folder / DATABASE).exists():
        return known
    with SqliteOutbox.look(folder) as outbox:
        position, counts = outbox.position(), outbox.counts()
    with Archive(folder) as archive:
        delivered_ms = archive.last_delivery_ms()
        oldest = None
        if (moment := counts.oldest_waiting) is not None:
            told = archive.estimate(moment)
            oldest = moment.wall_ms if told is None else told.ms
    return msgspec.structs.replace(
        known,
        installation=position.installation,
        stored=position.last_seq,
        waiting=counts.waiting,
        quarantined=counts.quarantined,
        delivered_up_to=position.watermark,
        oldest_waiting_ms=oldest,
        last_delivery_ms=delivered_ms,
    )


def _time(ms: int | None) -> str:
    if ms is None:
        return ""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def in_words(found: Status) -> str:
    """The status as a person reads it."""
    goes_to = (
        f"{found.place} at {found.head_office}" if found.enrolled else "nowhere: not enrolled yet"
    )
    lines = [
        ("Answers go to", goes_to),
        ("Last delivery", _time(found.last_delivery_ms) or "none yet"),
        ("Messages stored", f"{found.stored:,}"),
        ("Waiting to be sent", f"{found.waiting:,}"),
        ("Oldest waiting", _time(found.oldest_waiting_ms) or "none"),
        ("In quarantine", f"{found.quarantined:,}"),
        ("Kept in", found.data),
        ("Free on that disk", f"{(found.free_disk_bytes or 0) / 1e9:.1f} GB"),
        ("PIN of the staff", "chosen" if found.has_pin else "none yet: hymio-kiosk set-pin"),
        ("Version", found.version),
    ]
    return "\n".join(f"{name:<19}{text}" for name, text in lines)
