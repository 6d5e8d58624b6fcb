"""The background keeps its pace whatever the wall clock does."""

import time

import pytest
from fakes import ModelHeadOffice, ScriptedTransport, answer

from sync import scheduler
from sync.clock import SystemClock
from sync.messages import Moment
from sync.outbox.memory import MemoryOutbox
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
