"""What monitoring reads."""

import pytest
from django.test import Client
from office import Device, answer
from prometheus_client.parser import text_string_to_metric_families

from headoffice.accounts.models import Role
from headoffice.accounts.people import create_user
from headoffice.api import tokens
from headoffice.api.models import Scope
from headoffice.fleet.models import Kiosk

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


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


def test_the_state_of_the_fleet_is_told(device: Device) -> None:
    quiet = scrape()
    assert (1, 0, 1) == (
        quiet["hymio_kiosks", ""],
        quiet["hymio_kiosks_overdue", ""],
        quiet["hymio_database_up", ""],
    )
    assert 0 < quiet["hymio_database_latency_seconds", ""] < 5
    device.deliver(answer(5), oldest=5)
    Kiosk.objects.update(created_at="2020-01-01T00:00:00Z", waiting=7, oldest_waiting_ms=90_000)
    told = scrape()
    names = ("kiosks_overdue", "messages_waiting", "oldest_waiting_seconds", "gaps")
    assert [1, 7, 90, 1] == [told[f"hymio_{name}", ""] for name in names]
    assert 4 == told["hymio_messages_gone", ""]
    assert told["process_resident_memory_bytes", ""] > 0


def test_only_this_machine_reads_without_a_token(db: None) -> None:
    del db
    far = Client(REMOTE_ADDR="192.0.2.7")
    assert 401 == far.get("/metrics").status_code
    assert 401 == Client(HTTP_X_FORWARDED_FOR="192.0.2.7").get("/metrics").status_code
    boss = create_user("boss", "long enough 17", role=Role.ADMINISTRATOR)
    for scope, status in ((Scope.METRICS, 200), (Scope.LIVE, 403)):
        bearer = {"Authorization": f"Bearer {tokens.create('x', [scope], boss)}"}
        assert status == far.get("/metrics", headers=bearer).status_code
