"""Reads everything that a kiosk's outbox holds, to take it away.

::

    with Archive(folder) as archive:
        total = archive.count()
        for record in archive.records():
            ...

Read only, in short transactions of its own: an export of a million messages holds up neither a
tap nor SQLite's checkpoints. What is stored while it runs may or may not be in it.
"""

# ruff: noqa: S608 - statements are put together from constants

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sync.errors import OutboxUnwritableError
from sync.messages import Body, Estimate, Moment, Origin, Sighting
from sync.outbox import rows
from sync.outbox.storage import DATABASE
from sync.wire_types import Digest

_PAGE = 500

Fate = Literal["delivered", "waiting", "refused", "withheld"]


@dataclass(frozen=True)
class Record:
    """One message and what became of it."""

    installation: str
    seq: int
    moment: Moment
    time: Estimate | None
    """By the head office's clock; None if nothing is known of the clock of that boot."""
    body: Body | None
    """None if the kiosk can't read it any more; then ``raw`` has what is there."""
    raw: bytes
    fate: Fate
    reason: str
    """Why it was refused or withheld."""
    origin: Origin | None


class Archive:
    """The outbox of a folder, to be read by one thread."""

    def __init__(self, folder: Path) -> None:
        """Raises OutboxUnwritableError if there is none."""
        file = folder / DATABASE
        if not file.exists():
            raise OutboxUnwritableError(f"there is no outbox in {folder}")
        self._db = rows.connect(file, read_only=True)
        try:
            self._clocks = rows.clocks(self._db)
        except sqlite3.Error as error:
            self._db.close()
            raise OutboxUnwritableError(str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    @property
    def clocks(self) -> dict[str, Sighting]:
        """What is known of the clock of each boot."""
        return self._clocks

    def count(self) -> int:
        """How many records there are about now."""
        stored = self._all("SELECT count(*) FROM message")[0][0]
        again = self._all(f"SELECT count(*) FROM message m JOIN installation i ON {_SENT_AGAIN}")
        alone = self._all(f"SELECT count(*) FROM quarantine q WHERE {_ALONE}")
        return int(stored - again[0][0] + alone[0][0])

    def records(self) -> Iterator[Record]:
        """Every message in the order of installations and numbers, then lone quarantine entries.

        A refused message that was sent again is left out: its copy is there, with its origin.
        """
        after = (0, 0)
        while found := self._all(_MESSAGES, (*after, _PAGE)):
            for row in found:
                after = (row[0], row[2])
                if not row[-1]:
                    yield self._record(row[1:-1])
        last = 0
        while found := self._all(_QUARANTINE, (last, _PAGE)):
            last = found[-1][0]
            for row in found:
                yield self._record(row[1:])

    def questionnaires(self) -> dict[Digest, bytes]:
        """All definitions that answers may refer to."""
        return dict(self._all("SELECT digest, definition FROM questionnaire"))

    def last_delivery_ms(self) -> int | None:
        """When the head office last took something, by its own clock."""
        try:
            return rows.last_delivery_ms(self._db)
        except sqlite3.Error as error:
            raise OutboxUnwritableError(str(error)) from error

    def estimate(self, moment: Moment) -> Estimate | None:
        """When a moment was by the head office's clock; None if nothing is known of its boot's."""
        clock = self._clocks.get(moment.boot)
        return None if clock is None else clock.estimate(moment)

    def _record(self, row: tuple) -> Record:  # type: ignore[type-arg]
        installation, seq, wall, boot, mono, raw, fate, reason, origin, origin_seq = row
        moment = Moment(wall, boot, mono)
        return Record(
            installation=installation,
            seq=seq,
            moment=moment,
            time=self.estimate(moment),
            body=rows.readable(raw),
            raw=bytes(raw),
            fate=fate,
            reason=reason,
            origin=None if origin is None else Origin(origin, origin_seq),
        )

    def _all(self, statement: str, values: tuple[int, ...] = ()) -> list[tuple]:  # type: ignore[type-arg]
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise OutboxUnwritableError(str(error)) from error


_SENT_AGAIN = """i.no = m.installation AND m.fate IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM quarantine q WHERE q.installation = i.id AND q.seq = m.seq)"""
_ALONE = """NOT EXISTS (SELECT 1 FROM message m JOIN installation i ON i.no = m.installation
    WHERE i.id = q.installation AND m.seq = q.seq)"""
_MESSAGES = """SELECT m.installation, i.id, m.seq, m.wall_ms, m.boot, m.mono_ms, m.body,
    coalesce(m.fate, CASE WHEN m.seq <= i.watermark THEN 'delivered' ELSE 'waiting' END),
    coalesce((SELECT q.reason || ': ' || q.detail FROM quarantine q
        WHERE q.installation = i.id AND q.seq = m.seq), ''),
    m.origin_installation, m.origin_seq,
    m.fate IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM quarantine q WHERE q.installation = i.id AND q.seq = m.seq)
    FROM message m JOIN installation i ON i.no = m.installation
    WHERE (m.installation, m.seq) > (?, ?) ORDER BY m.installation, m.seq LIMIT ?"""
_QUARANTINE = f"""SELECT q.id, q.installation, q.seq, q.wall_ms, q.boot, q.mono_ms, q.body,
    'refused', q.reason || ': ' || q.detail,
    q.origin_installation, q.origin_seq
    FROM quarantine q WHERE q.id > ? AND {_ALONE} ORDER BY q.id LIMIT ?"""
