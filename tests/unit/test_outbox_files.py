"""The outbox's file: private, one process, survives damage, full disks and newer versions."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from fakes import FakeClock, answer

from sync.errors import OutboxFullError, OutboxInUseError, OutboxNewerError
from sync.messages import Origin
from sync.outbox.sqlite import SqliteOutbox
from sync.outbox.storage import DATABASE


def appended(outbox: SqliteOutbox, count: int) -> list[str]:
    made = (outbox.append([answer()], FakeClock().moment())[0] for _ in range(count))
    return [message.body.response for message in made]


def waiting(outbox: SqliteOutbox) -> list[str]:
    return [message.body.response for message in outbox.next_batch(1000, 10**9)]


def test_answers_and_numbers_survive_a_new_start(tmp_path: Path) -> None:
    with SqliteOutbox.open(tmp_path) as outbox:
        stored, where = appended(outbox, 3), outbox.position()
    with SqliteOutbox.open(tmp_path) as outbox:
        assert (stored, where) == (waiting(outbox), outbox.position())


def test_every_commit_is_synced(tmp_path: Path) -> None:
    with SqliteOutbox.open(tmp_path) as outbox, outbox._writing() as db:
        assert (2,) == db.execute("PRAGMA synchronous").fetchone()
        assert ("wal",) == db.execute("PRAGMA journal_mode").fetchone()


def test_nobody_else_may_read_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "data"
    with SqliteOutbox.open(folder, reserve_bytes=4096) as outbox:
        appended(outbox, 1)
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}
    assert {f"{DATABASE}-wal", f"{DATABASE}-shm", DATABASE, "reserve"} <= set(modes)
    assert {0o600} == set(modes.values())
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)


def test_a_second_process_is_refused_but_may_look(tmp_path: Path) -> None:
    other = "import sys, pathlib; from sync.outbox.sqlite import SqliteOutbox as S; "
    with SqliteOutbox.open(tmp_path) as outbox:
        appended(outbox, 2)
        with pytest.raises(OutboxInUseError, match="in use by another"):
            SqliteOutbox.open(tmp_path)
        seen = subprocess.run(
            [
                sys.executable,
                "-c",
                other + "print(S.look(pathlib.Path(sys.argv[1])).counts().waiting)",
                str(tmp_path),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    assert "2\n" == seen.stdout


def test_an_outbox_of_a_newer_version_is_left_untouched(tmp_path: Path) -> None:
    with SqliteOutbox.open(tmp_path) as outbox:
        appended(outbox, 1)
    db = sqlite3.connect(tmp_path / DATABASE)
    db.execute("INSERT INTO _sqlite_migrations VALUES (99, 'hymio.outbox', '0099_future', '')")
    db.commit()
    db.close()
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(OutboxNewerError, match="0099_future"):
        SqliteOutbox.open(tmp_path)
    assert before == (tmp_path / DATABASE).read_bytes()


def test_a_full_disk_takes_the_reserve_and_then_says_so(tmp_path: Path) -> None:
    with SqliteOutbox.open(tmp_path, reserve_bytes=1 << 16) as outbox:
        appended(outbox, 1)
        db = outbox._connections._connection().db
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(OutboxFullError):
            appended(outbox, 1000)
        assert not (tmp_path / "reserve").exists()
        stored = outbox.counts().last_seq
        db.execute("PRAGMA max_page_count=100000")
        appended(outbox, 1)
        assert stored + 1 == outbox.counts().last_seq


def test_a_damaged_file_is_set_aside_and_emptied_into_a_new_one(tmp_path: Path) -> None:
    with SqliteOutbox.open(tmp_path) as outbox:
        stored = [r for _ in range(20) for r in appended(outbox, 20)]
        outbox.set_state("k", "v")
        old = outbox.position().installation
    file = tmp_path / DATABASE
    size = file.stat().st_size
    with file.open("r+b") as damaged:
        damaged.seek(size // 2 // 4096 * 4096)
        damaged.write(os.urandom(4096))
    content = file.read_bytes()
    with SqliteOutbox.open(tmp_path) as outbox:
        assert outbox.salvage_report is not None
        saved = waiting(outbox)
        assert content == outbox.salvage_report.damaged_file.read_bytes()
        assert len(saved) == outbox.salvage_report.messages
        assert len(stored) - 40 < len(saved) < len(stored)
        assert [each for each in stored if each in set(saved)] == saved
        assert {old} == {m.origin.installation for m in outbox.next_batch(999, 10**9) if m.origin}
        assert "v" == outbox.state("k")
    with SqliteOutbox.open(tmp_path) as outbox:
        assert outbox.salvage_report is None
        assert saved == waiting(outbox)


def test_a_file_that_is_no_database_does_not_keep_the_kiosk_from_starting(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"not a database at all" * 1000)
    with SqliteOutbox.open(tmp_path) as outbox:
        assert outbox.salvage_report is not None
        assert 1 == len(appended(outbox, 1))


def test_an_unreadable_message_goes_to_quarantine_and_holds_up_nobody(tmp_path: Path) -> None:
    with SqliteOutbox.open(tmp_path) as outbox:
        stored = appended(outbox, 3)
        with outbox._writing() as db:
            db.execute("UPDATE message SET body = ? WHERE seq = 1", (b"{",))
        assert stored[1:] == waiting(outbox)
        (kept,) = outbox.quarantine()
        assert (1, "unreadable", None) == (kept.seq, kept.reason, kept.body)
        assert outbox.send_again(kept.id) is None


def test_threads_append_while_others_settle(tmp_path: Path) -> None:
    with SqliteOutbox.open(tmp_path) as outbox:
        writers = [threading.Thread(target=appended, args=(outbox, 50)) for _ in range(3)]
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers):
            place = outbox.position()
            outbox.settle(place.installation, place.last_seq, (), 1)
        for writer in writers:
            writer.join()
        assert 150 == outbox.counts().last_seq


def test_a_salvage_that_a_power_cut_interrupted_is_finished(tmp_path: Path) -> None:
    with SqliteOutbox.open(tmp_path) as outbox:
        stored = appended(outbox, 2)
    # The new file was complete, the damaged one already renamed: then the power went.
    (tmp_path / DATABASE).rename(tmp_path / "outbox.salvaged.sqlite3")
    (tmp_path / "outbox.salvaging.sqlite3").write_bytes(b"half")
    with SqliteOutbox.open(tmp_path) as outbox:
        assert stored == waiting(outbox)
    assert not (tmp_path / "outbox.salvaging.sqlite3").exists()


def test_what_was_in_quarantine_before_origins_were_kept_there_gets_its_own(
    tmp_path: Path,
) -> None:
    with SqliteOutbox.open(tmp_path) as outbox:
        first = outbox.position().installation
        appended(outbox, 1)
        outbox.renew()
        outbox.withhold(1, "isolated")
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db, db:
        db.execute("ALTER TABLE quarantine DROP COLUMN origin_installation")
        db.execute("ALTER TABLE quarantine DROP COLUMN origin_seq")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = '0002_origin_in_quarantine'")
    with SqliteOutbox.open(tmp_path) as outbox:
        again = outbox.send_again(outbox.quarantine()[0].id)
        assert again is not None
        assert Origin(first, 1) == again.origin
