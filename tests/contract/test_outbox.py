"""What every outbox promises, on disk and in memory."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeClock, answer

from sync.errors import OutboxClosedError, WrongInstallationError
from sync.messages import Moment, Origin, Refusal, Sighting
from sync.outbox.memory import MemoryOutbox
from sync.outbox.protocol import Outbox
from sync.outbox.sqlite import SqliteOutbox

DAY = 86_400_000
NOW = 1_750_000_000_000


@pytest.fixture(params=["sqlite", "memory"])
def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Outbox]:
    made: Outbox = (
        SqliteOutbox.open(tmp_path / "data") if request.param == "sqlite" else MemoryOutbox()
    )
    yield made
    made.close()


def fill(outbox: Outbox, count: int) -> list[str]:
    clock = FakeClock()
    made = [outbox.append([answer()], clock.moment())[0] for _ in range(count)]
    return [message.body.response for message in made]


def acknowledge(outbox: Outbox, seq: int, *refused: Refusal, at_ms: int = NOW) -> None:
    outbox.settle(outbox.position().installation, seq, refused, at_ms)


def seqs(outbox: Outbox) -> list[int]:
    return [message.seq for message in outbox.next_batch(1000, 10**9)]


def test_numbers_are_contiguous_from_one(outbox: Outbox) -> None:
    first = outbox.append([answer(), answer()], FakeClock().moment())
    second = outbox.append([answer()], FakeClock().moment())
    assert [1, 2, 3] == [message.seq for message in (*first, *second)]


def test_what_was_appended_is_read_back_unchanged(outbox: Outbox) -> None:
    stored = outbox.append([answer(0), answer(text="kylmä ☃")], FakeClock().moment())
    assert stored == outbox.next_batch(10, 10**6)


def test_a_batch_is_bounded_by_count_and_bytes_but_never_empty(outbox: Outbox) -> None:
    fill(outbox, 5)
    assert 3 == len(outbox.next_batch(3, 10**6))
    assert 2 == len(outbox.next_batch(5, 1000))
    assert 1 == len(outbox.next_batch(5, 1))


def test_acknowledged_messages_wait_no_more_and_come_back_when_the_watermark_falls(
    outbox: Outbox,
) -> None:
    fill(outbox, 5)
    acknowledge(outbox, 4)
    assert [5] == seqs(outbox)
    acknowledge(outbox, 1)
    assert [2, 3, 4, 5] == seqs(outbox)


def test_the_watermark_stays_between_what_was_removed_and_the_last_number(outbox: Outbox) -> None:
    fill(outbox, 3)
    acknowledge(outbox, 99)
    assert 3 == outbox.position().watermark
    outbox.trim(DAY, 1)
    acknowledge(outbox, 0)
    assert 2 == outbox.position().watermark


def test_a_receipt_for_an_ended_installation_changes_nothing(outbox: Outbox) -> None:
    fill(outbox, 2)
    old = outbox.position().installation
    outbox.renew()
    with pytest.raises(WrongInstallationError):
        outbox.settle(old, 2, (), NOW)
    assert 2 == outbox.counts().waiting


def test_a_refused_message_is_kept_with_its_reason_once(outbox: Outbox) -> None:
    fill(outbox, 2)
    refusal = Refusal(1, "invalid", "$.value: too big")
    acknowledge(outbox, 2, refusal)
    acknowledge(outbox, 0)
    acknowledge(outbox, 2, refusal)
    (kept,) = outbox.quarantine()
    assert (1, "invalid", "$.value: too big") == (kept.seq, kept.reason, kept.detail)


def test_a_quarantined_message_can_be_sent_again_under_a_new_number(outbox: Outbox) -> None:
    responses = fill(outbox, 2)
    acknowledge(outbox, 2, Refusal(1, "invalid", "no"))
    again = outbox.send_again(outbox.quarantine()[0].id)
    assert again is not None
    assert (3, responses[0]) == (again.seq, again.body.response)
    assert Origin(outbox.position().installation, 1) == again.origin
    assert ((again,), ()) == (outbox.next_batch(10, 10**6), outbox.quarantine())


def test_sending_again_what_is_not_there_does_nothing(outbox: Outbox) -> None:
    assert outbox.send_again(7) is None
    assert 0 == outbox.counts().last_seq


def test_a_withheld_message_does_not_wait(outbox: Outbox) -> None:
    fill(outbox, 3)
    outbox.withhold(2, "too hot")
    assert [1, 3] == seqs(outbox)
    assert (2,) == outbox.withheld_seqs(3, 10)
    counts = outbox.counts()
    assert (2, 1) == (counts.waiting, counts.in_quarantine)


def test_boots_bound_each_other(outbox: Outbox) -> None:
    clock = FakeClock(wall_ms=0, mono_ms=0)
    boots = []
    for _ in range(3):
        clock.boot, clock.mono = str(uuid.uuid4()), 1000
        boots.append(clock.boot)
        for _tap in range(2):
            outbox.append([answer()], clock.moment())
            clock.advance(60_000)
    assert () == outbox.bounds(boots[:2], clock.moment())
    outbox.record_sighting(Sighting(boots[0], 61_000, NOW, 0))
    outbox.record_sighting(Sighting(boots[2], 1000, NOW + DAY, 0))
    (wide,) = outbox.bounds(boots[:2], clock.moment())
    first = wide.estimate(Moment(0, boots[1], 1000))
    assert (NOW, NOW + DAY - 60_000) == (first.earliest_ms, first.latest_ms)


def test_withheld_numbers_are_told_above_the_watermark_only(outbox: Outbox) -> None:
    fill(outbox, 6)
    for seq in (2, 4, 6):
        outbox.withhold(seq, "too hot")
    acknowledge(outbox, 3)
    assert (4, 6) == outbox.withheld_seqs(6, 10)
    assert ((4,), (4,)) == (outbox.withheld_seqs(5, 10), outbox.withheld_seqs(6, 1))
    acknowledge(outbox, 1)
    assert (2, 4, 6) == outbox.withheld_seqs(6, 10)


def test_a_message_numbered_anew_twice_keeps_its_first_origin(outbox: Outbox) -> None:
    fill(outbox, 3)
    first = outbox.position().installation
    acknowledge(outbox, 1)
    outbox.renew()
    fill(outbox, 1)
    second = outbox.position().installation
    outbox.renew()
    moved = outbox.next_batch(10, 10**6)
    assert [Origin(first, 2), Origin(first, 3), Origin(second, 3)] == [m.origin for m in moved]


def test_a_new_installation_takes_along_what_waits_and_what_met_a_conflict(outbox: Outbox) -> None:
    responses = fill(outbox, 5)
    old = outbox.position().installation
    acknowledge(outbox, 3, Refusal(2, "conflict", "taken"), Refusal(3, "invalid", "bad"))
    new = outbox.renew()
    moved = outbox.next_batch(10, 10**6)
    assert new == outbox.position().installation != old
    assert [responses[1], responses[3], responses[4]] == [m.body.response for m in moved]
    assert [Origin(old, 2), Origin(old, 4), Origin(old, 5)] == [m.origin for m in moved]
    assert [1, 2, 3] == [m.seq for m in moved]
    assert ["invalid"] == [each.reason for each in outbox.quarantine()]


def test_what_earlier_installations_delivered_is_recalled_when_the_watermark_falls(
    outbox: Outbox,
) -> None:
    first = outbox.position().installation
    delivered = fill(outbox, 3)
    acknowledge(outbox, 3, Refusal(2, "invalid", "no"))
    outbox.renew()
    fill(outbox, 2)
    acknowledge(outbox, 2)
    assert 0 == outbox.recall()
    earlier = outbox.earlier_installation()
    assert earlier is not None
    assert (first, 3) == (earlier.installation, earlier.watermark)
    acknowledge(outbox, 0)
    assert [1, 1, 0] == [outbox.recall(step=1) for _ in range(3)]
    recalled = outbox.next_batch(10, 10**6)[2:]
    assert [(3, Origin(first, 1)), (4, Origin(first, 3))] == [(m.seq, m.origin) for m in recalled]
    assert [delivered[0], delivered[2]] == [m.body.response for m in recalled]
    assert outbox.earlier_installation() is None


def test_a_message_is_looked_up_by_its_number_whichever_installation_it_stands_in(
    outbox: Outbox,
) -> None:
    first = outbox.position().installation
    fill(outbox, 2)
    acknowledge(outbox, 2)
    outbox.renew()
    second = outbox.position().installation
    responses = fill(outbox, 1)
    found = outbox.message(second, 1)
    assert found is not None
    assert responses == [found.body.response]
    assert outbox.message(first, 1) != found
    assert outbox.message(second, 2) is None
    assert outbox.message("ffffffff-ffff-4fff-8fff-ffffffffffff", 1) is None


def test_a_message_sent_again_keeps_its_first_origin(outbox: Outbox) -> None:
    first = outbox.position().installation
    fill(outbox, 1)
    outbox.renew()
    outbox.withhold(1, "isolated")
    again = outbox.send_again(outbox.quarantine()[0].id)
    assert again is not None
    assert Origin(first, 1) == again.origin


def test_only_delivered_messages_are_ever_removed(outbox: Outbox) -> None:
    fill(outbox, 10)
    acknowledge(outbox, 4)
    assert [4, 0, 0] == [outbox.trim(0, 0) for _ in range(3)]
    assert [5, 6, 7, 8, 9, 10] == seqs(outbox)
    assert 5 == outbox.position().oldest


def test_removal_goes_in_small_steps(outbox: Outbox) -> None:
    fill(outbox, 10)
    acknowledge(outbox, 10)
    assert [4, 4, 0] == [outbox.trim(DAY, 2, step=4) for _ in range(3)]


def test_a_number_is_not_used_again_after_everything_was_removed(outbox: Outbox) -> None:
    fill(outbox, 3)
    acknowledge(outbox, 3)
    outbox.trim(0, 0)
    (message,) = outbox.append([answer()], FakeClock().moment())
    assert 4 == message.seq


def test_the_oldest_waiting_message_is_known(outbox: Outbox) -> None:
    assert outbox.counts().oldest_waiting is None
    clock = FakeClock()
    outbox.append([answer()], clock.moment())
    clock.advance(5000)
    second = clock.moment()
    outbox.append([answer()], second)
    acknowledge(outbox, 1)
    assert second == outbox.counts().oldest_waiting


def test_a_worse_sighting_does_not_replace_a_better_one(outbox: Outbox) -> None:
    boot = FakeClock().boot
    good, bad = Sighting(boot, 1000, 5000, 10), Sighting(boot, 2000, 6000, 500)
    much_later = Sighting(boot, 10_000_000, 9_000_000, 300)
    for sighting in (good, bad):
        outbox.record_sighting(sighting)
    assert (good,) == outbox.sightings([boot, "other"])
    outbox.record_sighting(much_later)
    assert (much_later,) == outbox.sightings([boot])


def test_definitions_and_state_are_kept(outbox: Outbox) -> None:
    outbox.remember_questionnaire("a" * 64, b"{}")
    outbox.remember_questionnaire("a" * 64, b"{}")
    outbox.set_state("k", "1")
    outbox.set_state("k", "2")
    assert (b"{}", None) == (outbox.questionnaire("a" * 64), outbox.questionnaire("b" * 64))
    assert ("2", None) == (outbox.state("k"), outbox.state("other"))


def test_a_closed_outbox_says_so(outbox: Outbox) -> None:
    outbox.close()
    with pytest.raises(OutboxClosedError):
        outbox.append([answer()], FakeClock().moment())
