"""An outage is told in one line and a count; what it is, the codes of the engines say."""

import errno
import logging
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg import errors

from headoffice.db.failures import Trouble, TurnTimeoutError, trouble_of
from headoffice.db.outages import OneLineForOneTrouble, Outages
from headoffice.web import problems


@pytest.fixture
def lines() -> Iterator[list[str]]:
    written: list[str] = []

    class Written(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(record.getMessage())

    handler, logger = Written(), logging.getLogger("headoffice.outages")
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


def wrapped(cause: BaseException, kind: type[Exception] = OperationalError) -> Exception:
    """As Django passes on what an engine says."""
    error = kind(*cause.args)
    error.__cause__ = cause
    return error


def sqlite_error(statement: str, *, uri: str = ":memory:", before: str = "") -> sqlite3.Error:
    database = sqlite3.connect(uri, uri=True, timeout=0)
    try:
        database.executescript(before)
        database.execute(statement)
    except sqlite3.Error as error:
        return error
    finally:
        database.close()
    raise AssertionError("it did not fail")


# --- what it is ---------------------------------------------------------------------------------


def test_a_full_sqlite_is_a_full_disk() -> None:
    small = "PRAGMA max_page_count=3; CREATE TABLE t(x);"
    error = sqlite_error("INSERT INTO t VALUES (zeroblob(100000))", before=small)
    assert Trouble.FULL == trouble_of(wrapped(error))


def test_a_locked_sqlite_is_locked(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x") as other:
        other.execute("BEGIN EXCLUSIVE")
        error = sqlite_error("CREATE TABLE t(x)", uri=f"file:{tmp_path / 'x'}")
        assert Trouble.LOCKED == trouble_of(wrapped(error))


def test_a_file_that_may_only_be_read_is_told_apart(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "x").execute("CREATE TABLE t(x)")
    error = sqlite_error("INSERT INTO t VALUES (1)", uri=f"file:{tmp_path / 'x'}?mode=ro")
    assert Trouble.READ_ONLY == trouble_of(wrapped(error))


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no database at all" * 1000)
    error = sqlite_error("SELECT * FROM t", uri=f"file:{tmp_path / 'x'}")
    assert Trouble.DAMAGED == trouble_of(wrapped(error, DatabaseError))


@pytest.mark.parametrize(
    ("cause", "trouble"),
    [
        (errors.DiskFull("no space"), Trouble.FULL),
        (errors.TooManyConnections("sorry"), Trouble.CROWDED),
        (errors.ReadOnlySqlTransaction("standby"), Trouble.READ_ONLY),
        (errors.AdminShutdown("restart"), Trouble.AWAY),
        (errors.CannotConnectNow("starting"), Trouble.AWAY),
        (errors.LockNotAvailable("busy"), Trouble.LOCKED),
        (errors.DataCorrupted("page"), Trouble.DAMAGED),
        (psycopg.OperationalError("connection refused"), Trouble.AWAY),
        (OSError(errno.ENOSPC, "full"), Trouble.FULL),
        (OSError(errno.EROFS, "read-only"), Trouble.READ_ONLY),
        (errors.UniqueViolation("twice"), None),
        (errors.UndefinedTable("none"), None),
    ],
)
def test_postgresql_and_the_system_are_understood(
    cause: Exception, trouble: Trouble | None
) -> None:
    assert trouble is trouble_of(wrapped(cause))


def test_what_is_no_outage_is_none() -> None:
    assert trouble_of(ValueError("x")) is None
    assert trouble_of(sqlite_error("SELECT * FROM nowhere")) is None
    assert Trouble.AWAY is trouble_of(wrapped(psycopg.InterfaceError("closed"), InterfaceError))
    assert Trouble.LOCKED is trouble_of(TurnTimeoutError("long"))


def test_every_trouble_has_words_for_kiosks_and_for_the_log(lines: list[str]) -> None:
    outages = Outages()
    for trouble in Trouble:
        assert problems._TROUBLES[trouble]
        outages.note(trouble, ValueError("because"))
    assert len(Trouble) == len(set(lines))
    reply = problems.RefusedError.by_database(OSError(errno.ENOSPC, "full")).response()
    assert (503, "disk_full") == (reply.status_code, reply.reason)
    assert b"Its disk is full" in reply.content


# --- how it is told -----------------------------------------------------------------------------


class Seconds:
    """A monotonic clock that goes on when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_outage_is_a_line_a_count_each_minute_and_its_end(lines: list[str]) -> None:
    seconds = Seconds()
    outages = Outages(seconds)
    error = wrapped(psycopg.OperationalError("connection refused"))
    for _ in range(2000):
        outages.note(Trouble.AWAY, error)
        outages.say()
    assert 1 == len(lines)
    assert lines[0].startswith("the database is away: ")
    assert "connection refused" in lines[0]
    seconds.now += 60
    outages.note(Trouble.AWAY, error)
    outages.say()
    outages.say()
    assert 2 == len(lines)
    assert lines[1].startswith("the database is away since 2")
    assert lines[1].endswith(", 2,001 times")
    seconds.now += 59
    outages.say()
    assert 2 == len(lines), "nothing came on top, and it is not over"
    seconds.now += 1
    outages.say()
    outages.say()
    assert 3 == len(lines)
    assert lines[2].startswith("the database was away from ")
    assert lines[2].endswith(", 2,001 times")
    outages.note(Trouble.AWAY, error)
    assert 4 == len(lines)
    assert lines[3].startswith("the database is away: ")


def test_all_processes_count_together() -> None:
    outages = Outages()
    error = OSError(errno.ENOSPC, "full")
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            logging.getLogger("headoffice.outages").disabled = True
            for _again in range(500):
                outages.note(Trouble.FULL, error)
            os._exit(0)
        children.append(child)
    assert [0] * 4 == [os.waitpid(child, 0)[1] for child in children]
    assert 2000 == outages._outages[Trouble.FULL][0]


def test_what_fails_is_what_nothing_was_stored_since(lines: list[str]) -> None:
    seconds = Seconds()
    outages = Outages(seconds)
    assert set() == outages.failing()
    outages.note(Trouble.FULL, OSError(errno.ENOSPC, "full"))
    assert {Trouble.FULL} == outages.failing()
    seconds.now += 1
    outages.note_stored()
    assert set() == outages.failing()
    seconds.now += 1
    outages.note(Trouble.FULL, OSError(errno.ENOSPC, "full"))
    outages.note(Trouble.LOCKED, TurnTimeoutError("long"))
    assert {Trouble.FULL, Trouble.LOCKED} == outages.failing()
    seconds.now += 60
    assert set() == outages.failing(), "a while ago: whether it still does, a request will tell"
    assert 2 == len(lines)


def test_lines_about_an_outage_are_counted_and_others_written(
    lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headoffice.db.outages.OUTAGES", Outages())
    kept = OneLineForOneTrouble()

    def record(name: str, error: Exception | None) -> logging.LogRecord:
        info = None if error is None else (type(error), error, None)
        return logging.LogRecord(name, logging.ERROR, "", 1, "failed", (), info)

    away = wrapped(psycopg.OperationalError("connection refused"))
    assert not any(kept.filter(record("django.request", away)) for _ in range(100))
    assert not kept.filter(record("headoffice.server", away))
    assert 1 == len(lines)
    assert kept.filter(record("django.request", ValueError("a mistake of ours")))
    # A reply of 503 that was given on purpose.
    assert not kept.filter(record("django.request", None))
    assert kept.filter(record("headoffice.server", None))
