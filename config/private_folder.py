"""A folder that nobody else of this machine may look into, also if it was there before.

What is changed of a folder that exists, and what is not:

1. A shared one (like /tmp: others may write into it) is refused. Others would lose it if it were
   made private, and could put files of theirs into it if it were not.
2. One's own that is open to others becomes private, if there is nothing in it but what the caller
   knows. One with other things in it, or of another user, stays as it is, and that is told.
3. Files of the caller's that others may read become private in each of them.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
_OTHERS = 0o077


class SharedFolderError(OSError):
    """{folder} is shared with other users of this machine (mode {mode:o}): what is kept in it could
    be read, held or replaced by them. Nothing was changed; choose a folder of its own"""

    def __init__(self, folder: Path, mode: int) -> None:
        super().__init__(str(self.__doc__).replace("\n    ", " ").format(folder=folder, mode=mode))


def claim_private_folder(folder: Path, is_known: Callable[[str], bool]) -> str:
    """Make the folder, or make it private; what there is to tell about it, or nothing.

    Raises SharedFolderError, and OSError if it can't be made or read.
    """
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    # Held open, so that it is this one that is looked at and changed, whatever its name becomes.
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return _claim(folder, handle, is_known)
    finally:
        os.close(handle)


def hide_files(folder: Path, is_known: Callable[[str], bool]) -> None:
    """Let nobody else read the files of these names that belong to this user.

    What root has made in the folder of another user becomes that user's, who could not open it
    otherwise.
    """
    owner = folder.stat()
    for name in [file.name for file in folder.iterdir() if is_known(file.name)]:
        # Only named and not opened: to close an open database would end the locks on it.
        try:
            handle = os.open(folder / name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            _hide_file(handle, owner)
        finally:
            os.close(handle)


def _hide_file(handle: int, owner: os.stat_result) -> None:
    found, same_file = os.fstat(handle), Path(f"/proc/self/fd/{handle}")
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        return
    if found.st_mode & _OTHERS:
        same_file.chmod(PRIVATE_FILE)
    if found.st_uid == 0 != owner.st_uid:
        os.chown(same_file, owner.st_uid, owner.st_gid)


def _claim(folder: Path, handle: int, is_known: Callable[[str], bool]) -> str:
    found = os.fstat(handle)
    mode = stat.S_IMODE(found.st_mode)
    if mode & (stat.S_IWOTH | stat.S_ISVTX):
        raise SharedFolderError(folder, mode)
    told = ""
    if mode & _OTHERS:
        others = sorted(name for name in os.listdir(handle) if not is_known(name))
        if found.st_uid != os.geteuid():
            told = (
                f"{folder} belongs to another user and is open to others (mode {mode:o}); it stays "
                f"as it is. Its owner should make it private: chmod 700 {folder}"
            )
        elif others:
            told = (
                f"{folder} is open to others (mode {mode:o}) and stays so, as there are other "
                f"things in it, like {others[0]}: better choose a folder of its own"
            )
        else:
            os.fchmod(handle, PRIVATE_FOLDER)
            told = (
                f"{folder} was open to others (mode {mode:o}) and is private now (700). "
                "Whatever was in it could be read by other users of this machine until now"
            )
    hide_files(folder, is_known)
    return told
