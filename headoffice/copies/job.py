"""Making copies: one that somebody asked for, and those of every night."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection

from headoffice import clock
from headoffice.copies.checks import NOTHING_IN_IT, LiveOffice
from headoffice.copies.report import Report
from headoffice.copies.verification import verify_copy
from headoffice.db.backup import Copy, back_up
from headoffice.db.backup_record import (
    BackupRecord,
    read_record,
    record_failure,
    write_record,
)
from headoffice.db.contents import Contents
from headoffice.db.drafts import remove_dead_drafts
from headoffice.errors import HeadOfficeError
from headoffice.server import secret_key

_PATTERNS = ("hymio-*.sqlite3", "hymio-*.dump")


class Wishes(NamedTuple):
    """What is wanted of a copy."""

    allow_empty: bool = False
    """A head office to which nothing was ever delivered may be copied."""
    verify: bool = True
    scratch: str = ""
    """The address of a PostgreSQL that a dump may be tried on."""
    keep_days: int = 30
    """Of every night: older ones are removed."""
    mounted: bool | None = None
    """Whether the folder has to be a mount point; None: if it lay on another disk last time."""


def make_copy(target: Path, wishes: Wishes) -> tuple[Copy, Report | None]:
    """Copy to a new file and check that; HeadOfficeError if there is no copy.

    That nothing is in it is among what is wrong, unless that was expected.
    """
    copy = back_up(target)
    if not wishes.verify:
        if copy.contents.messages or wishes.allow_empty:
            return copy, None
        return copy, Report(target, wrong=[NOTHING_IN_IT], contents=copy.contents)
    report = verify_copy(target, read_live(), folder_key(), wishes.scratch)
    if wishes.allow_empty and NOTHING_IN_IT in report.wrong:
        report.wrong.remove(NOTHING_IN_IT)
    if not report.wrong:
        _remember(copy, report)
    return copy, report


def read_live() -> LiveOffice | None:
    """What is known of the database in use; None if it is of another version."""
    try:
        return LiveOffice.read()
    except DatabaseError:
        return None


def folder_key() -> str | None:
    """The fingerprint of the secret key of the data folder, which contact details rest on."""
    key = secret_key.read_key(settings.DATA)
    return secret_key.fingerprint(key) if key else None


def nightly_copy(folder: Path, wishes: Wishes) -> tuple[Copy, Report | None, list[str]]:
    """A copy with a name of its own in a folder, and what became of those before it.

    Older ones are removed once the new one is known to be right. A failure is put down in the
    record: HeadOfficeError, or something wrong in the report.
    """
    with _failures_recorded():
        _check_folder(folder, wishes.mounted)
        remove_dead_drafts(settings.DATA, folder)
        kind = "sqlite3" if connection.vendor == "sqlite" else "dump"
        copy, report = make_copy(_free_name(folder, kind), wishes)
    if report is not None and report.wrong:
        record_failure(settings.DATA, f"{copy.file}: {report.wrong[0]}")
        return copy, report, []
    known = read_record(settings.DATA)
    if known is not None and known.reason:
        write_record(settings.DATA, known_good(known))
    return copy, report, _remove_old(folder, copy, wishes.keep_days)


def _free_name(folder: Path, kind: str) -> Path:
    """Of this second; of the next one that has none, for who asks twice within one."""
    moment = clock.now()
    while (file := folder / f"hymio-{moment:%Y-%m-%dT%H%M%SZ}.{kind}").exists():
        moment += timedelta(seconds=1)
    return file


def known_good(record: BackupRecord) -> BackupRecord:
    """The same without the word about a failure before."""
    return BackupRecord(
        at=record.at, file=record.file, bytes=record.bytes, answers=record.answers,
        verified=record.verified, mount=record.mount,
    )  # fmt: skip


def _remember(copy: Copy, report: Report) -> None:
    known = read_record(settings.DATA) or BackupRecord()
    found = BackupRecord(
        at=clock.now(), file=str(copy.file), bytes=copy.bytes, answers=copy.contents.answers,
        verified=report.verified, failed_at=known.failed_at, reason=known.reason,
        mount=str(_mount_of(copy.file.parent)),
    )  # fmt: skip
    write_record(settings.DATA, found)


@contextmanager
def _failures_recorded() -> Iterator[None]:
    try:
        yield
    except HeadOfficeError as error:
        record_failure(settings.DATA, str(error))
        raise
    except Exception as error:
        record_failure(settings.DATA, f"{type(error).__name__}: {error}")
        raise


def _check_folder(folder: Path, mounted: bool | None) -> None:
    """HeadOfficeError if it isn't the folder that copies should go to."""
    if not folder.is_dir():
        raise HeadOfficeError(f"there is no folder {folder} for the copies: is its disk there?")
    if mounted and not folder.is_mount():
        raise HeadOfficeError(
            f"{folder} is to be the mount point of a disk, and no disk is mounted there now"
        )
    last = read_record(settings.DATA)
    if mounted is None and last is not None and last.mount:
        before, now = last.mount, str(_mount_of(folder))
        if Path(last.file).parent == folder and before not in (now, os.sep):
            raise HeadOfficeError(
                f"the last copy in {folder} lay on the disk mounted at {before}, which is not "
                "there now. If copies are to go to another disk from now on, say --no-mounted once "
                "(HYMIO_BACKUP_MOUNT=0)"
            )


def _mount_of(folder: Path) -> Path:
    """The mount point of the disk that it lies on."""
    folder = folder.resolve()
    while not folder.is_mount():
        folder = folder.parent
    return folder


def _remove_old(folder: Path, newest: Copy, days: int) -> list[str]:
    """Remove older copies; what there is to tell about it."""
    if why := _doubtful_clock(newest.contents, days):
        return [why]
    removed = 0
    last = clock.now_ms() - timedelta(days=days) // timedelta(milliseconds=1)
    for file in [file for pattern in _PATTERNS for file in folder.glob(pattern)]:
        found = file.lstat()
        if stat.S_ISREG(found.st_mode) and file != newest.file and found.st_mtime * 1000 < last:
            file.unlink()
            removed += 1
    return [f"Removed {removed} copies older than {days} days."] if removed else []


def _doubtful_clock(contents: Contents, days: int) -> str:
    """Why no copy should be called old by this machine's clock; empty if it looks right."""
    now, day = clock.now_ms(), 86_400_000
    if contents.heard_ms is None or now - days * day <= contents.heard_ms <= now + day:
        return ""
    heard = clock.instant(contents.heard_ms).date()
    return (
        f"Older copies stay: by this machine's clock it is {clock.now().date()}, and a kiosk was "
        f"heard last on {heard}."
    )
