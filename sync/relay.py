"""Drains the outbox: oldest first, one batch in flight, never given up.

::

    relay = Relay(outbox, transport, clock, settings.sync)
    seconds = relay.run()      # None: all delivered; else wait this long and call again

A run:

1. The oldest waiting messages are a batch; where none waits, what earlier installations hold above
   their watermark is recalled, and then the run is over.
2. In a boot that has not heard the time yet, messages of earlier boots wait for an empty batch,
   whose receipt tells it.
3. :func:`sync.policy.decide` says what an outcome asks for: go on, wait, pause, send half as many,
   or suspect the one message that is left. That one is withheld only if an empty batch gets through
   and it is turned down again.

What a receipt means for the outbox:

1. ``highest`` above the last seq here: this card is an older copy; a new installation begins.
2. The watermark rises to what was sent *and* is acknowledged, never beyond: another card with
   this kiosk's name may have filled numbers that were not sent yet.
3. It falls when the head office has less than before (it was restored): all is sent again,
   under new numbers what earlier installations had delivered. Before the first receipt of an
   installation counts, the head office is asked about the one before it.
4. Numbers that are withheld are named in the batch, so that the head office counts past them.
5. Refused as invalid: quarantine. Refused as conflict (the number is taken by another card's
   message): the message goes on under a new installation.
6. ``newest`` is another card's message: the head office was put back, and a copied card came
   first. A new installation begins, and all is sent again.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Protocol

from msgspec.structs import replace

from config.settings import Sync
from sync import contact_sealing
from sync.beginnings import OTHER_CARD, Beginnings
from sync.clock import Clock
from sync.failure_texts import DOES_NOT_COUNT, FILTER_SUSPECTED, TOO_MANY_BEGINNINGS, failure_text
from sync.head_clock import HeadOfficeClock
from sync.messages import MAX_BATCH_MESSAGES, Batch, Message, Moment, Receipt, Sighting
from sync.outbox.protocol import (
    ClockSightings,
    DeliveryQueue,
    Position,
    QuestionnaireStore,
    StateStore,
)
from sync.outcome import SendOutcome, VerifiedReceipt
from sync.policy import (
    PAUSE_S,
    Halve,
    Isolate,
    Pause,
    Proceed,
    Stop,
    SyncDecision,
    Wait,
    back_off_s,
    decide,
    finds_fault_with_sightings,
    needs_staff,
)
from sync.questionnaire_delivery import QuestionnaireDelivery
from sync.transport import Transport

_log = logging.getLogger(__name__)
_MAX_ISOLATIONS = 3
"""More than this without one that gets through is not the messages' fault."""


class RelayOutbox(DeliveryQueue, ClockSightings, QuestionnaireStore, StateStore, Protocol):
    """What a relay needs of an outbox."""


@dataclass(frozen=True)
class RelayStatus:
    """How the relay last fared."""

    last_success: Moment | None = None
    failure: str = ""
    """What is wrong now, in words for staff; empty if nothing."""
    pause_reason: str = ""
    """Why staff must act; empty if they need not."""
    clock_offset_ms: int | None = None
    """Head office minus kiosk."""
    is_called: bool = False
    """Whether the head office's last word asks for a heartbeat."""


class Relay:
    """Delivers messages; :meth:`run` and :meth:`on_receipt` may be called by different threads."""

    def __init__(
        self,
        outbox: RelayOutbox,
        transport: Transport,
        clock: Clock,
        settings: Sync | None = None,
        random: Callable[[], float] | None = None,
    ) -> None:
        self._outbox = outbox
        self._transport = transport
        self._clock = clock
        self._settings = settings or Sync()
        self._random = random or SystemRandom().random
        self._stopping = threading.Event()
        self._one_at_a_time = threading.Lock()
        # Apart from the other one, so that heartbeats are heard during a long drain.
        self._deciding = threading.Lock()
        self._limit = self._settings.batch_messages
        self._attempts = 0
        self._not_before_ms = 0
        self._isolations = 0
        self._head_clock = HeadOfficeClock(outbox, clock)
        self._beginnings = Beginnings(outbox, clock)
        self._earlier_asked_in = ""
        """The installation since whose beginning those before it are known to be stored."""
        self._time_asked_in = ""
        """The boot in which the time was asked for."""
        self._questionnaires = QuestionnaireDelivery(outbox, transport, clock, self._stopping)
        self._status = RelayStatus()

    @property
    def status(self) -> RelayStatus:
        """How it last fared."""
        return self._status

    def head_ms(self) -> int | None:
        """Now by the head office's clock; None as long as that is not known for certain."""
        return None if self._head_clock.offset_ms() is None else self._head_clock.now_ms()

    def stop(self) -> None:
        """End :meth:`run` soon, also in the middle of an upload; it can't be started again."""
        self._stopping.set()
        self._transport.interrupt()

    def run(self, *, now: bool = False) -> float | None:
        """Deliver what waits; the seconds to wait before trying again, None if all is delivered.

        While backing off it does nothing but tell how long still; ``now`` tries all the same.
        """
        with self._one_at_a_time:
            left_ms = self._not_before_ms - self._clock.mono_ms()
            if left_ms > 0 and not now:
                return left_ms / 1000
            while not self._stopping.is_set():
                if (seconds := self._begin_what_is_due()) is not None:
                    return seconds
                position = self._outbox.position()
                messages = self._outbox.next_batch(self._limit, self._settings.batch_bytes)
                if not messages:
                    if self._outbox.recall():
                        continue
                    if position.watermark or self._earlier_asked_in == position.installation:
                        return None
                    # Nothing of this installation can tell that the head office was put back.
                    seconds = self._ask_about_earlier(position)
                elif self._must_ask_the_time(messages):
                    seconds = self._ask_the_time(position)
                else:
                    seconds = self._deliver(position, messages)
                if seconds is not None:
                    self._not_before_ms = self._clock.mono_ms() + int(seconds * 1000)
                    return seconds
            return None

    def on_receipt(self, delivered: VerifiedReceipt, before: Position) -> None:
        """Take in a heartbeat's receipt: it can lower the watermark, never raise it.

        ``before`` is where the outbox stood when the heartbeat was sent.
        """
        receipt = delivered.receipt
        with self._deciding:
            now = self._outbox.position()
            self._succeeded(delivered.sighting)
            if now.watermark == 0:
                self._earlier_asked_in = ""
            if (now.installation, now.watermark) == (before.installation, before.watermark):
                if reason := self._beginnings.reason(receipt, now, now.last_seq):
                    self._beginnings.begin(reason)
                elif receipt.stored_up_to < now.watermark:
                    self._outbox.settle(
                        now.installation, receipt.stored_up_to, (), self._head_clock.now_ms()
                    )
        contact_sealing.remember_key(self._outbox, receipt.contact_key)
        self._questionnaires.deliver(receipt.wanted)

    def on_failure(self, outcome: SendOutcome) -> None:
        """Take in that a heartbeat did not arrive: staff should know, also if nothing waits."""
        if reason := failure_text(outcome):
            self._failed(reason, pause_reason=reason if needs_staff(outcome) else "")

    # --- one attempt ------------------------------------------------------------------

    def _deliver(self, position: Position, messages: Sequence[Message]) -> float | None:
        """Send one batch and act on what comes back; None to go on, else seconds to wait."""
        match self._attempt(position, messages):
            case Proceed(receipt=receipt, sighting=sighting):
                return self._accept(receipt, sighting, position, messages)
            case Halve(reason=reason):
                self._limit = max(1, len(messages) // 2)
                self._failed(reason)
                return None
            case Isolate(reason=reason):
                return self._isolate(position, messages[0], reason)
            case decision:
                return self._hold_off(decision)

    def _attempt(self, position: Position, messages: Sequence[Message]) -> SyncDecision:
        sent = self._clock.moment()
        boots = list(dict.fromkeys((sent.boot, *(m.moment.boot for m in messages))))
        batch = Batch(
            installation=position.installation,
            oldest=position.oldest,
            sent=sent,
            messages=tuple(messages),
            sightings=self._head_clock.sightings(boots[:100], sent),
            withheld=self._outbox.withheld_seqs(messages[-1].seq, MAX_BATCH_MESSAGES)
            if messages
            else (),
            watermark=position.watermark,
        )
        outcome = self._transport.send_batch(batch)
        if batch.sightings and finds_fault_with_sightings(outcome):
            _log.warning("times were refused, and are left out: %s", failure_text(outcome))
            outcome = self._transport.send_batch(replace(batch, sightings=()))
        return decide(
            outcome,
            attempts=self._attempts,
            messages=len(messages),
            now_s=self._clock.moment().wall_ms / 1000,
            random=self._random,
        )

    def _must_ask_the_time(self, messages: Sequence[Message]) -> bool:
        """Whether messages of an earlier boot could be timed better once the time is known."""
        boot = self._clock.moment().boot
        if self._time_asked_in == boot or all(m.moment.boot == boot for m in messages):
            return False
        return not self._head_clock.is_known()

    def _ask_the_time(self, position: Position) -> float | None:
        """Send an empty batch, for the head office's time in its receipt."""
        match self._attempt(position, ()):
            case Proceed(sighting=sighting):
                self._succeeded(sighting)
                self._time_asked_in = self._clock.moment().boot
                return None
            case decision:
                return self._hold_off(decision)

    def _hold_off(self, decision: SyncDecision) -> float:
        match decision:
            case Wait(seconds=seconds, reason=reason, smaller=smaller):
                self._failed(reason)
                self._attempts += 1
                if smaller:
                    self._limit = max(1, self._limit // 2)
                return seconds
            case Pause(seconds=seconds, reason=reason):
                self._failed(reason, pause_reason=reason)
                return seconds
            case Stop():
                return 0.0
            case _:
                raise AssertionError(f"{decision} is not about waiting")

    def _accept(
        self,
        receipt: Receipt,
        sighting: Sighting | None,
        position: Position,
        messages: Sequence[Message],
    ) -> float | None:
        if position.watermark == 0 and (seconds := self._ask_about_earlier(position)) is not None:
            return seconds
        with self._deciding:
            self._succeeded(sighting, is_called=receipt.pace_s == 0)
            now = self._outbox.position()
            if now.installation != position.installation:
                return None
            if reason := self._beginnings.reason(receipt, position, now.last_seq):
                self._beginnings.begin(reason)
                return None
            watermark = self._settle(receipt, position.installation, messages)
        self._questionnaires.deliver(receipt.wanted)
        if watermark == position.watermark:
            self._failed(DOES_NOT_COUNT)
            self._attempts += 1
            return back_off_s(self._attempts, self._random)
        self._attempts = self._isolations = 0
        self._limit = min(self._limit * 2, self._settings.batch_messages)
        return None

    def _ask_about_earlier(self, present: Position) -> float | None:
        """Find out whether the head office lost what an earlier installation had delivered.

        Before an installation's first receipt counts: until then no watermark could fall. None
        to go on, else seconds to wait.
        """
        earlier = self._outbox.earlier_installation()
        if earlier is not None:
            match self._attempt(earlier, ()):
                case Proceed(receipt=receipt):
                    lost = receipt.stored_up_to < earlier.watermark
                    if lost or self._beginnings.is_contradicted(receipt, earlier):
                        self._outbox.doubt_earlier()
                case decision:
                    return self._hold_off(decision)
        self._earlier_asked_in = present.installation
        return None

    def _settle(self, receipt: Receipt, installation: str, messages: Sequence[Message]) -> int:
        """Take in what a receipt says about the batch; returns the new watermark."""
        sent = {message.seq for message in messages}
        refused = [each for each in receipt.refused if each.seq in sent]
        watermark = min(receipt.stored_up_to, messages[-1].seq)
        self._outbox.settle(installation, watermark, refused, self._head_clock.now_ms())
        for each in refused:
            _log.warning("message %d was refused as %s: %.300s", each.seq, each.reason, each.detail)
        if any(each.reason == "conflict" for each in refused):
            self._beginnings.begin(OTHER_CARD)
        return watermark

    def _isolate(self, position: Position, message: Message, reason: str) -> float | None:
        """Withhold a message, unless an empty batch is turned down as well, or all messages.

        And not before it was turned down twice: what happens once may be the line's fault.
        """
        if self._isolations >= _MAX_ISOLATIONS:
            return self._hold_off(Pause(PAUSE_S * (0.5 + self._random()), FILTER_SUSPECTED))
        match self._attempt(position, ()):
            case Proceed(sighting=sighting):
                self._succeeded(sighting)
            case Wait() | Pause() | Stop() as decision:
                return self._hold_off(decision)
            case _:
                raise AssertionError("an empty batch can be neither halved nor isolated")
        match self._attempt(position, (message,)):
            case Proceed(receipt=receipt, sighting=sighting):
                return self._accept(receipt, sighting, position, (message,))
            case Isolate():
                self._outbox.withhold(message.seq, reason)
                self._isolations += 1
                _log.warning("message %d was isolated: %s", message.seq, reason)
                return None
            case other:
                return self._hold_off(other)

    # --- what comes with it -----------------------------------------------------------

    def _begin_what_is_due(self) -> float | None:
        """Begin the installation that had to wait; None if nothing has, else seconds to wait."""
        with self._deciding:
            if (reason := self._beginnings.due) and (seconds := self._beginnings.begin(reason)):
                self._failed(TOO_MANY_BEGINNINGS)
                return seconds
            return None

    def _succeeded(self, sighting: Sighting | None, *, is_called: bool = False) -> None:
        trouble = TOO_MANY_BEGINNINGS if self._beginnings.due else ""
        trouble = self._head_clock.hear(sighting) or trouble
        offset = self._head_clock.offset_ms()
        self._status = RelayStatus(self._clock.moment(), trouble, "", offset, is_called)
        self._not_before_ms = 0

    def _failed(self, reason: str, pause_reason: str = "") -> None:
        known = self._status
        self._status = RelayStatus(known.last_success, reason, pause_reason, known.clock_offset_ms)
