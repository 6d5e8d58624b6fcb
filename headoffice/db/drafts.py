"""Unfinished files that nobody has to clear away: the next run removes those of a dead process.

1. Before a draft is made, its path is noted in a small file of the data folder, which its process
   keeps locked. The kernel lets go of the lock when the process ends, however it does.
2. Whoever comes next removes the drafts whose note is not locked, then the notes. A draft that
   another process is writing is left alone.
3. What has the name of a draft of the nightly copies and no note (of an earlier version, or of
   another machine that copies into the same folder) goes once nobody has written to it for a day.

The lock is not on the draft itself: on some shares of a network nobody could write to it then, not
even its own process.
"""

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config.private_file import give_to_owner
from headoffice import clock

NOTE = re.compile(r"unfinished-([0-9a-f]{16})\.note")
"""The names of notes in the data folder."""
_BESIDE = ("", "-journal", "-wal", "-shm")
_NIGHTLY = re.compile(r"\.hymio-.+\.unfinished(-journal|-wal|-shm)?|hymio-.+\.dump\.part")
_TOKEN = re.compile(r"\.([0-9a-f]{16})\.unfinished")
_UNTOUCHED_MS = 24 * 3600 * 1000


@contextmanager
def draft_of(target: Path, data: Path) -> Iterator[Path]:
    """A path beside the target for a file or a folder that is gone when the block ends.

    Nothing is made there. What has to stay is renamed before. Where there is no data folder, no
    note is made either. Raises OSError.
    """
    token = secrets.token_hex(8)
    with _noted(data, token) as handle:
        draft = target.with_name(f".{target.name}.{token}.unfinished")
        if handle is not None:
            os.write(handle, os.fsencode(draft) + b"\0" + os.fsencode(target))
        try:
            yield draft
        finally:
            _remove(draft)


def create_draft(draft: Path) -> int:
    """Make the file, for its user alone; a handle to write to. Raises OSError."""
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    with suppress(OSError):
        # A disk that knows no owners has none to give it to.
        give_to_owner(handle, draft.parent)
    return handle


def remove_dead_drafts(data: Path, folder: Path | None = None) -> None:
    """Remove what killed processes left; in this folder also what has no note. Raises OSError."""
    live = {token for path in list(data.glob("unfinished-*.note")) if (token := _live(path))}
    for file in [] if folder is None else list(folder.iterdir()):
        noted = _TOKEN.search(file.name)
        if _NIGHTLY.fullmatch(file.name) and not (noted and noted[1] in live):
            with suppress(FileNotFoundError):
                if file.stat().st_mtime * 1000 < clock.now_ms() - _UNTOUCHED_MS:
                    file.unlink()


@contextmanager
def _noted(data: Path, token: str) -> Iterator[int | None]:
    """A note that is locked, to write into, for as long as the block lasts."""
    if not data.is_dir():
        yield None
        return
    note = data / f"unfinished-{token}.note"
    while True:
        handle = os.open(note, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        give_to_owner(handle, data)
        fcntl.flock(handle, fcntl.LOCK_EX)
        # Somebody who clears away may have come between the two.
        if os.fstat(handle).st_nlink:
            break
        os.close(handle)
    try:
        yield handle
    finally:
        note.unlink(missing_ok=True)
        os.close(handle)


def _live(note: Path) -> str:
    """The token of a note whose process lives; else its draft is removed, and it too."""
    found = NOTE.fullmatch(note.name)
    try:
        handle = os.open(note, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return ""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft, _null, target = os.read(handle, 8192).partition(b"\0")
        if draft:
            _remove(Path(os.fsdecode(draft)))
            _remove_empty(Path(os.fsdecode(target)))
        note.unlink(missing_ok=True)
    except BlockingIOError:
        return found[1] if found else ""
    finally:
        os.close(handle)
    return ""


def _remove(draft: Path) -> None:
    if draft.is_dir() and not draft.is_symlink():
        shutil.rmtree(draft, ignore_errors=True)
        return
    for beside in _BESIDE:
        draft.with_name(f"{draft.name}{beside}").unlink(missing_ok=True)


def _remove_empty(target: Path) -> None:
    """A name that was claimed where files can't be linked (config/private_file.py)."""
    with suppress(FileNotFoundError):
        if target.is_file() and not target.is_symlink() and target.stat().st_size == 0:
            target.unlink()
