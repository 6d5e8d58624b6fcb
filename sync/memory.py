"""The in-memory twin of the outbox, held to the same contract; for tests and demonstrations."""

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec

from sync.bounds import Boot, wide_sightings
from sync.errors import OutboxClosedError, WrongInstallationError
from sync.messages import Body, Digest, Message, Moment, Origin, Refusal, Sighting
from sync.outbox import Counts, Position, Quarantined, QuarantineReason, better
from sync.rows import HOUR_MS


@dataclass
class _Installation:
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    watermark: int = 0
    removed: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    fates: dict[int, str] = field(default_factory=dict)
    deliveries: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return max(self.messages, default=self.removed)

    def waiting(self) -> list[Message]:
        return [
            message
            for seq, message in self.messages.items()
            if seq > self.watermark and self.fates.get(seq) != "withheld"
        ]


class MemoryOutbox:
    """See :class:`sync.outbox.Outbox`; nothing survives the process."""

    def __init__(self) -> None:
        self._all = [_Installation()]
        self._quarantine: dict[int, Quarantined] = {}
        self._origins: dict[int, Origin | None] = {}
        self._next_id = 1
        self._sightings: dict[str, Sighting] = {}
        self._boots: dict[str, Boot] = {}
        self._questionnaires: dict[str, bytes] = {}
        self._state: dict[str, str] = {}
        self._lock = threading.RLock()
        self._closed = False

    def _here(self) -> _Installation:
        if self._closed:
            raise OutboxClosedError
        return self._all[-1]

    def append(self, bodies: Sequence[Body], moment: Moment) -> tuple[Message, ...]:
        """See :meth:`sync.outbox.Outbox.append`."""
        with self._lock:
            here = self._here()
            new = tuple(Message(here.last + n, moment, body) for n, body in enumerate(bodies, 1))
            here.messages.update((message.seq, message) for message in new)
            first = self._boots.get(moment.boot, Boot(moment.boot, moment.mono_ms, moment.mono_ms))
            self._boots[moment.boot] = replace(first, last_ms=max(first.last_ms, moment.mono_ms))
            return new

    def position(self) -> Position:
        """See :meth:`sync.outbox.Outbox.position`."""
        with self._lock:
            here = self._here()
            return Position(here.id, here.removed + 1, here.watermark, here.last)

    def next_batch(self, max_messages: int, max_bytes: int) -> tuple[Message, ...]:
        """See :meth:`sync.outbox.Outbox.next_batch`."""
        with self._lock:
            batch: list[Message] = []
            for message in self._here().waiting()[:max_messages]:
                max_bytes -= len(msgspec.json.encode(message.body)) + 240
                if batch and max_bytes < 0:
                    break
                batch.append(message)
            return tuple(batch)

    def settle(
        self, installation: str, watermark: int, refused: Sequence[Refusal], at_ms: int
    ) -> None:
        """See :meth:`sync.outbox.Outbox.settle`."""
        with self._lock:
            here = self._here()
            if here.id != installation:
                raise WrongInstallationError(f"{installation} has ended; {here.id} goes on.")
            before, here.watermark = here.watermark, min(max(watermark, here.removed), here.last)
            if here.watermark < before:
                self.doubt_earlier()
            for refusal in refused:
                self._put(refusal.seq, "refused", refusal.reason, refusal.detail)
            up_to, at = here.deliveries.get(at_ms // HOUR_MS, (0, at_ms))
            here.deliveries[at_ms // HOUR_MS] = max(up_to, here.watermark), max(at, at_ms)

    def withhold(self, seq: int, detail: str) -> None:
        """See :meth:`sync.outbox.Outbox.withhold`."""
        with self._lock:
            self._put(seq, "withheld", "isolated", detail)

    def _put(self, seq: int, fate: str, reason: QuarantineReason, detail: str) -> None:
        here = self._here()
        message = here.messages.get(seq)
        known = here.fates.get(seq)
        if message is None or known == "withheld":
            return
        here.fates[seq] = fate
        if known is None:
            self._quarantine[self._next_id] = Quarantined(
                self._next_id, here.id, seq, reason, detail, message.moment, message.body
            )
            self._origins[self._next_id] = message.origin
            self._next_id += 1

    def withheld(self, up_to: int, limit: int) -> tuple[int, ...]:
        """See :meth:`sync.outbox.Outbox.withheld`."""
        with self._lock:
            here = self._here()
            found = (
                seq
                for seq, fate in sorted(here.fates.items())
                if here.watermark < seq <= up_to and fate == "withheld"
            )
            return tuple(found)[:limit]

    def renew(self) -> str:
        """See :meth:`sync.outbox.Outbox.renew`."""
        with self._lock:
            old, new = self._here(), _Installation()
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
            self._all.append(new)
            return new.id

    def earlier(self) -> Position | None:
        """See :meth:`sync.outbox.Outbox.earlier`."""
        with self._lock:
            self._here()
            for each in reversed(self._all[:-1]):
                if any(seq <= each.watermark and seq not in each.fates for seq in each.messages):
                    return Position(each.id, each.removed + 1, each.watermark, each.watermark)
            return None

    def doubt_earlier(self) -> None:
        """See :meth:`sync.outbox.Outbox.doubt_earlier`."""
        with self._lock:
            for each in self._all[:-1]:
                each.watermark = each.removed

    def recall(self, step: int = 200) -> int:
        """See :meth:`sync.outbox.Outbox.recall`."""
        with self._lock:
            here = self._here()
            held = [
                (each, seq)
                for each in self._all[:-1]
                for seq in sorted(each.messages)
                if seq > each.watermark and seq not in each.fates
            ][:step]
            for each, seq in held:
                message = each.messages.pop(seq)
                origin = message.origin or Origin(each.id, seq)
                last = here.last + 1
                here.messages[last] = Message(last, message.moment, message.body, origin)
            return len(held)

    def quarantine(self, limit: int = 100) -> tuple[Quarantined, ...]:
        """See :meth:`sync.outbox.Outbox.quarantine`."""
        with self._lock:
            self._here()
            return tuple(self._quarantine.values())[:limit]

    def send_again(self, quarantine_id: int) -> Message | None:
        """See :meth:`sync.outbox.Outbox.send_again`."""
        with self._lock:
            here, found = self._here(), self._quarantine.get(quarantine_id)
            if found is None or found.body is None:
                return None
            origin = self._origins[quarantine_id] or Origin(found.installation, found.seq)
            message = Message(here.last + 1, found.moment, found.body, origin)
            here.messages[message.seq] = message
            del self._quarantine[quarantine_id]
            return message

    def counts(self) -> Counts:
        """See :meth:`sync.outbox.Outbox.counts`."""
        with self._lock:
            here = self._here()
            waiting = here.waiting()
            return Counts(
                waiting=len(waiting),
                quarantined=len(self._quarantine),
                last_seq=here.last,
                kept=here.last - here.removed,
                oldest_waiting=waiting[0].moment if waiting else None,
            )

    def trim(self, keep_ms: int, keep_messages: int, step: int = 200) -> int:
        """See :meth:`sync.outbox.Outbox.trim`."""
        with self._lock:
            present = self._here()
            newest = max((at for i in self._all for _, at in i.deliveries.values()), default=0)
            for each in self._all:
                by_age = max(
                    (up for up, at in each.deliveries.values() if at < newest - keep_ms), default=0
                )
                by_amount = each.watermark - keep_messages if each is present else 0
                limit = min(max(by_age, by_amount), each.watermark, each.removed + step)
                if limit > each.removed:
                    for seq in range(each.removed + 1, limit + 1):
                        each.messages.pop(seq, None)
                        each.fates.pop(seq, None)
                    removed, each.removed = limit - each.removed, limit
                    return removed
            return 0

    def record_sighting(self, sighting: Sighting) -> None:
        """See :meth:`sync.outbox.Outbox.record_sighting`."""
        with self._lock:
            self._here()
            known = self._sightings.get(sighting.boot)
            if known is None or better(sighting, known):
                self._sightings[sighting.boot] = sighting

    def sightings(self, boots: Sequence[str]) -> tuple[Sighting, ...]:
        """See :meth:`sync.outbox.Outbox.sightings`."""
        with self._lock:
            self._here()
            return tuple(
                self._sightings[boot] for boot in dict.fromkeys(boots) if boot in self._sightings
            )

    def bounds(self, boots: Sequence[str], now: Moment) -> tuple[Sighting, ...]:
        """See :meth:`sync.outbox.Outbox.bounds`."""
        with self._lock:
            self._here()
            everything = list(self._boots.values())
            if now.boot not in self._boots:
                everything.append(Boot(now.boot, now.mono_ms, now.mono_ms))
            return wide_sightings(everything, self._sightings, boots)

    def remember_questionnaire(self, digest: Digest, definition: bytes) -> None:
        """See :meth:`sync.outbox.Outbox.remember_questionnaire`."""
        with self._lock:
            self._here()
            self._questionnaires.setdefault(digest, definition)

    def questionnaire(self, digest: Digest) -> bytes | None:
        """See :meth:`sync.outbox.Outbox.questionnaire`."""
        with self._lock:
            self._here()
            return self._questionnaires.get(digest)

    def state(self, key: str) -> str | None:
        """See :meth:`sync.outbox.Outbox.state`."""
        with self._lock:
            self._here()
            return self._state.get(key)

    def set_state(self, key: str, value: str) -> None:
        """See :meth:`sync.outbox.Outbox.set_state`."""
        with self._lock:
            self._here()
            self._state[key] = value

    def checkpoint(self) -> None:
        """See :meth:`sync.outbox.Outbox.checkpoint`."""

    def close(self) -> None:
        """See :meth:`sync.outbox.Outbox.close`."""
        with self._lock:
            self._closed = True
