"""Whatever reaches the kiosks' addresses: no 5xx, no hang, nothing stored that should not be."""

import gzip
import hashlib
import http.client
import json
import os
import random
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from faults.databases import Database, DurableServer, SqliteFile
from fuzz.generator import Generator, spoiled, spoiled_bytes
from journey import HeadOffice
from jsonschema import Draft202012Validator
from prepare import find_initdb
from processes import ROOT

from config.loader import load_questionnaire
from config.questionnaire import canonical, digest

REQUESTS = int(os.environ.get("HYMIO_FUZZ_REQUESTS", "1000"))
ON_POSTGRES = int(os.environ.get("HYMIO_FUZZ_REQUESTS_POSTGRES", "0"))
SEED = int(os.environ.get("HYMIO_FUZZ_SEED", "1"))
SCHEMA = json.loads((ROOT / "docs" / "protocol.schema.json").read_text())
API, TIME_LIMIT_S, THREADS = "/api/kiosk/v1", 20, 4
BODIES = {
    "enrolment": "EnrolmentRequest",
    "batches": "Batch",
    "heartbeats": "Heartbeat",
    "credential": "CredentialRequest",
}
Key = tuple[str, str, int]
MESSAGE = Draft202012Validator({"$ref": "#/$defs/Message", "$defs": SCHEMA["$defs"]})


@dataclass(frozen=True)
class Device:
    """An enrolled kiosk of the test."""

    kiosk: str
    credential: str
    installation: str


@dataclass
class Fuzz:
    """The requests, what came back, and what may be in the database after them."""

    office: HeadOffice
    device: Device
    revoked: Device
    definition: bytes
    answered: Counter[str] = field(default_factory=Counter)
    allowed: set[tuple[Key, str]] = field(default_factory=set)
    """(kiosk, installation, seq) and response of each valid message in a batch with a receipt."""
    failures: list[str] = field(default_factory=list)

    def run(self, count: int, seed: int) -> None:
        """``count`` requests over one connection after another."""
        rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        generator = Generator(SCHEMA, rng)
        # Mostly the same few, so that requests meet what earlier ones have left.
        generator.pinned = {
            "installation": (self.device.installation, str(uuid.UUID(int=rng.getrandbits(128)))),
            "questionnaire": (digest(self.definition),),
            "question": ("rating",),
            "protocol": (1,),
            "seq": tuple(range(1, 40)),
            "oldest": (1, 1, 1, 3),
            "response": tuple(str(uuid.UUID(int=n)) for n in range(30)),
        }
        for number in range(count):
            request = self._request(generator, rng)
            try:
                self._judge(request, *self._send(request))
            except (OSError, http.client.HTTPException, AssertionError) as error:
                self.failures.append(f"request {number} of seed {seed}: {error!r}\n{request}")

    def _request(self, generator: Generator, rng: random.Random) -> dict[str, Any]:
        path = rng.choice((*BODIES, "batches", "batches", "questionnaires"))
        method, valid = "POST", True
        if path == "questionnaires":
            body, method = self.definition, "PUT"
            path += f"/{digest(body) if rng.random() < 0.7 else rng.choice(('x', 'a' * 64))}"
        else:
            value = generator.valid(BODIES[path])
            if rng.random() < 0.5:
                value, valid = spoiled(value, rng), False
            body = json.dumps(value, ensure_ascii=rng.random() < 0.5).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json"}
        if rng.random() < 0.25:
            body, valid = spoiled_bytes(body, rng), False
        if rng.random() < 0.2:
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body)
            if rng.random() < 0.3:
                body, valid = spoiled_bytes(body, rng), False
        if rng.random() < 0.03:
            headers["Content-Type"] = rng.choice(("text/plain", "", "application/json; x=\xe4"))
        if rng.random() < 0.03:
            method = rng.choice(("GET", "DELETE", "PATCH", "OPTIONS", "HEAD"))
        known = rng.random() < 0.75 and path != "credential"  # renewing would end the other tests
        if known:
            headers["Authorization"] = f"Bearer {self.device.credential}"
        elif rng.random() < 0.8:
            wrong = (f"Bearer {self.revoked.credential}", "Bearer x", "Bearer", "Basic eDp5", "",
                     f"Bearer {self.device.credential}x", "Bearer \xff\xfe")  # fmt: skip
            headers["Authorization"] = rng.choice(wrong)
        return {"method": method, "path": f"{API}/{path}", "headers": headers, "body": body,
                "known": known, "valid": valid}  # fmt: skip

    def _send(self, request: dict[str, Any]) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.office.port, timeout=TIME_LIMIT_S)
        try:
            connection.request(
                request["method"], request["path"], request["body"], request["headers"]
            )
            reply = connection.getresponse()
            return reply.status, reply.headers.get("Content-Type", ""), reply.read()
        finally:
            connection.close()

    def _judge(self, request: dict[str, Any], status: int, kind: str, body: bytes) -> None:
        self.answered[f"{request['path'].split('/')[4]} {status}"] += 1
        assert status < 500, f"{status} {body[:300]!r}"
        if request["method"] == "HEAD":
            assert status >= 400, "no address of kiosks takes this"
            return
        if status >= 400:
            assert kind == "application/problem+json", kind
            problem = json.loads(body)
            assert problem["status"] == status
            assert problem["type"].startswith("urn:hymio:problem:")
            return
        if request["path"].endswith(("enrolment", "credential")):
            raise AssertionError("nobody had a code or a credential for this")
        assert request["known"], "let in without a credential"
        if status == 200 and request["path"].endswith("batches"):
            self._allow(request, json.loads(body))

    def _allow(self, request: dict[str, Any], receipt: dict[str, Any]) -> None:
        body = request["body"]
        if request["headers"].get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        assert hashlib.sha256(body).hexdigest() == receipt["echo"]
        batch = json.loads(body)
        assert receipt["installation"] == batch["installation"]
        for message in batch["messages"]:
            if MESSAGE.is_valid(message):
                key = (self.device.kiosk, batch["installation"], message["seq"])
                self.allowed.add((key, message["body"]["response"]))


def enrolled(office: HeadOffice, name: str) -> Device:
    """A kiosk that has joined."""
    installation = str(uuid.uuid4())
    body = {"code": office.enrolment_code(name), "installation": installation, "version": "0"}
    connection = http.client.HTTPConnection("127.0.0.1", office.port, timeout=TIME_LIMIT_S)
    connection.request(
        "POST", f"{API}/enrolment", json.dumps(body), {"Content-Type": "application/json"}
    )
    reply = json.loads(connection.getresponse().read())
    connection.close()
    return Device(reply["kiosk"], reply["credential"], installation)


def still_counts_once(office: HeadOffice, device: Device, definition: bytes) -> None:
    """An honest kiosk delivers ten answers, twice, and finds them acknowledged."""
    boot = str(uuid.uuid4())
    messages = [
        {"seq": seq, "moment": {"wall_ms": 0, "boot": boot, "mono_ms": seq},
         "body": {"type": "answer", "response": str(uuid.uuid4()), "language": "en",
                  "questionnaire": digest(definition), "question": "rating", "value": 1,
                  "took_ms": 5}}
        for seq in range(1, 11)
    ]  # fmt: skip
    batch = {"installation": device.installation, "oldest": 1, "messages": messages,
             "sent": {"wall_ms": 0, "boot": boot, "mono_ms": 99}}  # fmt: skip
    for _ in range(2):
        connection = http.client.HTTPConnection("127.0.0.1", office.port, timeout=TIME_LIMIT_S)
        headers = {"Content-Type": "application/json",
                   "Authorization": f"Bearer {device.credential}"}  # fmt: skip
        connection.request("POST", f"{API}/batches", json.dumps(batch), headers)
        reply = connection.getresponse()
        receipt = json.loads(reply.read())
        connection.close()
        assert (200, 10, 10) == (reply.status, receipt["stored_up_to"], receipt["highest"])
        assert "refused" not in receipt or receipt["refused"] == []


def fuzz(office: HeadOffice, database: Database, count: int) -> Fuzz:
    """All of it, against a head office that was just started."""
    definition = canonical(load_questionnaire("checkout"))
    device, revoked, honest = (enrolled(office, name) for name in ("A", "B", "C"))
    office._ask("revoke", revoked.kiosk)
    run = Fuzz(office, device, revoked, definition)
    kiosks = database.ask("SELECT count(*) FROM fleet_kiosk")[0][0]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda n: run.run(count // THREADS, SEED * 1000 + n), range(THREADS)))
    assert [] == run.failures, "\n".join(run.failures[:5])
    assert office.is_running()
    assert "Traceback" not in office.said()
    still_counts_once(office, honest, definition)
    assert kiosks == database.ask("SELECT count(*) FROM fleet_kiosk")[0][0]
    stored = set(stored_messages(database))
    mine = {each for each in stored if each[0][0] != honest.kiosk}
    assert 10 == len(stored - mine)
    assert set() == mine - run.allowed, "stored without having been accepted"
    for name, text in database.ask(
        "SELECT digest, definition FROM questionnaires_version WHERE definition IS NOT NULL"
    ):
        assert name == digest(text.encode())
    return run


def stored_messages(database: Database) -> Iterator[tuple[Key, str]]:
    found = database.ask(
        "SELECT k.uuid, i.uuid, m.seq, m.response FROM ingest_storedmessage AS m "
        "JOIN fleet_kiosk AS k ON k.id = m.kiosk "
        "JOIN ingest_installation AS i ON i.id = m.installation"
    )
    for kiosk, installation, seq, response in found:
        yield (
            (str(uuid.UUID(str(kiosk))), str(uuid.UUID(str(installation))), seq),
            str(uuid.UUID(str(response))),
        )


def tell(run: Fuzz, seconds: float, capsys: pytest.CaptureFixture[str], title: str) -> None:
    kinds = "".join(f"\n  {n:6} × {kind}" for kind, n in sorted(run.answered.items()))
    with capsys.disabled():
        sys.stdout.write(
            f"\n{run.answered.total()} requests made up, {title}, {seconds:.0f} s:{kinds}\n"
        )


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.timeout(3600)
def test_no_request_breaks_the_head_office(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = HeadOffice(tmp_path).start()
    begun = time.monotonic()
    try:
        run = fuzz(office, SqliteFile(office.data), REQUESTS)
    finally:
        office.kill()
    tell(run, time.monotonic() - begun, capsys, "SQLite")
    assert run.answered["batches 200"] > REQUESTS // 30, "too few came through to prove anything"


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.postgres
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not ON_POSTGRES, reason="scripts/faults runs it")
def test_no_request_breaks_the_head_office_on_postgresql(
    capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    initdb = find_initdb()
    if initdb is None:
        pytest.fail("PostgreSQL is not installed; scripts/test installs it")
    with tempfile.TemporaryDirectory(prefix="hymio-fuzz-") as folder:
        Path(folder).chmod(0o755)
        with DurableServer(initdb, Path(folder) / "server") as server:
            server.start()
            office = HeadOffice(tmp_path_factory.mktemp("office"), database_url=server.create())
            office.start()
            begun = time.monotonic()
            try:
                run = fuzz(office, server, ON_POSTGRES)
            finally:
                office.kill()
    tell(run, time.monotonic() - begun, capsys, "PostgreSQL")
