"""Who uses a data folder: many programs at once, or one alone that changes what lies under them.

The kernel lets go of a lock when the process and those forked from it have ended, however they did.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from headoffice.db.lock_file import open_lock_file
from headoffice.errors import HeadOfficeError

LOCK_FILE = "in-use.lock"
_JOBS = "jobs.lock"
"""Held by a `serve` of an earlier version too."""
_shared: list[int] = []


def share_folder(folder: Path) -> None:
    """Use it until this process ends; HeadOfficeError while another one has it alone."""
    handle = open_lock_file(folder / LOCK_FILE)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise HeadOfficeError(
            f"the head office of {folder} is being restored or moved: wait until that is done"
        ) from None
    _shared.append(handle)


@contextmanager
def own_folder(folder: Path) -> Iterator[None]:
    """Have it alone for the block; HeadOfficeError while `serve` or another command uses it."""
    with ExitStack() as stack:
        for name in (LOCK_FILE, _JOBS):
            handle = open_lock_file(folder / name)
            stack.callback(os.close, handle)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise HeadOfficeError(
                    f"the head office of {folder} is in use, by `serve` or by another command: "
                    "stop it first (sudo systemctl stop hymio-headoffice)"
                ) from None
        yield
