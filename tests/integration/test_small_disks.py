"""Disks that are really full or read-only, on either side: nothing half, nothing lost."""

import json
import re
import shutil
import sqlite3
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from fakes import FakeClock, answer
from faults.disks import SmallDisk, can_mount
from office import ServedOffice, logged_lines, other_database
from office import answer as answered
from processes import free_port, wait_until

from config.settings import Sync
from sync.clock import SystemClock
from sync.enrolment import enrol
from sync.errors import OutboxFullError, OutboxUnwritableError
from sync.messages import Sighting
from sync.outbox.sqlite import SqliteOutbox
from sync.outbox.storage import DATABASE
from sync.relay import Relay
from sync.transport import HttpTransport

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not can_mount(), reason="only root may mount a small disk to fill"),
]
MOMENT = FakeClock().moment()
RESERVE = 1 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    made = SmallDisk(tmp_path / "disk", 8)
    yield made
    made.remove()


@pytest.fixture
def open_disk() -> Iterator[SmallDisk]:
    """One that the database server reaches; pytest closes its folders to others at every start."""
    with tempfile.TemporaryDirectory(prefix="hymio-disk-") as name:
        Path(name).chmod(0o711)
        made = SmallDisk(Path(name) / "disk", 8)
        yield made
        made.remove()


def tap_until_full(outbox: SqliteOutbox) -> int:
    """How many answers were stored before the first that was not."""
    for stored in range(100_000):
        try:
            outbox.append([answer()], MOMENT)
        except OutboxFullError:
            return stored
    raise AssertionError("the disk has no end")


def settle_all(outbox: SqliteOutbox) -> int:
    position = outbox.position()
    outbox.settle(position.installation, position.last_seq, (), 1_750_000_000_000)
    return outbox.position().watermark


def test_on_a_full_disk_the_reserve_keeps_taps_coming(disk: SmallDisk) -> None:
    with SqliteOutbox.open(disk.folder, reserve_bytes=RESERVE) as outbox:
        outbox.append([answer()], MOMENT)
        disk.fill()
        assert (disk.folder / "reserve").exists()
        stored = tap_until_full(outbox)
        assert stored > 100, "a megabyte holds a few hundred answers"
        assert not (disk.folder / "reserve").exists()
        assert 1 + stored == outbox.counts().last_seq


def test_a_full_disk_drains_also_when_no_tap_comes_that_gives_up_the_reserve(
    disk: SmallDisk,
) -> None:
    with SqliteOutbox.open(disk.folder, reserve_bytes=RESERVE) as outbox:
        for _ in range(10):
            outbox.append([answer()], MOMENT)
        disk.fill()
        assert 10 == settle_all(outbox)


def test_with_the_reserve_gone_as_well_what_waits_is_still_delivered(disk: SmallDisk) -> None:
    with SqliteOutbox.open(disk.folder, reserve_bytes=RESERVE) as outbox:
        outbox.append([answer()], MOMENT)
        disk.fill()
        stored = 1 + tap_until_full(outbox)
        outbox.record_sighting(Sighting(MOMENT.boot, 1, 2, 3))
        assert stored == settle_all(outbox)


def test_an_answer_that_did_not_fit_is_not_there_and_space_that_returns_is_used(
    disk: SmallDisk,
) -> None:
    with SqliteOutbox.open(disk.folder, reserve_bytes=RESERVE) as outbox:
        disk.fill()
        stored = tap_until_full(outbox)
        full_at = outbox.counts().last_seq
        assert stored == full_at
        disk.free()
        (kept,) = outbox.append([answer()], MOMENT)
        assert full_at + 1 == kept.seq
        while outbox.trim(1, 1000):
            pass
        assert (disk.folder / "reserve").exists(), "it is set aside again"
    with SqliteOutbox.open(disk.folder) as outbox:
        assert outbox.salvage_report is None
        assert full_at + 1 == outbox.counts().waiting


def test_an_outbox_on_a_disk_that_is_full_from_the_start_says_so_and_recovers(
    disk: SmallDisk,
) -> None:
    disk.fill()
    with pytest.raises((OutboxUnwritableError, OutboxFullError)):
        SqliteOutbox.open(disk.folder, reserve_bytes=RESERVE)
    disk.free()
    with SqliteOutbox.open(disk.folder, reserve_bytes=RESERVE) as outbox:
        outbox.append([answer()], MOMENT)


def test_a_kiosk_that_starts_on_a_full_disk_starts(disk: SmallDisk) -> None:
    with SqliteOutbox.open(disk.folder, reserve_bytes=RESERVE) as outbox:
        outbox.append([answer()], MOMENT)
    disk.fill()
    with SqliteOutbox.open(disk.folder, reserve_bytes=RESERVE) as outbox:
        assert 2 == outbox.append([answer()], MOMENT)[0].seq
        assert 2 == settle_all(outbox)


def test_a_read_only_disk_says_so_leaves_all_as_it_was_and_recovers(disk: SmallDisk) -> None:
    with SqliteOutbox.open(disk.folder) as outbox:
        outbox.append([answer()], MOMENT)
    before = (disk.folder / DATABASE).read_bytes()
    disk.make_read_only()
    with pytest.raises(OutboxUnwritableError, match="Check the disk"):
        SqliteOutbox.open(disk.folder)
    assert before == (disk.folder / DATABASE).read_bytes()
    disk.make_writable()
    with SqliteOutbox.open(disk.folder) as outbox:
        assert 2 == outbox.append([answer()], MOMENT)[0].seq


@pytest.mark.e2e
def test_a_head_office_on_a_full_disk_takes_nothing_half_and_the_kiosk_keeps_all(
    disk: SmallDisk, tmp_path: Path
) -> None:
    clock, quick = SystemClock(), Sync(connect_timeout=5, read_timeout=20, batch_messages=100)
    office, log = ServedOffice(disk.folder), (tmp_path / "log").open("w")
    office.errors = log.fileno()
    office.options = ["--port", str(free_port())]
    with log, office, SqliteOutbox.open(tmp_path / "kiosk") as outbox:
        code = office.run("create-code", "--place", "Till").stdout.split()[-1]
        identity = enrol(code, office.url, installation=outbox.position().installation, version="1")
        relay = Relay(outbox, HttpTransport(identity, clock, quick), clock, quick)
        outbox.append([answer() for _ in range(100)], clock.moment())
        assert relay.run(now=True) is None
        outbox.append([answer() for _ in range(400)], clock.moment())
        disk.fill()
        for _again in range(10):
            if relay.run(now=True) is not None:
                break
        assert "503" in relay.status.failure
        assert "Its disk is full" in relay.status.failure
        assert (503, {"ready": False, "reasons": ["disk_full"]}) == ask(office, "/ready")
        assert "The disk of the head office is full" in log_in(office)
        office.stop()
        office.start()
        assert (503, {"ready": False, "reasons": ["disk_full"]}) == ask(office, "/ready")
        assert outbox.counts().waiting > 0
        assert () == outbox.quarantine()
        disk.free()
        assert relay.run(now=True) is None
        assert 0 == outbox.counts().waiting
        office.stop()
        with closing(sqlite3.connect(disk.folder / "headoffice.sqlite3")) as db:
            seqs = [seq for (seq,) in db.execute("SELECT seq FROM ingest_storedmessage")]
            assert list(range(1, 501)) == sorted(seqs)
    told = logged_lines(tmp_path / "log")
    assert 2 == len(told), "a line for each time that it was started"
    assert all("the disk is full: make room on it" in line for line in told)
    assert "hymio-headoffice: disk: 0 MB are left for" in (tmp_path / "log").read_text()


@pytest.mark.e2e
@pytest.mark.postgres
def test_a_postgresql_whose_disk_is_full_is_told_and_recovers(
    open_disk: SmallDisk, tmp_path: Path, postgres_url: str
) -> None:
    disk, owner = open_disk, "postgres"
    shutil.chown(disk.folder, owner, owner)
    with other_database(postgres_url) as url:
        office, log = ServedOffice(tmp_path / "office", database=url), tmp_path / "log"
        with log.open("w") as file, psycopg.connect(url, autocommit=True) as database:
            office.errors = file.fileno()
            with office:
                device = office.enrol("Till")
                bearer = {"Authorization": f"Bearer {device.credential}"}
                database.execute(f"CREATE TABLESPACE small LOCATION '{disk.folder}'")
                database.execute("ALTER TABLE ingest_storedmessage SET TABLESPACE small")
                disk.fill()
                many = device.batch(*(answered(seq) for seq in range(1, 400)))
                status, problem = office.send("batches", many, **bearer)
                assert (503, True) == (status, "Its disk is full" in problem["detail"])
                assert (503, {"ready": False, "reasons": ["disk_full"]}) == ask(office, "/ready")
                disk.free()
                assert 200 == office.send("batches", many, **bearer)[0]
                database.execute("ALTER TABLE ingest_storedmessage SET TABLESPACE pg_default")
                database.execute("DROP TABLESPACE small")
                wait_until(lambda: ask(office, "/ready")[0] == 200, "readiness", seconds=5)
        told = logged_lines(log)
        assert 1 == len(told), told
        assert "the disk is full: make room on it" in told[0]


def ask(office: ServedOffice, path: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(f"{office.url}{path}", timeout=30) as reply:  # noqa: S310 - the test's server
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def log_in(office: ServedOffice) -> str:
    """The page that somebody sees who types the right password."""
    with requests.Session() as browser:
        page = browser.get(f"{office.url}/login", timeout=30)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found is not None
        form = {"username": "admin", "password": office.password, "csrfmiddlewaretoken": found[1]}
        reply = browser.post(f"{office.url}/login", form, timeout=60)
    assert 503 == reply.status_code
    return reply.text
