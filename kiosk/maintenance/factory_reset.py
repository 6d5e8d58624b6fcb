"""A kiosk that is handed on forgets its shop: answers, identity, PIN and what staff changed.

Nothing undelivered is thrown away: while something waits, was refused or lies in a damaged file,
the reset is refused. It is asked for while the kiosk runs and carried out at its next start, before
anything is opened; a power cut in between only delays it.
"""

import logging
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from config.private_file import sync_folder, write_private_file
from kiosk.errors import ResetRefusedError
from sync.outbox.sqlite import SqliteOutbox
from sync.outbox.storage import (
    DATABASE,
    LOCKS,
    RESET_MARKER,
    is_known_name,
    set_aside_files,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Undelivered:
    """What a reset would throw away."""

    waiting: int = 0
    quarantined: int = 0
    damaged_files: int = 0

    def __bool__(self) -> bool:
        return bool(self.waiting or self.quarantined or self.damaged_files)

    def __str__(self) -> str:
        return (
            f"{self.waiting} messages wait to be sent, {self.quarantined} are in quarantine, "
            f"{self.damaged_files} damaged files are kept"
        )


def find_undelivered(folder: Path) -> Undelivered:
    """What the head office does not have. Raises SyncError if that can't be told."""
    damaged = len(set_aside_files(folder))
    if not (folder / DATABASE).exists():
        return Undelivered(damaged_files=damaged)
    try:
        with SqliteOutbox.look(folder) as outbox:
            counts = outbox.counts()
    except sqlite3.Error:
        # Damaged, and not set aside yet: nobody knows what is in it.
        return Undelivered(damaged_files=damaged + 1)
    return Undelivered(counts.waiting, counts.in_quarantine, damaged)


def request_reset(folder: Path, *, discard: bool = False) -> None:
    """The next start forgets everything. Raises ResetRefusedError, SyncError or OSError.

    ``discard``: also what is undelivered.
    """
    left = find_undelivered(folder)
    if left and not discard:
        raise ResetRefusedError(str(left))
    write_private_file(folder / RESET_MARKER, b"discard" if discard else b"")


def finish_reset(folder: Path) -> bool:
    """Carries out a reset that was asked for; nobody may have the outbox open.

    Whether there was one. An answer that came since then keeps it from happening.
    """
    marker = folder / RESET_MARKER
    try:
        discard = marker.read_bytes() == b"discard"
    except OSError:
        return False
    # After a power cut in the middle of it the outbox is whole, or it is gone.
    left = find_undelivered(folder)
    if left and not discard:
        marker.unlink()
        log.error("The kiosk was not reset: %s.", left)
        return False
    for path in sorted(folder.iterdir()):
        if path.name in (RESET_MARKER, *LOCKS) or not is_known_name(path.name):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    sync_folder(folder)
    marker.unlink()
    sync_folder(folder)
    log.warning("This kiosk was reset: it knows no shop, no PIN and no answer any more.")
    return True
