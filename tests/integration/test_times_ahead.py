"""What a wrong hour of the head office's clock left in the future, as it is seen meanwhile."""

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from office import Device, answer, new_id

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.known_places import forget_old_places
from headoffice.accounts.models import KnownPlace, Role
from headoffice.accounts.sessions import remove_expired_sessions
from headoffice.api import tokens
from headoffice.api.models import Scope
from headoffice.fleet import enrolment
from headoffice.fleet.kiosks import all_kiosks
from headoffice.fleet.models import Assignment, EnrolmentCode, Kiosk
from headoffice.results.today import read_today
from headoffice.web.problems import RefusedError
from sync.messages import EnrolmentRequest

pytestmark = [pytest.mark.database, pytest.mark.django_db]
YEAR = dt.timedelta(days=365)
YEAR_MS = 365 * 86_400_000


def overdue_gauge() -> str:
    found = re.search(
        r"^hymio_kiosks_overdue (\S+)", Client().get("/metrics").content.decode(), re.MULTILINE
    )
    assert found is not None
    return found[1]


def api(path: str) -> Any:
    boss = create_user("boss", "long enough 17", role=Role.ADMINISTRATOR)
    bearer = {"Authorization": f"Bearer {tokens.create_token('x', list(Scope), boss)}"}
    return Client().get(f"/api/v1/{path}", headers=bearer).json()


def test_a_kiosk_that_was_heard_in_the_future_is_overdue_now(device: Device) -> None:
    device.beat()
    assert [False] == [row.overdue for row in all_kiosks()]
    Kiosk.objects.update(heartbeat_at=clock.now() + YEAR)
    assert [True] == [row.overdue for row in all_kiosks()]
    assert "1.0" == overdue_gauge()
    assert True is api("kiosks")["data"][0]["overdue"]
    device.beat()
    assert [False] == [row.overdue for row in all_kiosks()]


def test_one_that_was_never_heard_since_it_joined_in_the_future_is_overdue(device: Device) -> None:
    del device
    Kiosk.objects.update(created_at=clock.now() + YEAR)
    assert "1.0" == overdue_gauge()


def test_clocks_of_two_machines_may_differ_by_seconds(device: Device) -> None:
    device.beat()
    Kiosk.objects.update(heartbeat_at=clock.now() + dt.timedelta(seconds=20))
    assert "0.0" == overdue_gauge()


def test_one_that_joined_in_the_future_is_not_gone_until_then(device: Device) -> None:
    device.beat()
    Assignment.objects.update(since_ms=clock.now_ms() + YEAR_MS)
    assert ["Main street"] == [row.place for row in all_kiosks()]


def test_a_move_that_lies_ahead_changes_nothing_yet(device: Device) -> None:
    there = Device.enrolled("Elsewhere").row.assignments.get().point
    Assignment.objects.create(kiosk=device.row, point=there, since_ms=clock.now_ms() + YEAR_MS)
    assert ["Elsewhere", "Main street"] == [row.place for row in all_kiosks()]


def test_a_last_answer_that_lies_ahead_is_not_told_and_gives_way_to_the_next(
    device: Device,
) -> None:
    device.define()
    device.deliver(answer(1))
    Kiosk.objects.update(last_answer_ms=clock.now_ms() + YEAR_MS)
    assert [None] == [kiosk.last_answer for kiosk in read_today().kiosks]
    assert None is api("kiosks")["data"][0]["last_answer_at"]
    device.deliver(answer(2))
    (kiosk,) = read_today().kiosks
    assert kiosk.last_answer is not None
    assert kiosk.last_answer <= clock.now()


def test_a_session_that_began_in_the_future_is_over(db: None) -> None:
    del db
    client = Client()
    client.force_login(create_user("boss", "long enough 17", role=Role.ADMINISTRATOR))
    assert 200 == client.get("/").status_code
    remove_expired_sessions()
    assert 200 == client.get("/").status_code
    Session.objects.update(expire_date=clock.now() + YEAR)
    assert 302 == client.get("/").status_code
    remove_expired_sessions()
    assert not Session.objects.exists()


def test_a_code_that_was_made_in_the_future_is_not_good_until_then(db: None) -> None:
    del db
    code = enrolment.create_code("Shop 9")
    EnrolmentCode.objects.update(expires_at=clock.now() + YEAR)
    asked = EnrolmentRequest(code, new_id(), "0.1")
    with pytest.raises(RefusedError) as refused:
        enrolment.enrol_kiosk(asked, "test")
    assert "code_expired" == refused.value.kind
    EnrolmentCode.objects.update(expires_at=clock.now() + enrolment.LIFETIME)
    assert enrolment.enrol_kiosk(asked, "test").credential


def test_a_place_that_was_seen_in_the_future_is_not_known_until_then(db: None) -> None:
    del db
    create_user("boss", "long enough 17", role=Role.ADMINISTRATOR)
    client = Client()
    client.post("/login", {"username": "boss", "password": "long enough 17"})
    forget_old_places()
    assert 1 == KnownPlace.objects.count()
    KnownPlace.objects.update(seen_ms=clock.now_ms() + YEAR_MS)
    forget_old_places()
    assert 0 == KnownPlace.objects.count()
