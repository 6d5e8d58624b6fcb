"""What balancers and monitors ask: whether the process lives, and whether it can store."""

import json
import socket
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from office import ServedOffice

from headoffice.db.failures import Trouble, TurnTimeoutError
from headoffice.db.outages import Outages
from headoffice.fleet.models import HeadOffice
from headoffice.telemetry import readiness
from headoffice.telemetry.readiness import Readiness
from headoffice.timekeeping.guard import GUARD
from headoffice.timekeeping.judgement import Objection, Reason


@pytest.fixture(autouse=True)
def outages(monkeypatch: pytest.MonkeyPatch) -> Outages:
    """What other tests were refused is no reason here."""
    fresh = Outages()
    monkeypatch.setattr(readiness, "OUTAGES", fresh)
    return fresh


def ask(office: ServedOffice, path: str, method: str = "GET", host: str | None = "10.0.0.5") -> str:
    """The whole reply to a request as balancers make it."""
    address = ("127.0.0.1", int(office.url.rpartition(":")[2]))
    line = f"{method} {path} HTTP/1.0\r\n" + (f"Host: {host}\r\n" if host else "")
    with socket.create_connection(address, timeout=10) as line_to:
        line_to.sendall(f"{line}\r\n".encode())
        return b"".join(iter(lambda: line_to.recv(65536), b"")).decode()


def ready(office: ServedOffice) -> tuple[int, object]:
    head, _, body = ask(office, "/ready").partition("\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@pytest.mark.e2e
def test_probes_are_answered_by_whatever_name_and_method(served: ServedOffice) -> None:
    for host in ("10.0.0.5", "balancer.example", None):
        assert " 200 OK" in ask(served, "/health", host=host)
        assert ask(served, "/ready", host=host).endswith('\r\n\r\n{"ready": true}\n')
    for path, length in (("/health", 3), ("/ready", 16)):
        reply = ask(served, path, "HEAD")
        assert " 200 OK" in reply
        assert f"Content-Length: {length}\r\n" in reply
        assert reply.endswith("\r\n\r\n")
        assert " 405 " in ask(served, path, "POST")
    assert " 421 " in ask(served, "/login"), "pages go on asking for a name that is theirs"


@pytest.mark.e2e
def test_many_probes_at_once_share_one_look(served: ServedOffice) -> None:
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _i: ready(served), range(200)))
    assert [(200, {"ready": True})] * 200 == replies


@pytest.mark.django_db(transaction=True)
def test_what_was_refused_a_moment_ago_is_told_until_something_is_stored(
    outages: Outages,
) -> None:
    assert [] == Readiness().find_reasons()
    outages.note(Trouble.LOCKED, TurnTimeoutError("another program writes"))
    assert ["locked"] == Readiness().find_reasons()
    outages.note_stored()
    assert [] == Readiness().find_reasons()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_another_head_office_in_the_database_is_not_this_one() -> None:
    ready = Readiness()
    ready.identity = HeadOffice.identity()
    assert [] == ready.find_reasons()
    HeadOffice.objects.update(uuid=uuid.uuid4())
    assert ["other_head_office"] == ready.find_reasons()
    HeadOffice.objects.all().delete()
    assert ["other_head_office"] == ready.find_reasons()


@pytest.mark.django_db(transaction=True)
def test_a_clock_in_doubt_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GUARD, "objection", lambda: Objection(Reason.JUMPED, 3_600_000))
    assert ["clock"] == Readiness().find_reasons()


@pytest.mark.django_db(transaction=True)
def test_a_folder_that_can_not_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone" / "headoffice.sqlite3"
    moved = settings.DATABASES["default"] | {"NAME": gone}
    monkeypatch.setitem(settings.DATABASES, "default", moved)
    assert ["read_only"] == Readiness().find_reasons()
