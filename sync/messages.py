"""What travels between a kiosk and the head office, typed once for both ends.

Protocol version 1. Every body is JSON; every error is an RFC 9457 problem document. Times are
whole milliseconds. The meaning of each exchange is told in ``docs/protocol.md``.
"""

import hashlib
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from config.values import Name, ShortText, Value
from sync.commands import MAX_COMMANDS, Command, CommandReport
from sync.configuration import ConfigurationDigest, ConfigurationReport
from sync.wire_types import Digest, Language, Milliseconds, Seq, Strict, UuidText

PROTOCOL = 1
MAX_BATCH_MESSAGES = 1000
MAX_BATCH_BYTES = 1_000_000
"""A larger body, counted after decompression, is answered with 413."""

WithheldSeqs = Annotated[tuple[Seq, ...], Meta(max_length=MAX_BATCH_MESSAGES)]


# --- what a message says ------------------------------------------------------------------


class Moment(Strict, frozen=True):
    """An instant as the kiosk's own clocks saw it; neither is trusted for ordering."""

    wall_ms: Milliseconds
    """Unix time by the kiosk's wall clock, which may be wrong."""
    boot: UuidText
    """The run of the machine that the monotonic clock belongs to."""
    mono_ms: Milliseconds
    """Milliseconds by the monotonic clock of that boot."""


Misuse = Literal["too_fast", "burst", "held", "hammered", "several"]


class _Body(Strict, frozen=True, kw_only=True, tag_field="type"):
    response: UuidText
    """UUIDv7 of the response that this belongs to."""
    questionnaire: Digest
    language: Language
    test: bool = False
    """Made in test mode: kept, never counted."""


class AnswerBody(_Body, frozen=True, kw_only=True, tag="answer"):
    """One question was answered; a later one with the same response and question replaces it."""

    question: Name
    value: Value
    took_ms: Annotated[int, Meta(ge=0, le=2**40)]
    """How long the question had been on the screen."""
    misuse: tuple[Misuse, ...] = ()
    unsent: bool = False
    """The shopper had chosen this and went away without handing it over: kept, never counted."""


class SkipBody(_Body, frozen=True, kw_only=True, tag="skip"):
    """One question was shown and passed over."""

    question: Name
    took_ms: Annotated[int, Meta(ge=0, le=2**40)]


class EndBody(_Body, frozen=True, kw_only=True, tag="end"):
    """The response is over; ``question`` is the one on the screen when the shopper left."""

    outcome: Literal["complete", "partial", "timed_out"]
    question: Name | None = None


Body = AnswerBody | SkipBody | EndBody


class Origin(Strict, frozen=True):
    """The number a message had before its kiosk began a new installation."""

    installation: UuidText
    seq: Seq


class Message(Strict, frozen=True):
    """One row of the outbox: numbered, timed, immutable."""

    seq: Seq
    moment: Moment
    body: Body
    origin: Origin | None = None


_payload = msgspec.json.Encoder(order="deterministic")


def fingerprint(message: Message) -> bytes:
    """16 bytes that tell whether two messages say the same.

    BLAKE2b over the canonical JSON of moment and body; ``seq`` and ``origin`` are left out, so
    that a message keeps its fingerprint when it is numbered again.
    """
    text = _payload.encode((message.moment, message.body))
    return hashlib.blake2b(text, digest_size=16).digest()


# --- clocks -------------------------------------------------------------------------------


CERTAIN_WITHIN_MS = 60_000
"""A time that is known to within this is certain."""


class Estimate(NamedTuple):
    """When something happened by the head office's clock, in Unix ms, with its bounds."""

    ms: int
    earliest_ms: int
    latest_ms: int

    @property
    def certain(self) -> bool:
        """Whether the bounds are close enough to call the time known."""
        return self.latest_ms - self.earliest_ms <= 2 * CERTAIN_WITHIN_MS


class Sighting(Strict, frozen=True):
    """The head office's time as seen from one boot of the kiosk.

    At ``mono_ms`` of ``boot`` the head office's clock stood at ``head_ms``, give or take
    ``error_ms``: half the round trip. For a boot that never heard from the head office it is half
    of what the boots before and after it leave possible.
    """

    boot: UuidText
    mono_ms: Milliseconds
    head_ms: Milliseconds
    error_ms: Annotated[int, Meta(ge=0, le=2**40)]

    def true_ms(self, moment: Moment) -> int:
        """Unix time of a moment of the same boot, by the head office's clock.

        Raises ValueError for a moment of another boot.
        """
        if moment.boot != self.boot:
            raise ValueError("a sighting tells nothing about another boot")
        return self.head_ms + moment.mono_ms - self.mono_ms

    @property
    def certain(self) -> bool:
        """Whether it tells the time, and not only bounds of it."""
        return self.error_ms <= CERTAIN_WITHIN_MS

    def estimate(self, moment: Moment) -> Estimate:
        """When a moment of the same boot was.

        If the time is not certain: the kiosk's own word where it is possible, else the nearest
        time that is.
        """
        true = self.true_ms(moment)
        earliest, latest = true - self.error_ms, true + self.error_ms
        if not self.certain:
            true = min(max(moment.wall_ms, earliest), latest)
        return Estimate(true, earliest, latest)


# --- exchanges ----------------------------------------------------------------------------


class _Secretive(msgspec.Struct, frozen=True):
    """Keeps a secret out of logs and tracebacks."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return []


class EnrolmentRequest(_Secretive, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """POST /api/kiosk/v1/enrolment: a one-time code for a credential."""

    code: Annotated[str, Meta(min_length=4, max_length=40)]
    installation: UuidText
    version: ShortText
    protocol: int = PROTOCOL


class EnrolmentReply(_Secretive, frozen=True):
    """The kiosk's identity; the credential is told here once and never again."""

    kiosk: UuidText
    credential: str
    """256 random bits, URL-safe base64."""
    place: str
    """The name of the experience point, to show to staff."""
    head_office: UuidText
    now_ms: int
    protocol: int = PROTOCOL


class CredentialRequest(Strict, frozen=True):
    """POST /api/kiosk/v1/credential: a new credential, asked for with the present one."""

    installation: UuidText
    sent: Moment
    protocol: int = PROTOCOL


class CredentialReply(_Secretive, frozen=True):
    """A further credential; those before it end when it is first used."""

    kiosk: UuidText
    credential: str
    """256 random bits, URL-safe base64."""
    head_office: UuidText
    now_ms: int
    echo: str
    """As in a receipt."""
    protocol: int = PROTOCOL


class Batch(Strict, frozen=True, kw_only=True):
    """POST /api/kiosk/v1/batches: messages of one installation, ascending by seq."""

    installation: UuidText
    oldest: Seq
    """The lowest seq that this kiosk still holds: what is below and missing is gone."""
    sent: Moment
    messages: Annotated[tuple[Message, ...], Meta(max_length=MAX_BATCH_MESSAGES)]
    sightings: Annotated[tuple[Sighting, ...], Meta(max_length=100)] = ()
    """The best one of each boot that the messages were recorded in."""
    withheld: WithheldSeqs = ()
    """Numbers that this kiosk holds and will never send: they are in its quarantine."""
    watermark: Annotated[int, Meta(ge=0)] = 0
    """Up to where the kiosk believes that everything is stored: the receipt's ``newest``."""
    protocol: int = PROTOCOL


class BatchHeader(msgspec.Struct, frozen=True, kw_only=True):
    """A batch whose messages are still undecoded, so that one bad message is refused alone."""

    installation: UuidText
    oldest: Seq
    sent: Moment
    messages: Annotated[tuple[msgspec.Raw, ...], Meta(max_length=MAX_BATCH_MESSAGES)]
    sightings: Annotated[tuple[Sighting, ...], Meta(max_length=100)] = ()
    withheld: WithheldSeqs = ()
    watermark: Annotated[int, Meta(ge=0)] = 0
    protocol: int = PROTOCOL


RefusalReason = Literal["invalid", "conflict"]
"""``invalid``: the message breaks the protocol; ``conflict``: its number is taken by another."""


class Refusal(msgspec.Struct, frozen=True):
    """A message that the head office will not store; it stays on the kiosk, in quarantine."""

    seq: Seq
    reason: RefusalReason
    detail: str


class SealingKey(msgspec.Struct, frozen=True):
    """What contact details are to be sealed to."""

    number: int
    public: str
    """The open half of a key of X25519, in base64."""


class StoredNumber(msgspec.Struct, frozen=True):
    """A number with what is stored under it: a kiosk sees whether that is its own message."""

    seq: Seq
    fingerprint: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    """In hexadecimal: :func:`fingerprint`."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to a batch or a heartbeat, given after the head office's commit.

    ``stored_up_to``: every seq from 1 to this one is stored, refused, withheld or gone (0:
    none). ``highest``: the highest seq the head office has ever seen of the installation.
    """

    receipt: Literal["hymio"]
    head_office: UuidText
    """Changes when the head office begins with an empty database."""
    kiosk: UuidText
    installation: UuidText
    stored_up_to: Annotated[int, Meta(ge=0)]
    highest: Annotated[int, Meta(ge=0)]
    now_ms: int
    echo: str
    """SHA-256 in hexadecimal of the request's uncompressed body: this receipt is for it."""
    refused: tuple[Refusal, ...] = ()
    wanted: tuple[Digest, ...] = ()
    """Questionnaires that the head office has answers for and no definition of."""
    protocol: int = PROTOCOL
    newest: StoredNumber | None = None
    """The highest number with a message, up to ``stored_up_to`` and the batch's ``watermark``."""
    contact_key: SealingKey | None = None
    """With the receipt of a heartbeat only."""
    configuration: ConfigurationDigest | None = None
    """Which one is meant for this kiosk, with the receipt of a heartbeat only; None: this head
    office configures no kiosks."""
    commands: Annotated[tuple[Command, ...], Meta(max_length=MAX_COMMANDS)] | None = None
    """What the kiosk is to do, with the receipt of a heartbeat only; None: this head office gives
    no commands."""
    pace_s: Annotated[int, Meta(ge=0, le=86_400)] | None = None
    """Within so many seconds this head office wants to hear from the kiosk again, by whatever
    request; None: it wants a heartbeat every minute. With a batch only 0: a heartbeat now."""


class OutboxReport(Strict, frozen=True):
    """How full the outbox is; part of a heartbeat."""

    waiting: Annotated[int, Meta(ge=0)]
    quarantined: Annotated[int, Meta(ge=0)]
    last_seq: Annotated[int, Meta(ge=0)]
    oldest_waiting_ms: Annotated[int, Meta(ge=0)] | None = None
    """Age of the oldest waiting message, in ms."""


class Trouble(Strict, frozen=True):
    """Something about a kiosk that a person should look at, as it knows itself."""

    kind: Annotated[str, Meta(pattern="^[a-z_]{1,40}$", max_length=40)]
    """One of ``TROUBLES``, or a word of a newer kiosk."""
    detail: Annotated[str, Meta(max_length=300)] = ""
    """Which file, setting or device; English."""
    count: Annotated[int, Meta(ge=0)] | None = None
    """How many of what the kind is about, at least; None: not known."""


MAX_TROUBLES = 20
TROUBLES = (
    "outbox_damaged",
    "settings",
    "overrides",
    "questionnaire",
    "touch",
    "untouched",
    "configuration",
)
"""What this version's kiosks report: ``outbox_damaged`` counts messages that are lost,
``settings`` keys that are left aside, ``untouched`` hours."""


class Heartbeat(Strict, frozen=True, kw_only=True):
    """POST /api/kiosk/v1/heartbeats: how the kiosk is."""

    installation: UuidText
    oldest: Seq
    sent: Moment
    version: ShortText
    questionnaire: Digest
    outbox: OutboxReport
    free_disk_bytes: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    clock_offset_ms: int | UnsetType = UNSET
    """Head office minus kiosk, once known."""
    state: Literal["open", "closed", "paused", "test", "out_of_order"] = "open"
    withheld: WithheldSeqs = ()
    """As in a batch."""
    troubles: Annotated[tuple[Trouble, ...], Meta(max_length=MAX_TROUBLES)] = ()
    configuration: ConfigurationReport | UnsetType = UNSET
    """What became of the configuration; left out when it is as the heartbeat before said."""
    commands: CommandReport | UnsetType = UNSET
    """Which commands this kiosk knows, and what came of them; left out when all was heard."""
    protocol: int = PROTOCOL


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem details; ``type`` is `urn:hymio:problem:` and one of the words below.

    malformed, host, invalid, too_large, unsupported_encoding, unsupported_media, unauthorised,
    revoked, not_found, method, code_unknown, code_expired, code_used, too_many, throttled, digest,
    protocol, unavailable, clock.
    """

    type: str
    title: str
    status: int
    detail: str = ""
    errors: tuple["FieldError", ...] = ()


class FieldError(msgspec.Struct, frozen=True):
    """One mistake of a request: where (a JSON path such as `$.messages[3].value`) and what."""

    path: str
    message: str
