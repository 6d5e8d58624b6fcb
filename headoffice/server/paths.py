"""Where the head office keeps things."""

import os
import re
from pathlib import Path

from config.user_folder import user_folder
from headoffice.errors import ConfigurationError


def data_folder() -> Path:
    """``$HYMIO_DATA``, or ``$XDG_DATA_HOME/hymio-headoffice``, or the like under ~/.local."""
    if given := os.environ.get("HYMIO_DATA"):
        return Path(given).absolute()
    share = user_folder("XDG_DATA_HOME", ".local", "share")
    if share is None:
        raise ConfigurationError(
            "which data folder? This user has no home; name one with --data DIR or HYMIO_DATA"
        )
    return share / "hymio-headoffice"


_KNOWN = re.compile(
    r"headoffice\.sqlite3(\.before-[0-9TZ-]+)?(-wal|-shm|-journal)?|(secret-key|\.secret-key\..*)"
    r"|(waiting|writing|migrating|jobs|in-use)\.lock|(last-backup|head-office)\.json(\.new)?"
    r"|unfinished-[0-9a-f]{16}\.note"
)


def is_known_file(name: str) -> bool:
    """Whether the head office keeps a file of this name in its data folder."""
    return _KNOWN.fullmatch(name) is not None
