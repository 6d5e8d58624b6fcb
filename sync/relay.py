"""Drains the outbox: oldest first, one batch in flight, never given up.

::

    relay = Relay(outbox, transport, clock, settings.sync)
    seconds = relay.run()      # None: all delivered; else wait this long and call again

What a receipt means for the outbox:

1. ``highest`` above our own last seq: this card is an older copy; a new installation begins.
2. The watermark rises to what was sent *and* is acknowledged, never beyond: another card with
   our name may have filled numbers that we have not sent yet.
3. It falls when the head office has less than before (it was restored): all is sent again,
   under new numbers what earlier installations had delivered. Before the first receipt of an
   installation counts, the head office is asked about the one before it.
4. Numbers that we withhold are named in the batch, so that the head office counts past them.
5. Refused as invalid: quarantine. Refused as conflict (the number is taken by another card's
   message): the message goes on under a new installation.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import SystemRandom

from config.settings import Sync
from sync import contacts
from sync.clock import Clock
from sync.messages import MAX_BATCH_MESSAGES, Batch, Message, Moment, Receipt, Sighting
from sync.outbox import Outbox, Position
from sync.outcome import Delivered, Outcome, Rejected
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
    needs_staff,
)
from sync.transport import Transport
from sync.words import words

_log = logging.getLogger(__name__)
_ASK_AGAIN_MS = 600_000
"""How long a questionnaire that could not be delivered is left alone."""
_ISOLATED_IN_A_ROW = 3
"""More than this without one that gets through is not the messages' fault."""
_TURNED_DOWN = (
    "Something on the way turns down every message, though not the head office itself. A filter "
    "or a proxy in the network may be at fault. Answers are kept."
)


@dataclass(frozen=True)
class RelayStatus:
    """How the relay last fared."""

    last_success: Moment | None = None
    failure: str = ""
    """What is wrong now, in words for staff; empty if nothing."""
    paused: str = ""
    """Why staff must act; empty if they need not."""
    clock_offset_ms: int | None = None
    """Head office minus kiosk."""


class Relay:
    """See the module; :meth:`run` and :meth:`heard` may be called from different threads."""

    def __init__(
        self,
        outbox: Outbox,
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
        self._isolated = 0
        self._asked = ""
        """The boot in which the time was asked for."""
        self._left_alone: dict[str, int] = {}
        self._status = RelayStatus()

    @property
    def status(self) -> RelayStatus:
        """How it last fared."""
        return self._status

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
                position = self._outbox.position()
                messages = self._outbox.next_batch(self._limit, self._settings.batch_bytes)
                if not messages:
                    if self._outbox.recall():
                        continue
                    return None
                if self._must_ask_the_time(messages):
                    seconds = self._ask_the_time(position)
                else:
                    seconds = self._deliver(position, messages)
                if seconds is not None:
                    self._not_before_ms = self._clock.mono_ms() + int(seconds * 1000)
                    return seconds
            return None

    def heard(self, delivered: Delivered, before: Position) -> None:
        """Take in a heartbeat's receipt: it can lower the watermark, never raise it.

        ``before`` is where the outbox stood when the heartbeat was sent.
        """
        receipt = delivered.receipt
        with self._deciding:
            now = self._outbox.position()
            self._succeeded(delivered.sighting)
            if (now.installation, now.watermark) == (before.installation, before.watermark):
                if receipt.highest > now.last_seq:
                    self._renew("the head office is ahead of this card")
                elif receipt.stored_up_to < now.watermark:
                    self._outbox.settle(now.installation, receipt.stored_up_to, (), receipt.now_ms)
        contacts.learn(self._outbox, receipt.contact_key)
        self._deliver_questionnaires(receipt.wanted)

    def missed(self, outcome: Outcome) -> None:
        """Take in that a heartbeat did not arrive: staff should know, also if nothing waits."""
        if why := words(outcome):
            self._failed(why, paused=why if needs_staff(outcome) else "")

    # --- one attempt ------------------------------------------------------------------

    def _deliver(self, position: Position, messages: Sequence[Message]) -> float | None:
        """Send one batch and act on what comes back; None to go on, else seconds to wait."""
        match self._attempt(position, messages):
            case Proceed(receipt=receipt, sighting=sighting):
                return self._accept(receipt, sighting, position, messages)
            case Halve(why=why):
                self._limit = max(1, len(messages) // 2)
                self._failed(why)
                return None
            case Isolate(why=why):
                return self._isolate(position, messages[0], why)
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
            sightings=self._sightings(boots[:100], sent),
            withheld=self._outbox.withheld(messages[-1].seq, MAX_BATCH_MESSAGES)
            if messages
            else (),
        )
        outcome = self._transport.send_batch(batch)
        return decide(
            outcome,
            attempts=self._attempts,
            messages=len(messages),
            now_s=self._clock.moment().wall_ms / 1000,
            random=self._random,
        )

    def _sightings(self, boots: Sequence[str], now: Moment) -> tuple[Sighting, ...]:
        """What is known of the clocks of these boots, be it only what is possible."""
        known = self._outbox.sightings(boots)
        unknown = set(boots) - {sighting.boot for sighting in known}
        return known if not unknown else (*known, *self._outbox.bounds(tuple(unknown), now))

    def _must_ask_the_time(self, messages: Sequence[Message]) -> bool:
        """Whether messages of an earlier boot could be timed better once we know the time."""
        boot = self._clock.moment().boot
        if self._asked == boot or all(m.moment.boot == boot for m in messages):
            return False
        return not self._outbox.sightings((boot,))

    def _ask_the_time(self, position: Position) -> float | None:
        """Send an empty batch, for the head office's time in its receipt."""
        match self._attempt(position, ()):
            case Proceed(sighting=sighting):
                self._succeeded(sighting)
                self._asked = sighting.boot
                return None
            case decision:
                return self._hold_off(decision)

    def _hold_off(self, decision: SyncDecision) -> float:
        match decision:
            case Wait(seconds=seconds, why=why, smaller=smaller):
                self._failed(why)
                self._attempts += 1
                if smaller:
                    self._limit = max(1, self._limit // 2)
                return seconds
            case Pause(seconds=seconds, why=why):
                self._failed(why, paused=why)
                return seconds
            case Stop():
                return 0.0
            case _:
                raise AssertionError(f"{decision} is not about waiting")

    def _accept(
        self,
        receipt: Receipt,
        sighting: Sighting,
        position: Position,
        messages: Sequence[Message],
    ) -> float | None:
        if position.watermark == 0 and (seconds := self._ask_about_earlier()) is not None:
            return seconds
        with self._deciding:
            self._succeeded(sighting)
            now = self._outbox.position()
            if now.installation != position.installation:
                return None
            if receipt.highest > now.last_seq:
                self._renew("the head office is ahead of this card")
                return None
            watermark = self._settle(receipt, position.installation, messages)
        self._deliver_questionnaires(receipt.wanted)
        if watermark == position.watermark:
            self._failed("The head office answers, but does not count what it was sent.")
            self._attempts += 1
            return back_off_s(self._attempts, self._random)
        self._attempts = self._isolated = 0
        self._limit = min(self._limit * 2, self._settings.batch_messages)
        return None

    def _ask_about_earlier(self) -> float | None:
        """Find out whether the head office lost what an earlier installation had delivered.

        Before an installation's first receipt counts: until then no watermark could fall. None
        to go on, else seconds to wait.
        """
        earlier = self._outbox.earlier()
        if earlier is None:
            return None
        match self._attempt(earlier, ()):
            case Proceed(receipt=receipt):
                if receipt.stored_up_to < earlier.watermark:
                    self._outbox.doubt_earlier()
                return None
            case decision:
                return self._hold_off(decision)

    def _settle(self, receipt: Receipt, installation: str, messages: Sequence[Message]) -> int:
        """Take in what a receipt says about the batch; returns the new watermark."""
        sent = {message.seq for message in messages}
        refused = [each for each in receipt.refused if each.seq in sent]
        watermark = min(receipt.stored_up_to, messages[-1].seq)
        self._outbox.settle(installation, watermark, refused, receipt.now_ms)
        for each in refused:
            _log.warning("message %d was refused as %s: %s", each.seq, each.reason, each.detail)
        if any(each.reason == "conflict" for each in refused):
            self._renew("another card uses this kiosk's numbers")
        return watermark

    def _isolate(self, position: Position, message: Message, why: str) -> float | None:
        """Withhold a message, unless an empty batch is turned down as well, or all messages.

        And not before it was turned down twice: what happens once may be the line's fault.
        """
        if self._isolated >= _ISOLATED_IN_A_ROW:
            return self._hold_off(Pause(PAUSE_S * (0.5 + self._random()), _TURNED_DOWN))
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
                self._outbox.withhold(message.seq, why)
                self._isolated += 1
                _log.warning("message %d was isolated: %s", message.seq, why)
                return None
            case other:
                return self._hold_off(other)

    # --- what comes with it -----------------------------------------------------------

    def _renew(self, why: str) -> None:
        name = self._outbox.renew()
        _log.warning("installation %s begins: %s", name, why)

    def _deliver_questionnaires(self, wanted: Sequence[str]) -> None:
        now = self._clock.mono_ms()
        for digest in wanted:
            definition = self._outbox.questionnaire(digest)
            if definition is None or self._left_alone.get(digest, now) > now:
                continue
            if self._stopping.is_set():
                return
            outcome = self._transport.send_questionnaire(digest, definition)
            if isinstance(outcome, Rejected) and outcome.status < 500:
                # The head office's own no; what merely failed is tried with the next receipt.
                self._left_alone[digest] = now + _ASK_AGAIN_MS

    def _succeeded(self, sighting: Sighting) -> None:
        self._outbox.record_sighting(sighting)
        now = self._clock.moment()
        offset = sighting.true_ms(now) - now.wall_ms if sighting.boot == now.boot else None
        self._status = RelayStatus(last_success=now, clock_offset_ms=offset)
        self._not_before_ms = 0

    def _failed(self, why: str, paused: str = "") -> None:
        known = self._status
        self._status = RelayStatus(known.last_success, why, paused, known.clock_offset_ms)
