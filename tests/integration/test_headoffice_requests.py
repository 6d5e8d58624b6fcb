"""Whatever is sent: a clear 4xx with a machine-readable reason, and nothing stored."""

import gzip
import json
import zlib
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from office import API, DEFINITION, DIGEST, Device, answer, new_id

from config.questionnaire import digest
from headoffice.fleet import enrolment, kiosks
from headoffice.fleet.models import EnrolmentCode, Kiosk
from headoffice.messages.models import Installation, StoredMessage
from sync.messages import EnrolmentRequest

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def refused(response: Any, status: int, kind: str) -> dict[str, Any]:
    assert (status, "application/problem+json") == (
        response.status_code,
        response["Content-Type"],
    ), response.content
    problem = json.loads(response.content)
    assert (f"urn:hymio:problem:{kind}", status) == (problem["type"], problem["status"])
    assert StoredMessage.objects.count() == 0
    return dict(problem)


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"", 400, "malformed"),
        (b"{", 400, "malformed"),
        (b"\xff\xfe{}", 400, "malformed"),
        (b'{"installation": "\x00"}', 400, "malformed"),
        (b'{"a": "\\ud800"}', 422, "invalid"),
        (b"[" * 100_000, 422, "invalid"),
        (b'{"messages": [' + b"[" * 50_000, 400, "malformed"),
        (b"null", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b"{}", 422, "invalid"),
    ],
)
def test_it_rejects_a_body_that_is_no_batch(
    device: Device, body: bytes, status: int, kind: str
) -> None:
    refused(device.post("batches", body), status, kind)


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("installation", "not-a-uuid", "$.installation"),
        ("oldest", 0, "$.oldest"),
        ("oldest", 10**400, "$.oldest"),
        ("messages", "none", "$.messages"),
        ("surprise", 1, "$"),
        ("sent", {"wall_ms": 1}, "$.sent"),
    ],
)
def test_it_names_the_field_that_is_wrong(
    device: Device, field: str, value: object, path: str
) -> None:
    body = json.loads(device.batch(answer(1))) | {field: value}
    problem = refused(device.post("batches", json.dumps(body).encode()), 422, "invalid")
    assert path == problem["errors"][0]["path"]


def test_it_rejects_a_batch_whose_numbers_cannot_be_read(device: Device) -> None:
    body = json.loads(device.batch(answer(1), answer(2)))
    body["messages"][1]["seq"] = "two"
    problem = refused(device.post("batches", json.dumps(body).encode()), 422, "invalid")
    assert ["$.messages[1].seq"] == [error["path"] for error in problem["errors"]]


def test_it_rejects_another_protocol_version(device: Device) -> None:
    body = json.loads(device.batch(answer(1))) | {"protocol": 2, "unheard_of": []}
    refused(device.post("batches", json.dumps(body).encode()), 400, "protocol")


def test_it_rejects_too_much_before_and_after_decompression(device: Device) -> None:
    refused(device.post("batches", b" " * 1_000_001), 413, "too_large")
    bomb = zlib.compressobj(9, wbits=31)
    packed = b"".join(bomb.compress(b" " * 1_000_000) for _ in range(300)) + bomb.flush()
    assert len(packed) < 1_000_000
    refused(device.post("batches", packed, **{"Content-Encoding": "gzip"}), 413, "too_large")


def test_it_rejects_damaged_gzip(device: Device) -> None:
    whole = gzip.compress(device.batch(answer(1)))
    for damaged in (whole[:-5], whole[:20], b"plain", whole + b"more", b""):
        response = device.post("batches", damaged, **{"Content-Encoding": "gzip"})
        refused(response, 400, "malformed")


def test_it_takes_gzip(device: Device) -> None:
    body = gzip.compress(device.batch(answer(1)))
    response = device.post("batches", body, **{"Content-Encoding": "gzip"})
    assert response.json()["stored_up_to"] == 1


def test_it_rejects_what_is_not_json_or_packed_otherwise(device: Device) -> None:
    body = device.batch(answer(1))
    refused(device.post("batches", body, **{"Content-Encoding": "br"}), 415, "unsupported_encoding")
    for kind in ("text/plain", "multipart/form-data", "x" * 300):
        refused(device.post("batches", body, **{"Content-Type": kind}), 415, "unsupported_media")


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", "Basic abc", "Bearer wrong", "Bearer é"]
)
def test_it_rejects_a_stranger(device: Device, value: str) -> None:
    response = device.post("batches", device.batch(answer(1)), Authorization=value)
    refused(response, 401, "unauthorised")
    assert "WWW-Authenticate" in response


def test_revocation_works_from_the_next_request_on(device: Device) -> None:
    kiosks.revoke_kiosk(device.row)
    for path in ("batches", "heartbeats"):
        refused(device.post(path, device.batch(answer(1))), 401, "revoked")
    refused(device.define(), 401, "revoked")


def test_it_rejects_other_methods_and_addresses(device: Device) -> None:
    response = device.client.get(f"{API}/batches")
    refused(response, 405, "method")
    assert response["Allow"] == "POST"
    refused(device.client.get(f"{API}/nothing"), 404, "not_found")
    refused(device.client.post("/api/"), 404, "not_found")
    other = device.client.get(f"{API}/batches", headers={"Host": "evil.example:8443"})
    refused(other, 421, "host")
    assert b"--allow-host evil.example," in other.content


def test_figures_beyond_the_database_do_not_fail_a_heartbeat(device: Device) -> None:
    assert device.beat(free_disk_bytes=2**63 - 1, clock_offset_ms=-(2**63)).stored_up_to == 0


def test_a_definition_has_to_be_what_its_digest_says(device: Device) -> None:
    refused(device.define(name="0" * 64), 422, "digest")
    refused(device.define(name="short"), 404, "not_found")
    spaced = DEFINITION.replace(b":", b": ", 1)
    refused(device.define(spaced), 422, "invalid")
    refused(device.define(b"{}"), 422, "invalid")
    nul = DEFINITION.replace(b"How", b"\\u0000")
    refused(device.define(nul), 422, "invalid")
    assert device.define().status_code == device.define().status_code == 204
    assert digest(DEFINITION) == DIGEST


# --- enrolment ----------------------------------------------------------------------------


def ask(code: str, installation: str) -> Any:
    body = msgspec.json.encode(EnrolmentRequest(code, installation, "0.1"))
    return Client().post(f"{API}/enrolment", body, content_type="application/json")


@pytest.mark.usefixtures("db")
def test_a_code_is_for_one_kiosk_and_forgives_spelling() -> None:
    code, first = enrolment.create_code("Main street"), new_id()
    reply = ask(code.lower().replace("-", " "), first)
    assert (200, "Main street") == (reply.status_code, reply.json()["place"])
    refused(ask(code, new_id()), 409, "code_used")
    assert Kiosk.objects.count() == 1


@pytest.mark.usefixtures("db")
def test_a_lost_reply_can_be_asked_for_again_until_the_credential_was_used() -> None:
    code, mine = enrolment.create_code("Main street"), new_id()
    lost, heard = ask(code, mine).json(), ask(code, mine).json()
    assert lost["kiosk"] == heard["kiosk"]
    refused(
        Device(lost["credential"], lost["kiosk"], mine).post("batches", b"{}"), 401, "unauthorised"
    )
    Device(heard["credential"], heard["kiosk"], mine).beat()
    refused(ask(code, mine), 409, "code_used")


@pytest.mark.usefixtures("db")
def test_an_expired_code_and_a_wrong_one_are_told_apart() -> None:
    code = enrolment.create_code("Main street")
    EnrolmentCode.objects.update(expires_at=EnrolmentCode.objects.get().created_at)
    refused(ask(code, new_id()), 410, "code_expired")
    refused(ask("2222-2222", new_id()), 403, "code_unknown")


@pytest.mark.usefixtures("db")
def test_guessing_is_slowed_down() -> None:
    code = enrolment.create_code("Main street")
    for _ in range(enrolment.GUESSES_PER_SOURCE):
        refused(ask("2222-2222", new_id()), 403, "code_unknown")
    response = ask(code, new_id())
    refused(response, 429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 600


@pytest.mark.usefixtures("db")
def test_no_secret_is_stored_as_it_is() -> None:
    code = enrolment.create_code("Main street")
    reply = ask(code, new_id()).json()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - its own table names
            kept = repr([[bytes(c) if isinstance(c, memoryview) else c for c in r] for r in cursor])
            assert reply["credential"] not in kept
            assert code.replace("-", "") not in kept


# --- anything at all ----------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=300), st.sampled_from(["batches", "heartbeats", "enrolment"]))
def test_any_bytes_get_a_clear_answer(device: Device, body: bytes, path: str) -> None:
    response = device.post(path, body)
    assert 400 <= response.status_code < 500
    assert response["Content-Type"] == "application/problem+json"


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_batch_with_one_thing_replaced_is_refused_or_accounted_for(
    device: Device, data: st.DataObject
) -> None:
    body = json.loads(device.batch(answer(1, "a word"), answer(2, 1), installation=new_id()))
    target: Any = body
    while True:
        keys = list(target) if isinstance(target, dict) else list(range(len(target)))
        key = data.draw(st.sampled_from(keys)) if keys else None
        if key is None:
            break
        if isinstance(target[key], dict | list) and data.draw(st.booleans()):
            target = target[key]
            continue
        target[key] = data.draw(json_values)
        break
    response = device.post("batches", json.dumps(body).encode())
    assert response.status_code in (200, 400, 422), response.content
    if response.status_code == 200:
        receipt = response.json()
        row = Installation.objects.get(uuid=body["installation"])
        assert receipt["stored_up_to"] == row.stored_up_to
    else:
        assert response["Content-Type"] == "application/problem+json"
