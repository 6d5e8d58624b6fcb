"""Who reads answers in the order of receipt gets each of them once, whatever happens meanwhile."""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from clocks import DAY, HOUR, MINUTE, SECOND, YEAR, MachineClock, stop_watching
from django.db import connection, transaction
from django.test import Client
from office import DEFINITION, Device, answer, new_id

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.api import live, tokens
from headoffice.api.frame import cursor_of
from headoffice.api.models import Scope
from headoffice.messages.models import StoredMessage
from sync.messages import Message, Origin

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def machine(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[MachineClock]:
    del db
    yield MachineClock(monkeypatch, watched=False)
    stop_watching()


class Reader:
    """A program that keeps what it got by id, and where it has to begin next time."""

    def __init__(self) -> None:
        boss = create_user(f"boss-{new_id()}", "long enough 17", role=Role.ADMINISTRATOR)
        secret = tokens.create_token("reader", [Scope.ANSWERS, Scope.LIVE], boss)
        self.bearer = {"Authorization": f"Bearer {secret}"}
        self.seen: Counter[str] = Counter()
        self.until: str | None = None

    def get(self, path: str = "answers", **asked: str) -> Any:
        return Client().get(f"/api/v1/{path}", asked, headers=self.bearer)

    def pages(self, limit: int = 3) -> Iterator[dict[str, Any]]:
        """The pages of one reading, from where the last one was complete."""
        begin = {} if self.until is None else {"received_from": self.until}
        more: dict[str, str] = {}
        while True:
            reply = self.get(limit=str(limit), **begin, **more)
            assert 200 == reply.status_code, reply.content
            page = reply.json()
            self.seen.update(row["id"] for row in page["data"])
            yield page
            if page["next"] is None:
                return
            more = {"cursor": page["next"]}

    def read(self) -> None:
        for page in self.pages():
            self.until = page["complete_until"]


def everything() -> set[str]:
    return {bytes(f).hex() for f in StoredMessage.objects.values_list("fingerprint", flat=True)}


@pytest.mark.parametrize("which", [0, -1], ids=["of the first page", "of the last page"])
def test_every_answer_comes_once_while_others_come_in(machine: MachineClock, which: int) -> None:
    rng = random.Random(11)  # noqa: S311 - repeatable, not secret
    devices, reader, seqs = [Device.enrolled(f"Shop {n}") for n in range(3)], Reader(), Counter()

    def shoppers() -> None:
        for n, device in enumerate(devices):
            count = rng.randrange(4)
            if count:
                first, seqs[n] = seqs[n] + 1, seqs[n] + count
                device.deliver(*(answer(seq) for seq in range(first, seqs[n] + 1)))
            machine.wait(rng.randrange(20) * SECOND)

    for _ in range(6):
        shoppers()
        told = []
        for page in reader.pages():
            told.append(page["complete_until"])
            shoppers()
        assert 1 == len(set(told)), "it is the same on all pages of one reading"
        reader.until = told[which]
    machine.wait(MINUTE)
    reader.read()
    assert everything() == reader.seen.keys()
    assert {1} == set(reader.seen.values())


def test_what_came_in_after_the_first_page_is_left_to_the_next_reading(
    machine: MachineClock,
) -> None:
    device, reader = Device.enrolled("Shop"), Reader()
    device.deliver(*(answer(seq) for seq in range(1, 5)))
    machine.wait(MINUTE)
    pages = reader.pages(limit=2)
    first = next(pages)
    machine.wait(HOUR)
    device.deliver(answer(5))
    machine.wait(HOUR)
    rest = list(pages)
    assert {first["complete_until"]} == {page["complete_until"] for page in rest}
    assert 4 == len(reader.seen)
    reader.until = first["complete_until"]
    reader.read()
    assert 5 == len(reader.seen)


def test_ids_outlive_a_copy_that_was_put_back_and_numbers_do_not(machine: MachineClock) -> None:
    device, reader = Device.enrolled("Shop"), Reader()
    device.define(DEFINITION)
    said = {seq: answer(seq) for seq in range(1, 11)}
    device.deliver(*(said[seq] for seq in range(1, 5)))
    copy = transaction.savepoint()
    device.deliver(*(said[seq] for seq in range(5, 9)))
    later = Device.enrolled("Later")
    later.deliver(told := answer(1))
    taken = later.row.pk
    machine.wait(MINUTE)
    reader.read()
    assert 9 == len(reader.seen)

    transaction.savepoint_rollback(copy)
    if connection.vendor == "postgresql":
        # A copy has the sequences as they were; a rollback leaves them.
        with connection.cursor() as cursor:
            for table in ("fleet_kiosk", "ingest_installation"):
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608 - constant names
                )
    machine.wait(MINUTE)
    another = Device.enrolled("Another")
    assert taken == another.row.pk, "numbers name something else now"
    another.deliver(answer(1))
    device.deliver(*(said[seq] for seq in range(5, 11)))
    again = Device.enrolled("Later")
    again.deliver(told)
    machine.wait(MINUTE)
    reader.read()
    assert everything() == reader.seen.keys()
    assert {1: 7, 2: 5} == Counter(reader.seen.values()), "received anew, under the same ids"


def test_an_id_is_the_same_under_a_new_number(machine: MachineClock) -> None:
    device, reader = Device.enrolled("Shop"), Reader()
    device.deliver(first := answer(1))
    other = Device.enrolled("Shop")
    anew = Message(1, first.moment, first.body, Origin(device.installation, 1))
    other.deliver(anew)
    machine.wait(MINUTE)
    reader.read()
    assert [2] == list(reader.seen.values())


def test_what_a_clock_that_was_ahead_told_is_refused_in_words(machine: MachineClock) -> None:
    device, reader = Device.enrolled("Shop"), Reader()
    device.deliver(answer(1))
    machine.off_ms = 200 * DAY
    until = reader.get().json()["complete_until"]
    machine.off_ms = 0
    cursor = cursor_of((machine.true_ms + YEAR, (0, 0, 0, 0)))
    for name, value in (("received_from", until), ("cursor", cursor)):
        reply = reader.get(**{name: value})
        assert 409 == reply.status_code
        (error,) = reply.json()["errors"]
        assert (f"$.{name}", "Lies in the future: begin again from an earlier time") == (
            error["path"],
            error["message"],
        )


def test_a_live_event_of_a_clock_that_was_ahead_is_not_waited_for(
    machine: MachineClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HELD_S", -1.0)
    reader = Reader()
    ahead = cursor_of((machine.true_ms + YEAR, 1, 1, 1))
    reply = reader.get("live", last_event_id=ahead)
    text = b"".join(reply.streaming_content).decode()
    assert cursor_of((clock.now_ms(), 0, 0, 0)) in text
    assert ahead not in text


def test_tools_that_read_the_database_find_the_same_ids(machine: MachineClock) -> None:
    del machine
    device = Device.enrolled("Shop")
    device.define(DEFINITION)
    device.deliver(answer(1), answer(2))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM hymio_answers")
        assert everything() == {row[0] for row in cursor.fetchall()}
