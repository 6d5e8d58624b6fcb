"""A kiosk's reply has the headers that kiosks read, and a page those that protect it."""

import pytest
from django.test import Client
from office import API, Device

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_receipt_has_no_header_that_kiosks_do_not_read() -> None:
    device = Device.enrolled("Main street")
    reply = device.post("heartbeats", device.heartbeat())
    assert 200 == reply.status_code
    assert {"Content-Type", "Content-Length"} >= set(reply.headers)


def test_a_refusal_says_what_to_do() -> None:
    reply = Client().get(f"{API}/heartbeats")
    assert (405, "POST") == (reply.status_code, reply["Allow"])
    assert "no-store" == reply["Cache-Control"]


def test_a_page_keeps_what_protects_it() -> None:
    assert "default-src" in Client().get("/login")["Content-Security-Policy"]
