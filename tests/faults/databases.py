"""The head office's database, looked at past its own code, copied, restored and killed."""

import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from processes import PostgresServer, Program, wait_until

Rows = Sequence[tuple[Any, ...]]


class Database(Protocol):
    """What a storm does with a database."""

    def ask(self, query: str) -> Rows:
        """Read from it while the head office runs."""
        ...

    def copy(self) -> None:
        """Keep it as it is now; the head office is down."""
        ...

    def restore(self) -> None:
        """Give it back as it was; the head office is down."""
        ...


class SqliteFile:
    """The file that `hymio-headoffice serve` makes when it is told of no other."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "headoffice.sqlite3"
        self.kept = folder.with_name("headoffice-copy.sqlite3")

    def ask(self, query: str) -> Rows:
        with closing(sqlite3.connect(self.file, timeout=30)) as db:
            return db.execute(query).fetchall()

    def copy(self) -> None:
        self.kept.unlink(missing_ok=True)
        _backup(self.file, self.kept)

    def restore(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)
        _backup(self.kept, self.file)


def _backup(file: Path, to: Path) -> None:
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


class DurableServer(PostgresServer):
    """A PostgreSQL of the tests that keeps what it has committed, and can be killed."""

    def __init__(self, initdb: Path, folder: Path) -> None:
        super().__init__(initdb, folder)
        self.command += ["-c", "synchronous_commit=on", "-c", "restart_after_crash=on"]

    def ask(self, query: str, database: str = "hymio") -> Rows:
        with psycopg.connect(self.url_of(database), autocommit=True) as db:
            cursor = db.execute(query.encode())
            return cursor.fetchall() if cursor.description else ()

    def create(self) -> str:
        """Make the head office's database; returns its address."""
        self.ask("CREATE DATABASE hymio", "postgres")
        return self.url_of("hymio")

    def copy(self) -> None:
        self.ask("DROP DATABASE IF EXISTS kept WITH (FORCE)", "postgres")
        self._copy("hymio", "kept")

    def restore(self) -> None:
        self.ask("DROP DATABASE hymio WITH (FORCE)", "postgres")
        self._copy("kept", "hymio")

    def _copy(self, source: str, target: str) -> None:
        # Those of a head office that was just killed may not have noticed yet.
        self.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "  # noqa: S608 - fixed names
            f"WHERE datname = '{source}'",
            "postgres",
        )
        wait_until(
            lambda: not self.ask(
                f"SELECT 1 FROM pg_stat_activity WHERE datname = '{source}'",  # noqa: S608
                "postgres",
            ),
            "the database to be left alone", seconds=20,
        )  # fmt: skip
        self.ask(f"CREATE DATABASE {target} TEMPLATE {source}", "postgres")

    def kill_backend(self) -> bool:
        """kill -9 of a backend in the middle of whatever it does; False if there is none."""
        found = self.ask(
            "SELECT pid FROM pg_stat_activity WHERE datname = 'hymio' "
            "AND pid <> pg_backend_pid() ORDER BY state = 'active' DESC, random()"
        )
        if not found:
            return False
        os.kill(found[0][0], signal.SIGKILL)
        self.wait_until_it_answers()
        return True

    def shut_down_immediately(self) -> None:
        """Ends without a checkpoint, as in a crash, and starts again from its log."""
        assert self.process is not None
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)
        Program.start(self)
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        def answers() -> bool:
            try:
                return bool(self.ask("SELECT 1", "postgres"))
            except psycopg.OperationalError:
                return False

        wait_until(answers, "PostgreSQL to recover", seconds=60, watched=(self,))


# --- what it holds ------------------------------------------------------------------------


def counted(database: Database) -> Counter[str]:
    """Response → how often it is stored."""
    found = database.ask("SELECT response FROM ingest_storedmessage WHERE kind = 1")
    return Counter(str(r if isinstance(r, UUID) else UUID(r)) for (r,) in found)


def rolled_up(database: Database) -> Counter[tuple[object, ...]]:
    """The head office's counts: (hour, place, question, value) → number."""
    found = database.ask(
        "SELECT hour_ms, point, question, value, sum(count) FROM results_hourly "
        "GROUP BY hour_ms, point, question, value HAVING sum(count) <> 0"
    )
    return Counter({tuple(key): int(n) for *key, n in found})


def counted_again(database: Database) -> Counter[tuple[object, ...]]:
    """The same, from the stored answers, by other code."""
    zones = dict(database.ask("SELECT id, time_zone FROM fleet_experiencepoint"))
    sums: Counter[tuple[object, ...]] = Counter()
    for ms, point, question, value in database.ask(
        "SELECT happened_ms, point, question, value FROM ingest_storedmessage WHERE kind = 1"
    ):
        local = datetime.fromtimestamp(ms // 1000, UTC).astimezone(ZoneInfo(zones[point]))
        into = (local.minute * 60 + local.second) * 1000 + ms % 1000
        sums[ms - into, point, question, value] += 1
    return sums


def clone_alarms(database: Database) -> int:
    """How many installations the head office has raised the alarm for."""
    return int(database.ask("SELECT count(*) FROM fleet_alarm WHERE kind = 'clone'")[0][0])


def dated_ahead(database: Database) -> int:
    """How many answers seem to be of the future."""
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    found = database.ask(
        "SELECT count(*) FROM ingest_storedmessage "  # noqa: S608 - a number
        f"WHERE happened_ms > {now_ms} OR received_ms > {now_ms}"
    )
    return int(found[0][0])
