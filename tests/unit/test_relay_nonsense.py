"""What a head office says is weighed: wrong times, mad numbers, and no end of beginnings."""

import msgspec
import pytest
from fakes import ModelHeadOffice
from test_relay import Bench

from sync.failure_texts import CLOCK_CONTRADICTS, CLOCK_IN_DOUBT, TOO_MANY_BEGINNINGS
from sync.messages import Batch, FieldError, Heartbeat, Problem, Refusal
from sync.outcome import Rejection, SendOutcome, VerifiedReceipt

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
YEAR = 365 * DAY


@pytest.fixture
def bench() -> Bench:
    return Bench()


class Turning:
    """A head office whose clock, or whose numbers, are wrong for a while."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.off_ms = bench, 0
        self.base = bench.head.now_ms - bench.clock.mono
        bench.bend = self.answer

    def answer(self, what: Batch | Heartbeat) -> SendOutcome:
        self.bench.head.now_ms = self.base + self.bench.clock.mono + self.off_ms
        return self.bench.head.deliver(what)


@pytest.mark.parametrize("off_ms", [YEAR, -YEAR, -91 * DAY, 2 * DAY])
def test_a_time_that_contradicts_the_boot_is_not_now(bench: Bench, off_ms: int) -> None:
    office = Turning(bench)
    office.off_ms = 0
    for _ in range(5):
        bench.clock.advance(MINUTE)
        bench.heartbeat.run()
    right = bench.relay.status.clock_offset_ms
    assert right is not None
    office.off_ms = off_ms
    bench.tap(3)
    bench.drain()
    assert 0 == bench.outbox.counts().waiting
    assert CLOCK_CONTRADICTS == bench.relay.status.failure
    assert abs((bench.relay.head_ms() or 0) - office.base - bench.clock.mono) < 10
    assert right == bench.relay.status.clock_offset_ms
    bench.tap(1)
    bench.drain()
    (sighting,) = bench.transport.sent[-1].sightings  # type: ignore[union-attr]
    assert abs(sighting.head_ms - sighting.mono_ms - office.base) < 10
    office.off_ms = 0
    bench.heartbeat.run()
    assert "" == bench.relay.status.failure


def test_a_wrong_first_time_is_left_behind(bench: Bench) -> None:
    office = Turning(bench)
    bench.clock.wall_ms = 0
    office.off_ms = YEAR
    bench.heartbeat.run()
    office.off_ms = 0
    bench.clock.advance(MINUTE)
    bench.tap(1)
    bench.drain()
    (told,) = bench.outbox.sightings((bench.clock.boot,))
    assert bench.relay.head_ms() is None, "no credential is renewed by such a time"
    assert not told.certain, "bounds are told until one of them has held for longer"
    for _ in range(3):
        bench.clock.advance(MINUTE)
        bench.heartbeat.run()
    assert abs((bench.relay.head_ms() or 0) - office.base - bench.clock.mono) < 10


def test_an_impossible_time_stops_nothing(bench: Bench) -> None:
    def impossible(what: Batch | Heartbeat) -> SendOutcome:
        told = bench.head.deliver(what)
        assert isinstance(told, VerifiedReceipt)
        return VerifiedReceipt(told.receipt, None)

    bench.bend = impossible
    sent = bench.tap(3)
    bench.drain()
    assert sent == bench.head.counted()
    assert "head office's clock" in bench.relay.status.failure
    assert bench.relay.status.clock_offset_ms is None
    assert () == bench.outbox.sightings((bench.clock.boot,))
    bench.clock.boot = "0b0e7c1e-0d0f-4f4e-9c55-1f1d6a1f2a3b"
    more = bench.tap(1)
    bench.clock.boot = "1c1e7c1e-0d0f-4f4e-9c55-1f1d6a1f2a3b"
    bench.drain()
    assert {*sent, *more} == set(bench.head.counted())


def test_times_that_the_head_office_refuses_are_left_out(bench: Bench) -> None:
    def strict(what: Batch | Heartbeat) -> SendOutcome | None:
        if isinstance(what, Heartbeat) or not what.sightings:
            return None
        error = FieldError("$.sightings[0].head_ms", "Expected `int` <= 9007199254740992")
        return Rejection(422, Problem("urn:hymio:problem:invalid", "No", 422, errors=(error,)))

    bench.heartbeat.run()
    bench.bend = strict
    sent = bench.tap(3)
    bench.drain()
    assert sent == bench.head.counted()
    assert "" == bench.relay.status.pause_reason


def hostile(bench: Bench, **numbers: object) -> None:
    def answer(what: Batch | Heartbeat) -> SendOutcome:
        told = bench.head.deliver(what)
        assert isinstance(told, VerifiedReceipt)
        return VerifiedReceipt(msgspec.structs.replace(told.receipt, **numbers), told.sighting)

    bench.bend = answer


def work(bench: Bench, ms: int) -> int:
    """The relay at work for so long, a heartbeat each minute; how many installations began."""
    began, name = 0, bench.outbox.position().installation
    until = bench.clock.mono + ms
    while bench.clock.mono < until:
        seconds = bench.relay.run()
        bench.heartbeat.run()
        bench.clock.advance(min(int((seconds or 60) * 1000) + 1, MINUTE))
        if bench.outbox.position().installation != name:
            began, name = began + 1, bench.outbox.position().installation
    return began


def test_a_highest_that_never_ends_begins_few_installations(bench: Bench) -> None:
    hostile(bench, highest=2**53)
    sent = bench.tap(12)
    assert work(bench, HOUR) <= 9
    assert len(bench.transport.sent) < 300, "and no busy loop"
    assert TOO_MANY_BEGINNINGS == bench.relay.status.failure
    assert work(bench, DAY) <= 30
    assert 12 == bench.outbox.counts().waiting
    bench.bend = lambda _what: None
    work(bench, 2 * HOUR)
    assert sent == bench.head.counted()
    assert "" == bench.relay.status.failure


def test_a_conflict_for_all_does_so_too_and_all_arrives_in_the_end(bench: Bench) -> None:
    def conflict(what: Batch | Heartbeat) -> SendOutcome:
        told = ModelHeadOffice().deliver(what)
        assert isinstance(told, VerifiedReceipt)
        if isinstance(what, Heartbeat) or not what.messages:
            return told
        refused = tuple(Refusal(m.seq, "conflict", "x" * 100_000) for m in what.messages)
        last = what.messages[-1].seq
        receipt = msgspec.structs.replace(
            told.receipt, stored_up_to=last, highest=last, refused=refused
        )
        return VerifiedReceipt(receipt, told.sighting)

    bench.bend = conflict
    sent = bench.tap(12)
    assert work(bench, HOUR) <= 9
    assert work(bench, DAY) <= 30
    bench.bend = lambda _what: None
    work(bench, 2 * HOUR)
    assert sent == bench.head.counted()
    assert () == bench.outbox.quarantine()


def test_a_card_that_is_put_back_begins_at_once(bench: Bench) -> None:
    bench.tap(3)
    hostile(bench, highest=5)
    bench.relay.run()
    bench.bend = lambda _what: None
    bench.drain()
    assert 3 == len(bench.head.counted())


def test_a_head_office_that_doubts_its_clock_is_waited_for_in_words(bench: Bench) -> None:
    problem = Problem("urn:hymio:problem:clock", "The head office's clock is in doubt", 503)
    bench.bend = lambda _what: Rejection(503, problem)
    bench.tap(3)
    seconds = bench.relay.run()
    assert seconds is not None
    assert (CLOCK_IN_DOUBT, "") == (bench.relay.status.failure, bench.relay.status.pause_reason)
    assert (3, 0) == (bench.outbox.counts().waiting, bench.outbox.counts().in_quarantine)
    bench.bend = bench.head.deliver
    bench.drain()
    assert 0 == bench.outbox.counts().waiting
    assert "" == bench.relay.status.failure
