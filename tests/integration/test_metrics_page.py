"""What monitoring reads."""

import datetime as dt
import errno
import os
from importlib.metadata import version
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from office import DEFINITION, Device, answer
from prometheus_client.parser import text_string_to_metric_families

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.api import tokens
from headoffice.api.models import Scope
from headoffice.db import backup_record
from headoffice.db.backup_record import BackupRecord, record_failure, write_record
from headoffice.fleet.kiosks import revoke_kiosk
from headoffice.fleet.models import ExperiencePoint, Kiosk
from headoffice.ingest import delivery

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
LONG_AGO = "2020-01-01T00:00:00Z"


def scrape() -> dict[tuple[str, str], float]:
    text = Client().get("/metrics").content.decode()
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_messages_are_counted_by_what_became_of_them(device: Device) -> None:
    before = scrape()
    device.deliver(answer(1), message := answer(2))
    device.deliver(message)
    device.deliver(answer(2, 0), answer(3))
    after = scrape()

    def grown(outcome: str) -> float:
        key = ("hymio_messages_total", outcome)
        return after[key] - before[key]

    assert (3, 1, 1) == (grown("stored"), grown("duplicate"), grown("refused"))
    batches = ("hymio_batch_duration_seconds_count", "200")
    assert 3 == after[batches] - before.get(batches, 0)
    assert 1 == after["hymio_alarms", ""]


def test_definitions_are_counted_by_what_became_of_them(device: Device) -> None:
    before = scrape()
    assert 204 == device.define().status_code
    assert 422 == device.define(DEFINITION, name="0" * 64).status_code
    assert 422 == device.define(b"{}").status_code
    after = scrape()
    grown = {
        outcome: after[key] - before[key]
        for outcome in ("stored", "refused")
        if (key := ("hymio_definitions_total", outcome))
    }
    assert {"stored": 1, "refused": 2} == grown


def test_the_state_of_the_fleet_is_told(device: Device) -> None:
    quiet = scrape()
    assert (1, 0, 1) == (
        quiet["hymio_kiosks", ""],
        quiet["hymio_kiosks_overdue", ""],
        quiet["hymio_database_up", ""],
    )
    assert 0 < quiet["hymio_database_latency_seconds", ""] < 5
    device.deliver(answer(5), oldest=5)
    # What it delivered was a sign of life: since then it is silent.
    Kiosk.objects.update(heartbeat_at=LONG_AGO, waiting=7, oldest_waiting_ms=90_000)
    told = scrape()
    names = ("kiosks_overdue", "messages_waiting", "oldest_waiting_seconds", "gaps")
    assert [1, 7, 90, 1] == [told[f"hymio_{name}", ""] for name in names]
    assert 4 == told["hymio_messages_gone", ""]
    assert told["process_resident_memory_bytes", ""] > 0


def test_a_kiosk_that_is_silent_at_night_is_not_missed(device: Device) -> None:
    """Overdue as such, and overdue where the shop is open: the second one calls somebody."""

    def overdue() -> tuple[float, float]:
        told = scrape()
        return told["hymio_kiosks_overdue", ""], told["hymio_kiosks_overdue_open", ""]

    Kiosk.objects.update(heartbeat_at=LONG_AGO)
    assert (1, 1) == overdue(), "whose hours nobody knows is always expected"
    here = clock.now().astimezone(ZoneInfo("Pacific/Auckland"))
    day, other = ((here + dt.timedelta(days=n)).strftime("%a").lower() for n in (0, 3))
    point = ExperiencePoint.objects.get()
    point.time_zone, point.opening_hours = "Pacific/Auckland", {other: [["09:00", "21:00"]]}
    point.save()
    assert (1, 0) == overdue()
    point.opening_hours |= {day: [["00:00", "24:00"]]}
    point.save()
    assert (1, 1) == overdue()
    device.beat()
    assert (0, 0) == overdue()


def test_the_clock_is_compared_with_those_of_kiosks_in_touch(db: None) -> None:
    del db
    assert ("hymio_clock_offset_seconds", "") not in scrape()
    devices = [Device.enrolled(f"Shop {n}") for n in range(4)]
    for device, offset in zip(devices, (-90_000, -61_000, 40, 5_000_000), strict=True):
        device.beat(clock_offset_ms=offset)
    Kiosk.objects.filter(uuid=devices[3].kiosk).update(heartbeat_at=LONG_AGO)
    assert -61 == scrape()["hymio_clock_offset_seconds", ""]


def test_refused_kiosks_and_failed_stores_are_counted_by_reason(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = scrape()
    path = "/api/kiosk/v1/batches"
    Client().post(path, b"{}", content_type="application/json")
    wrong = {"Authorization": "Bearer nobody"}
    for _ in range(2):
        Client().post(path, b"{}", content_type="application/json", headers=wrong)
    # Of people and programs, and so of no kiosk.
    Client().get("/api/v1/places", headers=wrong)
    revoke_kiosk(device.row)
    device.post("batches", device.batch())
    grown = {key: value - before.get(key, 0) for key, value in scrape().items()}
    reasons = ("no_credential", "unknown_credential", "revoked", "code_unknown")
    told = [grown["hymio_kiosks_refused_total", reason] for reason in reasons]
    assert [1, 2, 1, 0] == told

    def fail(*_arguments: object, **_options: object) -> None:
        raise OperationalError("full") from OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(delivery, "deliver", fail)
    other = Device.enrolled("Next door")
    assert 503 == other.post("batches", other.batch()).status_code
    after = scrape()
    failed = {
        labels: value - before[name, labels]
        for (name, labels), value in after.items()
        if name == "hymio_store_failures_total"
    }
    assert {"disk_full"} == {reason for reason, count in failed.items() if count}


def test_machine_copies_and_program_are_told(db: None) -> None:
    del db
    told = scrape()
    assert 1 == told["hymio_build_info", version("hymio")]
    free, size = (told[f"hymio_disk_{what}_bytes", "data"] for what in ("free", "size"))
    assert 0 < free <= size
    assert (0, 0) == (
        told["hymio_backup_last_success_timestamp_seconds", ""],
        told["hymio_backup_failed", ""],
    )
    try:
        made = clock.now()
        write_record(settings.DATA, BackupRecord(at=made, file="/backup/x", verified=True))
        assert made.timestamp() == scrape()["hymio_backup_last_success_timestamp_seconds", ""]
        record_failure(settings.DATA, "the disk is full")
        told = scrape()
        assert made.timestamp() == told["hymio_backup_last_success_timestamp_seconds", ""]
        assert 1 == told["hymio_backup_failed", ""]
    finally:
        (settings.DATA / backup_record.NAME).unlink()


@pytest.mark.skipif("HYMIO_DATABASE_URL" not in os.environ, reason="about PostgreSQL")
def test_the_disk_of_a_postgresql_on_this_machine_is_told(db: None) -> None:
    del db
    assert scrape()["hymio_disk_free_bytes", "database"] > 0


def test_only_this_machine_reads_without_a_token(db: None) -> None:
    del db
    far = Client(REMOTE_ADDR="192.0.2.7")
    assert 401 == far.get("/metrics").status_code
    assert 401 == Client(HTTP_X_FORWARDED_FOR="192.0.2.7").get("/metrics").status_code
    boss = create_user("boss", "long enough 17", role=Role.ADMINISTRATOR)
    for scope, status in ((Scope.METRICS, 200), (Scope.LIVE, 403)):
        bearer = {"Authorization": f"Bearer {tokens.create_token('x', [scope], boss)}"}
        assert status == far.get("/metrics", headers=bearer).status_code
