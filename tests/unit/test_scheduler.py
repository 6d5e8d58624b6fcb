"""The background keeps its pace whatever the wall clock does."""

import time
from dataclasses import replace

import pytest
from fakes import ModelHeadOffice, ScriptedTransport, answer
from msgspec import structs

from config.settings import Sync
from sync import scheduler
from sync.clock import SystemClock
from sync.heartbeat import HeartbeatSender, KioskCondition
from sync.messages import Batch, Heartbeat, Moment
from sync.outbox.memory import MemoryOutbox
from sync.outcome import SendOutcome, VerifiedReceipt
from sync.relay import Relay
from sync.scheduler import SyncScheduler


class JumpingClock(SystemClock):
    """The machine's clocks, with a wall clock that can be set."""

    ahead_ms = 0

    def moment(self) -> Moment:
        now = super().moment()
        return Moment(now.wall_ms + self.ahead_ms, now.boot, now.mono_ms)


def until_counted(head: ModelHeadOffice, count: int) -> None:
    deadline = time.monotonic() + 10
    while len(head.counted()) < count:
        assert time.monotonic() < deadline, "the relay did not run"
        time.sleep(0.01)


def test_a_wall_clock_that_jumps_back_ten_years_does_not_stop_the_relay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The pulse is quick, so that the test is; the relay's own pace stays at a minute.
    monkeypatch.setattr(scheduler, "_PULSE_S", 0.05)
    clock, outbox, head = JumpingClock(), MemoryOutbox(), ModelHeadOffice()
    relay = Relay(outbox, ScriptedTransport(otherwise=head.deliver), clock)
    background = SyncScheduler(outbox, clock, relay)
    outbox.append([answer()], clock.moment())
    background.start()
    try:
        until_counted(head, 1)
        outbox.append([answer()], clock.moment())
        clock.ahead_ms = -10 * 365 * 86_400_000
        until_counted(head, 2)
    finally:
        assert background.stop(2)


def heard_by(head: ModelHeadOffice, pace_s: int | None) -> tuple[SyncScheduler, MemoryOutbox]:
    """A background that looks quickly, and its outbox with one message."""
    clock, outbox = SystemClock(), MemoryOutbox()

    def deliver(what: Batch | Heartbeat) -> SendOutcome:
        found = head.deliver(what)
        assert isinstance(found, VerifiedReceipt)
        return replace(found, receipt=structs.replace(found.receipt, pace_s=pace_s))

    transport = ScriptedTransport(otherwise=deliver)
    relay = Relay(outbox, transport, clock)
    beats = HeartbeatSender(outbox, transport, clock, relay, lambda: KioskCondition("1", "a" * 64))
    return SyncScheduler(outbox, clock, relay, beats, sync=Sync(every=0.05)), outbox


@pytest.mark.parametrize(("pace_s", "arrives"), [(None, True), (0, True), (600, False)])
def test_what_nobody_woke_for_goes_with_the_next_sign_of_life(
    pace_s: int | None, arrives: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "_LOOK_S", 0.05)
    head = ModelHeadOffice()
    background, outbox = heard_by(head, pace_s)
    background.start()
    try:
        time.sleep(0.4)
        outbox.append([answer()], SystemClock().moment())
        if arrives:
            until_counted(head, 1)
        else:
            time.sleep(0.4)
            assert not head.counted()
            background.wake()
            until_counted(head, 1)
    finally:
        assert background.stop(2)
