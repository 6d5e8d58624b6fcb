"""What concerns security is written down: one line each, nothing secret in it, and not too many."""

import logging
import re
import uuid
from collections.abc import Iterator

import msgspec
import pytest
from django.conf import settings
from django.test import Client
from office import Device, answer, new_id

from config.values import ContactDetails
from headoffice.accounts import security_log, throttle
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.api.models import Token
from headoffice.fleet import enrolment
from headoffice.fleet.models import Kiosk
from headoffice.messages.models import StoredMessage
from sync.messages import EnrolmentRequest

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PASSWORD = "puolukka-77x"
LINE = re.compile(r"event=[a-z_.]+ actor=[\w:.-]+ object=[\w:.-]+(?: [a-z_]+=[\w.:,+-]+)*")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    # What tests before this one were too many of is said now, and not in the midst of it.
    security_log._limiter.sum_up()
    monkeypatch.setattr(security_log, "_limiter", security_log.LineLimiter())


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What was written, as it grows."""
    written: list[str] = []

    class Written(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(record.getMessage())

    handler, logger = Written(), logging.getLogger(security_log.NAME)
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


@pytest.fixture
def boss() -> User:
    return create_user("Boss-Name", PASSWORD, role=Role.ADMINISTRATOR)


def ask(code: str) -> int:
    body = msgspec.json.encode(EnrolmentRequest(code, new_id(), "0.1"))
    kind = "application/json"
    return Client().post("/api/kiosk/v1/enrolment", body, content_type=kind).status_code


def test_everything_that_matters_is_one_line_without_a_secret(boss: User, lines: list[str]) -> None:
    def log_in(name: str, password: str) -> Client:
        client = Client(headers={"User-Agent": "event=login\nactor=person:1"})
        client.post("/login", {"username": name, "password": password})
        return client

    log_in("Boss-Name", "the-wrong-one")
    log_in("typed-my-password-here", "x\nevent=login")
    admin = log_in("Boss-Name", PASSWORD)
    admin.post("/people/", {"username": "Cleo-Name", "role": "analyst"})
    cleo = User.objects.get(username="Cleo-Name")
    page = f"/people/{cleo.pk}"
    admin.post(page, {"password": "1"})
    admin.post(f"{page}/deactivate")
    for change in ({"active": "1"}, {"role": "administrator"}):
        admin.post(page, change)
    asked = {"name": "nightly-name", "scopes": ["live"]}
    secret = admin.post("/tokens/", asked, follow=True).context["secret"]
    token = Token.objects.get()
    User.objects.filter(pk=boss.pk).update(role=Role.ANALYST)
    Client().get("/api/v1/live", headers={"Authorization": f"Bearer {secret}"})
    User.objects.filter(pk=boss.pk).update(role=Role.ADMINISTRATOR)
    admin.post(f"/tokens/{token.pk}/revoke")
    admin.post("/kiosks/code", {"place": "Main street", "new": "1"})
    code = enrolment.create_code("Main street")
    ask("2222-2222")
    ask(code)
    kiosk = Kiosk.objects.get()
    admin.post(f"/kiosks/{kiosk.pk}/revoke")
    admin.post("/export/", {"data": "answers", "format": "csv"})
    device = Device.enrolled("Main street")
    left = ContactDetails(True, "Ann-Shopper", "ann@example.org")
    device.deliver(answer(1, left, question="who"))
    admin.get("/results/comments?reach=1")
    response = StoredMessage.objects.get().response
    erase = f"/results/comments/{device.row.pk}/{response}/erase"
    admin.get(erase)
    admin.post(erase)
    admin.post(
        "/password",
        {"old_password": "wrong", "new_password1": "1", "new_password2": "2"},
    )
    said = {"old_password": PASSWORD}
    said |= dict.fromkeys(("new_password1", "new_password2"), "five quiet otters")
    admin.post("/password", said)
    me, her = f"person:{boss.pk}", f"person:{cleo.pk}"
    contact = f"response:{device.row.pk}:{response}"
    assert [
        f"event=login.failed actor=- object={me}",
        "event=login.failed actor=- object=-",
        f"event=login actor={me} object={me}",
        f"event=account.made actor={me} object={her} role=analyst",
        f"event=account.password_given actor={me} object={her}",
        f"event=account.shut_out actor={me} object={her}",
        f"event=account.let_in actor={me} object={her}",
        f"event=account.changed actor={me} object={her} role=administrator",
        f"event=token.made actor={me} object=token:{token.pk} scopes=live days=365",
        f"event=token.refused actor=- object=token:{token.pk} reason=maker_gone",
        f"event=token.revoked actor={me} object=token:{token.pk}",
        f"event=code.made actor={me} object=- number=1",
        "event=enrolment.refused actor=- object=- reason=code_unknown",
        f"event=kiosk.enrolled actor=- object=kiosk:{kiosk.uuid}",
        f"event=kiosk.revoked actor={me} object=kiosk:{kiosk.pk}",
    ] == lines[:15]
    assert re.fullmatch(
        f"event=export.made actor={me} object=export:[0-9a-f-]+ data=answers format=csv", lines[15]
    )
    assert [
        f"event=kiosk.enrolled actor=- object=kiosk:{device.kiosk}",
        f"event=contacts.read actor={me} object=- count=1",
        f"event=contacts.read actor={me} object={contact} count=1",
        f"event=contacts.erased actor={me} object={contact}",
        f"event=password.refused actor=- object={me}",
        f"event=password.changed actor={me} object={me}",
    ] == lines[16:]
    assert all(LINE.fullmatch(line) for line in lines)
    whole = "\n".join(lines)
    secrets = (PASSWORD, code, code.replace("-", ""), secret)
    names = ("-Name", "typed", "wrong", "Shopper", "example", "127.0.0.1", "nightly", "Main")
    for hidden in (*secrets, *names):
        assert hidden not in whole, hidden


@pytest.mark.usefixtures("boss")
def test_strangers_can_not_flood_it_and_what_is_left_out_is_counted(
    lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "WINDOW_MS", 0)
    for _ in range(25):
        ask("2222-2222")
        Client().post("/login", {"username": str(uuid.uuid4()), "password": "wrong"})
    assert 2 * security_log.LINES_PER_MINUTE == len(lines)
    # Others are written meanwhile.
    Client().post("/login", {"username": "Boss-Name", "password": PASSWORD})
    assert lines[-1].startswith("event=login actor=person:")
    security_log._limiter.sum_up()
    assert [
        "event=enrolment.refused actor=- object=- more=15",
        "event=login.failed actor=- object=- more=15",
    ] == lines[-2:]


def test_the_end_of_a_minute_is_told_also_if_nothing_comes_any_more(lines: list[str]) -> None:
    limiter = security_log.LineLimiter(minute_s=0.2)
    admitted = [limiter.admits("login.failed") for _ in range(32)]
    assert admitted == [True] * 10 + [False] * 22
    assert limiter._timer is not None
    limiter._timer.join()
    assert ["event=login.failed actor=- object=- more=22"] == lines
    assert limiter.admits("login.failed")


@pytest.mark.parametrize("name", ["django.security.csrf", "django.request", "headoffice.api"])
def test_requests_that_are_refused_or_fail_do_not_make_a_line_each(name: str) -> None:
    assert "limited" in settings.LOGGING["handlers"]["stderr"]["filters"]
    limited = security_log.LimitedLines()
    record = logging.LogRecord(name, 40, "", 1, "Error", (), None)
    other = logging.LogRecord("headoffice.server", 40, "", 1, "Error", (), None)
    assert [True] * 10 + [False] * 40 == [limited.filter(record) for _ in range(50)]
    assert all(limited.filter(other) for _ in range(50))
