"""Deliveries: each message once, every number accounted for, counts that follow."""

import random
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from office import BOOT, DIGEST, Device, answer, new_id

from headoffice.clock import now_ms
from headoffice.db import write_lock
from headoffice.errors import HeadOfficeError
from headoffice.fleet.kiosks import revoke_kiosk
from headoffice.fleet.models import Alarm
from headoffice.ingest import delivery
from headoffice.ingest.misuse import mark_misuse
from headoffice.messages.models import Gap, Installation, StoredMessage, Unstored
from headoffice.rollups import verify
from headoffice.rollups.models import Hourly
from headoffice.structure import relocation
from sync.messages import EndBody, Message, Moment, Origin, Sighting, SkipBody

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def counts(**only: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in Hourly.objects.filter(question="mood", **only):
        found[row.value] = found.get(row.value, 0) + row.count
    return {value: n for value, n in found.items() if n}


def test_delivered_twice_is_stored_and_counted_once(device: Device) -> None:
    messages = [answer(seq, seq % 3) for seq in range(1, 10)]
    first, second = device.deliver(*messages), device.deliver(*messages)
    assert (9, 9) == (first.stored_up_to, first.highest)
    assert (9, ()) == (second.stored_up_to, second.refused)
    assert StoredMessage.objects.count() == 9
    assert counts() == {"0": 3, "1": 3, "2": 3}


def test_out_of_order_batches_give_the_same_counts_and_close_the_hole(device: Device) -> None:
    one, two, three = answer(1, 0), answer(2, 1), answer(3, 2)
    assert device.deliver(three).stored_up_to == 0
    assert device.deliver(one).stored_up_to == 1
    last = device.deliver(two)
    assert (3, 3) == (last.stored_up_to, last.highest)
    assert counts() == {"0": 1, "1": 1, "2": 1}
    assert not Gap.objects.exists()


def test_two_installations_of_a_kiosk_that_both_grow_are_alarmed(device: Device) -> None:
    device.deliver(answer(1))
    device.deliver(answer(1), installation=new_id())
    assert not Alarm.objects.exists()
    device.deliver(answer(2))
    assert Alarm.Kind.CLONE == Alarm.objects.get().kind


def test_same_number_with_other_content_is_refused_and_alarmed(device: Device) -> None:
    device.deliver(answer(1, 2))
    receipt = device.deliver(answer(1, 0), answer(2, 0))
    assert [(1, "conflict")] == [(r.seq, r.reason) for r in receipt.refused]
    assert receipt.stored_up_to == 2
    assert counts() == {"2": 1, "0": 1}
    alarm = Alarm.objects.get()
    assert (Alarm.Kind.CLONE, 1) == (alarm.kind, alarm.count)


def test_same_number_twice_in_one_batch(device: Device) -> None:
    one = answer(1, 2)
    receipt = device.deliver(one, one, answer(1, 0))
    assert ["conflict"] == [r.reason for r in receipt.refused]
    assert counts() == {"2": 1}


def test_the_last_word_counts_in_whatever_order_it_comes(device: Device) -> None:
    response = new_id()
    words = [answer(seq, value, response=response) for seq, value in ((1, 0), (2, 1), (3, 2))]
    for order in ([2, 0, 1], [0, 1, 2], [1, 2, 0]):
        for i in order:
            device.deliver(words[i])
    assert counts() == {"2": 1}
    assert StoredMessage.objects.count() == 3


def test_a_skip_after_an_answer_takes_it_back(device: Device) -> None:
    response = new_id()
    device.deliver(answer(1, 0, response=response))
    skip = SkipBody(
        response=response, questionnaire=DIGEST, language="en", question="mood", took_ms=1
    )
    end = EndBody(response=response, questionnaire=DIGEST, language="en", outcome="partial")
    device.deliver(Message(2, Moment(0, BOOT, 1), skip), Message(3, Moment(0, BOOT, 1), end))
    assert counts() == {"skipped": 1}
    assert Hourly.objects.get(question="").value == "partial"


def test_test_taps_and_misuse_are_kept_apart(device: Device) -> None:
    device.deliver(answer(1), answer(2, test=True), answer(3, misuse=("held", "burst")))
    assert counts(test=False, misuse="") == {"2": 1}
    assert counts(test=True) == {"2": 1}
    assert counts(misuse="burst,held") == {"2": 1}


def test_what_was_chosen_and_never_sent_is_kept_and_counts_nowhere(device: Device) -> None:
    response = new_id()
    device.deliver(answer(1, 0, response=response))
    device.deliver(answer(2, 2, response=response, unsent=True), answer(3, 1, unsent=True))
    assert {"0": 1} == counts()
    stored = StoredMessage.objects.order_by("seq").values_list("seq", "misuse", "counts")
    assert [(1, "", True), (2, "unsent", False), (3, "unsent", False)] == list(stored)
    assert [] == verify.check_kiosk(device.row.pk)
    mark_misuse(device.row, 0, 2**53, "children")
    mark_misuse(device.row, 0, 2**53, None)
    assert {"0": 1} == counts(misuse="")
    with pytest.raises(HeadOfficeError, match="never handed over"):
        mark_misuse(device.row, 0, 2**53, "unsent")


def test_what_the_kiosk_no_longer_has_is_a_gap_that_can_be_named(device: Device) -> None:
    receipt = device.deliver(answer(5), answer(9), oldest=8)
    assert (7, 9) == (receipt.stored_up_to, receipt.highest)
    assert [(1, 4), (6, 7)] == list(Gap.objects.order_by("first").values_list("first", "last"))
    assert device.deliver(answer(8), oldest=8).stored_up_to == 9


def test_a_gap_shrinks_when_its_messages_come_after_all(device: Device) -> None:
    device.deliver(answer(6), oldest=6)
    assert device.deliver(answer(3), oldest=6).stored_up_to == 6
    assert [(1, 2), (4, 5)] == list(Gap.objects.order_by("first").values_list("first", "last"))


def test_heartbeat_accounts_for_what_is_gone_too(device: Device) -> None:
    assert device.beat(oldest=4).stored_up_to == 3


def test_head_office_restored_from_an_older_copy_is_filled_up_again(device: Device) -> None:
    messages = [answer(seq, seq % 3) for seq in range(1, 13)]
    device.deliver(*messages[:4])
    tables = (StoredMessage, Hourly, Installation)

    copy = {model: list(model.objects.all()) for model in tables}
    device.deliver(*messages[4:])
    after = counts()
    for model, rows in copy.items():
        model.objects.all().delete()
        model.objects.bulk_create(rows)
    assert device.beat().stored_up_to == 4
    assert device.deliver(*messages[2:]).stored_up_to == 12
    assert after == counts() == {"0": 4, "1": 4, "2": 4}


def test_renumbered_message_counts_once_whichever_number_comes_first(device: Device) -> None:
    old, new = device.installation, new_id()
    for first in (old, new):
        Installation.objects.all().delete()
        original = answer(7, 2)
        moved = Message(1, original.moment, original.body, Origin(old, 7))
        batches = [(old, original), (new, moved)]
        for installation, message in batches if first == old else batches[::-1]:
            receipt = device.deliver(message, installation=installation, oldest=message.seq)
            assert message.seq == receipt.stored_up_to
            assert receipt.refused == ()
        old, new = new_id(), new_id()
    assert counts() == {"2": 2}
    assert Unstored.objects.filter(reason="duplicate").count() == 2


def test_a_message_that_breaks_the_protocol_is_refused_alone(device: Device) -> None:
    body = device.batch(answer(1), answer(2), answer(3)).replace(
        b'"seq":2,"moment":{"wall_ms":0', b'"seq":2,"moment":{"wall_ms":"x"'
    )
    response = device.post("batches", body)
    receipt = response.json()
    assert response.status_code == 200
    assert receipt["stored_up_to"] == 3
    assert [(2, "invalid")] == [(r["seq"], r["reason"]) for r in receipt["refused"]]
    assert "$.messages[1].moment.wall_ms" in receipt["refused"][0]["detail"]
    assert counts() == {"2": 2}


def test_what_was_refused_and_comes_whole_after_all_is_no_longer_without_a_row(
    device: Device,
) -> None:
    broken = device.batch(answer(1)).replace(b'"wall_ms":0', b'"wall_ms":"x"', 2)
    assert device.post("batches", broken.replace(b'"sent":{"wall_ms":"x"', b'"sent":{"wall_ms":0'))
    assert ["invalid"] == list(Unstored.objects.values_list("reason", flat=True))
    assert device.deliver(answer(1)).stored_up_to == 1
    assert not Unstored.objects.exists()
    assert counts() == {"2": 1}


@pytest.mark.parametrize("value", [3, True, "words", 9])
def test_value_that_does_not_fit_its_question_is_refused(device: Device, value: Any) -> None:
    assert device.define().status_code == 204
    receipt = device.deliver(answer(1, value), answer(2))
    assert [(1, "invalid")] == [(r.seq, r.reason) for r in receipt.refused]
    assert "$.messages[0].body.value" in receipt.refused[0].detail
    assert receipt.stored_up_to == 2
    assert counts() == {"2": 1}


def test_unknown_questionnaire_is_stored_and_asked_for(device: Device) -> None:
    wrong = answer(1, 7)
    assert (DIGEST,) == device.deliver(wrong, answer(2)).wanted
    assert (DIGEST,) == device.beat().wanted
    device.define()
    assert device.deliver(answer(3)).wanted == ()
    # Taken when nothing was known against it: it stays a duplicate, not a refusal.
    assert device.deliver(wrong).refused == ()


@pytest.mark.parametrize("text", ["a\0b", "\0"])
def test_nul_characters_are_refused(device: Device, text: str) -> None:
    receipt = device.deliver(answer(1, text), answer(2, 1))
    assert [(1, "invalid")] == [(r.seq, r.reason) for r in receipt.refused]
    assert device.deliver(answer(3, "\\u0000 as six letters")).refused == ()


def test_time_comes_from_sightings_then_the_same_boot_then_the_wall(device: Device) -> None:
    other, lost = str(uuid.uuid4()), str(uuid.uuid4())
    device.deliver(
        answer(1, at=Moment(5, other, 100)),
        answer(2, at=Moment(5, BOOT, 3000)),
        answer(3, at=Moment(5, lost, 3000)),
        sightings=(Sighting(other, 50, 1_700_000_000_000, 3),),
        sent=Moment(5, BOOT, 5000),
    )
    seen, same, wall = StoredMessage.objects.order_by("seq")
    assert (1_700_000_000_050, True) == (seen.happened_ms, seen.certain)
    assert (same.received_ms - 2000, True) == (same.happened_ms, same.certain)
    assert (5, False) == (wall.happened_ms, wall.certain)


def test_a_clock_ahead_of_ours_does_not_count_tomorrow(device: Device) -> None:
    device.deliver(answer(1, at=Moment(2**53, new_id(), 0)))
    assert StoredMessage.objects.get().happened_ms <= now_ms()


@pytest.mark.django_db(transaction=True)
def test_two_deliveries_at_once_lose_and_double_nothing(device: Device) -> None:
    messages = [answer(seq, seq % 3) for seq in range(1, 121)]
    chunks = [messages[i : i + 30] for i in range(0, 120, 15)]
    failures: list[object] = []

    def upload(seed: int) -> None:
        mine = chunks.copy()
        random.Random(seed).shuffle(mine)  # noqa: S311 - an order, not a secret
        try:
            for chunk in mine:
                twin = Device(device.credential, device.kiosk, device.installation)
                twin.deliver(*chunk)
        except BaseException as error:  # noqa: BLE001 - reported by the test's own thread
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=upload, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert StoredMessage.objects.count() == 120
    assert counts() == {"0": 40, "1": 40, "2": 40}
    row = Installation.objects.get()
    assert (120, 120) == (row.stored_up_to, row.highest)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has one writer at a time")
def test_a_writer_whose_turn_never_comes_sends_the_kiosk_away_for_a_while(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_lock, "WAIT_S", 0.05)
    with write_lock._threads:
        response = device.post("batches", device.batch(answer(1)))
    assert (503, "10") == (response.status_code, response["Retry-After"])
    assert device.deliver(answer(1)).stored_up_to == 1


# --- what happens between the making ready of a delivery and its turn ---------------------

Before = Callable[[Callable[[], object]], None]


@pytest.fixture
def before_its_turn(monkeypatch: pytest.MonkeyPatch) -> Before:
    """Has something happen when the next delivery is ready, just before its turn."""

    def prepare(happens: Callable[[], object]) -> None:
        @contextmanager
        def late() -> Iterator[None]:
            monkeypatch.undo()
            happens()
            with write_lock.exclusive_write():
                yield

        monkeypatch.setattr(delivery, "exclusive_write", late)

    return prepare


def test_what_comes_a_second_time_before_its_turn_counts_once(
    device: Device, before_its_turn: Before
) -> None:
    device.deliver(answer(1, 0))
    both = [answer(2, 1), answer(3, 2)]
    before_its_turn(lambda: device.deliver(both[0]))
    assert 3 == device.deliver(*both).stored_up_to
    assert {"0": 1, "1": 1, "2": 1} == counts()


def test_a_newer_word_that_comes_before_the_turn_of_an_older_one_counts(
    device: Device, before_its_turn: Before
) -> None:
    device.deliver(answer(1, 0))
    response = new_id()
    older, newer = (answer(seq, value, response=response) for seq, value in ((2, 1), (3, 2)))
    before_its_turn(lambda: device.deliver(newer))
    assert 3 == device.deliver(older).stored_up_to
    assert {"0": 1, "2": 1} == counts()


def test_a_kiosk_that_is_moved_before_the_turn_counts_at_its_new_place(
    device: Device, before_its_turn: Before
) -> None:
    device.deliver(answer(1, 0))
    there = Device.enrolled("Side street").row.assignments.get().point
    before_its_turn(lambda: relocation.move_kiosk(device.row, there, 0))
    device.deliver(answer(2, 1))
    assert {there.pk} == set(StoredMessage.objects.values_list("point", flat=True))
    assert {"0": 1, "1": 1} == counts(point=there.pk)


def test_a_kiosk_that_is_shut_out_before_its_turn_delivers_nothing_more(
    device: Device, before_its_turn: Before
) -> None:
    device.deliver(answer(1, 0))
    before_its_turn(lambda: revoke_kiosk(device.row))
    assert 401 == device.post("batches", device.batch(answer(2, 1))).status_code
    assert {"0": 1} == counts()
