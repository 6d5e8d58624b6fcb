"""The relay against a head office in memory: nothing lost, nothing twice."""

import threading
import uuid
from collections.abc import Callable

import pytest
from fakes import FakeClock, ModelHeadOffice, ScriptedTransport, answer

from config.settings import Sync
from sync.heartbeat import HeartbeatSender, KioskCondition
from sync.messages import Batch, FieldError, Heartbeat, OutboxReport, Problem
from sync.outbox.memory import MemoryOutbox
from sync.outcome import NetworkFailure, NotAReceipt, Rejection, SendOutcome
from sync.relay import Relay


class Bench:
    """An outbox, a relay and a head office, with a line between them that a test may bend."""

    def __init__(self, batch_messages: int = 500) -> None:
        self.outbox = MemoryOutbox()
        self.clock = FakeClock()
        self.head = ModelHeadOffice()
        self.bend: Callable[[Batch | Heartbeat], SendOutcome | None] = lambda _what: None
        self.transport = ScriptedTransport(otherwise=self._line)
        self.relay = Relay(
            self.outbox,
            self.transport,
            self.clock,
            Sync(batch_messages=batch_messages),
            random=lambda: 0.5,
        )
        self.heartbeat = HeartbeatSender(
            self.outbox,
            self.transport,
            self.clock,
            self.relay,
            lambda: KioskCondition("1", "a" * 64),
        )

    def _line(self, what: Batch | Heartbeat) -> SendOutcome:
        return self.bend(what) or self.head.deliver(what)

    def tap(self, count: int) -> list[str]:
        made = self.outbox.append([answer() for _ in range(count)], self.clock.moment())
        return sorted(message.body.response for message in made)

    def drain(self) -> None:
        for _ in range(50):
            seconds = self.relay.run()
            if seconds is None:
                return
            self.clock.advance(int(seconds * 1000) + 1)
        raise AssertionError("the relay does not come to an end")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_backlog_is_drained_in_batches_oldest_first() -> None:
    bench = Bench(batch_messages=4)
    tapped = bench.tap(10)
    assert bench.relay.run() is None
    assert tapped == bench.head.counted()
    assert [4, 4, 2] == [len(b.messages) for b in bench.transport.sent if isinstance(b, Batch)]
    assert 0 == bench.outbox.counts().waiting


def test_a_lost_reply_counts_nothing_twice(bench: Bench) -> None:
    tapped = bench.tap(3)

    def lose_the_first_reply(what: Batch | Heartbeat) -> SendOutcome | None:
        if len(bench.transport.sent) > 1:
            return None
        bench.head.deliver(what)
        return NetworkFailure("cut", "")

    bench.bend = lose_the_first_reply
    bench.drain()
    assert tapped == bench.head.counted()


def test_what_is_no_receipt_acknowledges_nothing(bench: Bench) -> None:
    bench.tap(2)
    bench.transport.script.append(NotAReceipt("not_json", "<html>"))
    assert bench.relay.run() is not None
    assert 2 == bench.outbox.counts().waiting
    assert "log-in page" in bench.relay.status.failure


def test_while_backing_off_nothing_is_sent_unless_asked_to_now(bench: Bench) -> None:
    bench.tap(1)
    bench.transport.script.append(Rejection(503, retry_after="100"))
    bench.relay.run()
    assert 0 < (bench.relay.run() or 0) <= 110
    assert 1 == len(bench.transport.sent)
    assert bench.relay.run(now=True) is None
    assert 2 == len(bench.transport.sent)


def test_a_refused_credential_pauses_and_tells_staff_and_loses_nothing(bench: Bench) -> None:
    tapped = bench.tap(1)
    bench.transport.script.append(Rejection(401))
    assert (bench.relay.run() or 0) >= 300
    assert "credential" in bench.relay.status.pause_reason
    bench.drain()
    assert tapped == bench.head.counted()
    assert "" == bench.relay.status.pause_reason


def test_too_large_a_batch_is_halved_until_it_fits(bench: Bench) -> None:
    tapped = bench.tap(20)
    bench.bend = lambda what: (
        Rejection(413) if isinstance(what, Batch) and len(what.messages) > 3 else None
    )
    bench.drain()
    assert tapped == bench.head.counted()
    assert () == bench.outbox.quarantine()


def poison(response: str) -> Callable[[Batch | Heartbeat], SendOutcome | None]:
    return lambda what: (
        Rejection(400)
        if isinstance(what, Batch) and response in {m.body.response for m in what.messages}
        else None
    )


def test_a_message_that_no_batch_gets_through_with_is_isolated_alone(bench: Bench) -> None:
    bench.tap(9)
    bad = bench.outbox.next_batch(10, 10**6)[4]
    bench.bend = poison(bad.body.response)
    bench.drain()
    later = bench.tap(3)
    bench.drain()
    assert [bad.body.response] == [q.body.response for q in bench.outbox.quarantine() if q.body]
    assert 11 == len(bench.head.counted())
    assert set(later) <= set(bench.head.counted())
    sent = [len(b.messages) for b in bench.transport.sent if isinstance(b, Batch)]
    assert 3 == sent[-1], "what was delivered before the isolated one is not sent again and again"


def test_a_message_that_was_turned_down_once_is_not_isolated(bench: Bench) -> None:
    """A proxy that is being set up, say: the next try gets through."""
    tapped = bench.tap(1)
    turned_down = iter([Rejection(413)])
    bench.bend = lambda what: (
        next(turned_down, None) if isinstance(what, Batch) and what.messages else None
    )
    bench.drain()
    assert () == bench.outbox.quarantine()
    assert set(tapped) == set(bench.head.counted())


def test_a_wrong_address_quarantines_nothing(bench: Bench) -> None:
    tapped = bench.tap(4)
    bench.bend = lambda _what: Rejection(400)
    for _ in range(5):
        bench.clock.advance(1_000_000)
        assert bench.relay.run() is not None
    assert () == bench.outbox.quarantine()
    bench.bend = lambda _what: None
    bench.drain()
    assert tapped == bench.head.counted()


def test_a_withheld_number_is_named_so_that_the_head_office_counts_past_it(bench: Bench) -> None:
    bench.tap(5)
    bench.outbox.withhold(3, "too hot")
    bench.outbox.withhold(5, "too hot")
    bench.drain()
    (sent,) = (b for b in bench.transport.sent if isinstance(b, Batch))
    assert ((3,), 4) == (sent.withheld, bench.outbox.position().watermark)
    bench.heartbeat.run()
    (shelf,) = bench.head.shelves.values()
    assert 5 == shelf.up_to(), "the heartbeat names what is withheld after the last one"
    assert 0 == bench.outbox.counts().waiting


def older_head_office(what: Batch | Heartbeat) -> SendOutcome | None:
    """Before the field was thought of."""
    unknown = FieldError("$", "Object contains unknown field `withheld`")
    problem = Problem("urn:hymio:problem:invalid", "No", 422, errors=(unknown,))
    return Rejection(422, problem) if what.withheld else None


def test_an_older_head_office_gets_what_it_can_take_and_staff_read_what_it_lacks(
    bench: Bench,
) -> None:
    tapped = bench.tap(4)
    bench.bend = older_head_office
    bench.drain()
    assert tapped == bench.head.counted()
    bench.tap(3)
    bench.outbox.withhold(6, "too hot")
    assert (bench.relay.run() or 0) >= 300
    assert "doesn't know “withheld”" in bench.relay.status.pause_reason
    assert (2, 1) == (bench.outbox.counts().waiting, len(bench.outbox.quarantine()))
    bench.bend = lambda _what: None
    bench.drain()
    assert 6 == len(bench.head.counted())


def test_a_head_office_of_another_protocol_puts_nothing_in_quarantine(bench: Bench) -> None:
    bench.tap(6)
    said = Problem("urn:hymio:problem:protocol", "No", 400, "It speaks version 2, not 1.")
    bench.bend = lambda _what: Rejection(400, said)
    for _ in range(5):
        bench.clock.advance(1_000_000)
        assert (bench.relay.run() or 0) >= 300
    assert (6, ()) == (bench.outbox.counts().waiting, bench.outbox.quarantine())
    assert "version 2, not 1" in bench.relay.status.pause_reason


def test_a_filter_that_stops_every_message_does_not_fill_the_quarantine(bench: Bench) -> None:
    tapped = bench.tap(40)
    bench.bend = lambda what: Rejection(406) if isinstance(what, Batch) and what.messages else None
    for _ in range(20):
        bench.clock.advance(1_000_000)
        bench.relay.run()
    assert 3 == len(bench.outbox.quarantine())
    assert "every message" in bench.relay.status.pause_reason
    bench.bend = lambda _what: None
    bench.clock.advance(1_000_000)
    bench.drain()
    for each in bench.outbox.quarantine():
        bench.outbox.send_again(each.id)
    bench.drain()
    assert tapped == bench.head.counted()


def test_staff_hear_of_a_refused_credential_also_when_nothing_waits(bench: Bench) -> None:
    bench.bend = lambda _what: Rejection(401)
    bench.heartbeat.run()
    assert "credential" in bench.relay.status.pause_reason
    bench.bend = lambda _what: None
    bench.heartbeat.run()
    assert "" == bench.relay.status.pause_reason


def test_a_refused_message_holds_up_nobody(bench: Bench) -> None:
    bench.tap(5)
    bench.head.invalid = lambda message: message.seq == 2
    bench.drain()
    assert 4 == len(bench.head.counted())
    assert [(2, "invalid")] == [(q.seq, q.reason) for q in bench.outbox.quarantine()]
    assert 5 == bench.outbox.position().watermark


def test_a_restored_head_office_gets_again_what_it_lost(bench: Bench) -> None:
    tapped = bench.tap(8)
    bench.drain()
    (shelf,) = bench.head.shelves.values()
    for seq in range(4, 9):
        del shelf.stored[seq]
    bench.heartbeat.run()
    assert 5 == bench.outbox.counts().waiting
    bench.drain()
    assert tapped == bench.head.counted()


def test_a_restored_head_office_gets_again_what_earlier_installations_delivered(
    bench: Bench,
) -> None:
    tapped = bench.tap(3)
    bench.drain()
    bench.outbox.renew()
    bench.head.shelves.clear()  # before anything of the new installation has arrived
    tapped += bench.tap(2)
    bench.drain()
    assert sorted(tapped) == bench.head.counted()
    bench.head.shelves.clear()
    bench.heartbeat.run()
    bench.drain()
    assert sorted(tapped) == bench.head.counted()


def test_an_older_copy_of_the_card_begins_a_new_installation(bench: Bench) -> None:
    tapped = bench.tap(6)
    bench.drain()
    old = bench.outbox.position().installation
    bench.outbox._installations[0].messages = dict(
        list(bench.outbox._installations[0].messages.items())[:3]
    )
    bench.outbox._installations[0].watermark = 1
    tapped += bench.tap(1)
    bench.drain()
    assert old != bench.outbox.position().installation
    assert sorted(tapped) == bench.head.counted()
    assert 0 == bench.outbox.counts().waiting


def test_an_older_copy_that_has_overtaken_the_head_office_loses_nothing(bench: Bench) -> None:
    tapped = bench.tap(6)
    bench.drain()
    bench.outbox._installations[0].messages = dict(
        list(bench.outbox._installations[0].messages.items())[:3]
    )
    bench.outbox._installations[0].watermark = 1
    tapped += bench.tap(9)
    bench.heartbeat.run()
    assert 1 == bench.outbox.position().watermark, "a heartbeat acknowledges nothing"
    bench.drain()
    assert sorted(tapped) == bench.head.counted()
    assert () == bench.outbox.quarantine()


def test_a_head_office_that_counts_nothing_is_not_hammered(bench: Bench) -> None:
    bench.tap(2)
    bench.head.deliver = _nothing_stored  # type: ignore[method-assign]
    assert bench.relay.run() is not None
    assert 1 == len(bench.transport.sent)


def _nothing_stored(what: Batch | Heartbeat) -> SendOutcome:
    return ModelHeadOffice().deliver(
        Heartbeat(
            installation=what.installation,
            oldest=1,
            sent=what.sent,
            version="1",
            questionnaire="a" * 64,
            outbox=OutboxReport(0, 0, 0),
        )
    )


def test_wanted_definitions_are_delivered(bench: Bench) -> None:
    bench.outbox.remember_questionnaire("a" * 64, b'{"id":"checkout"}')
    bench.head.wanted = ("a" * 64, "b" * 64)
    bench.tap(1)
    bench.drain()
    assert {"a" * 64: b'{"id":"checkout"}'} == bench.transport.questionnaires


def test_a_definition_lost_on_the_way_goes_with_the_next_receipt(bench: Bench) -> None:
    bench.outbox.remember_questionnaire("a" * 64, b"{}")
    bench.head.wanted = ("a" * 64,)
    bench.transport.questionnaire_script.extend((NetworkFailure("cut", "gone"), Rejection(502)))
    for _ in range(3):
        bench.tap(1)
        bench.drain()
    assert {"a" * 64: b"{}"} == bench.transport.questionnaires


def test_a_definition_that_the_head_office_turns_down_is_left_alone_for_a_while(
    bench: Bench,
) -> None:
    bench.outbox.remember_questionnaire("a" * 64, b"{}")
    bench.head.wanted = ("a" * 64,)
    bench.transport.questionnaire_script.append(Rejection(422))
    for _ in range(2):
        bench.tap(1)
        bench.drain()
    assert {} == bench.transport.questionnaires


def test_the_head_offices_time_is_learnt_and_sent_along(bench: Bench) -> None:
    bench.tap(1)
    bench.drain()
    bench.tap(1)
    bench.drain()
    first, second = (b for b in bench.transport.sent if isinstance(b, Batch))
    assert ((), 1) == (first.sightings, len(second.sightings))
    assert 123_000 == bench.relay.status.clock_offset_ms


def test_messages_of_an_earlier_boot_wait_until_the_time_is_known_and_go_with_their_bounds(
    bench: Bench,
) -> None:
    """The kiosk has no clock of its own: each boot begins in 1970."""
    bench.tap(1)
    bench.drain()
    known = bench.clock.boot
    for _boot in range(2):
        bench.clock.boot, bench.clock.wall_ms, bench.clock.mono = str(uuid.uuid4()), 0, 1000
        bench.head.now_ms += 3_600_000
        bench.tap(2)
    bench.drain()
    asked, told = (b for b in bench.transport.sent[1:] if isinstance(b, Batch))
    assert (0, 4) == (len(asked.messages), len(told.messages))
    offline, present = (m.moment.boot for m in told.messages[1:3])
    assert bench.clock.boot == present
    bounds = {s.boot: s for s in told.sightings}
    assert {offline, present} == set(bounds)
    assert (False, True) == (bounds[offline].certain, bounds[present].certain)
    estimate = bounds[offline].estimate(told.messages[0].moment)
    seen = next(s for s in bench.outbox.sightings((known,)))
    assert estimate.latest_ms - estimate.earliest_ms == 2 * bounds[offline].error_ms
    assert abs(seen.head_ms - estimate.earliest_ms) <= 2
    assert abs(bench.head.now_ms - estimate.latest_ms) <= 2


def test_a_stopped_relay_sends_nothing(bench: Bench) -> None:
    bench.tap(1)
    bench.relay.stop()
    assert bench.relay.run() is None
    assert [] == bench.transport.sent


def test_heartbeats_are_heard_while_a_batch_is_on_its_way(bench: Bench) -> None:
    bench.tap(2)
    heard: list[bool] = []

    def beat_during_the_upload(what: Batch | Heartbeat) -> SendOutcome | None:
        if isinstance(what, Batch) and not heard:
            beat = threading.Thread(target=bench.heartbeat.run)
            beat.start()
            beat.join(5)
            heard.append(not beat.is_alive())
        return None

    bench.bend = beat_during_the_upload
    bench.drain()
    assert [True] == heard
