"""Copies are made on any disk, leave nothing behind, and say what is in them."""

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from faults.disks import SmallDisk, can_mount
from office import ServedOffice, answer, other_database, server_tool
from processes import PROGRAMS, clean_environment

from headoffice.db.backup_record import BackupRecord, read_record, write_record

ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
DELIVERED = 3
NIGHTLY = Path(__file__).parents[2] / "deploy" / "hymio-headoffice-backup"
ROOT_ONLY = pytest.mark.skipif(not can_mount(), reason="only root may mount a disk")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> ServedOffice:
    """A head office, not running, to which a kiosk has delivered; tests leave its rows alone."""
    return filled_office(tmp_path_factory.mktemp("filled") / "office")


@pytest.fixture(scope="module", params=ENGINES)
def of_either(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServedOffice]:
    """The same, on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("filled")
        return
    with other_database(request.getfixturevalue("postgres_url")) as url:
        yield filled_office(tmp_path_factory.mktemp("filled") / "office", url)


def filled_office(folder: Path, url: str = "") -> ServedOffice:
    office = ServedOffice(folder, database=url)
    with office:
        deliver(office, DELIVERED)
    return office


def deliver(office: ServedOffice, answers: int, place: str = "Main street") -> None:
    device = office.enrol(place)
    bearer = {"Authorization": f"Bearer {device.credential}"}
    batch = device.batch(*(answer(seq) for seq in range(1, answers + 1)))
    assert 200 == office.send("batches", batch, **bearer)[0]


def files_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def notes_of(office: ServedOffice) -> list[Path]:
    return list(office.folder.glob("unfinished-*"))


def command(office: ServedOffice, *arguments: str) -> list[str]:
    return [*office._program(), *arguments, "--data", str(office.folder)]


# --- what is in it ------------------------------------------------------------------------


def test_a_copy_says_what_is_in_it_and_that_it_was_checked(
    of_either: ServedOffice, tmp_path: Path
) -> None:
    made = of_either.run("backup", str(tmp_path / "copy"))
    assert 0 == made.returncode, made.stdout + made.stderr
    assert "1 kiosk, 3 answers; the newest came at " in made.stdout
    assert "the counts of 1 kiosks are what their messages say" in made.stdout
    assert "This copy can be put back." in made.stdout
    record = read_record(of_either.folder)
    assert record is not None
    size = (tmp_path / "copy").stat().st_size
    assert (str(tmp_path / "copy"), size, DELIVERED, True) == (
        record.file, record.bytes, record.answers, record.verified,
    )  # fmt: skip


def test_a_copy_of_nothing_is_made_and_is_a_failure_unless_it_is_expected(
    served: ServedOffice, tmp_path: Path
) -> None:
    made = served.run("backup", str(tmp_path / "copy"))
    assert 1 == made.returncode
    assert "no kiosk has ever delivered anything. Is this the right head office?" in made.stderr
    assert (tmp_path / "copy").stat().st_size
    assert read_record(served.folder) is None
    expected = served.run("backup", str(tmp_path / "expected"), "--allow-empty")
    assert 0 == expected.returncode, expected.stdout + expected.stderr


# --- any disk, and nothing left behind ----------------------------------------------------


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize("rename", [(), ("-e", "inject=renameat2:error=EINVAL")])
def test_a_disk_without_hard_links_takes_a_copy_and_nothing_is_overwritten(
    filled: ServedOffice, tmp_path: Path, rename: tuple[str, ...]
) -> None:
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=link,linkat,renameat2",
              "-e", "inject=link,linkat:error=EPERM", *rename]  # fmt: skip

    def backed_up() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*strace, *command(filled, "backup", str(tmp_path / "copy"), "--no-verify")],
            env=filled._environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    made = backed_up()
    assert (0, "") == (made.returncode, made.stderr.partition("hymio-headoffice: ")[0])
    whole = (tmp_path / "copy").read_bytes()
    again = backed_up()
    assert (1, True) == (again.returncode, "exists already" in again.stderr)
    assert (["copy"], whole) == (files_in(tmp_path), (tmp_path / "copy").read_bytes())


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize("instant", ["pwrite64:when=9", "fsync:when=1", "link,linkat:when=1"])
def test_what_a_killed_back_up_leaves_is_removed_by_the_next(
    of_either: ServedOffice, tmp_path: Path, instant: str
) -> None:
    """Killed in the middle of a copy, when it is whole, and when it is about to get its name."""
    calls, _colon, when = instant.partition(":")
    if of_either.database and calls == "pwrite64":
        pytest.skip("a program of PostgreSQL writes that one")
    subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}",
         "-e", f"inject={calls}:signal=SIGKILL:{when}",
         *command(of_either, "backup", str(tmp_path / "killed"))],
        env=of_either._environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    assert notes_of(of_either)
    # The next may go elsewhere: what was left is known all the same.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    made = of_either.run("backup", str(elsewhere / "copy"), "--no-verify")
    assert 0 == made.returncode, made.stderr
    left = {"elsewhere"} | ({"killed"} & set(files_in(tmp_path)))
    assert (left, ["copy"], []) == (
        set(files_in(tmp_path)),
        files_in(elsewhere),
        notes_of(of_either),
    )
    if "killed" in left:
        assert 0 == of_either.run("verify-backup", str(tmp_path / "killed")).returncode


@ROOT_ONLY
def test_a_full_disk_is_called_one_and_nothing_stays_on_it(
    filled: ServedOffice, tmp_path: Path
) -> None:
    disk = SmallDisk(tmp_path / "disk", 1)
    try:
        disk.fill()
        refused = filled.run("backup", str(disk.folder / "copy"))
        assert 1 == refused.returncode
        assert f"the disk of {disk.folder} is full" in refused.stderr
        assert ["filler"] == files_in(disk.folder)
    finally:
        disk.remove()


# --- every night --------------------------------------------------------------------------


def nightly(office: ServedOffice, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """What deploy/hymio-headoffice-backup.service does."""
    programs = [str(PROGRAMS), str(Path(server_tool("pg_dump")).parent), os.environ["PATH"]]
    given = {
        "PATH": ":".join(programs),
        "HYMIO_DATA": str(office.folder),
        "HYMIO_BACKUP": str(folder),
        "HYMIO_DATABASE_URL": office.database,
    }
    return subprocess.run(
        [str(NIGHTLY)], env=clean_environment() | given | more,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def aged(file: Path, days: float) -> Path:
    file.write_text("a copy")
    os.utime(file, (time.time() - days * 86_400,) * 2)
    return file


def test_a_failure_is_told_until_the_next_good_night_and_removes_nothing(
    filled: ServedOffice, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    nowhere = nightly(filled, copies)
    assert (1, True) == (nowhere.returncode, "is its disk there?" in nowhere.stderr)
    record = read_record(filled.folder)
    assert record is not None
    assert record.failed_at is not None
    assert "is its disk there?" in record.reason
    assert (1, True) == told(filled, "is its disk there?")
    # A copy by hand is a good copy, and does not hide that the job fails.
    by_hand = filled.run("backup", str(tmp_path / "by-hand"))
    assert 0 == by_hand.returncode, by_hand.stderr
    assert (1, True) == told(filled, "is its disk there?")
    copies.mkdir()
    old = aged(copies / "hymio-old.sqlite3", 40)
    made = nightly(filled, copies)
    assert (0, "") == (made.returncode, made.stderr.partition("hymio-headoffice: ")[0])
    assert not old.exists()
    assert (0, True) == told(filled, "The last good copy is of ")


def told(office: ServedOffice, words: str) -> tuple[int, bool]:
    done = office.run("last-backup")
    return done.returncode, words in done.stdout


def test_a_job_that_was_killed_is_put_down_by_the_unit_that_follows_it(tmp_path: Path) -> None:
    office = ServedOffice(tmp_path)
    killed = office.run("last-backup", "--failed")
    assert (1, True) == (killed.returncode, "ended before it was done" in killed.stdout)
    write_record(tmp_path, json_record(failed_at=time.time(), reason="the disk is full"))
    known = office.run("last-backup", "--failed")
    assert (1, True) == (known.returncode, "the disk is full" in known.stdout)
    write_record(tmp_path, json_record(at=time.time() - 37 * 3600))
    late = office.run("last-backup")
    assert (1, True) == (late.returncode, "more than 36 hours ago" in late.stdout)


def json_record(reason: str = "", **times: float) -> BackupRecord:
    import datetime as dt

    instants: dict[str, Any] = {
        name: dt.datetime.fromtimestamp(seconds, dt.UTC) for name, seconds in times.items()
    }
    return BackupRecord(reason=reason, **instants)


def test_a_wrong_copy_removes_no_older_one(tmp_path: Path, filled: ServedOffice) -> None:
    office, copies = damaged_counts(tmp_path, filled), tmp_path / "copies"
    copies.mkdir()
    old = aged(copies / "hymio-old.sqlite3", 40)
    made = nightly(office, copies)
    assert 1 == made.returncode
    assert "counts are not what the messages say" in made.stderr
    assert old.exists()
    assert 2 == len(files_in(copies)), "the copy is as good as the database"
    record = read_record(office.folder)
    assert record is not None
    assert (None, True) == (record.at, "counts are not" in record.reason)


def damaged_counts(folder: Path, like: ServedOffice) -> ServedOffice:
    office = ServedOffice(folder / "office")
    shutil.copytree(like.folder, office.folder)
    with closing(sqlite3.connect(office.folder / "headoffice.sqlite3")) as file:
        file.execute("UPDATE results_daily SET count = 7")
        file.commit()
    (office.folder / "last-backup.json").unlink(missing_ok=True)
    return office


def test_no_copy_is_called_old_by_a_clock_that_contradicts_the_kiosks(
    filled: ServedOffice, tmp_path: Path
) -> None:
    data = tmp_path / "office"
    shutil.copytree(filled.folder, data)
    office = ServedOffice(data)
    with closing(sqlite3.connect(data / "headoffice.sqlite3")) as file:
        year_ms = 365 * 86_400_000
        file.execute("UPDATE ingest_storedmessage SET received_ms = received_ms - ?", [year_ms])
        file.execute("UPDATE fleet_kiosk SET heartbeat_at = NULL")
        file.commit()
    copies = tmp_path / "copies"
    copies.mkdir()
    old = aged(copies / "hymio-old.sqlite3", 40)
    made = nightly(office, copies)
    assert (0, True) == (made.returncode, "Older copies stay" in made.stdout)
    assert old.exists()


def test_drafts_of_earlier_versions_go_once_nobody_has_written_to_them_for_a_day(
    filled: ServedOffice, tmp_path: Path
) -> None:
    left = [aged(tmp_path / name, 1.5) for name in (
        ".hymio-2026-11-01T032000Z.sqlite3.unfinished",
        ".hymio-2026-11-01T032000Z.sqlite3.unfinished-journal",
        "hymio-2026-11-01T032000Z.dump.part",
    )]  # fmt: skip
    fresh = [
        aged(tmp_path / ".hymio-2026-11-02T032000Z.sqlite3.unfinished", 0.5),
        aged(tmp_path / ".mine.unfinished", 9),
    ]
    made = nightly(filled, tmp_path)
    assert 0 == made.returncode, made.stderr
    assert [] == [file for file in left if file.exists()]
    assert all(file.exists() for file in fresh)


def test_a_folder_whose_disk_is_not_mounted_is_not_filled(
    filled: ServedOffice, tmp_path: Path
) -> None:
    asked = nightly(filled, tmp_path, HYMIO_BACKUP_MOUNT="1")
    assert (1, True) == (asked.returncode, "no disk is mounted there now" in asked.stderr)
    wrong = nightly(filled, tmp_path, HYMIO_BACKUP_MOUNT="yes")
    assert (2, True) == (wrong.returncode, "neither 1 nor 0" in wrong.stderr)
    write_record(filled.folder, BackupRecord(file=f"{tmp_path}/hymio-a.dump", mount="/mnt/away"))
    gone = nightly(filled, tmp_path)
    assert (1, True) == (gone.returncode, "lay on the disk mounted at /mnt/away" in gone.stderr)
    assert [] == files_in(tmp_path)
    assert 0 == nightly(filled, tmp_path, HYMIO_BACKUP_MOUNT="0").returncode
    assert 0 == nightly(filled, tmp_path).returncode


@ROOT_ONLY
def test_a_mounted_folder_is_remembered_as_one(filled: ServedOffice, tmp_path: Path) -> None:
    disk = SmallDisk(tmp_path / "disk", 20)
    try:
        assert 0 == nightly(filled, disk.folder, HYMIO_BACKUP_MOUNT="1").returncode
    finally:
        disk.remove()
    gone = nightly(filled, disk.folder)
    assert (1, True) == (gone.returncode, "which is not there now" in gone.stderr)


# --- secrets ------------------------------------------------------------------------------


def test_the_password_of_postgresql_is_no_word_of_a_command(
    of_either: ServedOffice, tmp_path: Path
) -> None:
    if not of_either.database:
        pytest.skip("SQLite has none")
    stub = tmp_path / "bin" / "pg_dump"
    stub.parent.mkdir()
    stub.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >{tmp_path}/words\n'
        f'printf "%s" "${{PGPASSWORD-}}" >{tmp_path}/secret\n'
        f'exec {server_tool("pg_dump")} "$@"\n'
    )
    stub.chmod(0o755)
    (tmp_path / "copies").mkdir()
    made = nightly(
        of_either, tmp_path / "copies", PATH=f"{stub.parent}:{PROGRAMS}:{os.environ['PATH']}"
    )
    assert 0 == made.returncode, made.stderr
    words, password = (tmp_path / "words").read_text(), (tmp_path / "secret").read_text()
    assert "--dbname=" in words
    assert password
    assert password not in words
    with psycopg.connect(of_either.database) as server:
        assert server.info.password == password
