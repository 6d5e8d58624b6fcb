"""Numbers that a kiosk withholds, and messages that were numbered anew, at the head office."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import pytest_django
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps
from office import Device, answer, moment, new_id

from headoffice.messages.models import Gap, StoredMessage, Unstored
from sync.messages import Batch, Message, Origin, Receipt, fingerprint
from sync.outbox.rows import UNKNOWN

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def with_withheld(device: Device, *messages: Message, withheld: tuple[int, ...]) -> Receipt:
    batch = Batch(
        installation=device.installation,
        oldest=1,
        sent=moment(),
        messages=messages,
        withheld=withheld,
    )
    response = device.post("batches", msgspec.json.encode(batch))
    assert response.status_code == 200, response.content
    return msgspec.json.decode(response.content, type=Receipt)


def renumbered(seq: int, message: Message, installation: str, origin_seq: int) -> Message:
    return Message(seq, message.moment, message.body, Origin(installation, origin_seq))


def test_a_withheld_number_stops_nothing_and_can_be_named(device: Device) -> None:
    receipt = with_withheld(device, answer(1), answer(3), answer(5), withheld=(2, 4))
    assert (5, 5) == (receipt.stored_up_to, receipt.highest)
    named = Unstored.objects.order_by("seq").values_list("seq", "reason")
    assert [(2, "withheld"), (4, "withheld")] == list(named)
    assert not Gap.objects.exists()


def test_a_withheld_number_said_twice_is_one(device: Device) -> None:
    for _ in range(2):
        assert 3 == with_withheld(device, answer(1), answer(3), withheld=(2,)).stored_up_to
    assert 1 == Unstored.objects.count()


def test_a_number_that_did_arrive_is_not_called_withheld(device: Device) -> None:
    device.deliver(answer(1), answer(2))
    assert 3 == with_withheld(device, answer(3), withheld=(2,)).stored_up_to
    assert not Unstored.objects.exists()


def test_a_heartbeat_tells_of_withheld_numbers_at_the_end(device: Device) -> None:
    device.deliver(answer(1), answer(2))
    receipt = device.beat(withheld=(3, 4))
    assert (4, 4) == (receipt.stored_up_to, receipt.highest)
    assert [3, 4] == list(Unstored.objects.order_by("seq").values_list("seq", flat=True))


def test_a_withheld_message_sent_again_is_stored_under_its_new_number(device: Device) -> None:
    poison = answer(2)
    with_withheld(device, answer(1), answer(3), withheld=(2,))
    receipt = device.deliver(renumbered(4, poison, device.installation, 2))
    assert 4 == receipt.stored_up_to
    assert 3 == StoredMessage.objects.count()


def test_twice_numbered_anew_with_the_receipts_lost_is_stored_once(device: Device) -> None:
    first, second, third = device.installation, new_id(), new_id()
    message = answer(5)
    device.deliver(renumbered(1, message, first, 5), installation=second)
    again = device.deliver(renumbered(1, message, first, 5), installation=third)
    by_last_origin = device.deliver(renumbered(2, message, second, 1), installation=third)
    assert (1, 2) == (again.stored_up_to, by_last_origin.stored_up_to)
    assert 1 == StoredMessage.objects.count()


def test_two_cards_that_numbered_alike_lose_nothing_when_both_are_numbered_anew(
    device: Device,
) -> None:
    one, other = answer(5), answer(5)
    for message in (one, other):
        device.deliver(renumbered(1, message, device.installation, 5), installation=new_id())
    for message in (one, other):
        device.deliver(renumbered(1, message, device.installation, 5), installation=new_id())
    stored = {bytes(p) for p in StoredMessage.objects.values_list("fingerprint", flat=True)}
    assert {fingerprint(one), fingerprint(other)} == stored
    assert 2 == StoredMessage.objects.count()


def test_what_was_salvaged_without_its_installations_name_is_stored_once(device: Device) -> None:
    old, new = answer(1), answer(2)
    device.deliver(old)
    lost = f"{UNKNOWN[:-4]}0001"
    receipt = device.deliver(
        renumbered(1, old, lost, 1), renumbered(2, new, lost, 2), installation=new_id()
    )
    assert 2 == receipt.stored_up_to
    assert 2 == StoredMessage.objects.count()


def test_an_answer_of_another_kiosk_is_never_taken_for_ones_own(device: Device) -> None:
    other, message = Device.enrolled("Back door"), answer(1)
    other.deliver(message)
    device.deliver(renumbered(1, message, new_id(), 1))
    assert 2 == StoredMessage.objects.count()


@pytest.fixture
def empty_database(
    tmp_path: Path, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[BaseDatabaseWrapper]:
    """A database of its own, with nothing in it."""
    settings = connections.databases["default"]
    connections.databases["empty"] = {
        **settings,
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": tmp_path / "empty.sqlite3",
        "OPTIONS": {},
    }
    with django_db_blocker.unblock():
        yield connections["empty"]
        connections["empty"].close()
    del connections["empty"], connections.databases["empty"]


def test_origins_noted_by_the_first_schema_are_kept(empty_database: BaseDatabaseWrapper) -> None:
    def at(name: str) -> StateApps:
        executor = MigrationExecutor(empty_database)
        executor.migrate([("ingest", name)])
        return executor.loader.project_state([("ingest", name)]).apps

    before = at("0001_initial").get_model("ingest", "Renumbered").objects.using("empty")
    row = {"kiosk": 1, "origin": new_id(), "origin_seq": 7, "fingerprint": b"f" * 16}
    before.create(**row)
    before.create(**row | {"origin_seq": 8})
    before.create(**row | {"origin_seq": 9, "fingerprint": b"g" * 16})
    after = at("0002_withheld_and_renumbered").get_model("ingest", "Renumbered")
    kept = {(bytes(r.fingerprint), r.origin_seq) for r in after.objects.using("empty")}
    assert {(b"f" * 16, 7), (b"g" * 16, 9)} == kept
