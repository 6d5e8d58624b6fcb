"""An outbox of every earlier version, with something in every table, goes on where it was."""

import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest
from fakes import FakeClock, answer

from sync.messages import Moment, Origin, Sighting
from sync.outbox.archive import Archive
from sync.outbox.schema import migrations
from sync.outbox.sqlite import SqliteOutbox
from sync.outbox.storage import DATABASE

RECORDED = Path(__file__).parents[1] / "recorded" / "outbox"
EARLIER = sorted(RECORDED.glob("*.sql"))
OLD, NEW = "0b0e7c1e-0d0f-4f4e-9c55-1f1d6a1f2a3b", "1c1e7c1e-0d0f-4f4e-9c55-1f1d6a1f2a3b"
FIRST_BOOT = "7d2d5b0e-3a55-4a43-8a8e-2f9f52f0a001"
SECOND_BOOT = "8e3e6c1f-4b66-4b54-9b9f-3fa063f1b112"

every_version = pytest.mark.parametrize("script", EARLIER, ids=lambda script: script.stem)


def test_every_schema_but_the_present_one_is_recorded() -> None:
    names = [each.name for each in migrations._migrations]
    assert names[:-1] == [script.stem for script in EARLIER]


def unpack(script: Path, folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(script.read_text())


def applied(folder: Path) -> list[tuple[int, str, str]]:
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        return db.execute(
            "SELECT id, name, applied_at FROM _sqlite_migrations ORDER BY id"
        ).fetchall()


@every_version
def test_no_migration_of_an_earlier_version_runs_again(script: Path, tmp_path: Path) -> None:
    unpack(script, tmp_path)
    before = applied(tmp_path)
    assert before != []
    SqliteOutbox.open(tmp_path).close()
    after = applied(tmp_path)
    assert before == after[: len(before)]
    assert [each.name for each in migrations._migrations] == [name for _id, name, _at in after]
    SqliteOutbox.open(tmp_path).close()
    assert after == applied(tmp_path)


@every_version
def test_what_an_earlier_version_stored_is_all_there(script: Path, tmp_path: Path) -> None:
    unpack(script, tmp_path)
    with SqliteOutbox.open(tmp_path) as outbox:
        assert outbox.salvage_report is None
        position = outbox.position()
        assert (NEW, 1, 3, 6) == (
            position.installation,
            position.oldest,
            position.watermark,
            position.last_seq,
        )
        assert [4, 6] == [message.seq for message in outbox.next_batch(10, 10**6)]
        assert (5,) == outbox.withheld_seqs(6, 10)
        assert [(3, "invalid"), (5, "isolated")] == [
            (each.seq, each.reason) for each in outbox.quarantine()
        ]
        assert (Sighting(FIRST_BOOT, 4000, 1795464004100, 20),) == outbox.sightings([FIRST_BOOT])
        assert b'{"id":"checkout"}' == outbox.questionnaire("a" * 64)
        assert "v" == outbox.state("k")
        again = outbox.send_again(outbox.quarantine()[1].id)
        assert again is not None
        assert (7, Origin(OLD, 3)) == (again.seq, again.origin)
        (next_one,) = outbox.append([answer()], FakeClock().moment())
        assert 8 == next_one.seq


@every_version
def test_what_an_earlier_version_delivered_is_kept_from_now_on(
    script: Path, tmp_path: Path
) -> None:
    unpack(script, tmp_path)
    clock, day = FakeClock(), 86_400_000
    with SqliteOutbox.open(tmp_path, clock=clock) as outbox:
        assert 0 == outbox.trim(90 * day, 1000)
        for _ in range(90):
            clock.advance(day)
            assert 0 == outbox.trim(90 * day, 1000)
        clock.advance(day)
        # One installation after the other, each as far as it was delivered.
        assert [1, 3, 0] == [outbox.trim(90 * day, 1000) for _ in range(3)]
        assert [4, 6] == [message.seq for message in outbox.next_batch(10, 10**6)]


@every_version
def test_the_last_delivery_of_an_earlier_version_is_still_told(
    script: Path, tmp_path: Path
) -> None:
    unpack(script, tmp_path)
    with Archive(tmp_path) as archive:
        looked_at = archive.last_delivery_ms()
    SqliteOutbox.open(tmp_path).close()
    with Archive(tmp_path) as archive:
        assert [1795464000000] * 2 == [looked_at, archive.last_delivery_ms()]


@every_version
def test_boots_of_an_earlier_version_bound_each_other(script: Path, tmp_path: Path) -> None:
    unpack(script, tmp_path)
    now = Moment(0, "a third boot", 500)
    with SqliteOutbox.open(tmp_path) as outbox:
        outbox.record_sighting(Sighting(now.boot, 500, 1795464090000, 0))
        (wide,) = outbox.bounds([SECOND_BOOT], now)
    estimate = wide.estimate(Moment(0, SECOND_BOOT, 1000))
    # The boot before was alive at 5000 of its clock; this one lasted from 1000 to 4000 of its own.
    assert abs(1795464005080 - estimate.earliest_ms) <= 1
    assert abs(1795464087000 - estimate.latest_ms) <= 1


@every_version
def test_a_damaged_outbox_of_an_earlier_version_is_salvaged(script: Path, tmp_path: Path) -> None:
    unpack(script, tmp_path)
    file = tmp_path / DATABASE
    with closing(sqlite3.connect(file)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name='sighting'").fetchone()
        (page,) = db.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as damaged:
        damaged.seek((root - 1) * page)
        damaged.write(b"\xff" * page)
    with SqliteOutbox.open(tmp_path) as outbox:
        assert outbox.salvage_report is not None
        assert 8 == outbox.salvage_report.messages
        assert 2 == len(outbox.quarantine())
        assert () == outbox.sightings([FIRST_BOOT])
        origins = [message.origin for message in outbox.next_batch(10, 10**6)]
        assert Origin(NEW, 4) in origins
        assert {OLD, NEW} >= {origin.installation for origin in origins if origin}


def test_a_salvage_does_not_read_everything_into_memory(tmp_path: Path) -> None:
    count = 20_000
    with SqliteOutbox.open(tmp_path) as outbox:
        for _ in range(count // 1000):
            outbox.append([answer() for _ in range(1000)], FakeClock().moment())
    file = tmp_path / DATABASE
    with file.open("r+b") as damaged:
        damaged.seek(file.stat().st_size // 2 // 4096 * 4096)
        damaged.write(b"\xff" * 4096)
    tracemalloc.start()
    try:
        with SqliteOutbox.open(tmp_path) as outbox:
            peak = tracemalloc.get_traced_memory()[1]
            assert outbox.salvage_report is not None
            assert count - 100 < outbox.salvage_report.messages < count
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000, f"{peak} bytes for {count} messages"
