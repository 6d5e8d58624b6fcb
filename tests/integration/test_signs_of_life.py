"""Packed bodies, the pace that kiosks are told, and what counts as having been heard."""

import json
from typing import Any

import msgspec
import pytest
from office import Device, answer

from headoffice.fleet.models import Kiosk
from headoffice.fleet.pace import CLOSED_S, OPEN_S, pace_s
from headoffice.fleet.shop_hours import ShopHours
from sync.messages import Receipt
from sync.wire import JSON, PACKED, pack, unpack

MOST = 10_000
DAY = ShopHours('{"mon": [["09:00", "20:00"]]}')
MONDAY_MS = 1_764_547_200_000
"""A Monday of 2025 at midnight, in UTC."""


@pytest.fixture
def device() -> Device:
    return Device.enrolled("Main street")


def word(reply: Any) -> tuple[int, str]:
    return reply.status_code, json.loads(reply.content)["type"].rsplit(":", 1)[1]


def minutes(hour: int, minute: int = 0, days: int = 0) -> int:
    return MONDAY_MS + ((days * 24 + hour) * 60 + minute) * 60_000


@pytest.mark.django_db(transaction=True)
def test_what_is_packed_is_answered_packed(device: Device) -> None:
    body = device.batch(answer(1))
    reply = device.post("batches", pack(body), **{"Content-Type": PACKED})
    assert (200, PACKED) == (reply.status_code, reply["Content-Type"])
    assert 1 == msgspec.json.decode(unpack(reply.content, MOST), type=Receipt).stored_up_to


@pytest.mark.django_db(transaction=True)
def test_a_kiosk_that_knows_it_asks_for_it_and_others_never_see_it(device: Device) -> None:
    body = device.heartbeat()
    assert PACKED == device.post("heartbeats", body, Accept=f"{PACKED}, {JSON}")["Content-Type"]
    for accepts in ("*/*", JSON):
        assert JSON == device.post("heartbeats", body, Accept=accepts)["Content-Type"]


@pytest.mark.django_db(transaction=True)
def test_what_comes_out_of_it_is_no_messages_fault(device: Device) -> None:
    kind = {"Content-Type": PACKED}
    whole = pack(device.heartbeat())
    assert (415, "unsupported_media") == word(device.post("heartbeats", whole[:-3], **kind))
    assert (415, "unsupported_media") == word(device.post("heartbeats", b"{}", **kind))
    long = pack(b'"' + 1_100_000 * b"x" + b'"')
    assert (413, "too_large") == word(device.post("batches", long, **kind))


@pytest.mark.django_db(transaction=True)
def test_answers_are_a_sign_of_life(device: Device) -> None:
    assert device.row.heartbeat_at is None
    device.deliver(answer(1))
    heard = device.row.heartbeat_at
    assert heard is not None
    # SQLite compares texts: written otherwise than heartbeats write it, it equals nothing.
    assert Kiosk.objects.filter(heartbeat_at=heard).exists()


@pytest.mark.django_db(transaction=True)
def test_a_kiosk_is_told_when_it_is_to_be_heard_again(device: Device) -> None:
    assert [OPEN_S, CLOSED_S] == [device.beat(state=s).pace_s for s in ("open", "closed")]
    assert device.deliver(answer(1)).pace_s is None


@pytest.mark.parametrize(
    ("now_ms", "state", "seconds"),
    [
        (minutes(12), "open", OPEN_S),
        (minutes(12), "closed", OPEN_S),  # its own hours are not those that it is missed by
        (minutes(21), "open", CLOSED_S),
        (minutes(21), "closed", CLOSED_S),
        (minutes(8, 30), "closed", 30 * 60 + OPEN_S),  # in time for the opening
        (minutes(12, days=3), "closed", CLOSED_S),
    ],
)
def test_quiet_hours_are_quieter(now_ms: int, state: str, seconds: int) -> None:
    assert seconds == pace_s(DAY, state, now_ms)
