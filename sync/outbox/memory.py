"""The in-memory twin of the outbox, held to the same contract; for tests and demonstrations."""

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec

from sync.clock import Clock, SystemClock
from sync.clock_bounds import Boot, wide_sightings
from sync.clock_trust import Claim, judged, with_heard
from sync.errors import OutboxClosedError, WrongInstallationError
from sync.messages import Body, Message, Moment, Origin, Refusal, Sighting
from sync.outbox.lived import LivedTime
from sync.outbox.protocol import (
    Counts,
    Outbox,
    Position,
    QuarantinedMessage,
    QuarantineReason,
)
from sync.outbox.rows import HOUR_MS
from sync.wire_types import Digest


@dataclass
class _Installation:
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    watermark: int = 0
    last_removed: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    fates: dict[int, str] = field(default_factory=dict)
    acknowledged: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Hour of lived time → up to which number, and when in that hour."""

    @property
    def last(self) -> int:
        return max(self.messages, default=self.last_removed)

    def acknowledge(self, up_to: int, lived_ms: int) -> None:
        known, at = self.acknowledged.get(lived_ms // HOUR_MS, (0, lived_ms))
        self.acknowledged[lived_ms // HOUR_MS] = max(known, up_to), max(at, lived_ms)

    def waiting(self) -> list[Message]:
        return [
            message
            for seq, message in self.messages.items()
            if seq > self.watermark and self.fates.get(seq) != "withheld"
        ]


class MemoryOutbox(Outbox):
    """Answers in dictionaries; nothing survives the process."""

    def __init__(self, clock: Clock | None = None) -> None:
        """``clock``: what retention counts by."""
        self._clock = clock or SystemClock()
        self._lived = LivedTime()
        self._installations = [_Installation()]
        self._quarantine: dict[int, QuarantinedMessage] = {}
        self._origins: dict[int, Origin | None] = {}
        self._next_id = 1
        self._claims: dict[str, tuple[Claim, ...]] = {}
        self._sightings: dict[str, Sighting] = {}
        self._boots: dict[str, Boot] = {}
        self._questionnaires: dict[str, bytes] = {}
        self._state: dict[str, str] = {}
        self._lock = threading.RLock()
        self._closed = False

    def _present(self) -> _Installation:
        if self._closed:
            raise OutboxClosedError
        return self._installations[-1]

    def append(self, bodies: Sequence[Body], moment: Moment) -> tuple[Message, ...]:
        with self._lock:
            present = self._present()
            new = tuple(Message(present.last + n, moment, body) for n, body in enumerate(bodies, 1))
            present.messages.update((message.seq, message) for message in new)
            first = self._boots.get(moment.boot, Boot(moment.boot, moment.mono_ms, moment.mono_ms))
            self._boots[moment.boot] = replace(first, last_ms=max(first.last_ms, moment.mono_ms))
            return new

    def position(self) -> Position:
        with self._lock:
            present = self._present()
            return Position(present.id, present.last_removed + 1, present.watermark, present.last)

    def next_batch(self, max_messages: int, max_bytes: int) -> tuple[Message, ...]:
        with self._lock:
            batch: list[Message] = []
            for message in self._present().waiting()[:max_messages]:
                max_bytes -= len(msgspec.json.encode(message.body)) + 240
                if batch and max_bytes < 0:
                    break
                batch.append(message)
            return tuple(batch)

    def message(self, installation: str, seq: int) -> Message | None:
        with self._lock:
            self._present()
            found = (each for each in self._installations if each.id == installation)
            return next((each.messages.get(seq) for each in found), None)

    def settle(
        self, installation: str, watermark: int, refused: Sequence[Refusal], at_ms: int
    ) -> None:
        del at_ms  # shown by what reads files
        with self._lock:
            present = self._present()
            if present.id != installation:
                raise WrongInstallationError(f"{installation} has ended; {present.id} goes on.")
            before, present.watermark = (
                present.watermark,
                min(max(watermark, present.last_removed), present.last),
            )
            if present.watermark < before:
                self.doubt_earlier()
            for refusal in refused:
                self._put(refusal.seq, "refused", refusal.reason, refusal.detail)
            present.acknowledged = {
                hour: (min(up_to, present.watermark), at)
                for hour, (up_to, at) in present.acknowledged.items()
            }
            present.acknowledge(present.watermark, self._live())

    def _live(self) -> int:
        self._lived = self._lived.until(self._clock.moment())
        return self._lived.ms

    def withhold(self, seq: int, detail: str) -> None:
        with self._lock:
            self._put(seq, "withheld", "isolated", detail)

    def _put(self, seq: int, fate: str, reason: QuarantineReason, detail: str) -> None:
        present = self._present()
        message = present.messages.get(seq)
        known = present.fates.get(seq)
        if message is None or known == "withheld":
            return
        present.fates[seq] = fate
        if known is None:
            self._quarantine[self._next_id] = QuarantinedMessage(
                self._next_id, present.id, seq, reason, detail, message.moment, message.body
            )
            self._origins[self._next_id] = message.origin
            self._next_id += 1

    def withheld_seqs(self, up_to: int, limit: int) -> tuple[int, ...]:
        with self._lock:
            present = self._present()
            found = (
                seq
                for seq, fate in sorted(present.fates.items())
                if present.watermark < seq <= up_to and fate == "withheld"
            )
            return tuple(found)[:limit]

    def renew(self) -> str:
        with self._lock:
            old, new = self._present(), _Installation()
            conflicts = {
                key: each
                for key, each in self._quarantine.items()
                if each.reason == "conflict" and each.installation == old.id
            }
            waiting = {message.seq for message in old.waiting()}
            moving = waiting | ({each.seq for each in conflicts.values()} & set(old.messages))
            for number, seq in enumerate(sorted(moving), 1):
                message = old.messages.pop(seq)
                new.messages[number] = Message(
                    number, message.moment, message.body, message.origin or Origin(old.id, seq)
                )
            for key in conflicts:
                del self._quarantine[key]
            self._installations.append(new)
            return new.id

    def earlier_installation(self) -> Position | None:
        with self._lock:
            self._present()
            for each in reversed(self._installations[:-1]):
                if any(seq <= each.watermark and seq not in each.fates for seq in each.messages):
                    return Position(each.id, each.last_removed + 1, each.watermark, each.watermark)
            return None

    def doubt_earlier(self) -> None:
        with self._lock:
            for each in self._installations[:-1]:
                each.watermark = each.last_removed

    def recall(self, step: int = 200) -> int:
        with self._lock:
            present = self._present()
            held = [
                (each, seq)
                for each in self._installations[:-1]
                for seq in sorted(each.messages)
                if seq > each.watermark and seq not in each.fates
            ][:step]
            for each, seq in held:
                message = each.messages.pop(seq)
                origin = message.origin or Origin(each.id, seq)
                last = present.last + 1
                present.messages[last] = Message(last, message.moment, message.body, origin)
            return len(held)

    def quarantine(self, limit: int = 100) -> tuple[QuarantinedMessage, ...]:
        with self._lock:
            self._present()
            return tuple(self._quarantine.values())[:limit]

    def send_again(self, quarantine_id: int) -> Message | None:
        with self._lock:
            present, found = self._present(), self._quarantine.get(quarantine_id)
            if found is None or found.body is None:
                return None
            origin = self._origins[quarantine_id] or Origin(found.installation, found.seq)
            message = Message(present.last + 1, found.moment, found.body, origin)
            present.messages[message.seq] = message
            del self._quarantine[quarantine_id]
            return message

    def counts(self) -> Counts:
        with self._lock:
            present = self._present()
            waiting = present.waiting()
            return Counts(
                waiting=len(waiting),
                in_quarantine=len(self._quarantine),
                last_seq=present.last,
                oldest_waiting=waiting[0].moment if waiting else None,
            )

    def trim(self, keep_ms: int, keep_messages: int, step: int = 200) -> int:
        with self._lock:
            present = self._present()
            lived_ms = self._live()
            for each in self._installations:
                known = each.acknowledged.values()
                by_age = max((up for up, at in known if at < lived_ms - keep_ms), default=0)
                by_amount = each.watermark - keep_messages if each is present else 0
                limit = min(max(by_age, by_amount), each.watermark, each.last_removed + step)
                if limit > each.last_removed:
                    for seq in range(each.last_removed + 1, limit + 1):
                        each.messages.pop(seq, None)
                        each.fates.pop(seq, None)
                    removed, each.last_removed = limit - each.last_removed, limit
                    return removed
            return 0

    def record_sighting(self, sighting: Sighting, wall_ahead_ms: int | None = None) -> None:
        with self._lock:
            self._present()
            claims = with_heard(self._claims.get(sighting.boot, ()), sighting)
            self._claims[sighting.boot] = claims
            self._sightings[sighting.boot] = judged(claims, wall_ahead_ms)

    def sightings(self, boots: Sequence[str]) -> tuple[Sighting, ...]:
        with self._lock:
            self._present()
            return tuple(
                self._sightings[boot] for boot in dict.fromkeys(boots) if boot in self._sightings
            )

    def bounds(self, boots: Sequence[str], now: Moment) -> tuple[Sighting, ...]:
        with self._lock:
            self._present()
            everything = list(self._boots.values())
            if now.boot not in self._boots:
                everything.append(Boot(now.boot, now.mono_ms, now.mono_ms))
            return wide_sightings(everything, self._sightings, boots)

    def remember_questionnaire(self, digest: Digest, definition: bytes) -> None:
        with self._lock:
            self._present()
            self._questionnaires.setdefault(digest, definition)

    def questionnaire(self, digest: Digest) -> bytes | None:
        with self._lock:
            self._present()
            return self._questionnaires.get(digest)

    def state(self, key: str) -> str | None:
        with self._lock:
            self._present()
            return self._state.get(key)

    def set_state(self, key: str, value: str) -> None:
        with self._lock:
            self._present()
            self._state[key] = value

    def lived_ms(self) -> int:
        with self._lock:
            self._present()
            return self._live()

    def checkpoint(self) -> None:
        """Nothing is left undone here."""

    def close(self) -> None:
        with self._lock:
            self._closed = True
