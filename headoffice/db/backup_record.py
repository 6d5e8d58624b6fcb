"""How back-ups went, for the pages and for monitoring: a small file in the data folder.

It tells of the last good copy, and of what has failed since; a good copy by the nightly job takes
the word about a failure away.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from config.private_file import write_private_file
from headoffice import clock

NAME = "last-backup.json"
OVERDUE = timedelta(hours=36)
"""A copy is made every night: after so long without a good one something is wrong."""
_JUST_NOW = timedelta(minutes=2)
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class BackupRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The last good copy, and the last failure after it."""

    at: Instant | None = None
    """When the copy was made; None: never."""
    file: str = ""
    """Its path, when it was made."""
    bytes: int = 0
    answers: int = 0
    """How many are in it."""
    verified: bool = False
    """Whether all of it was checked; else only what could be without a database server."""
    failed_at: Instant | None = None
    """When a back-up failed last, if none by the nightly job has gone well since."""
    reason: str = ""
    """Why it failed."""
    mount: str = ""
    """The mount point of the disk that the copy lay on."""


def read_record(folder: Path) -> BackupRecord | None:
    """What is known of the back-ups of the head office in this data folder; None: nothing."""
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=BackupRecord)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def write_record(folder: Path, record: BackupRecord) -> None:
    """Keep this record in place of the one before. Raises OSError."""
    content = msgspec.json.format(msgspec.json.encode(record)) + b"\n"
    write_private_file(folder / NAME, content)


def record_failure(folder: Path, reason: str) -> None:
    """Note that a back-up failed just now; the last good one is still known. Raises OSError."""
    known = read_record(folder) or BackupRecord()
    write_record(folder, msgspec.structs.replace(known, failed_at=clock.now(), reason=reason))


def note_bad_end(folder: Path) -> None:
    """Note that the nightly job ended badly, unless it has just said so itself. Raises OSError."""
    known = read_record(folder)
    if known is None or known.failed_at is None or clock.now() - known.failed_at > _JUST_NOW:
        record_failure(folder, "the job ended before it was done, as when a machine is shut down")


def describe(record: BackupRecord | None) -> tuple[str, bool]:
    """How back-ups went, in words; and whether there is a good copy, of late, and no failure."""
    if record is None or record.at is None:
        text = "No copy of this head office was ever made by this program, or none went well."
    else:
        checked = "checked whole" if record.verified else "checked as far as was possible"
        text = (
            f"The last good copy is of {_utc(record.at)}: {record.file}, {record.bytes:,} bytes "
            f"with {record.answers:,} answers, {checked}."
        )
    good = record is not None and record.at is not None
    if record is not None and record.at is not None and clock.now() - record.at > OVERDUE:
        text, good = f"{text} That is more than 36 hours ago.", False
    if record is not None and record.failed_at is not None:
        text, good = f"{text} At {_utc(record.failed_at)} a back-up failed: {record.reason}", False
    return text, good


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
