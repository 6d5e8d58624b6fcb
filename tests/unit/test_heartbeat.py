"""What a heartbeat says, and what becomes of its answer."""

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import FakeClock, ModelHeadOffice, ScriptedTransport, answer
from msgspec import UNSET, structs

from sync.clock import SystemClock
from sync.command_inbox import CommandInbox
from sync.commands import Command
from sync.heartbeat import HeartbeatSender, KioskCondition, age_ms
from sync.messages import Heartbeat, Moment, Problem, Trouble
from sync.outbox.memory import MemoryOutbox
from sync.outcome import Interruption, NetworkFailure, Rejection, SendOutcome, VerifiedReceipt
from sync.relay import Relay


class Bench:
    """A heartbeat and what it reports about."""

    def __init__(self, condition: KioskCondition) -> None:
        self.outbox, self.clock, self.head = MemoryOutbox(), FakeClock(), ModelHeadOffice()
        self.transport = ScriptedTransport(otherwise=self.head.deliver)
        self.relay = Relay(self.outbox, self.transport, self.clock)
        self.heartbeat = HeartbeatSender(
            self.outbox, self.transport, self.clock, self.relay, lambda: condition
        )

    def sent(self) -> Heartbeat:
        assert isinstance(self.heartbeat.run(), VerifiedReceipt)
        (beat,) = (b for b in self.transport.sent if isinstance(b, Heartbeat))
        return beat


def test_it_says_how_full_the_outbox_is_and_how_long_the_oldest_waits() -> None:
    bench = Bench(KioskCondition("1.2", "a" * 64, state="closed", free_disk_bytes=7))
    bench.outbox.append([answer(), answer()], bench.clock.moment())
    bench.outbox.withhold(2, "too hot")
    bench.clock.advance(5000)
    beat = bench.sent()
    told = beat.outbox
    assert (1, 1, 2, 5000) == (
        told.waiting,
        told.quarantined,
        told.last_seq,
        told.oldest_waiting_ms,
    )
    assert ("1.2", "closed", 7, (2,)) == (
        beat.version,
        beat.state,
        beat.free_disk_bytes,
        beat.withheld,
    )


def test_what_is_not_known_is_left_out() -> None:
    beat = Bench(KioskCondition("1", "a" * 64)).sent()
    assert (UNSET, UNSET, None) == (
        beat.free_disk_bytes,
        beat.clock_offset_ms,
        beat.outbox.oldest_waiting_ms,
    )


def test_an_older_head_office_that_knows_no_troubles_hears_the_rest() -> None:
    trouble = Trouble("touch", "hidinput,/dev/input/event9")
    bench = Bench(KioskCondition("1", "a" * 64, troubles=(trouble,)))
    refusal = Problem("urn:hymio:problem:invalid", "Invalid", 400, "unknown field `troubles`")
    bench.transport.script.append(Rejection(400, refusal))
    assert isinstance(bench.heartbeat.run(), VerifiedReceipt)
    first, second = (beat for beat in bench.transport.sent if isinstance(beat, Heartbeat))
    assert ((trouble,), ()) == (first.troubles, second.troubles)
    assert (False, False) == (
        bool(bench.relay.status.failure),
        bool(bench.relay.status.pause_reason),
    )


def test_the_offset_of_the_clock_is_told_once_it_is_known() -> None:
    bench = Bench(KioskCondition("1", "a" * 64))
    bench.heartbeat.run()
    bench.transport.sent.clear()
    assert 123_000 == bench.sent().clock_offset_ms


@pytest.mark.parametrize(
    ("outcome", "failure", "paused"),
    [
        (NetworkFailure("refused", ""), True, False),
        (Rejection(503), True, False),
        (Rejection(401), True, True),
        (Interruption(), False, False),
    ],
)
def test_staff_hear_of_a_heartbeat_that_did_not_arrive(
    outcome: SendOutcome, failure: bool, paused: bool
) -> None:
    bench = Bench(KioskCondition("1", "a" * 64))
    bench.transport.script.append(outcome)
    assert outcome == bench.heartbeat.run()
    status = bench.relay.status
    assert (failure, paused) == (bool(status.failure), bool(status.pause_reason))


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (lambda _now: None, None),
        (lambda now: Moment(now.wall_ms + 99, now.boot, now.mono_ms - 700), 700),
        (lambda now: Moment(now.wall_ms - 900, "another boot", now.mono_ms + 5), 900),
        (lambda now: Moment(now.wall_ms + 900, "another boot", 0), 0),
    ],
)
def test_age_goes_by_the_clock_that_did_not_jump(
    then: Callable[[Moment], Moment | None], expected: int | None
) -> None:
    now = FakeClock().moment()
    assert expected == age_ms(then(now), now)


def test_two_clocks_of_one_boot_tell_the_same_time() -> None:
    """Every process of a machine has to agree: `status` looks while the kiosk runs."""
    first, second = SystemClock().moment(), SystemClock().moment()
    assert first.boot == second.boot
    assert 0 <= second.mono_ms - first.mono_ms < 1000
    assert 0 <= second.wall_ms - first.wall_ms < 1000


class AskingOffice(ModelHeadOffice):
    """A head office that gives one command until its result has come, or refuses reports."""

    refuses = False
    asked: tuple[Command, ...] | None = (Command(str(uuid.uuid4()), "resend"),)

    def give(self, what: object) -> SendOutcome:
        assert isinstance(what, Heartbeat)
        if what.commands and self.refuses:
            return Rejection(422, Problem("urn:hymio:problem:invalid", "No", 422))
        found = self.deliver(what)
        assert isinstance(found, VerifiedReceipt)
        if what.commands and what.commands.results:
            self.asked = ()
        return replace(found, receipt=structs.replace(found.receipt, commands=self.asked))


def asking() -> tuple[AskingOffice, HeartbeatSender, FakeClock, ScriptedTransport]:
    """A head office that asks for something, and a kiosk that can do it."""
    outbox, clock, head = MemoryOutbox(), FakeClock(), AskingOffice()
    transport = ScriptedTransport(otherwise=head.give)
    sender = HeartbeatSender(
        outbox,
        transport,
        clock,
        Relay(outbox, transport, clock),
        lambda: KioskCondition("1", "a" * 64),
        inbox=CommandInbox(outbox, {"resend": lambda: "0"}),
    )
    return head, sender, clock, transport


def test_a_command_is_done_and_its_result_goes_with_the_next_heartbeat_soon() -> None:
    head, sender, clock, _transport = asking()
    sender.run()
    clock.advance(3_000)
    assert "heartbeat" == sender.due()
    sender.run()
    assert () == head.asked
    clock.advance(3_000)
    assert "nothing" == sender.due()


def test_an_office_that_gives_no_commands_never_hears_of_them() -> None:
    head, sender, _clock, transport = asking()
    head.asked = None
    sender.run()
    sender.run()
    assert all(not beat.commands for beat in transport.sent if isinstance(beat, Heartbeat))


def test_a_report_that_is_refused_is_not_said_all_the_time() -> None:
    head, sender, clock, transport = asking()
    head.refuses = True
    sender.run()
    sender.run()
    clock.advance(30_000)
    assert "nothing" == sender.due()
    assert 3 == len(transport.sent)
