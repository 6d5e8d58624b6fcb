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
from sync.schema import create
from sync.storage import Folder, sync_folder

_HALF = "outbox.salvaging.sqlite3"
_WHOLE = "outbox.salvaged.sqlite3"
_PROBES = 1_000_000
"""How many numbers in a damaged stretch are tried one by one."""
_SMALL = ("quarantine", "delivery", "sighting", "questionnaire", "state")


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
    installations = {row[0]: row[1:] for row in _readable(old, "installation", ("no",))}
    fresh = new.execute("SELECT id FROM installation").fetchone()[0]
    new.execute("DELETE FROM installation")
    messages = list(_readable(old, "message", ("installation", "seq")))
    for no in sorted({row[0] for row in messages} | set(installations)):
        name, watermark, removed = installations.get(no, (f"{rows.UNKNOWN[:-4]}{no:04x}", 0, 0))
        new.execute("INSERT INTO installation VALUES (?, ?, ?, ?)", (no, name, watermark, removed))
    new.executemany("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", messages)
    for table in _SMALL:
        columns = new.execute(f"PRAGMA table_info({table})").fetchall()
        keys = tuple(column[1] for column in columns if column[5])
        for row in _readable(old, table, keys):
            # An older file has fewer columns; what was added later may be NULL.
            whole = (*row, *[None] * (len(columns) - len(row)))
            marks = ", ".join("?" * len(columns))
            new.execute(f"INSERT INTO {table} VALUES ({marks})", whole)
    last = max((row[1] for row in messages), default=0)
    if messages or installations:
        rows.renumber(new)
    else:
        new.execute("INSERT INTO installation (id) VALUES (?)", (fresh,))
    return len(messages), last


def _readable(
    db: sqlite3.Connection, table: str, keys: tuple[str, ...]
) -> Iterator[tuple[Any, ...]]:
    """All rows that can be read: from the front, from the back, then one by one in between."""
    order = ", ".join(keys)
    front = _until_damage(db, f"SELECT * FROM {table} ORDER BY {order}")
    yield from front.rows
    if front.whole:
        return
    down = ", ".join(f"{key} DESC" for key in keys)
    back = _until_damage(db, f"SELECT * FROM {table} ORDER BY {down}")
    at = len(keys)
    ends = {row[:at] for row in front.rows}
    between = [row for row in back.rows if row[:at] not in ends]
    yield from reversed(between)
    if table != "message" or not front.rows or not between:
        return
    (installation, first), (upper, last) = front.rows[-1][:2], between[-1][:2]
    if installation != upper:
        return
    for seq in range(int(first) + 1, min(int(last), int(first) + _PROBES)):
        one = _until_damage(
            db, f"SELECT * FROM message WHERE installation = {installation} AND seq = {seq}"
        )
        yield from one.rows


@dataclass(frozen=True)
class _Part:
    rows: list[tuple[Any, ...]]
    whole: bool


def _until_damage(db: sqlite3.Connection, query: str) -> _Part:
    found: list[tuple[Any, ...]] = []
    try:
        found.extend(iter(db.execute(query)))
    except sqlite3.DatabaseError:
        return _Part(found, whole=False)
    return _Part(found, whole=True)
