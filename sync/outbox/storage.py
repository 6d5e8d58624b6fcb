"""The outbox's folder: private, locked against a second process, with a reserve for a full disk."""

import errno
import fcntl
import logging
import os
import re
from pathlib import Path

from config.private_file import sync_folder
from config.private_folder import claim_private_folder
from sync.errors import OutboxInUseError, OutboxUnwritableError

DATABASE = "outbox.sqlite3"
_LOCK = "outbox.lock"
RESET_MARKER = "reset"
"""A file that says that the next start is to forget everything."""
LOCKS = (_LOCK, "keep.lock")
_RESERVE = "reserve"
_KNOWN = re.compile(
    r"outbox\..*|reserve|reset|keep\.lock|questionnaires|configuration|(identity|pin|staff|last-good-questionnaire|last-good-settings)\.json(\.new)?"
)
_log = logging.getLogger(__name__)


def is_known_name(name: str) -> bool:
    """Whether a file of this name in a data folder is a kiosk's."""
    return _KNOWN.fullmatch(name) is not None


def lock_holder(folder: Path) -> int | None:
    """The number of the process that holds a data folder; None: none does.

    The kernel is asked, and the lock is not tried: a kiosk that starts at that instant would find
    it taken.
    """
    try:
        number = (folder / _LOCK).stat().st_ino
        locks = Path("/proc/locks").read_text()
    except OSError:
        return None
    # "1: FLOCK  ADVISORY  WRITE 4711 fe:00:393228 0 EOF": the device is left aside, since file
    # systems such as btrfs tell another one there than stat does.
    for line in locks.splitlines():
        words = line.split()
        if words[1] == "FLOCK" and words[-3].endswith(f":{number}") and int(words[-4]) > 0:
            return int(words[-4])
    return None


def set_aside_files(folder: Path) -> list[Path]:
    """The damaged databases that were set aside."""
    return sorted(folder.glob("outbox.damaged-*.sqlite3"))


class Folder:
    """A kiosk's data folder, held by one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = path / DATABASE
        self._lock = -1

    def claim(self) -> None:
        """Make the folder if needed and lock it; raises OutboxInUseError if another has it."""
        try:
            missing = [p for p in (self.path, *self.path.parents) if not p.exists()]
            for folder in reversed(missing):
                folder.mkdir(mode=0o700, exist_ok=True)
                sync_folder(folder.parent)
            if told := claim_private_folder(self.path, is_known_name):
                _log.warning("%s", told)
            self._lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            self.release()
            raise OutboxInUseError(str(self.path)) from taken
        except OSError as error:
            self.release()
            raise OutboxUnwritableError(str(error)) from error

    def release(self) -> None:
        """Let another process have the folder."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def create_database(self) -> None:
        """An empty file with mode 0600, whose -wal and -shm get the same mode from SQLite."""
        try:
            os.close(os.open(self.database, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self.database.chmod(0o600)
        except OSError as error:
            raise OutboxUnwritableError(str(error)) from error

    def next_aside(self) -> Path:
        """Where the next damaged database goes."""
        number = 1
        while (aside := self.path / f"outbox.damaged-{number}.sqlite3").exists():
            number += 1
        return aside

    def set_aside(self) -> Path:
        """Rename a damaged database and what belongs to it; nothing is deleted."""
        aside = self.next_aside()
        # The journal first: a power cut in between leaves a database that is damaged still.
        for suffix in ("-wal", "-shm", ""):
            part = Path(f"{self.database}{suffix}")
            if part.exists():
                part.rename(f"{aside}{suffix}")
        sync_folder(self.path)
        return aside

    def fill_reserve(self, size: int) -> None:
        """Set space aside, if there is more than twice as much; a full disk is no error here."""
        reserve = self.path / _RESERVE
        if size == 0:
            reserve.unlink(missing_ok=True)
            return
        try:
            if reserve.exists() and reserve.stat().st_size == size:
                return
            disk = os.statvfs(self.path)
            if disk.f_bavail * disk.f_frsize < 2 * size:
                return
            handle = os.open(reserve, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(handle, 0, size)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            reserve.unlink(missing_ok=True)
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EOPNOTSUPP, errno.EINVAL):
                raise OutboxUnwritableError(str(error)) from error

    def give_up_reserve(self) -> bool:
        """Free the reserve; False if there was none."""
        try:
            (self.path / _RESERVE).unlink()
        except OSError:
            return False
        return True

    @property
    def has_reserve(self) -> bool:
        """Whether space is set aside."""
        return (self.path / _RESERVE).exists()
