"""Small private files, written whole or not at all, so that a power cut leaves the old or the new.

It stands in the lowest package because kiosk, sync and head office all keep such files.
"""

import ctypes
import errno
import os
import secrets
from pathlib import Path

_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES})
"""What file systems without hard links answer: FAT, exFAT, shares of a network."""
_NOT_KNOWN = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})
_AT_FDCWD, _RENAME_NOREPLACE = -100, 1


def write_private_file(file: Path, content: bytes) -> None:
    """Puts this content in place of a file, mode 0600, durably. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    _write_draft(draft, content)
    draft.replace(file)
    sync_folder(file.parent)


def create_private_file(file: Path, content: bytes) -> None:
    """The same for a file that nobody may have made yet.

    Of several programs that try at once one succeeds. Raises FileExistsError for the others, and
    OSError.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        _write_draft(draft, content)
        put_in_place(draft, file)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(file.parent)


def put_in_place(draft: Path, file: Path) -> None:
    """Gives a file in the same folder its name; the draft's is gone afterwards.

    A file that has the name already is never replaced: raises FileExistsError, as of two programs
    that try at once for one of them. Raises OSError. The draft stays if it fails.
    """
    try:
        # A link and not a rename, which would replace what somebody else has made meanwhile.
        os.link(draft, file)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _rename_to_free_name(draft, file)
    else:
        draft.unlink()


def sync_folder(folder: Path) -> None:
    """Makes names that were just created or renamed in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some shares of a network can't be asked for that.
        if error.errno not in _NOT_KNOWN:
            raise
    finally:
        os.close(handle)


def give_to_owner(handle: int, folder: Path) -> None:
    """Lets a file that root has just made in another user's folder belong to that user.

    The programs of that user could not open it otherwise. Raises OSError.
    """
    if os.geteuid() == 0 and os.fstat(handle).st_uid == 0 != (owner := folder.stat()).st_uid:
        os.fchown(handle, owner.st_uid, owner.st_gid)


def _rename_to_free_name(draft: Path, file: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if rename := getattr(libc, "renameat2", None):
        names = (os.fsencode(draft), os.fsencode(file))
        if rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_NOREPLACE) == 0:
            return
        number = ctypes.get_errno()
        if number not in _NOT_KNOWN:
            raise OSError(number, os.strerror(number), str(file))
    # The name is claimed by an empty file, which this program alone may replace then.
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        draft.replace(file)
    except OSError:
        file.unlink()
        raise


def _write_draft(draft: Path, content: bytes) -> None:
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as out:
        give_to_owner(handle, draft.parent)
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
