"""``hymio-kiosk status``: what waits, what was refused and where it goes."""

import shutil
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import msgspec

from kiosk.configuration.keeper import KIND
from kiosk.configuration.start import find_start
from kiosk.last_good import read_settings
from kiosk.staff.pin import NAME as PIN_FILE
from kiosk.troubles import describe_trouble, trouble
from sync.configuration import Trial
from sync.identity import load_identity
from sync.messages import Trouble
from sync.outbox.archive import Archive
from sync.outbox.salvage import unseen_salvages
from sync.outbox.sqlite import SqliteOutbox
from sync.outbox.storage import DATABASE, lock_holder, set_aside_files


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
    troubles: tuple[Trouble, ...] = ()
    """What a person should look at."""
    has_pin: bool = False
    """Whether staff have chosen a PIN."""
    process: int | None = None
    """The number of the process that the kiosk runs as; None: it does not run."""
    configuration: str = ""
    """The digest of the head office's configuration in force; empty: the settings file alone."""
    trial: Trial = "good"
    """How far that has proven itself."""
    damaged_files: int = 0
    """Databases that were damaged and set aside, with what could not be read of them."""

    @property
    def all_delivered(self) -> bool:
        """Whether nothing in the folder is to be found in it alone."""
        return not (self.waiting or self.quarantined or self.damaged_files)


def read_status(config: Path | None, data: Path | None) -> Status:
    """Reads the folder, also while a kiosk is running; raises ConfigError or SyncError."""
    read = read_settings(config, data)
    folder = read.data
    identity = load_identity(folder)
    start = find_start(folder, read.settings)
    refusal = start.refusal
    told = (trouble(KIND, "; ".join(refusal.reasons)),) if refusal else ()
    known = Status(
        data=str(folder),
        enrolled=identity is not None,
        place=identity.place if identity else None,
        head_office=identity.url if identity else None,
        kiosk=identity.kiosk if identity else None,
        free_disk_bytes=shutil.disk_usage(folder).free if folder.exists() else None,
        version=metadata.version("hymio"),
        has_pin=(folder / PIN_FILE).exists(),
        troubles=(*read.troubles, *told),
        configuration=start.in_force,
        trial=start.stage,
        process=lock_holder(folder),
        damaged_files=len(set_aside_files(folder)),
    )
    if not (folder / DATABASE).exists():
        return known
    with SqliteOutbox.look(folder) as outbox:
        position, counts = outbox.position(), outbox.counts()
        damaged = tuple(
            trouble("outbox_damaged", each.file, each.lost) for each in unseen_salvages(outbox)
        )
    with Archive(folder) as archive:
        delivered_ms = archive.last_delivery_ms()
        oldest = None
        if (moment := counts.oldest_waiting) is not None:
            estimate = archive.estimate(moment)
            oldest = moment.wall_ms if estimate is None else estimate.ms
    return msgspec.structs.replace(
        known,
        installation=position.installation,
        stored=position.last_seq,
        waiting=counts.waiting,
        quarantined=counts.in_quarantine,
        delivered_up_to=position.watermark,
        oldest_waiting_ms=oldest,
        last_delivery_ms=delivered_ms,
        troubles=(*known.troubles, *damaged),
    )


def _time(ms: int | None) -> str:
    if ms is None:
        return ""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _configured_by(status: Status) -> str:
    if not status.configuration:
        return "its settings file"
    trial = "" if status.trial == "good" else ", on trial until the first answer"
    return f"the head office ({status.configuration[:12]}){trial}"


def describe_status(status: Status, *, is_service: bool = False) -> str:
    """The status as a person reads it; ``is_service``: systemd starts the kiosk."""
    goes_to = (
        f"{status.place} at {status.head_office}"
        if status.enrolled
        else "nowhere: not enrolled yet"
    )
    start = ": sudo systemctl start hymio-kiosk" if is_service else ""
    runs = f"yes, process {status.process}" if status.process else f"no{start}"
    lines = [
        ("Runs", runs),
        ("Answers go to", goes_to),
        ("Last delivery", _time(status.last_delivery_ms) or "none yet"),
        ("Messages stored", f"{status.stored:,}"),
        ("Waiting to be sent", f"{status.waiting:,}"),
        ("Oldest waiting", _time(status.oldest_waiting_ms) or "none"),
        ("In quarantine", f"{status.quarantined:,}"),
        ("Kept in", status.data),
        ("Free on that disk", f"{(status.free_disk_bytes or 0) / 1e9:.1f} GB"),
        ("Configured by", _configured_by(status)),
        ("PIN of the staff", "chosen" if status.has_pin else "none yet: hymio-kiosk set-pin"),
        ("Version", status.version),
        *(("WRONG", describe_trouble(each)) for each in status.troubles),
    ]
    return "\n".join(f"{name:<19}{text}" for name, text in lines)
