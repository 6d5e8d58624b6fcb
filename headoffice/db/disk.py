"""How much room there is on a disk, and whether anything can be written there at all."""

import errno
import os
from pathlib import Path
from typing import NamedTuple

ROOM_BYTES = 1 << 20
"""A delivery may need about as much: below that the disk counts as full."""


class Room(NamedTuple):
    """Bytes of a disk."""

    free: int
    """For who is not root."""
    size: int


def room_of(folder: Path) -> Room:
    """Of the disk that a folder is on; OSError if it can't be told."""
    found = os.statvfs(folder)
    return Room(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)


def has_room(folder: Path) -> bool:
    """Whether the disk of a folder, and what this user may use of it, is not full."""
    try:
        take_room(folder)
    except OSError as error:
        return error.errno not in (errno.ENOSPC, errno.EDQUOT)
    return True


def take_room(folder: Path, size: int = ROOM_BYTES) -> None:
    """Take so many bytes and give them back; OSError where that is impossible.

    Asked for in earnest, since no number tells of quotas, of blocks that are kept for root, or of
    a disk that was mounted anew to be read alone.
    """
    try:
        # Without a name: nothing is left behind, however this ends.
        handle = os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
            raise
        # A file system without nameless files.
        if room_of(folder).free < size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder)) from None
        return
    try:
        os.posix_fallocate(handle, 0, size)
    finally:
        os.close(handle)
