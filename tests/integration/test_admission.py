"""Whose body is read is decided from the headers, and always answered."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from office import API, Device

from headoffice.fleet import credentials
from headoffice.server import admission

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def environ(path: str, **headers: str) -> dict[str, Any]:
    return dict(RequestFactory().post(path, headers=headers).environ)


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        ("/login", 1_065_536, None),
        ("/login", 1_065_537, 413),
        ("/login", 400_000_000, 413),
        (f"{API}/batches", 1_000_000, None),
        (f"{API}/batches", 1_000_001, 413),
        ("/api/v1/answers", 65_537, 413),
        ("/login", None, None),
    ],
)
def test_no_address_takes_more_than_it_needs(path: str, length: int | None, status: int) -> None:
    refusal = admission.refuse_length(environ(path), length)
    assert status == (refusal.status_code if refusal else None)


def test_more_than_a_little_is_taken_from_those_alone_who_may_send_it(device: Device) -> None:
    batches = f"{API}/batches"
    bearer = f"Bearer {device.credential}"
    assert admission.refuse_sender(environ(batches, Authorization=bearer)) is None
    for asked, status in (
        (environ(batches), 401),
        (environ(batches, Authorization="Bearer nobody"), 401),
        (environ("/structure/import"), 413),
        (environ("/structure/import", Cookie="hymio_session=x"), 413),
    ):
        refusal = admission.refuse_sender(asked)
        assert refusal is not None
        assert status == refusal.status_code


@pytest.mark.parametrize("error", [OperationalError("away"), RuntimeError("anything")])
def test_who_waits_for_the_decision_gets_an_answer_whatever_goes_wrong(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def fail(_request: object) -> None:
        raise error

    monkeypatch.setattr(credentials, "caller", fail)
    refusal = admission.refuse_sender(environ(f"{API}/batches"))
    assert refusal is not None
    assert 503 == refusal.status_code
    assert "can't say who sends" in caplog.text
