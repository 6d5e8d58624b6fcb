"""The secret key that signs sessions: made once, kept with the data, for its user alone."""

import contextlib
import hashlib
import secrets
from pathlib import Path

from config.private_file import create_private_file
from headoffice.errors import ConfigurationError

NAME = "secret-key"


def read_key(folder: Path) -> str | None:
    """The key kept in this folder, or None if none was made yet; may raise OSError."""
    try:
        return (folder / NAME).read_text().strip() or None
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise ConfigurationError(
            f"{folder / NAME} holds no key: put that of this head office in its place"
        ) from None


def ensure_key(folder: Path) -> str:
    """The key kept in this folder; made on the first call, file mode 0600.

    Two programs that start at once agree on one key.
    """
    known = read_key(folder)
    if known:
        return known
    with contextlib.suppress(FileExistsError):
        create_private_file(folder / NAME, f"{secrets.token_urlsafe(64)}\n".encode())
    made = read_key(folder)
    if made is None:
        raise ConfigurationError(
            f"{folder / NAME} is empty: put the key of this head office in its place, or delete it "
            "if there never was one"
        )
    return made


def fingerprint(key: str) -> str:
    """What tells one key from another, and nothing else about it: 16 hexadecimal digits."""
    return hashlib.blake2s(key.encode(), digest_size=8, person=b"hymiokey").hexdigest()
