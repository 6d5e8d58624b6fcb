"""A new device takes a kiosk's place: nothing is lost, and nothing has to be set again."""

import datetime as dt

import pytest
from django.test import Client
from office import Device, answer, new_id

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.configuration.models import SettingValue
from headoffice.fleet import enrolment
from headoffice.fleet.kiosks import all_kiosks
from headoffice.fleet.models import Assignment, Kiosk
from headoffice.health.condition import Kind, read_conditions
from sync.messages import EnrolmentRequest, OutboxReport

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def boss(client: Client) -> Client:
    create_user("boss", "four quiet otters", role=Role.ADMINISTRATOR)
    assert client.login(username="boss", password="four quiet otters")
    return client


def replacement(boss: Client, old: Device) -> Device:
    """The device that joins with the code that the page gave."""
    page = boss.post(f"/kiosks/{old.row.pk}/replace")
    assert 302 == page.status_code
    (code,) = [each.code for each in enrolment.open_codes()]
    installation = new_id()
    reply = enrolment.enrol_kiosk(EnrolmentRequest(code, installation, "0.2"), "test")
    return Device(reply.credential, reply.kiosk, installation)


def test_the_new_one_stands_there_with_the_old_ones_settings(boss: Client) -> None:
    old = Device.enrolled("Kamppi")
    SettingValue.objects.create(kiosk=old.row, name="sound.volume", value=0.2)
    new = replacement(boss, old)
    places = set(Assignment.objects.values_list("kiosk", "point__name"))
    assert {(old.row.pk, "Kamppi"), (new.row.pk, "Kamppi")} == places
    said = SettingValue.objects.filter(kiosk=new.row).values_list("name", "value")
    assert [("sound.volume", 0.2)] == list(said)
    assert old.row.successor == new.row
    assert new.beat().configuration not in ("", None)


def test_the_old_one_delivers_what_it_holds(boss: Client) -> None:
    old = Device.enrolled("Kamppi")
    old.beat(outbox=OutboxReport(waiting=2, quarantined=0, last_seq=2))
    replacement(boss, old)
    (condition,) = (c for c in read_conditions() if c.at.kiosk.pk == old.row.pk)
    assert [Kind.SUCCESSION] == [concern.kind for concern in condition.concerns]
    assert "2 messages" in condition.concerns[0].text
    assert 2 == old.deliver(answer(1), answer(2)).stored_up_to


def test_the_old_one_may_be_silent_and_nobody_is_alarmed(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Device.enrolled("Kamppi")
    old.beat()
    new = replacement(boss, old)
    later = clock.now() + dt.timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    rows = {row.kiosk.pk: row for row in all_kiosks()}
    assert not rows[old.row.pk].overdue
    assert rows[new.row.pk].overdue


@pytest.mark.parametrize(
    ("days", "waiting", "is_blocked"), [(0, 0, False), (2, 1, False), (2, 0, True)]
)
def test_it_is_blocked_when_nothing_is_left_and_nobody_has_used_it_for_a_day(
    boss: Client, monkeypatch: pytest.MonkeyPatch, days: int, waiting: int, is_blocked: bool
) -> None:
    old = Device.enrolled("Kamppi")
    replacement(boss, old)
    later = clock.now() + dt.timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: later)
    old.beat(outbox=OutboxReport(waiting=waiting, quarantined=0, last_seq=1))
    assert is_blocked == (old.row.revoked_at is not None)


def test_who_still_uses_the_old_one_loses_nothing(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Device.enrolled("Kamppi")
    replacement(boss, old)
    Kiosk.objects.filter(pk=old.row.pk).update(
        last_answer_ms=clock.now_ms() + 2 * 86_400_000 - 60_000
    )
    later = clock.now() + dt.timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    old.beat()
    assert old.row.revoked_at is None


@pytest.mark.parametrize("path", ["restore", "revoke", "replace"])
def test_nobody_but_an_administrator_does_this(client: Client, path: str) -> None:
    old = Device.enrolled("Kamppi")
    create_user("ana", "four quiet otters", role=Role.ANALYST)
    assert client.login(username="ana", password="four quiet otters")
    assert 404 == client.post(f"/kiosks/{old.row.pk}/{path}").status_code


def test_a_blocked_one_is_let_in_again(boss: Client) -> None:
    old = Device.enrolled("Kamppi")
    boss.post(f"/kiosks/{old.row.pk}/revoke")
    assert "revoked" in old.post("heartbeats", old.heartbeat()).json()["type"]
    assert b"Let in again" in boss.get(f"/kiosks/{old.row.pk}").content
    assert 302 == boss.post(f"/kiosks/{old.row.pk}/restore").status_code
    old.beat()


def test_the_pages_say_who_stands_in_whose_place(boss: Client) -> None:
    old = Device.enrolled("Kamppi")
    new = replacement(boss, old)
    page = boss.get(f"/kiosks/{old.row.pk}").content.decode()
    assert f"Kiosk {new.row.pk} stands in its place" in page
    page = boss.get(f"/kiosks/{new.row.pk}").content.decode()
    assert f"in the place of kiosk {old.row.pk}" in page
    assert 404 == boss.get(f"/kiosks/{old.row.pk}/replace").status_code
