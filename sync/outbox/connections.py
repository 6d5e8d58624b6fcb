"""The connections to the outbox's database: one for each thread, and when their log is moved.

What is committed stands in SQLite's write-ahead log first; a *checkpoint* moves it into the
database, which takes several syncs. Nothing here does that within a tap's commit: the background
calls :meth:`Connections.checkpoint`. Only a log that nobody has moved for long is moved by the
writer itself, so that it cannot fill the disk.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sync.errors import OutboxClosedError, OutboxError, OutboxFullError, OutboxUnwritableError
from sync.outbox import rows

MIN_COMMITS = 500
"""Commits; fewer than these are not worth the syncs."""
MAX_COMMITS = 10_000
"""Commits after which the writer moves the log itself: about 100 MB."""


class _Connection:
    """One thread's connection, and the lock that lets close() wait for it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.lock = threading.Lock()


class Connections:
    """One connection for each thread that asks."""

    def __init__(self, database: Path, *, read_only: bool = False) -> None:
        self._database = database
        self._read_only = read_only
        self._own = threading.local()
        self._connections: list[_Connection] = []
        self._guard = threading.Lock()
        self._closed = False
        self._checkpoint_lock = threading.Lock()
        self._last_begun = 0
        """Commits that were begun; numbered within the transaction, so in their order."""
        self._last_ended = 0
        """The last of them that has ended."""
        self._last_moved = 0
        """Up to this one the log may have been moved."""

    @contextmanager
    def transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        """A transaction; raises OutboxFullError, OutboxUnwritableError or OutboxClosedError."""
        connection = self._connection()
        with connection.lock:
            if self._closed:
                raise OutboxClosedError
            db = connection.db
            try:
                db.execute(begin)
                yield db
                db.execute("COMMIT")
            except sqlite3.Error as error:
                raise outbox_error(error) from error
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    @contextmanager
    def write_transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction that writes."""
        # IMMEDIATE: a transaction that reads first and then writes could otherwise find that
        # another thread has written in between, and would fail without waiting.
        with self.transaction("BEGIN IMMEDIATE") as db:
            yield db
            with self._guard:
                self._last_begun += 1
                number = self._last_begun
        with self._guard:
            self._last_ended = max(self._last_ended, number)
            too_long = self._last_ended - self._last_moved > MAX_COMMITS
        if too_long:
            # What was committed stays so, whatever becomes of the log.
            with suppress(OutboxError):
                self.move_log()

    def checkpoint(self) -> None:
        """Move the log into the database, if there is enough in it."""
        with self._guard:
            if self._last_ended - self._last_moved < MIN_COMMITS:
                return
        self.move_log()

    def move_log(self) -> None:
        """Move the log, unless another thread is at it, or there is nothing in it.

        SQLite before 3.51.3 can lose what was moved when a checkpoint that finds nothing to do
        meets a commit that begins the log anew (https://sqlite.org/wal.html#walresetbug). A commit
        begins it anew only when all of it was moved. So none is begun here before a commit has
        ended that certainly came after the last one: then there is something to do, and as long
        as there is, the log goes on where it is. SQLite's own automatic checkpoints are off.
        """
        if not self._checkpoint_lock.acquire(blocking=False):
            return
        try:
            with self._guard:
                if self._last_ended <= self._last_moved:
                    return
            connection = self._connection()
            with connection.lock:
                if self._closed:
                    raise OutboxClosedError
                busy, _length, _moved = connection.db.execute(
                    "PRAGMA wal_checkpoint(PASSIVE)"
                ).fetchone()
            if not busy:
                with self._guard:
                    self._last_moved = self._last_begun
        except sqlite3.Error as error:
            raise outbox_error(error) from error
        finally:
            self._checkpoint_lock.release()

    def close(self) -> None:
        """Let go of all of them, each after the transaction it may be in."""
        with self._guard:
            self._closed = True
            connections, self._connections = self._connections, []
        for connection in connections:
            with connection.lock:
                connection.db.close()

    def _connection(self) -> _Connection:
        own: _Connection | None = getattr(self._own, "connection", None)
        if own is None:
            try:
                db = rows.connect(self._database, read_only=self._read_only)
            except sqlite3.Error as error:
                raise outbox_error(error) from error
            own = _Connection(db)
            with self._guard:
                if self._closed:
                    db.close()
                    raise OutboxClosedError
                self._connections.append(own)
            self._own.connection = own
        return own


def outbox_error(error: sqlite3.Error) -> OutboxFullError | OutboxUnwritableError:
    """The outbox's word for a driver's error."""
    # The second: no space for the index of the log, which is made with the first connection.
    full = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
    if getattr(error, "sqlite_errorcode", None) in full:
        return OutboxFullError()
    return OutboxUnwritableError(str(error))
