"""What becomes of a damaged outbox: set aside, never deleted, and emptied into a new one.

The new file is complete before the damaged one is moved, so a power cut at any point leaves
either the old state, and everything is done again, or a finished file to move into place.
"""

# ruff: noqa: S608 - statements are put together from our own constants

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync import rows
from sync.schema import BOOTS_OF_MESSAGES, create
from sync.storage import Folder, sync_folder

_HALF = "outbox.salvaging.sqlite3"
_WHOLE = "outbox.salvaged.sqlite3"
_PROBES = 1_000_000
"""How many numbers in a damaged stretch are tried one by one."""
_SMALL = ("quarantine", "delivery", "sighting", "questionnaire", "state", "boot")


@dataclass(frozen=True)
class Salvaged:
    """What could be saved from a damaged outbox."""

    aside: Path
    """Where the damaged file lies now."""
    damage: str
    messages: int
    """How many messages were saved."""
    last_seq: int
    """The highest number that was saved: what is missing below it is lost, or delivered."""


def damage(database: Path) -> str | None:
    """What is wrong with a database file; None if nothing is.

    Reading only, but for a rollback journal: that is left when the power went while the file was
    being made, and only a writer can roll it back.
    """
    journal = Path(f"{database}-journal")
    try:
        if journal.exists():
            with closing(rows.connect(database)) as db:
                db.execute("SELECT count(*) FROM sqlite_master")
        with closing(rows.connect(database, read_only=True)) as db:
            found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
            return None if found == "ok" else str(found)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_NOTADB,
        ):
            return str(error)
        raise


def salvage(folder: Folder, found: str) -> Salvaged:
    """Replace a damaged database by a new one with all that can be read."""
    half, whole = folder.path / _HALF, folder.path / _WHOLE
    half.touch(mode=0o600)
    with (
        closing(rows.connect(folder.database, read_only=True)) as old,
        closing(rows.connect(half)) as new,
    ):
        create(new)
        # One file without a journal beside it, so that one rename moves everything.
        new.execute("PRAGMA journal_mode=DELETE")
        new.execute("BEGIN IMMEDIATE")
        messages, last = _copy(old, new)
        new.execute("COMMIT")
    half.rename(whole)
    sync_folder(folder.path)
    return Salvaged(_swap(folder), found, messages, last)


def finish(folder: Folder) -> None:
    """Complete, or clear away, what a power cut interrupted."""
    for part in folder.path.glob(f"{_HALF}*"):
        part.unlink()
    if (folder.path / _WHOLE).exists():
        _swap(folder)


def _swap(folder: Folder) -> Path:
    aside = folder.set_aside()
    (folder.path / _WHOLE).rename(folder.database)
    sync_folder(folder.path)
    return aside


def _copy(old: sqlite3.Connection, new: sqlite3.Connection) -> tuple[int, int]:
    """Copy all that can be read; the present installation's waiting messages get new numbers."""
    fresh = new.execute("SELECT id FROM installation").fetchone()[0]
    new.execute("DELETE FROM installation")
    for table in ("installation", "message", *_SMALL):
        columns = new.execute(f"PRAGMA table_info({table})").fetchall()
        keys = tuple(column[1] for column in columns if column[5])
        marks = ", ".join("?" * len(columns))
        # An older file has fewer columns; what was added later may be NULL.
        whole = ((*row, *[None] * (len(columns) - len(row))) for row in _readable(old, table, keys))
        new.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", whole)
    new.execute(BOOTS_OF_MESSAGES)
    found = new.execute("SELECT count(*), coalesce(max(seq), 0) FROM message").fetchone()
    unnamed = new.execute(
        """SELECT DISTINCT installation FROM message
        WHERE installation NOT IN (SELECT no FROM installation)"""
    ).fetchall()
    new.executemany(
        "INSERT INTO installation (no, id) VALUES (?, ?)",
        [(no, f"{rows.UNKNOWN[:-4]}{no:04x}") for (no,) in unnamed],
    )
    if new.execute("SELECT count(*) FROM installation").fetchone()[0]:
        rows.renumber(new)
    else:
        new.execute("INSERT INTO installation (id) VALUES (?)", (fresh,))
    return int(found[0]), int(found[1])


def _readable(
    db: sqlite3.Connection, table: str, keys: tuple[str, ...]
) -> Iterator[tuple[Any, ...]]:
    """All rows that can be read: from the front, from the back, then one by one in between.

    One at a time, since a kiosk may have a million messages and little memory. ``keys`` are the
    first columns.
    """
    order, at = ", ".join(keys), len(keys)
    reader = _Reader(db)
    front = back = None
    for front in reader.rows(f"SELECT * FROM {table} ORDER BY {order}"):
        yield front
    if reader.whole:
        return
    beyond, values = "", ()
    if front is not None:
        beyond, values = f"WHERE ({order}) > ({', '.join('?' * at)})", front[:at]
    down = ", ".join(f"{key} DESC" for key in keys)
    for back in reader.rows(f"SELECT * FROM {table} {beyond} ORDER BY {down}", values):
        yield back
    if table != "message" or front is None or back is None or front[0] != back[0]:
        return
    for seq in range(front[1] + 1, min(back[1], front[1] + _PROBES)):
        one = "SELECT * FROM message WHERE installation = ? AND seq = ?"
        yield from reader.rows(one, (front[0], seq))


class _Reader:
    """Reads up to where the damage is."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.whole = True
        """Whether no damage was met so far."""

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query until they are over or can't be read."""
        try:
            yield from self._db.execute(query, values)
        except sqlite3.DatabaseError:
            self.whole = False
