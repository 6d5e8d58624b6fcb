"""The log of the outbox is moved off the tap's path, and never without end."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fakes import FakeClock, answer

from sync.errors import OutboxUnwritableError
from sync.outbox import connections
from sync.outbox.sqlite import SqliteOutbox
from sync.outbox.storage import DATABASE

MOMENT = FakeClock().moment()


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    with SqliteOutbox.open(tmp_path) as opened:
        yield opened


def tap(outbox: SqliteOutbox, count: int = 1) -> None:
    for _ in range(count):
        outbox.append([answer()], MOMENT)


def log_size(folder: Path) -> int:
    return (folder / f"{DATABASE}-wal").stat().st_size


def database(folder: Path) -> tuple[int, int]:
    found = (folder / DATABASE).stat()
    return found.st_size, found.st_mtime_ns


def test_a_tap_never_moves_the_log(outbox: SqliteOutbox, tmp_path: Path) -> None:
    before = database(tmp_path)
    tap(outbox, 1500)
    assert before == database(tmp_path)
    assert log_size(tmp_path) > 4 << 20, "more than SQLite itself would let it grow"


def test_the_background_moves_it_and_the_log_begins_anew(
    outbox: SqliteOutbox, tmp_path: Path
) -> None:
    tap(outbox, 1500)
    outbox.checkpoint()
    assert database(tmp_path)[0] > 300_000
    tap(outbox)
    assert log_size(tmp_path) <= 4 << 20
    assert 1501 == outbox.counts().waiting


def test_a_few_commits_are_not_worth_it(outbox: SqliteOutbox, tmp_path: Path) -> None:
    before = database(tmp_path)
    tap(outbox, 20)
    outbox.checkpoint()
    assert before == database(tmp_path)


def test_when_the_background_is_stuck_the_log_does_not_grow_without_end(
    outbox: SqliteOutbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_COMMITS", 100)
    tap(outbox, 1500)
    assert log_size(tmp_path) < 3 << 20


def test_what_is_committed_is_stored_though_the_log_can_not_be_moved(
    outbox: SqliteOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OutboxUnwritableError("disk I/O error")

    monkeypatch.setattr(connections, "MAX_COMMITS", 1)
    monkeypatch.setattr(outbox._connections, "move_log", fail)
    tap(outbox, 5)
    assert 5 == outbox.counts().last_seq


def test_nothing_is_moved_before_a_commit_has_certainly_come_after_the_last_move(
    outbox: SqliteOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule that keeps SQLite's race between two checkpoints and a commit from happening."""
    monkeypatch.setattr(connections, "MIN_COMMITS", 0)
    ours = outbox._connections
    tap(outbox)
    outbox.checkpoint()
    moved = ours._last_moved
    assert ours._last_begun == moved
    with outbox._writing():
        outbox_is_busy = threading.Thread(target=outbox.checkpoint)
        outbox_is_busy.start()
        outbox_is_busy.join(10)
        assert (moved, False) == (ours._last_moved, outbox_is_busy.is_alive())


def test_moving_all_the_time_beside_two_writers_loses_nothing(
    outbox: SqliteOutbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MIN_COMMITS", 0)
    over = threading.Event()

    def keep_moving() -> None:
        while not over.is_set():
            outbox.checkpoint()

    movers = [threading.Thread(target=keep_moving) for _ in range(2)]
    writers = [threading.Thread(target=tap, args=(outbox, 120)) for _ in range(2)]
    for thread in (*movers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in movers:
        thread.join()
    assert 240 == outbox.counts().last_seq
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db:
        assert [("ok",)] == db.execute("PRAGMA integrity_check").fetchall()
        assert (240,) == db.execute("SELECT count(*) FROM message").fetchone()
