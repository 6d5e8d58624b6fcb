"""A receipt is a promise: what it names is on the disk when it leaves."""

import uuid
from pathlib import Path

import msgspec
import pytest
import requests
from faults.databases import SqliteFile, counted
from journey import HeadOffice
from processes import ROOT

from sync.messages import AnswerBody, Batch, EnrolmentRequest, Message, Moment, Receipt

API = "/api/kiosk/v1"
BOOT = str(uuid.uuid4())


def batch(installation: str, first: int, count: int) -> Batch:
    def message(seq: int) -> Message:
        answer = AnswerBody(
            response=str(uuid.uuid4()),
            questionnaire="ab" * 32,
            language="fi",
            question="rating",
            value=2,
            took_ms=900,
        )
        return Message(seq, Moment(0, BOOT, seq), answer)

    return Batch(
        installation=installation,
        oldest=1,
        sent=Moment(0, BOOT, first + count),
        messages=tuple(message(seq) for seq in range(first, first + count)),
    )


@pytest.mark.e2e
@pytest.mark.slow
def test_what_a_receipt_names_outlives_a_kill_that_follows_it(tmp_path: Path) -> None:
    installation, per_batch = str(uuid.uuid4()), 50
    office = HeadOffice(tmp_path)
    office.env["PYTHONPATH"] = str(ROOT)  # of this tree, also where this is a copy
    office.start()
    try:
        asked = EnrolmentRequest(office.enrolment_code("Till"), installation, "0.1")
        json = {"Content-Type": "application/json"}
        reply = requests.post(
            f"{office.url}{API}/enrolment", msgspec.json.encode(asked), headers=json, timeout=20
        )
        json["Authorization"] = f"Bearer {reply.json()['credential']}"
        for run in range(3):
            sent = batch(installation, 1 + run * per_batch, per_batch)
            reply = requests.post(
                f"{office.url}{API}/batches", msgspec.json.encode(sent), headers=json, timeout=20
            )
            office.kill()
            receipt = msgspec.json.decode(reply.content, type=Receipt)
            assert (run + 1) * per_batch == receipt.stored_up_to
            assert receipt.stored_up_to == len(counted(SqliteFile(office.data)))
            office.start()
    finally:
        office.kill()
