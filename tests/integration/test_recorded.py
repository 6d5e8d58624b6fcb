"""What kiosks of each release sent is still taken; what head offices answered still understood."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client
from fakes import FakeClock, answer
from office import API

from config.questionnaire import Questionnaire, canonical, digest
from headoffice.fleet import enrolment
from headoffice.fleet.models import EnrolmentCode
from headoffice.messages.models import StoredMessage, Unstored
from headoffice.rollups.models import Hourly
from sync.http_client import HttpReply
from sync.identity import Identity
from sync.messages import (
    Batch,
    CredentialReply,
    EnrolmentReply,
    EnrolmentRequest,
    Message,
    Problem,
    Receipt,
    fingerprint,
)
from sync.outcome import Rejection, VerifiedReceipt
from sync.policy import Halve, Isolate, Pause, Wait, decide
from sync.transport import HttpTransport, problem

RECORDED = Path(__file__).parents[1] / "recorded"
RELEASES = sorted(RECORDED.glob("protocol-*"))
KINDS = {"enrolment": "enrolment", "batch": "batches", "heartbeat": "heartbeats",
         "credential": "credential"}  # fmt: skip

release = pytest.mark.parametrize("folder", RELEASES, ids=lambda folder: folder.name)


def expected(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "expected.json").read_bytes()))


def requests_of(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.name[0].isdigit())


def plain(file: Path) -> bytes:
    body = file.read_bytes()
    return gzip.decompress(body) if file.suffix == ".gz" else body


def test_a_release_is_recorded() -> None:
    assert "protocol-1-release-0.1.0" in {folder.name for folder in RELEASES}


@release
def test_the_recordings_are_as_they_were_made(folder: Path) -> None:
    pinned = expected(folder)["sha256"]
    found = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(pinned)
    }
    assert pinned == found
    assert {file.name for file in requests_of(folder)} <= set(pinned)


@release
def test_a_message_has_the_fingerprint_that_it_always_had(folder: Path) -> None:
    """The head office tells duplicates by it, for ever."""
    found = {
        str(message.seq): fingerprint(message).hex()
        for file in requests_of(folder)
        if "batch" in file.name
        for message in msgspec.json.decode(plain(file), type=Batch).messages
    }
    assert expected(folder)["fingerprints"] == found


@release
def test_a_definition_has_the_digest_that_it_always_had(folder: Path) -> None:
    definition = (folder / "questionnaire.json").read_bytes()
    assert expected(folder)["digest"] == digest(definition)
    again = msgspec.json.decode(definition, type=Questionnaire)
    assert definition == canonical(again)


class OldKiosk:
    """Sends the recordings as they are."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.client, self.credential = folder, Client(), ""

    def enrol(self) -> None:
        """With the recorded code, as if this head office had given it."""
        (file,) = (f for f in requests_of(self.folder) if "enrolment" in f.name)
        asked = msgspec.json.decode(file.read_bytes(), type=EnrolmentRequest)
        enrolment.create_code("Till 1")
        EnrolmentCode.objects.update(hash=enrolment._hash(asked.code))
        reply = self.send(file)
        self.credential = msgspec.json.decode(reply, type=EnrolmentReply).credential

    def send(self, file: Path) -> bytes:
        kind = KINDS[file.name.split("-", 1)[1].split(".", 1)[0]]
        headers = {"Content-Type": "application/json"}
        if file.suffix == ".gz":
            headers["Content-Encoding"] = "gzip"
        return self._request("POST", kind, file.read_bytes(), headers)

    def define(self) -> None:
        name = expected(self.folder)["digest"]
        body = (self.folder / "questionnaire.json").read_bytes()
        self._request("PUT", f"questionnaires/{name}", body, {"Content-Type": "application/json"})

    def _request(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        if self.credential:
            headers["Authorization"] = f"Bearer {self.credential}"
        response = self.client.generic(
            method, f"{API}/{path}", body, content_type="application/json", headers=headers
        )
        assert response.status_code in (200, 204), response.content
        return response.content


def counted() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in Hourly.objects.filter(test=False, misuse=""):
        if row.count and row.value:
            of = found.setdefault(row.question, {})
            of[row.value] = of.get(row.value, 0) + row.count
    return found


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("definition_first", [True, False])
@release
def test_an_old_kiosk_delivers_to_this_head_office(folder: Path, definition_first: bool) -> None:
    kiosk, wanted = OldKiosk(folder), expected(folder)
    kiosk.enrol()
    if definition_first:
        kiosk.define()
    for _twice in range(2):
        for file in requests_of(folder):
            if file.name in wanted["stored_up_to"]:
                reply = msgspec.json.decode(kiosk.send(file), type=Receipt)
                assert () == reply.refused, file.name
                assert hashlib.sha256(plain(file)).hexdigest() == reply.echo
                if not _twice:
                    assert wanted["stored_up_to"][file.name] == reply.stored_up_to, file.name
        if not definition_first:
            kiosk.define()
    assert wanted["stored"] == StoredMessage.objects.count()
    found = counted()
    assert wanted["counted"] == {question: found.get(question) for question in wanted["counted"]}
    assert "withheld" in set(Unstored.objects.values_list("reason", flat=True))


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@release
def test_an_old_kiosk_renews_its_credential_here(folder: Path) -> None:
    kiosk = OldKiosk(folder)
    kiosk.enrol()
    (file,) = (f for f in requests_of(folder) if "credential" in f.name)
    kiosk.credential = msgspec.json.decode(kiosk.send(file), type=CredentialReply).credential
    kiosk.send(next(f for f in requests_of(folder) if "heartbeat" in f.name))


# --- an older head office and a kiosk of today --------------------------------------------------


def reply(folder: Path, name: str) -> bytes:
    return (folder / "replies" / f"{name}.json").read_bytes()


@release
@pytest.mark.parametrize("name", ["receipt", "receipt-of-a-newer-head-office"])
def test_a_receipt_of_any_head_office_is_understood(folder: Path, name: str) -> None:
    text = json.loads(reply(folder, name))
    identity = Identity(
        kiosk=text["kiosk"], credential="x", place="", head_office=text["head_office"],
        url="http://127.0.0.1:1",
    )  # fmt: skip
    moment = FakeClock().moment()
    batch = Batch(
        installation=text["installation"],
        oldest=1,
        sent=moment,
        messages=(Message(1, moment, answer()),),
    )
    sent = msgspec.json.encode(batch)
    text["echo"] = hashlib.sha256(sent).hexdigest()
    transport = HttpTransport(identity, FakeClock())
    outcome = transport._receipt(json.dumps(text).encode(), sent, batch, 0)
    assert isinstance(outcome, VerifiedReceipt)
    assert (42, 43) == (outcome.receipt.stored_up_to, outcome.receipt.highest)


@release
def test_refusals_and_wishes_of_an_old_head_office_are_understood(folder: Path) -> None:
    receipt = msgspec.json.decode(reply(folder, "receipt-refusing"), type=Receipt)
    refused = [(each.seq, each.reason) for each in receipt.refused]
    assert [(40, "invalid"), (41, "conflict")] == refused
    assert (expected(folder)["digest"],) == receipt.wanted


@release
def test_identities_of_an_old_head_office_are_understood(folder: Path) -> None:
    given = msgspec.json.decode(reply(folder, "enrolment"), type=EnrolmentReply)
    assert ("k" * 43, "Helsinki, exit") == (given.credential, given.place)
    fresh = msgspec.json.decode(reply(folder, "credential"), type=CredentialReply)
    assert "m" * 43 == fresh.credential


DECISIONS = {
    "malformed": Halve,
    "protocol": Pause,
    "unauthorised": Pause,
    "revoked": Pause,
    "code_unknown": Pause,
    "not_found": Pause,
    "too_large": Halve,
    "invalid": Halve,
    "throttled": Wait,
    "unavailable": Wait,
}


@release
@pytest.mark.parametrize("word", DECISIONS)
def test_a_problem_of_an_old_head_office_leads_to_the_same_decision(
    folder: Path, word: str
) -> None:
    body = reply(folder, f"problem-{word}")
    status = msgspec.json.decode(body, type=Problem).status
    headers = {"Content-Type": "application/problem+json"}
    said = HttpReply(status, headers, body)
    outcome = Rejection(status, problem(said.headers, said.body))
    assert outcome.problem is not None
    decision = decide(outcome, attempts=0, messages=9, now_s=0, random=lambda: 0.5)
    assert DECISIONS[word] is type(decision)
    assert not isinstance(decision, Isolate)
