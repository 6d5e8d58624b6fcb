"""A kiosk is asked to do something once, and its result is seen."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from office import Device, answer

from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.errors import HeadOfficeError
from headoffice.fleet.commands import end_old_commands, issue_command
from headoffice.fleet.models import Kiosk, KioskCommand
from sync.commands import CommandReport, CommandResult

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def device() -> Device:
    made = Device.enrolled("Main street")
    made.beat(commands=CommandReport(("restart", "diagnostics")))
    return made


def client(role: Role = Role.ADMINISTRATOR) -> Client:
    made = Client()
    made.force_login(create_user(f"some-{role}", "puolukka-77x", role=role))
    return made


def ask(device: Device, name: str = "restart", by: Client | None = None) -> Any:
    return (by or client()).post(f"/kiosks/{device.row.pk}/command", {"name": name})


def test_it_is_told_until_its_result_comes_and_then_seen(device: Device) -> None:
    person = client()
    ask(device, "diagnostics", person)
    (told,) = device.beat().commands or ()
    assert "diagnostics" == told.name
    assert (told,) == device.beat().commands
    result = CommandResult(told.id, "done", "line <1>")
    assert () == device.beat(commands=CommandReport(("restart",), (result,))).commands
    page = person.get(f"/kiosks/{device.row.pk}").content.decode()
    assert "line &lt;1&gt;" in page
    assert "Done" in page


def test_answers_call_for_the_heartbeat_that_brings_it(device: Device) -> None:
    assert device.deliver(answer(1)).pace_s is None
    ask(device)
    assert 0 == device.deliver(answer(2)).pace_s
    device.beat()
    assert device.deliver(answer(3)).pace_s is None


def test_a_kiosk_is_asked_for_what_it_knows_alone(device: Device) -> None:
    person = client()
    ask(device, "dance", person)
    ask(device, "resend", person)
    assert () == device.beat().commands
    older = Device.enrolled("Back street")
    older.beat()
    with pytest.raises(HeadOfficeError):
        issue_command(older.row, "restart", "ana")


def test_what_waits_is_not_asked_for_twice(device: Device) -> None:
    person = client()
    ask(device, by=person)
    ask(device, by=person)
    assert 1 == KioskCommand.objects.count()


def test_what_nobody_fetched_for_a_day_is_not_done_later(device: Device) -> None:
    ask(device)
    KioskCommand.objects.update(at=KioskCommand.objects.get().at - dt.timedelta(days=2))
    assert () == device.beat().commands
    end_old_commands()
    assert KioskCommand.State.EXPIRY == KioskCommand.objects.get().state


def test_a_result_of_another_kiosk_changes_nothing(device: Device) -> None:
    ask(device)
    (told,) = device.beat().commands or ()
    other = Device.enrolled("Back street")
    result = CommandResult(told.id, "done")
    other.beat(commands=CommandReport(("restart",), (result,)))
    assert KioskCommand.State.WAIT == KioskCommand.objects.get().state


def test_others_than_administrators_neither_ask_nor_see_logs(device: Device) -> None:
    analyst = client(Role.ANALYST)
    assert 404 == ask(device, by=analyst).status_code
    assert 0 == KioskCommand.objects.count()
    KioskCommand.objects.create(kiosk=device.row, name="diagnostics", detail="a log")
    page = analyst.get(f"/kiosks/{device.row.pk}").content.decode()
    assert "a log" not in page
    assert "Restart the program" not in page


def test_a_blocked_kiosk_is_asked_for_nothing(device: Device) -> None:
    Kiosk.objects.update(revoked_at=device.row.created_at)
    ask(device)
    assert 0 == KioskCommand.objects.count()
