"""Contact details are sealed before they reach the kiosk's disk."""

import base64
from pathlib import Path

import pytest
from nacl.public import PrivateKey, SealedBox

from config.values import ContactDetails, SealedContact
from kiosk.writer import Writer
from sync import contact_sealing
from sync.messages import AnswerBody, Message, Moment, SealingKey
from sync.outbox.memory import MemoryOutbox
from sync.outbox.protocol import Outbox
from sync.outbox.sqlite import SqliteOutbox

ANN = ContactDetails(True, "Ann", "ann@example.org")
HOLDER = PrivateKey.generate()
KEY = SealingKey(7, base64.b64encode(bytes(HOLDER.public_key)).decode())
MOMENT = Moment(wall_ms=1_700_000_000_000, boot="0b0a0c0d-0000-4000-8000-000000000001", mono_ms=5)


def said(value: object) -> AnswerBody:
    return AnswerBody(
        response="01900000-0000-7000-8000-000000000001",
        questionnaire="a" * 64,
        language="en",
        question="who",
        value=value,  # type: ignore[arg-type]
        took_ms=1000,
    )


def sealed(outbox: Outbox, value: object) -> object:
    (body,) = contact_sealing.seal_bodies(outbox, [said(value)])
    assert isinstance(body, AnswerBody)
    return body.value


def test_only_the_holder_of_the_key_reads_what_was_sealed() -> None:
    outbox = MemoryOutbox()
    contact_sealing.remember_key(outbox, KEY)
    found = sealed(outbox, ANN)
    assert isinstance(found, SealedContact)
    assert 7 == found.key
    opened = SealedBox(HOLDER).decrypt(base64.b64decode(found.box))
    assert b'{"type":"contact","consent":true,"name":"Ann","email":"ann@example.org"}' == opened


@pytest.mark.parametrize("value", [2, True, "ann@example.org", ContactDetails(consent=False)])
def test_nothing_else_is_sealed(value: object) -> None:
    outbox = MemoryOutbox()
    contact_sealing.remember_key(outbox, KEY)
    assert value == sealed(outbox, value)


def test_before_a_key_is_known_they_are_kept_as_they_are() -> None:
    outbox = MemoryOutbox()
    # An older head office names none.
    contact_sealing.remember_key(outbox, None)
    assert ANN == sealed(outbox, ANN)


@pytest.mark.parametrize("public", ["", "no base64!", base64.b64encode(b"short").decode(), "ä"])
def test_a_key_that_is_none_costs_no_answer(public: str) -> None:
    outbox = MemoryOutbox()
    contact_sealing.remember_key(outbox, SealingKey(3, public))
    assert ANN == sealed(outbox, ANN)
    contact_sealing.remember_key(outbox, KEY)
    assert isinstance(sealed(outbox, ANN), SealedContact)


class Commits:
    """Notes what was committed; nothing else may happen."""

    def __init__(self) -> None:
        self.tickets: list[int] = []

    def on_open(self, outbox: Outbox) -> None:
        pass

    def on_commit(self, ticket: int, _messages: tuple[Message, ...]) -> None:
        self.tickets.append(ticket)

    def on_store_failure(self, _ticket: int, error: Exception) -> None:
        raise error

    def on_storage_unavailable(self, error: Exception) -> None:
        raise error


def test_the_disk_of_the_kiosk_never_had_them(tmp_path: Path) -> None:
    with SqliteOutbox.open(tmp_path) as outbox:
        contact_sealing.remember_key(outbox, KEY)
        commits = Commits()
        writer = Writer(lambda: outbox)
        writer.start(commits)
        writer.submit(1, (said("The door was locked."), said(ANN)), MOMENT)
        assert writer.stop(10)
        assert [1] == commits.tickets
        files = [file for file in tmp_path.rglob("*") if file.is_file()]
        assert any(b"The door was locked." in file.read_bytes() for file in files)
        assert [] == [file for file in files if b"example.org" in file.read_bytes()]
