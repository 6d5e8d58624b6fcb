"""Files that processes of one installation take turns by, and that nobody else can hold."""

import os
from pathlib import Path

from config.private_file import give_to_owner


def open_lock_file(path: Path) -> int:
    """A handle for ``flock``; made if needed, for this user alone. Raises OSError."""
    # Reading is enough for a lock.
    flags = os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    handle = os.open(path, flags, 0o600)
    give_to_owner(handle, path.parent)
    return handle
