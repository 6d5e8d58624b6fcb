"""The outbox: every answer, durable and numbered, until the head office has it.

::

    with SqliteOutbox.open(folder) as outbox:          # sync.outbox.sqlite
        messages = outbox.append([body], clock.moment())  # on disk when it returns

:class:`Outbox` is the port, in parts by who uses them; whoever needs a part asks for no more.
:class:`sync.outbox.sqlite.SqliteOutbox` keeps it on disk, :class:`sync.outbox.memory.MemoryOutbox`
in memory. Any thread may call any method; each thread has a connection of its own.

- Numbers (``seq``) are contiguous within an installation and never used twice.
- The *watermark* is the highest seq up to which the head office has everything.
- A message is *waiting* when it stands above the watermark and is not withheld.
- A *withheld* message was isolated as the one that the way to the head office can't take; a
  *refused* one was turned down by the head office itself. Both are in quarantine and can be
  sent again, under a new number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from sync.messages import Body, Message, Moment, Refusal, Sighting
from sync.wire_types import Digest

QuarantineReason = Literal["invalid", "conflict", "isolated", "unreadable"]
"""``invalid``, ``conflict``: the head office's word; ``isolated``: every batch with it failed;
``unreadable``: the kiosk itself can't read what it stored."""


@dataclass(frozen=True)
class Position:
    """Where an outbox stands."""

    installation: str
    oldest: int
    """Lowest seq still held; last_seq + 1 when nothing is held."""
    watermark: int
    last_seq: int


@dataclass(frozen=True)
class Counts:
    """How full an outbox is."""

    waiting: int
    in_quarantine: int
    last_seq: int
    oldest_waiting: Moment | None
    """When the oldest waiting message was recorded."""


@dataclass(frozen=True)
class QuarantinedMessage:
    """A message that can't be delivered as it is."""

    id: int
    installation: str
    seq: int
    reason: QuarantineReason
    detail: str
    moment: Moment
    body: Body | None
    """None if the kiosk can't read it."""


class AnswerLog(Protocol):
    """Where the writer puts what a shopper said."""

    def append(self, bodies: Sequence[Body], moment: Moment) -> tuple[Message, ...]:
        """Number the bodies and store them all or none; durable when it returns.

        Raises OutboxFullError or OutboxUnwritableError, and then nothing was stored.
        """
        ...


class OutboxStatus(Protocol):
    """How an outbox stands; what a heartbeat and staff are told."""

    def position(self) -> Position:
        """Installation, oldest, watermark and last seq, seen at one instant."""
        ...

    def counts(self) -> Counts:
        """How full the outbox is; does not get slower with what is kept."""
        ...

    def withheld_seqs(self, up_to: int, limit: int) -> tuple[int, ...]:
        """The lowest numbers above the watermark that are withheld, ascending."""
        ...


class DeliveryQueue(OutboxStatus, Protocol):
    """What the relay drains."""

    def next_batch(self, max_messages: int, max_bytes: int) -> tuple[Message, ...]:
        """The oldest waiting messages, ascending; at least one if any waits.

        ``max_bytes`` bounds their JSON. What can't be read is put in quarantine on the way.
        """
        ...

    def message(self, installation: str, seq: int) -> Message | None:
        """What is held under a number of an installation; None for nothing, or nothing readable."""
        ...

    def settle(
        self, installation: str, watermark: int, refused: Sequence[Refusal], at_ms: int
    ) -> None:
        """Move the watermark, up or down, and quarantine what was refused, in one transaction.

        Down means that the head office was restored from an older copy: what earlier
        installations hold has to be recalled as well.

        ``at_ms`` is the head office's time, to be shown. Nothing is counted from it: retention
        counts from here by the time that the kiosk lives through. Raises WrongInstallationError
        if a new installation began meanwhile.
        """
        ...

    def withhold(self, seq: int, detail: str) -> None:
        """Quarantine one waiting message as ``isolated``; its number is never sent again."""
        ...

    def renew(self) -> str:
        """Begin a new installation and number all waiting messages anew, with their origin.

        Those in quarantine for a ``conflict`` go along. Returns the new installation's id.
        """
        ...

    def earlier_installation(self) -> Position | None:
        """The latest earlier installation of which delivered messages are still held."""
        ...

    def doubt_earlier(self) -> None:
        """Take nothing that earlier installations hold for delivered any more: recall it."""
        ...

    def recall(self, step: int = 200) -> int:
        """Number anew, with origin, what earlier installations hold above their watermark.

        At most ``step`` messages; returns how many. Call again until 0.
        """
        ...


class Quarantine(Protocol):
    """What can't be delivered as it is, for staff to look through and to send again."""

    def quarantine(self, limit: int = 100) -> tuple[QuarantinedMessage, ...]:
        """What is in quarantine, oldest first."""
        ...

    def send_again(self, quarantine_id: int) -> Message | None:
        """Take one out of quarantine and append it under a new number, with its origin.

        None if there is no such entry, or nothing readable in it (then it stays).
        """
        ...


class ClockSightings(Protocol):
    """What is known of the head office's time in each boot."""

    def record_sighting(self, sighting: Sighting, wall_ahead_ms: int | None = None) -> None:
        """Remember the head office's time, unless a better sighting of that boot is known.

        One that contradicts others of its boot is weighed against them (:mod:`sync.clock_trust`);
        ``wall_ahead_ms``: how far the kiosk's wall clock is ahead of its monotonic one.
        """
        ...

    def sightings(self, boots: Sequence[str]) -> tuple[Sighting, ...]:
        """What is believed of the clock of each of these boots, where anything was heard."""
        ...

    def bounds(self, boots: Sequence[str], now: Moment) -> tuple[Sighting, ...]:
        """What is possible for those of these boots that have no sighting.

        See :mod:`sync.clock_bounds`; empty for as long as the present boot has none.
        """
        ...


class QuestionnaireStore(Protocol):
    """The definitions that answers refer to."""

    def remember_questionnaire(self, digest: Digest, definition: bytes) -> None:
        """Keep a definition for as long as the outbox lives: answers refer to it."""
        ...

    def questionnaire(self, digest: Digest) -> bytes | None:
        """A remembered definition."""
        ...


class StateStore(Protocol):
    """Small values that outlive the process."""

    def state(self, key: str) -> str | None:
        """A small value kept under a name."""
        ...

    def set_state(self, key: str, value: str) -> None:
        """Keep a small value under a name, durably."""
        ...

    def lived_ms(self) -> int:
        """How long the kiosk has lived with this outbox, by no clock that can be set."""
        ...


class Upkeep(Protocol):
    """What the background does to keep an outbox small and quick."""

    def trim(self, keep_ms: int, keep_messages: int, step: int = 200) -> int:
        """Remove at most ``step`` of the oldest delivered messages that need not be kept.

        Those acknowledged more than ``keep_ms`` of lived time ago (:mod:`sync.outbox.lived`), or
        beyond the newest ``keep_messages`` delivered ones. Returns how many were removed; call
        again until 0.
        """
        ...

    def checkpoint(self) -> None:
        """Do the tidying up that appending left undone, if there is enough of it."""
        ...


class Outbox(
    AnswerLog,
    DeliveryQueue,
    Quarantine,
    ClockSightings,
    QuestionnaireStore,
    StateStore,
    Upkeep,
    Protocol,
):
    """All of it: the durable buffer between the screen and the head office."""

    def close(self) -> None:
        """Let go of everything; what follows raises OutboxClosedError."""
        ...
