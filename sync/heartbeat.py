"""Tells the head office how the kiosk is, whether or not there are answers.

::

    heartbeat = HeartbeatSender(outbox, transport, clock, relay, lambda: KioskCondition(...))
    if heartbeat.due() == "heartbeat":
        heartbeat.run()
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from random import SystemRandom
from typing import Literal

from msgspec import UNSET, structs

from sync.clock import Clock
from sync.command_inbox import CommandInbox
from sync.commands import Command, CommandReport
from sync.configuration import ConfigurationDigest, ConfigurationReport
from sync.heartbeat_pace import USUAL_S, HeartbeatPace
from sync.messages import MAX_BATCH_MESSAGES, Heartbeat, Moment, OutboxReport, Trouble
from sync.outbox.protocol import OutboxStatus, Position
from sync.outcome import Rejection, SendOutcome, VerifiedReceipt
from sync.relay import Relay
from sync.transport import Transport
from sync.wire_types import Digest


@dataclass(frozen=True)
class KioskCondition:
    """What only the kiosk program knows."""

    version: str
    questionnaire: Digest
    state: Literal["open", "closed", "paused", "test", "out_of_order"] = "open"
    free_disk_bytes: int | None = None
    troubles: tuple[Trouble, ...] = ()
    configuration: ConfigurationReport | None = None
    """What became of the head office's configuration; None: it is not known yet."""


_BACKLOG_MS = 5 * 60_000
"""Longer than the end of a response waits for company."""
_REPEAT_MS = 6 * 3_600_000
"""A head office that was put back to an earlier copy hears anew what is in force."""


class HeartbeatSender:
    """Sends one heartbeat at a time."""

    def __init__(
        self,
        outbox: OutboxStatus,
        transport: Transport,
        clock: Clock,
        relay: Relay,
        describe: Callable[[], KioskCondition],
        *,
        every_s: float = USUAL_S,
        inbox: CommandInbox | None = None,
    ) -> None:
        """``every_s``: as :class:`sync.heartbeat_pace.HeartbeatPace` has it."""
        self._inbox = inbox
        self._gives_commands = self._is_report_refused = False
        self._outbox = outbox
        self._transport = transport
        self._clock = clock
        self._relay = relay
        self._describe = describe
        self._meant: ConfigurationDigest | None = None
        """Of the last receipt; None: this head office configures no kiosks."""
        self._report: ConfigurationReport | None = None
        """What the head office has heard."""
        self._reported_ms = 0
        self._pace = HeartbeatPace(every_s, SystemRandom().random)

    @property
    def is_asked_for(self) -> bool:
        """Whether the head office says when it wants to hear from this kiosk."""
        return self._pace.is_asked_for

    def due(self) -> Literal["nothing", "heartbeat", "batch"]:
        """What this kiosk should send now to be heard; a batch if there is one that can go."""
        status, now_ms = self._relay.status, self._clock.mono_ms()
        heard_ms = 0 if status.last_success is None else status.last_success.mono_ms
        called = status.is_called or self.has_news
        match self._pace.due(now_ms, heard_ms, self._about(), called=called):
            case "sign of life":
                can_go = not status.failure and self._outbox.counts().waiting
                return "batch" if can_go else "heartbeat"
            case found:
                return found

    @property
    def has_news(self) -> bool:
        """Whether there is something for the head office to hear of configuration or commands."""
        return self._news(self._describe()) is not None or self._command_report() is not None

    def run(self) -> SendOutcome:
        """Send one and tell the relay what came of it; the next try is the next heartbeat."""
        before, about = self._outbox.position(), self._about()
        message = self._message(before)
        outcome = self._transport.send_heartbeat(message)
        has_more = message.troubles or message.configuration or message.commands
        if has_more and _is_unknown_field(outcome):
            # An older head office: better to be heard without them than to fall silent.
            self._is_report_refused = bool(message.commands)
            message = structs.replace(message, troubles=(), configuration=UNSET, commands=UNSET)
            outcome = self._transport.send_heartbeat(message)
        if isinstance(outcome, VerifiedReceipt):
            self._acknowledge(message, outcome.receipt.configuration)
            self._pace.arrived(self._clock.mono_ms(), about, outcome.receipt.pace_s)
            self._relay.on_receipt(outcome, before)
            self._follow(message, outcome.receipt.commands)
        else:
            self._pace.failed(self._clock.mono_ms())
            self._relay.on_failure(outcome)
        return outcome

    def _acknowledge(self, message: Heartbeat, meant: ConfigurationDigest | None) -> None:
        if message.configuration:
            self._report, self._reported_ms = message.configuration, self._clock.mono_ms()
        elif meant is None:
            self._report = None
        self._meant = meant

    def _follow(self, message: Heartbeat, commands: Sequence[Command] | None) -> None:
        self._gives_commands = commands is not None
        if self._inbox is None:
            return
        if commands is None:
            self._inbox.forget_introduction()
            return
        if message.commands:
            self._inbox.acknowledge(message.commands)
        self._inbox.hear(commands)

    def _command_report(self) -> CommandReport | None:
        if self._inbox is None or not self._gives_commands or self._is_report_refused:
            return None
        return self._inbox.report()

    def _news(self, condition: KioskCondition) -> ConfigurationReport | None:
        """What is to be said of the configuration, if it isn't as was said before."""
        if self._meant is None:
            return None
        is_old = self._clock.mono_ms() - self._reported_ms > _REPEAT_MS
        return (
            condition.configuration if is_old or condition.configuration != self._report else None
        )

    def _about(self) -> Hashable:
        """What is told at once when it changes."""
        condition, counts = self._describe(), self._outbox.counts()
        behind = age_ms(counts.oldest_waiting, self._clock.moment()) or 0
        said = replace(condition, free_disk_bytes=None)
        return said, counts.in_quarantine, behind >= _BACKLOG_MS

    def _message(self, position: Position) -> Heartbeat:
        condition, now, counts = self._describe(), self._clock.moment(), self._outbox.counts()
        offset = self._relay.status.clock_offset_ms
        free = condition.free_disk_bytes
        return Heartbeat(
            installation=position.installation,
            oldest=position.oldest,
            sent=now,
            version=condition.version,
            questionnaire=condition.questionnaire,
            outbox=OutboxReport(
                waiting=counts.waiting,
                quarantined=counts.in_quarantine,
                last_seq=counts.last_seq,
                oldest_waiting_ms=age_ms(counts.oldest_waiting, now),
            ),
            free_disk_bytes=UNSET if free is None else free,
            clock_offset_ms=UNSET if offset is None else offset,
            state=condition.state,
            troubles=condition.troubles,
            configuration=self._news(condition) or UNSET,
            commands=self._command_report() or UNSET,
            withheld=self._outbox.withheld_seqs(position.last_seq, MAX_BATCH_MESSAGES),
        )


def _is_unknown_field(outcome: SendOutcome) -> bool:
    problem = outcome.problem if isinstance(outcome, Rejection) else None
    return problem is not None and problem.type.endswith(":invalid")


def age_ms(then: Moment | None, now: Moment) -> int | None:
    """How long ago a moment was, by the monotonic clock within one boot, else by the wall's."""
    if then is None:
        return None
    if then.boot == now.boot:
        return max(now.mono_ms - then.mono_ms, 0)
    return max(now.wall_ms - then.wall_ms, 0)
