"""docs/alerts.yml rings in each state that it is for, and in no other."""

import datetime as dt
import json
import re
import shutil
import sqlite3
import ssl
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from alert_states import Page, Scenario, alerts_in, ring
from faults.disks import SmallDisk, can_mount
from office import ServedOffice, answer
from prepare import find_initdb
from processes import ROOT, PostgresServer, wait_until

from headoffice import clock
from headoffice.db import backup_record
from headoffice.db.backup_record import BackupRecord, record_failure, write_record
from sync.messages import OutboxReport, Trouble

RULES = ROOT / "docs" / "alerts.yml"
DAY_MINUTES = 24 * 60
ON_SMALL_DISKS = {"HymioDiskFull", "HymioDiskNearlyFull"}
_ANY_CERTIFICATE = ssl.create_default_context()
_ANY_CERTIFICATE.check_hostname, _ANY_CERTIFICATE.verify_mode = False, ssl.CERT_NONE


def scrape(office: ServedOffice) -> Page:
    url = f"{office.url}/metrics"
    with urllib.request.urlopen(url, timeout=30, context=_ANY_CERTIFICATE) as reply:  # noqa: S310 - the test's server
        return Page(reply.read().decode(), time.time())


class Shop:
    """A head office on SQLite with one kiosk, well until something is done to it."""

    def __init__(self, office: ServedOffice) -> None:
        self.office, self.kiosk = office, office.enrol("Main street")
        self.post("batches", self.kiosk.batch(answer(1), answer(2)))
        self.copy(at=clock.now())
        self.beat()
        self.well = scrape(office)

    def post(self, path: str, body: bytes, credential: str = "") -> int:
        bearer = {"Authorization": f"Bearer {credential or self.kiosk.credential}"}
        return self.office.send(path, body, **bearer)[0]

    def beat(self, **more: Any) -> None:
        assert 200 == self.post("heartbeats", self.kiosk.heartbeat(**more))

    def copy(self, **record: Any) -> None:
        write_record(self.office.folder, BackupRecord(**record))

    def execute(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.office.folder / "headoffice.sqlite3")) as db, db:
            db.execute(statement, values)

    def now(self, name: str, *rings: str, minutes: int = 45) -> Scenario:
        """From well to the state in which it is now."""
        return Scenario(name, self.well, scrape(self.office), frozenset(rings), minutes)


# --- the states -----------------------------------------------------------------------------


def day_and_night(shop: Shop) -> Iterator[Scenario]:
    shop.beat()
    yield shop.now("a healthy day")
    other_day = (clock.now() + dt.timedelta(days=3)).strftime("%a").lower()
    closed = json.dumps({other_day: [["09:00", "21:00"]]})
    shop.execute("UPDATE fleet_kiosk SET heartbeat_at = '2026-01-01 00:00:00'")
    shop.execute("UPDATE fleet_experiencepoint SET opening_hours = ?", closed)
    yield shop.now("a healthy night: the shop is closed and its kiosk off", minutes=8 * 60)
    shop.execute("UPDATE fleet_experiencepoint SET opening_hours = '{}'")
    yield shop.now("a kiosk is off in the day", "HymioKiosksOverdue")
    yield shop.now("a kiosk is being started", minutes=10)
    shop.beat()


def kiosks(shop: Shop) -> Iterator[Scenario]:
    shop.beat(outbox=OutboxReport(waiting=2, quarantined=2, last_seq=4))
    yield shop.now("messages are in quarantine", "HymioQuarantine")
    shop.beat(troubles=(Trouble("touch", "hidinput,/dev/input/event0"),))
    yield shop.now("a kiosk reports that its touch panel is missing", "HymioKioskTrouble")
    shop.beat(clock_offset_ms=-61_000)
    yield shop.now("the clock is a minute behind that of kiosks", "HymioClockOff")
    shop.beat(clock_offset_ms=20_000)
    yield shop.now("the clock is twenty seconds off")
    shop.execute("UPDATE fleet_kiosk SET clock_offset_ms = NULL")
    for _ in range(3):
        assert 401 == shop.post("heartbeats", shop.kiosk.heartbeat(), "of-another-head-office")
    yield shop.now("a kiosk is not let in", "HymioKiosksRefused")
    # Counted on, that would go on ringing here.
    shop.well = scrape(shop.office)
    assert 200 == shop.post("batches", shop.kiosk.batch(answer(2, 0)))
    yield shop.now("two devices use one identity", "HymioClone")
    shop.execute("DELETE FROM fleet_alarm")
    assert 200 == shop.post("batches", shop.kiosk.batch(answer(9), oldest=9))
    yield shop.now("messages are gone", "HymioMessagesGone")
    shop.well = scrape(shop.office)
    week = "they are known to be gone for a week, and nothing was copied in it"
    yield shop.now(week, "HymioCopyOld", minutes=8 * DAY_MINUTES)
    shop.execute("DELETE FROM ingest_gap")
    shop.well = scrape(shop.office)


def storage(shop: Shop) -> Iterator[Scenario]:
    shop.execute("ALTER TABLE ingest_storedmessage RENAME TO elsewhere")
    for _ in range(3):
        assert 503 == shop.post("batches", shop.kiosk.batch(answer(10)))
    shop.execute("ALTER TABLE elsewhere RENAME TO ingest_storedmessage")
    yield shop.now("nothing can be stored", "HymioStoreFailing")
    shop.well = scrape(shop.office)
    shop.execute("UPDATE fleet_kiosk SET revoked_at = '2026-01-01 00:00:00'")
    yield shop.now("the database has no kiosk any more", "HymioEmpty")
    shop.execute("UPDATE fleet_kiosk SET revoked_at = NULL")


def copies(shop: Shop) -> Iterator[Scenario]:
    shop.copy(at=clock.now() - dt.timedelta(hours=35))
    yield shop.now("the copy is of last night", minutes=30)
    shop.copy(at=clock.now() - dt.timedelta(hours=37))
    yield shop.now("the copy is of the night before", "HymioCopyOld")
    shop.copy(at=clock.now())
    record_failure(shop.office.folder, "the disk is full")
    yield shop.now("a back-up failed", "HymioBackupFailed")
    (shop.office.folder / backup_record.NAME).unlink()
    yield shop.now("nothing was ever copied", "HymioNoCopy", minutes=DAY_MINUTES + 60)
    yield shop.now("a new head office has no copy yet", minutes=60)
    shop.copy(at=clock.now())


def doubt(shop: Shop) -> Iterator[Scenario]:
    ahead = clock.now_ms() + 30 * DAY_MINUTES * 60_000
    shop.office.stop()
    shop.execute("UPDATE timekeeping_clockrun SET last_ms = ?", ahead)
    shop.office.start()
    yield shop.now("the clock is in doubt", "HymioClockInDoubt")


def absence(well: Page) -> Iterator[Scenario]:
    yield Scenario("it does not run", well, None, frozenset({"HymioDown"}))
    gone = frozenset({"HymioNotWatched"})
    yield Scenario("nobody watches it", well, None, gone, is_target=False)


def certificate(folder: Path) -> Iterator[Scenario]:
    with served_with_tls(folder / "long", dt.timedelta(days=15)) as office:
        well = scrape(office)
    with served_with_tls(folder / "short", dt.timedelta(days=13)) as office:
        rings = frozenset({"HymioCertificateEnds"})
        yield Scenario("the certificate ends in 13 days", well, scrape(office), rings)


@contextmanager
def served_with_tls(folder: Path, lasts: dt.timedelta) -> Iterator[ServedOffice]:
    folder.mkdir(mode=0o700)
    pem = folder.with_suffix(".pem")
    made = trustme.CA().issue_cert("localhost", not_after=dt.datetime.now(dt.UTC) + lasts)
    made.private_key_and_cert_chain_pem.write_to_path(str(pem))
    office = ServedOffice(folder)
    office.options += ["--tls-cert", str(pem), "--tls-key", str(pem), "--workers", "1"]
    with office:
        yield office


def database_away(folder: Path) -> Iterator[Scenario]:
    initdb = find_initdb()
    assert initdb is not None
    with tempfile.TemporaryDirectory(prefix="hymio-alerts-") as place:
        Path(place).chmod(0o755)
        with PostgresServer(initdb, Path(place) / "server").start() as server:
            office = ServedOffice(folder / "on-postgresql", database=server.url)
            office.errors = subprocess.DEVNULL
            with office:
                device = office.enrol("Main street")
                bearer = {"Authorization": f"Bearer {device.credential}"}
                office.send("heartbeats", device.heartbeat(), **bearer)
                write_record(office.folder, BackupRecord(at=clock.now()))
                well = scrape(office)
                server.kill()
                for _ in range(5):
                    office.send("heartbeats", device.heartbeat(), **bearer)
                yield Scenario(
                    "the database is away", well, scrape(office), frozenset({"HymioDatabaseAway"})
                )


def small_disks(folder: Path) -> Iterator[Scenario]:
    with small_disk(folder / "small", 300) as shop:
        yield from_large_disk(shop, "little is left on the disk", "HymioDiskNearlyFull")
    with small_disk(folder / "full", 8) as shop:
        many = shop.kiosk.batch(*(answer(seq) for seq in range(3, 300)))
        filler = shop.office.folder / "filler"
        filler.write_bytes(bytes(shutil.disk_usage(shop.office.folder).free))
        wait_until(lambda: shop.post("batches", many) == 503, "a full disk", seconds=10)
        yield from_large_disk(shop, "the disk is full", "HymioDiskFull")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Shop]:
    disk = SmallDisk(folder, megabytes)
    try:
        office = ServedOffice(folder)
        office.errors = subprocess.DEVNULL
        with office:
            yield Shop(office)
    finally:
        disk.remove()


def from_large_disk(shop: Shop, name: str, *rings: str) -> Scenario:
    """As if there had been no shortage before."""
    told = re.sub(r"(hymio_disk_\w+_bytes{.*}) .*", r"\1 5e11", shop.well.text)
    shop.well = Page(told, shop.well.at_s)
    return shop.now(name, *rings, minutes=90)


@pytest.mark.e2e
@pytest.mark.postgres
@pytest.mark.slow
def test_each_alert_rings_in_its_state_and_in_no_other(
    served: ServedOffice, tmp_path: Path
) -> None:
    shop = Shop(served)
    scenarios = [
        *absence(shop.well),
        *day_and_night(shop),
        *kiosks(shop),
        *storage(shop),
        *copies(shop),
        *doubt(shop),
        *certificate(tmp_path),
        *database_away(tmp_path),
        *(small_disks(tmp_path) if can_mount() else ()),
    ]
    tried = {alert for scenario in scenarios for alert in scenario.rings}
    assert alerts_in(RULES) == tried | (set() if can_mount() else ON_SMALL_DISKS)
    assert "" == ring(RULES, scenarios, tmp_path)


def test_the_rules_are_well_formed() -> None:
    done = subprocess.run(
        ["promtool", "check", "rules", "--lint-fatal", str(RULES)], capture_output=True, check=False
    )
    assert 0 == done.returncode, done.stdout
