"""The secret key that signs sessions: made once, kept beside the data, readable by us alone."""

import contextlib
import os
import secrets
from pathlib import Path

NAME = "secret-key"


def read(folder: Path) -> str | None:
    """The key kept in this folder, or None if none was made yet."""
    try:
        return (folder / NAME).read_text().strip() or None
    except FileNotFoundError:
        return None


def ensure(folder: Path) -> str:
    """The key kept in this folder; made on the first call, file mode 0600.

    Two programs that start at once agree on one key: it is written aside and then linked into
    place, which fails for the second one.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = read(folder)
    if kept:
        return kept
    draft = folder / f".{NAME}.{secrets.token_hex(8)}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(64) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, folder / NAME)
    finally:
        draft.unlink()
    made = read(folder)
    if made is None:
        raise RuntimeError(f"{folder / NAME} is empty: delete it and start again")
    return made
