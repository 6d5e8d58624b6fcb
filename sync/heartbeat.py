"""Tells the head office how the kiosk is, whether or not there are answers.

::

    heartbeat = Heartbeat(outbox, transport, clock, relay, describe=lambda: Condition(...))
    heartbeat.run()
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from msgspec import UNSET

from sync.clock import Clock
from sync.messages import MAX_BATCH_MESSAGES, Digest, Moment, OutboxReport
from sync.messages import Heartbeat as HeartbeatMessage
from sync.outbox import Outbox, Position
from sync.outcome import Delivered, Outcome
from sync.relay import Relay
from sync.transport import Transport


@dataclass(frozen=True)
class Condition:
    """What only the kiosk program knows."""

    version: str
    questionnaire: Digest
    state: Literal["open", "closed", "paused", "test", "out_of_order"] = "open"
    free_disk_bytes: int | None = None


class Heartbeat:
    """Sends one heartbeat at a time."""

    def __init__(
        self,
        outbox: Outbox,
        transport: Transport,
        clock: Clock,
        relay: Relay,
        describe: Callable[[], Condition],
    ) -> None:
        self._outbox = outbox
        self._transport = transport
        self._clock = clock
        self._relay = relay
        self._describe = describe

    def run(self) -> Outcome:
        """Send one and tell the relay what came of it; the next try is the next heartbeat."""
        before = self._outbox.position()
        outcome = self._transport.send_heartbeat(self._message(before))
        if isinstance(outcome, Delivered):
            self._relay.heard(outcome, before)
        else:
            self._relay.missed(outcome)
        return outcome

    def _message(self, position: Position) -> HeartbeatMessage:
        condition, now, counts = self._describe(), self._clock.moment(), self._outbox.counts()
        offset = self._relay.status.clock_offset_ms
        free = condition.free_disk_bytes
        return HeartbeatMessage(
            installation=position.installation,
            oldest=position.oldest,
            sent=now,
            version=condition.version,
            questionnaire=condition.questionnaire,
            outbox=OutboxReport(
                waiting=counts.waiting,
                quarantined=counts.quarantined,
                last_seq=counts.last_seq,
                oldest_waiting_ms=age_ms(counts.oldest_waiting, now),
            ),
            free_disk_bytes=UNSET if free is None else free,
            clock_offset_ms=UNSET if offset is None else offset,
            state=condition.state,
            withheld=self._outbox.withheld(position.last_seq, MAX_BATCH_MESSAGES),
        )


def age_ms(then: Moment | None, now: Moment) -> int | None:
    """How long ago a moment was, by the monotonic clock within one boot, else by the wall's."""
    if then is None:
        return None
    if then.boot == now.boot:
        return max(now.mono_ms - then.mono_ms, 0)
    return max(now.wall_ms - then.wall_ms, 0)
