"""What becomes of a damaged outbox: set aside, never deleted, and emptied into a new one.

The new file is complete before the damaged one is moved, so a power cut at any point leaves
either the old state, and everything is done again, or a finished file to move into place.
"""

# ruff: noqa: S608 - statements are put together from constants

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from config.private_file import sync_folder
from sync.outbox import rows
from sync.outbox.protocol import StateStore
from sync.outbox.schema import BOOTS_OF_MESSAGES, create
from sync.outbox.storage import Folder

_ASIDE = "outbox.damaged-*.sqlite3"
_HALF = "outbox.salvaging.sqlite3"
_WHOLE = "outbox.salvaged.sqlite3"
_PROBES = 1_000_000
"""How many numbers in a damaged stretch are tried one by one."""
_SMALL = (
    "quarantine", "acknowledged", "lived", "sighting", "claim", "questionnaire", "state", "boot",
)  # fmt: skip


@dataclass(frozen=True)
class SalvageReport:
    """What could be saved from a damaged outbox."""

    damaged_file: Path
    """Where the damaged file lies now."""
    damage: str
    messages: int
    """How many messages were saved."""
    last_seq: int
    """The highest number that was saved: what is missing below it is lost, or delivered."""
    lost: int | None
    """How many messages that no head office has can't be read, at least; None: not known."""


class SalvageRecord(msgspec.Struct, frozen=True):
    """What stays known of a salvage: it is told until somebody has seen it."""

    file: str
    """The name of the damaged file."""
    damage: str
    messages: int
    lost: int | None


_RECORDS, _SEEN = "salvages", "salvages_seen"
_records = msgspec.json.Decoder(tuple[SalvageRecord, ...])


def unseen_salvages(state: StateStore) -> tuple[SalvageRecord, ...]:
    """The salvages of this outbox that nobody has seen, the earliest first."""
    return _load(state.state(_RECORDS))[int(state.state(_SEEN) or 0) :]


def acknowledge_salvages(state: StateStore) -> None:
    """Somebody has seen them all."""
    state.set_state(_SEEN, str(len(_load(state.state(_RECORDS)))))


def _load(told: str | None) -> tuple[SalvageRecord, ...]:
    return _records.decode(told) if told else ()


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


def salvage(folder: Folder, found: str) -> SalvageReport:
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
        saved = _copy(old, new)
        name = folder.next_aside().name
        record = SalvageRecord(name, found[:200], saved.messages, saved.lost)
        _record(new, record, sorted(each.name for each in folder.path.glob(_ASIDE)))
        new.execute("COMMIT")
    half.rename(whole)
    sync_folder(folder.path)
    return SalvageReport(_swap(folder), found, saved.messages, saved.last_seq, saved.lost)


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


def _record(new: sqlite3.Connection, record: SalvageRecord, aside: Sequence[str]) -> None:
    """Within the salvage's own transaction: a power cut can't part the two.

    ``aside``: the files of earlier salvages, whose records may be among what was damaged now.
    """
    row = new.execute("SELECT value FROM state WHERE key = ?", (_RECORDS,)).fetchone()
    known = _load(row and row[0])
    names = {each.file for each in known}
    unknown = (SalvageRecord(name, "", 0, None) for name in aside if name not in names)
    told = msgspec.json.encode((*known, *unknown, record)).decode()
    new.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (_RECORDS, told))


class _Saved(NamedTuple):
    messages: int
    last_seq: int
    lost: int | None


def _copy(old: sqlite3.Connection, new: sqlite3.Connection) -> _Saved:
    """Copy all that can be read; the present installation's waiting messages get new numbers."""
    damaged: set[str] = set()
    fresh = new.execute("SELECT id FROM installation").fetchone()[0]
    new.execute("DELETE FROM installation")
    for table in ("installation", "message", *_SMALL):
        columns = new.execute(f"PRAGMA table_info({table})").fetchall()
        keys = tuple(column[1] for column in columns if column[5])
        marks = ", ".join("?" * len(columns))
        found = _readable(old, table, keys, damaged)
        # An older file has fewer columns; what was added later may be NULL.
        whole = ((*row, *[None] * (len(columns) - len(row))) for row in found)
        new.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", whole)
    new.execute(BOOTS_OF_MESSAGES)
    messages, last = new.execute("SELECT count(*), coalesce(max(seq), 0) FROM message").fetchone()
    lost = _lost(new, damaged)
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
    return _Saved(messages, last, lost)


def _lost(new: sqlite3.Connection, damaged: set[str]) -> int | None:
    """How many numbers of the last installation are known to be given and are nowhere."""
    if damaged & {"installation", "quarantine"}:
        return None
    if "message" not in damaged:
        return 0
    (missing,) = new.execute(
        """WITH last AS (
            SELECT no, watermark FROM installation ORDER BY no DESC LIMIT 1
        ), top AS (
            SELECT max(seq) AS seq FROM message, last WHERE installation = no
        )
        SELECT top.seq - watermark - (
            SELECT count(*) FROM message WHERE installation = no AND seq > watermark)
        FROM last, top"""
    ).fetchone() or (None,)
    # Where nothing is missing below the last one that was read, it is those behind it.
    return missing if missing and missing > 0 else None


def _readable(
    db: sqlite3.Connection, table: str, keys: tuple[str, ...], damaged: set[str]
) -> Iterator[tuple[Any, ...]]:
    """All rows that can be read: from the front, from the back, then one by one in between.

    One at a time, since a kiosk may have a million messages and little memory. ``keys`` are the
    first columns. A table with damage is added to ``damaged``.
    """
    order, at = ", ".join(keys), len(keys)
    reader = _Reader(db)
    front = back = None
    for front in reader.rows(f"SELECT * FROM {table} ORDER BY {order}"):
        yield front
    if reader.whole:
        return
    damaged.add(table)
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
