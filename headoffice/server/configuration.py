"""What the HYMIO_* variables of the environment say; a value that can't be is told in one line."""

import os
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from headoffice.errors import ConfigurationError

_SCHEMES = ("postgresql", "postgres")
_LIKE = "postgresql://user:password@host/database"
_CODES = (
    "In user and password, write % codes for signs that mean something in an address: "
    "%23 for #, %40 for @, %2F for /, %3F for ?, %3A for :, %25 for %"
)


def whole_number(name: str, usual: int, what: str) -> int:
    """A variable that holds a number of something, at least 1."""
    text = os.environ.get(name, "")
    if not text:
        return usual
    # Never int() of whatever length and script somebody pasted.
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ConfigurationError(
            f"{name} is {text[:40]!r}, and has to be a whole number of {what}, like {usual}"
        )
    return max(1, int(text))


def postgresql() -> dict[str, Any] | None:
    """The database that HYMIO_DATABASE_URL names, as Django wants it; None without it.

    The address is never repeated: it holds a password.
    """
    url = os.environ.get("HYMIO_DATABASE_URL", "").strip()
    if not url:
        return None
    scheme = url.partition("://")[0]
    if scheme not in _SCHEMES or "://" not in url:
        raise ConfigurationError(
            f"HYMIO_DATABASE_URL has to begin with postgresql://, as in {_LIKE}. "
            "Without it, SQLite in the data folder is used"
        )
    try:
        # Read here too, since a broken password may still look like an address of something.
        parts = urlsplit(url)
        broken = bool(parts.fragment) or not parts.path.strip("/") or parts.port == 0
        database = dict(dj_database_url.parse(url, conn_max_age=None, conn_health_checks=True))
    except ValueError:
        broken, database = True, {}
    # PostgreSQL's longest name (NAMEDATALEN).
    if broken or len(str(database["NAME"]).encode()) > 63:
        raise ConfigurationError(f"HYMIO_DATABASE_URL is no address like {_LIKE}. {_CODES}")
    return database
