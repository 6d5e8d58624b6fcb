"""Another database in the place of the one in use, for all that reads in this thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

Parameters = dict[str, Any]
"""As in Django's DATABASES."""


@contextmanager
def stand_in(parameters: Parameters) -> Iterator[BaseDatabaseWrapper]:
    """Within the block, every query goes to this database; its connection ends with the block."""
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    usual = connections.databases[DEFAULT_DB_ALIAS]
    plain = {name: value for name, value in usual.items() if name not in names}
    empty = {name: {} if name == "OPTIONS" else "" for name in names}
    backend = load_backend(parameters["ENGINE"])
    other = backend.DatabaseWrapper({**plain, **empty, **parameters}, DEFAULT_DB_ALIAS)
    live = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = other
    try:
        yield other
    finally:
        connections[DEFAULT_DB_ALIAS] = live
        other.close()


def unchanging_file(file: Path) -> Parameters:
    """A SQLite database that nobody writes to, and that nothing may write to."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"{file.absolute().as_uri()}?mode=ro&immutable=1",
    }


def finished_file(file: Path) -> Parameters:
    """A SQLite database that may be in use, and that nothing may write to."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"{file.absolute().as_uri()}?mode=ro",
    }


def private_file(file: Path) -> Parameters:
    """A SQLite database that this process alone knows, and that need not outlive it."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file.absolute()),
        "OPTIONS": {"init_command": "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF"},
    }
