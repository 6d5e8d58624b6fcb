"""Contact details are sealed before they reach the kiosk's disk."""

import base64
from pathlib import Path

import pytest
from nacl.public import PrivateKey, SealedBox

from kiosk.writer import Reports, Writer
from sync import contacts
from sync.memory import MemoryOutbox
from sync.messages import Answered, ContactDetails, Moment, SealedContact, SealingKey
from sync.outbox import Outbox
from sync.sqlite import SqliteOutbox

ANN = ContactDetails(True, "Ann", "ann@example.org")
HOLDER = PrivateKey.generate()
KEY = SealingKey(7, base64.b64encode(bytes(HOLDER.public_key)).decode())
MOMENT = Moment(wall_ms=1_700_000_000_000, boot="0b0a0c0d-0000-4000-8000-000000000001", mono_ms=5)


def said(value: object) -> Answered:
    return Answered(
        response="01900000-0000-7000-8000-000000000001",
        questionnaire="a" * 64,
        language="en",
        question="who",
        value=value,  # type: ignore[arg-type]
        took_ms=1000,
    )


def sealed(outbox: Outbox, value: object) -> object:
    (body,) = contacts.sealed(outbox, [said(value)])
    assert isinstance(body, Answered)
    return body.value


def test_only_the_holder_of_the_key_reads_what_was_sealed() -> None:
    outbox = MemoryOutbox()
    contacts.learn(outbox, KEY)
    found = sealed(outbox, ANN)
    assert isinstance(found, SealedContact)
    assert 7 == found.key
    opened = SealedBox(HOLDER).decrypt(base64.b64decode(found.box))
    assert b'{"type":"contact","consent":true,"name":"Ann","email":"ann@example.org"}' == opened


@pytest.mark.parametrize("value", [2, True, "ann@example.org", ContactDetails(consent=False)])
def test_nothing_else_is_sealed(value: object) -> None:
    outbox = MemoryOutbox()
    contacts.learn(outbox, KEY)
    assert value == sealed(outbox, value)


def test_before_a_key_is_known_they_are_kept_as_they_are() -> None:
    outbox = MemoryOutbox()
    # An older head office names none.
    contacts.learn(outbox, None)
    assert ANN == sealed(outbox, ANN)


@pytest.mark.parametrize("public", ["", "no base64!", base64.b64encode(b"short").decode(), "ä"])
def test_a_key_that_is_none_costs_no_answer(public: str) -> None:
    outbox = MemoryOutbox()
    contacts.learn(outbox, SealingKey(3, public))
    assert ANN == sealed(outbox, ANN)
    contacts.learn(outbox, KEY)
    assert isinstance(sealed(outbox, ANN), SealedContact)


def test_the_disk_of_the_kiosk_never_had_them(tmp_path: Path) -> None:
    with SqliteOutbox.open(tmp_path) as outbox:
        contacts.learn(outbox, KEY)
        done: list[int] = []
        writer = Writer(
            lambda: outbox,
            Reports(
                opened=lambda _outbox: None,
                stored=lambda ticket, _messages: done.append(ticket),
                failed=lambda _ticket, error: pytest.fail(str(error)),
                unavailable=lambda error: pytest.fail(str(error)),
            ),
        )
        writer.start()
        writer.submit(1, (said("The door was locked."), said(ANN)), MOMENT)
        assert writer.stop(10)
        assert [1] == done
        files = [file for file in tmp_path.rglob("*") if file.is_file()]
        assert any(b"The door was locked." in file.read_bytes() for file in files)
        assert [] == [file for file in files if b"example.org" in file.read_bytes()]
