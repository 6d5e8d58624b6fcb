"""Doubles that every test may use: a settable clock, a scripted transport, a head office."""

import hashlib
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from sync.configuration import configuration_digest
from sync.messages import (
    AnswerBody,
    Batch,
    Heartbeat,
    Message,
    Moment,
    Receipt,
    Refusal,
    Sighting,
    StoredNumber,
    fingerprint,
)
from sync.outcome import (
    Download,
    FetchOutcome,
    Interruption,
    QuestionnaireStored,
    Rejection,
    SendOutcome,
    Unchanged,
    VerifiedReceipt,
)
from sync.wire_types import Digest

KIOSK = "11111111-1111-4111-8111-111111111111"
HEAD_OFFICE = "22222222-2222-4222-8222-222222222222"
QUESTIONNAIRE = "a" * 64


class FakeClock:
    """A clock that stands until it is moved."""

    def __init__(self, wall_ms: int = 1_750_000_000_000, mono_ms: int = 5_000_000) -> None:
        self.wall_ms = wall_ms
        self.mono = mono_ms
        self.boot = str(uuid.uuid4())

    def moment(self) -> Moment:
        return Moment(self.wall_ms, self.boot, self.mono)

    def mono_ms(self) -> int:
        return self.mono

    def advance(self, ms: int) -> None:
        """Let time pass."""
        self.wall_ms += ms
        self.mono += ms


def answer(value: int = 2, text: str | None = None) -> AnswerBody:
    """An answer that no other answer equals."""
    return AnswerBody(
        response=str(uuid.uuid4()),
        questionnaire=QUESTIONNAIRE,
        language="en",
        question="rating" if text is None else "why",
        value=value if text is None else text,
        took_ms=900,
    )


class ScriptedTransport:
    """Answers with what it was told, in order; then, or without a script, by ``otherwise``."""

    def __init__(
        self,
        *script: SendOutcome,
        otherwise: Callable[[Batch | Heartbeat], SendOutcome] | None = None,
    ) -> None:
        self.script = deque(script)
        self.otherwise = otherwise
        self.sent: list[Batch | Heartbeat] = []
        self.questionnaires: dict[Digest, bytes] = {}
        self.questionnaire_script: deque[SendOutcome] = deque()
        """What becomes of the next definitions, before they are accepted."""
        self.renewals: deque[SendOutcome] = deque()
        """What comes of the next requests for a credential."""
        self.downloads: dict[str, FetchOutcome] = {}
        """What there is to fetch: ``configuration``, and files by their digest."""
        self.interrupted = False

    def send_batch(self, batch: Batch) -> SendOutcome:
        return self._answer(batch)

    def send_heartbeat(self, heartbeat: Heartbeat) -> SendOutcome:
        return self._answer(heartbeat)

    def send_questionnaire(self, digest: Digest, definition: bytes) -> SendOutcome:
        if self.interrupted:
            return Interruption()
        if self.questionnaire_script:
            return self.questionnaire_script.popleft()
        self.questionnaires[digest] = definition
        return QuestionnaireStored()

    def renew_credential(self, installation: str, sent: Moment) -> SendOutcome:
        del installation, sent
        if self.interrupted:
            return Interruption()
        return self.renewals.popleft() if self.renewals else Rejection(404)

    def fetch_configuration(self, known: str) -> FetchOutcome:
        found = self._download("configuration")
        is_known = isinstance(found, Download) and configuration_digest(found.content) == known
        return Unchanged() if is_known else found

    def fetch_file(self, digest: Digest, size: int) -> FetchOutcome:
        del size
        return self._download(digest)

    def _download(self, name: str) -> FetchOutcome:
        return Interruption() if self.interrupted else self.downloads.get(name, Rejection(404))

    def interrupt(self) -> None:
        self.interrupted = True

    def _answer(self, what: Batch | Heartbeat) -> SendOutcome:
        if self.interrupted:
            return Interruption()
        self.sent.append(what)
        if self.script:
            return self.script.popleft()
        if self.otherwise is None:
            raise AssertionError("the script is over")
        return self.otherwise(what)


@dataclass
class _Shelf:
    stored: dict[int, Message] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    withheld: set[int] = field(default_factory=set)
    gone_below: int = 1

    def up_to(self) -> int:
        seq = 0
        gone = self.refused | self.withheld
        while (n := seq + 1) in self.stored or n in gone or n < self.gone_below:
            seq = n
        return seq

    def newest(self, watermark: int) -> StoredNumber | None:
        up_to = min(watermark, self.up_to())
        found = max((seq for seq in self.stored if seq <= up_to), default=0)
        return StoredNumber(found, fingerprint(self.stored[found]).hex()) if found else None


class ModelHeadOffice:
    """What a head office does with batches, in a few lines of memory: the protocol's meaning."""

    def __init__(self, now_ms: int = 1_750_000_123_000) -> None:
        self.shelves: dict[str, _Shelf] = {}
        self.now_ms = now_ms
        self.wanted: tuple[Digest, ...] = ()
        self.invalid: Callable[[Message], bool] = lambda _message: False

    def receive(self, what: Batch | Heartbeat, body: bytes) -> Receipt:
        """Store what is new and acknowledge what is there."""
        shelf = self.shelves.setdefault(what.installation, _Shelf())
        refused: list[Refusal] = []
        shelf.withheld.update(what.withheld)
        if isinstance(what, Batch):
            shelf.gone_below = max(shelf.gone_below, what.oldest)
            for message in what.messages:
                known = shelf.stored.get(message.seq)
                if self.invalid(message):
                    shelf.refused.add(message.seq)
                    refused.append(Refusal(message.seq, "invalid", "$.value"))
                elif known is None:
                    shelf.stored[message.seq] = message
                elif fingerprint(known) != fingerprint(message):
                    refused.append(Refusal(message.seq, "conflict", "another message"))
        return Receipt(
            receipt="hymio",
            head_office=HEAD_OFFICE,
            kiosk=KIOSK,
            installation=what.installation,
            stored_up_to=shelf.up_to(),
            highest=max((*shelf.stored, *shelf.refused, *shelf.withheld), default=0),
            now_ms=self.now_ms,
            echo=hashlib.sha256(body).hexdigest(),
            refused=tuple(refused),
            wanted=self.wanted,
            newest=shelf.newest(what.watermark if isinstance(what, Batch) else shelf.up_to()),
        )

    def deliver(self, what: Batch | Heartbeat) -> SendOutcome:
        """The same as an outcome, for a :class:`ScriptedTransport`."""
        receipt = self.receive(what, msgspec.json.encode(what))
        seen = Sighting(what.sent.boot, what.sent.mono_ms, receipt.now_ms, 1)
        return VerifiedReceipt(receipt, seen)

    def counted(self) -> list[str]:
        """The responses that count, sorted: a message with its origin stored counts once."""
        found = {
            fingerprint(m): m.body.response
            for shelf in self.shelves.values()
            for m in shelf.stored.values()
        }
        return sorted(found.values())
