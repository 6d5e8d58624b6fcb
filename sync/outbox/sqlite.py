"""The outbox on disk.

::

    outbox = SqliteOutbox.open(folder, reserve_bytes=16 << 20)   # kiosk: one process only
    outbox.salvage_report                                  # None, or what a damaged file cost
    reader = SqliteOutbox.look(folder)               # `hymio-kiosk status`: read only, no lock

Durability: WAL with ``synchronous=FULL`` syncs the log at every commit, so a committed append
survives a power cut; the names of new files are synced with their folder.
"""

# ruff: noqa: S608 - statements are put together from constants

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from config.private_file import sync_folder
from sync.clock import Clock, SystemClock
from sync.clock_bounds import wide_sightings
from sync.clock_trust import Claim, judged, with_heard
from sync.errors import (
    OutboxError,
    OutboxFullError,
    OutboxNewerError,
    OutboxUnwritableError,
    WrongInstallationError,
)
from sync.messages import Body, Message, Moment, Origin, Refusal, Sighting
from sync.outbox import rows
from sync.outbox.connections import Connections, outbox_error
from sync.outbox.protocol import (
    Counts,
    Outbox,
    Position,
    QuarantinedMessage,
    QuarantineReason,
)
from sync.outbox.rows import COLUMNS, PRESENT
from sync.outbox.salvage import SalvageReport, damage, finish, salvage
from sync.outbox.schema import create, unknown_migrations
from sync.outbox.storage import Folder
from sync.wire_types import Digest

T = TypeVar("T")
_ENVELOPE = 240
"""Bytes of a message's JSON around its body, with an origin."""


class SqliteOutbox(Outbox):
    """Answers in a SQLite file, durable when :meth:`append` returns."""

    def __init__(
        self,
        folder: Folder,
        *,
        reserve_bytes: int = 0,
        read_only: bool = False,
        clock: Clock | None = None,
    ) -> None:
        """Use :meth:`open` or :meth:`look`."""
        self._clock = clock or SystemClock()
        self._folder = folder
        self._reserve_bytes = reserve_bytes
        self._connections = Connections(folder.database, read_only=read_only)
        self._boot = ""
        """The boot of the last append of this process."""
        self.salvage_report: SalvageReport | None = None

    @classmethod
    def open(cls, path: Path, *, reserve_bytes: int = 0, clock: Clock | None = None) -> Self:
        """Open the outbox in a folder, or make one; ``clock``: what retention counts by.

        A damaged file is set aside and what it holds is salvaged. Raises OutboxInUseError,
        OutboxNewerError or OutboxUnwritableError; the outbox is then untouched.
        """
        folder = Folder(path)
        folder.claim()
        outbox = cls(folder, reserve_bytes=reserve_bytes, clock=clock)
        try:
            outbox._prepare()
        except BaseException:
            outbox.close()
            raise
        return outbox

    @classmethod
    def look(cls, path: Path) -> Self:
        """Open an existing outbox to read only, also while a kiosk is using it."""
        folder = Folder(path)
        if not folder.database.exists():
            raise OutboxUnwritableError(f"there is no outbox in {path}")
        outbox = cls(folder, read_only=True)
        try:
            outbox._refuse_newer()
        except BaseException:
            outbox.close()
            raise
        return outbox

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- the port ---------------------------------------------------------------------

    def append(self, bodies: Sequence[Body], moment: Moment) -> tuple[Message, ...]:
        return self._making_room(lambda: self._append(bodies, moment))

    def _making_room(self, write: Callable[[], T]) -> T:
        """Write; on a full disk with what the reserve gives, or else in the place of the log."""
        try:
            return write()
        except OutboxFullError:
            if not self._folder.give_up_reserve():
                # Moving the log takes no space where the database need not grow, and what is
                # written next then stands where the log stood.
                with suppress(OutboxError):
                    self._connections.move_log()
            return write()

    def _append(self, bodies: Sequence[Body], moment: Moment) -> tuple[Message, ...]:
        with self._writing() as db:
            last = rows.last_seq(db)
            if moment.boot != self._boot:
                rows.note_boot(db, moment, last)
            messages = tuple(
                Message(seq=last + n, moment=moment, body=body) for n, body in enumerate(bodies, 1)
            )
            rows.insert(db, messages)
        self._boot = moment.boot
        return messages

    def position(self) -> Position:
        with self._reading() as db:
            name, watermark, removed = db.execute(
                f"SELECT id, watermark, removed_up_to FROM installation WHERE no = {PRESENT}"
            ).fetchone()
            return Position(name, removed + 1, watermark, rows.last_seq(db))

    def next_batch(self, max_messages: int, max_bytes: int) -> tuple[Message, ...]:
        while True:
            messages: list[Message] = []
            unreadable: tuple[int, str] | None = None
            size = 0
            with self._reading() as db:
                found = db.execute(
                    f"""SELECT {COLUMNS} FROM message WHERE installation = {PRESENT}
                    AND seq > (SELECT watermark FROM installation WHERE no = {PRESENT})
                    AND fate IS NOT 'withheld' ORDER BY seq LIMIT ?""",
                    (max_messages,),
                )
                for row in found:
                    size += len(row[4]) + _ENVELOPE
                    if messages and size > max_bytes:
                        break
                    try:
                        messages.append(rows.message_of(row))
                    except msgspec.DecodeError as error:
                        unreadable = row[0], str(error)
                        break
            if unreadable is None or messages:
                return tuple(messages)
            self._withhold(unreadable[0], "unreadable", unreadable[1])

    def message(self, installation: str, seq: int) -> Message | None:
        with self._reading() as db:
            return rows.message(db, installation, seq)

    def settle(
        self, installation: str, watermark: int, refused: Sequence[Refusal], at_ms: int
    ) -> None:
        self._making_room(lambda: self._settle(installation, watermark, refused, at_ms))

    def _settle(
        self, installation: str, watermark: int, refused: Sequence[Refusal], at_ms: int
    ) -> None:
        with self._writing() as db:
            no, name, removed, before = db.execute(
                f"SELECT no, id, removed_up_to, watermark FROM installation WHERE no = {PRESENT}"
            ).fetchone()
            if name != installation:
                raise WrongInstallationError(f"{installation} has ended; {name} goes on.")
            watermark = min(max(watermark, removed), rows.last_seq(db))
            db.execute("UPDATE installation SET watermark = ? WHERE no = ?", (watermark, no))
            if watermark < before:
                rows.doubt_earlier(db)
            for refusal in refused:
                rows.quarantine(db, refusal.seq, "refused", refusal.reason, refusal.detail)
            # The clock is read within the transaction: then its readings stand in their order.
            now = self._clock.moment()
            rows.note_acknowledged(db, watermark, rows.live(db, now))
            if watermark > before or refused:
                rows.note_delivery(db, at_ms, now)

    def withhold(self, seq: int, detail: str) -> None:
        self._withhold(seq, "isolated", detail)

    def _withhold(self, seq: int, reason: QuarantineReason, detail: str) -> None:
        with self._writing() as db:
            rows.quarantine(db, seq, "withheld", reason, detail)

    def withheld_seqs(self, up_to: int, limit: int) -> tuple[int, ...]:
        with self._reading() as db:
            found = db.execute(
                f"""SELECT seq FROM message INDEXED BY message_fate WHERE installation = {PRESENT}
                AND seq > (SELECT watermark FROM installation WHERE no = {PRESENT}) AND seq <= ?
                AND fate = 'withheld' ORDER BY seq LIMIT ?""",
                (up_to, limit),
            ).fetchall()
        return tuple(seq for (seq,) in found)

    def renew(self) -> str:
        with self._writing() as db:
            return rows.renumber(db)

    def earlier_installation(self) -> Position | None:
        with self._reading() as db:
            return rows.earlier_installation(db)

    def doubt_earlier(self) -> None:
        with self._writing() as db:
            rows.doubt_earlier(db)

    def recall(self, step: int = 200) -> int:
        with self._writing() as db:
            return rows.recall(db, step)

    def quarantine(self, limit: int = 100) -> tuple[QuarantinedMessage, ...]:
        with self._reading() as db:
            found = db.execute(
                """SELECT id, installation, seq, reason, detail, wall_ms, boot, mono_ms, body
                FROM quarantine ORDER BY id LIMIT ?""",
                (limit,),
            ).fetchall()
        return tuple(
            QuarantinedMessage(key, name, seq, reason, detail, Moment(*moment), rows.readable(body))
            for key, name, seq, reason, detail, *moment, body in found
        )

    def send_again(self, quarantine_id: int) -> Message | None:
        with self._writing() as db:
            row = db.execute(
                """SELECT coalesce(origin_installation, installation), coalesce(origin_seq, seq),
                wall_ms, boot, mono_ms, body FROM quarantine WHERE id = ?""",
                (quarantine_id,),
            ).fetchone()
            if row is None or (body := rows.readable(row[5])) is None:
                return None
            seq = rows.last_seq(db) + 1
            message = Message(seq, Moment(*row[2:5]), body, Origin(*row[:2]))
            rows.insert(db, (message,))
            db.execute("DELETE FROM quarantine WHERE id = ?", (quarantine_id,))
            return message

    def counts(self) -> Counts:
        with self._reading() as db:
            return rows.counts(db)

    def trim(self, keep_ms: int, keep_messages: int, step: int = 200) -> int:
        with self._writing() as db:
            removed = rows.trim(db, self._clock.moment(), keep_ms, keep_messages, step)
        if removed:
            return removed
        self._folder.fill_reserve(self._reserve_bytes)
        return 0

    def record_sighting(self, sighting: Sighting, wall_ahead_ms: int | None = None) -> None:
        with self._reading() as db:
            known = rows.claims(db, sighting.boot)
        claims = with_heard(known, sighting)
        believed = judged(claims, wall_ahead_ms)
        # Most receipts say nothing new, and cost no sync.
        if claims != known or (believed,) != self.sightings((sighting.boot,)):
            self._making_room(lambda: self._record_sighting(claims, believed))

    def _record_sighting(self, claims: Sequence[Claim], believed: Sighting) -> None:
        with self._writing() as db:
            rows.record_claims(db, claims, believed)

    def sightings(self, boots: Sequence[str]) -> tuple[Sighting, ...]:
        with self._reading() as db:
            found = (
                db.execute("SELECT * FROM sighting WHERE boot = ?", (boot,)).fetchone()
                for boot in dict.fromkeys(boots)
            )
            return tuple(Sighting(*row) for row in found if row is not None)

    def bounds(self, boots: Sequence[str], now: Moment) -> tuple[Sighting, ...]:
        with self._reading() as db:
            everything = rows.known_boots(db, now)
            known = {row[0]: Sighting(*row) for row in db.execute("SELECT * FROM sighting")}
        return wide_sightings(everything, known, boots)

    def remember_questionnaire(self, digest: Digest, definition: bytes) -> None:
        if self.questionnaire(digest) is None:
            with self._writing() as db:
                db.execute(
                    "INSERT OR IGNORE INTO questionnaire VALUES (?, ?)", (digest, definition)
                )

    def questionnaire(self, digest: Digest) -> bytes | None:
        with self._reading() as db:
            row = db.execute(
                "SELECT definition FROM questionnaire WHERE digest = ?", (digest,)
            ).fetchone()
        return None if row is None else bytes(row[0])

    def state(self, key: str) -> str | None:
        with self._reading() as db:
            row = db.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_state(self, key: str, value: str) -> None:
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, value))

    def lived_ms(self) -> int:
        with self._reading() as db:
            return rows.lived(db).until(self._clock.moment()).ms

    def checkpoint(self) -> None:
        self._connections.checkpoint()

    def close(self) -> None:
        self._connections.close()
        self._folder.release()

    # --- connections ------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._connections.transaction("BEGIN") as db:
            yield db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connections.write_transaction() as db:
            yield db

    def _prepare(self) -> None:
        self._making_room(self._begin)
        self._folder.fill_reserve(self._reserve_bytes)

    def _begin(self) -> None:
        folder = self._folder
        try:
            finish(folder)
            if folder.database.exists() and folder.database.stat().st_size:
                found = damage(folder.database)
                if found is None:
                    self._refuse_newer()
                else:
                    self.salvage_report = salvage(folder, found)
            folder.create_database()
            with closing(rows.connect(folder.database)) as db:
                create(db)
                rows.drop_impossible_sightings(db)
        except sqlite3.Error as error:
            raise outbox_error(error) from error
        sync_folder(folder.path)

    def _refuse_newer(self) -> None:
        # Read only: an outbox of a newer version must stay as it is, journal included.
        with closing(rows.connect(self._folder.database, read_only=True)) as db:
            unknown = unknown_migrations(db)
        if unknown:
            raise OutboxNewerError(str(self._folder.database), unknown)
