"""What a kiosk and its head office say to each other, by HTTP.

::

    transport = HttpTransport(identity, clock, settings.sync, settings.head_office)
    match transport.send_batch(batch):               # cases: sync.outcome
        case VerifiedReceipt(receipt, sighting): ...
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import msgspec

from config.settings import HeadOfficeSettings, Sync
from sync.clock import Clock
from sync.clock_trust import possible
from sync.configuration import MAX_CONFIGURATION_BYTES, NONE, ConfigurationDigest
from sync.credential import Keyring
from sync.http_client import HttpClient, HttpReply
from sync.identity import Identity
from sync.messages import (
    Batch,
    CredentialReply,
    CredentialRequest,
    Heartbeat,
    Moment,
    Problem,
    Receipt,
    Sighting,
)
from sync.outcome import (
    Download,
    FetchOutcome,
    Interruption,
    NetworkFailure,
    NewCredential,
    NotAReceipt,
    QuestionnaireStored,
    Rejection,
    SendOutcome,
    Unchanged,
    VerifiedReceipt,
)
from sync.wire_types import Digest

_HIGHEST_SEQ = 2**53
_Reply = HttpReply | NetworkFailure | NotAReceipt | Interruption


class Transport(Protocol):
    """The way to the head office."""

    def send_batch(self, batch: Batch) -> SendOutcome:
        """Deliver messages."""
        ...

    def send_heartbeat(self, heartbeat: Heartbeat) -> SendOutcome:
        """Say how the kiosk is."""
        ...

    def send_questionnaire(self, digest: Digest, definition: bytes) -> SendOutcome:
        """Deliver the definition that answers refer to."""
        ...

    def renew_credential(self, installation: str, sent: Moment) -> SendOutcome:
        """Ask for a further credential; the outcome of success is NewCredential."""
        ...

    def fetch_configuration(self, known: ConfigurationDigest) -> FetchOutcome:
        """Ask for the configuration that is meant for this kiosk, unless it is the known one."""
        ...

    def fetch_file(self, digest: Digest, size: int) -> FetchOutcome:
        """Ask for a file of a configuration."""
        ...

    def interrupt(self) -> None:
        """End what is under way, and all that follows, as Interruption."""
        ...


class HttpTransport(Transport):
    """Talks to the head office that the kiosk is enrolled with."""

    def __init__(
        self,
        identity: Identity,
        clock: Clock,
        sync: Sync | None = None,
        head_office: HeadOfficeSettings | None = None,
        keyring: Keyring | None = None,
    ) -> None:
        """Raises BadAddressError, InsecureAddressError or BadAuthorityError."""
        self._identity = identity
        self._clock = clock
        self._keyring = keyring or Keyring(identity)
        self._http = HttpClient(identity.url, head_office or HeadOfficeSettings(), sync or Sync())

    def send_batch(self, batch: Batch) -> SendOutcome:
        return self._exchange("batches", batch)

    def send_heartbeat(self, heartbeat: Heartbeat) -> SendOutcome:
        return self._exchange("heartbeats", heartbeat)

    def send_questionnaire(self, digest: Digest, definition: bytes) -> SendOutcome:
        match self._send("PUT", f"questionnaires/{digest}", definition):
            case HttpReply(status=status) as reply:
                return QuestionnaireStored() if status in (200, 201, 204) else _rejection(reply)
            case failed:
                return failed

    def renew_credential(self, installation: str, sent: Moment) -> SendOutcome:
        body = msgspec.json.encode(CredentialRequest(installation=installation, sent=sent))
        match self._send("POST", "credential", body):
            case HttpReply(status=200) as reply:
                return self._renewed(reply.body, body)
            case HttpReply() as reply:
                return _rejection(reply)
            case failed:
                return failed

    def fetch_configuration(self, known: ConfigurationDigest) -> FetchOutcome:
        return self._fetch("configuration", known, MAX_CONFIGURATION_BYTES)

    def fetch_file(self, digest: Digest, size: int) -> FetchOutcome:
        return self._fetch(f"files/{digest}", NONE, size)

    def interrupt(self) -> None:
        self._http.interrupt()

    def _fetch(self, path: str, known: str, limit: int) -> FetchOutcome:
        def ask(credential: str) -> _Reply:
            return self._http.fetch(path, credential, known=known, limit=limit)

        match self._with_credential(ask):
            case HttpReply(status=200, body=content):
                return Download(content)
            case HttpReply(status=304) if known:
                return Unchanged()
            case HttpReply() as reply:
                return _rejection(reply)
            case failed:
                return failed

    def _send(self, method: str, path: str, body: bytes) -> _Reply:
        return self._with_credential(partial(self._http.send, method, path, body))

    def _with_credential(self, ask: Callable[[str], _Reply]) -> _Reply:
        """With the credential in use; if that is refused, with the other one there may be."""
        used = self._keyring.identity.credential
        result = ask(used)
        if not (isinstance(result, HttpReply) and result.status == 401):
            return result
        other = self._keyring.alternative(used)
        if other is None:
            return result
        again = ask(other)
        if isinstance(again, HttpReply) and again.status in (200, 201, 204, 304):
            self._keyring.fall_back(other)
        return again

    def _renewed(self, reply: bytes, sent: bytes) -> NewCredential | NotAReceipt:
        try:
            given = msgspec.json.decode(reply, type=CredentialReply)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            # The decoder's words are left out: they could quote a credential.
            return NotAReceipt("not_json", "no new credential")
        if wrong := self._fault(given, sent):
            return wrong
        # What it is dated by says when to renew it, and nothing else.
        known = possible(given.now_ms)
        return NewCredential(
            given.credential, given.now_ms if known else self._clock.moment().wall_ms
        )

    def _fault(self, reply: Receipt | CredentialReply, sent: bytes) -> NotAReceipt | None:
        """Why a reply is not the head office's answer to what was sent."""
        if reply.echo != hashlib.sha256(sent).hexdigest():
            return NotAReceipt("echo", "the receipt is for another request")
        if reply.kiosk != self._identity.kiosk:
            return NotAReceipt("kiosk", "the receipt is for another kiosk")
        if reply.head_office != self._identity.head_office:
            return NotAReceipt("head_office", "another head office answered")
        return None

    def _exchange(self, path: str, what: Batch | Heartbeat) -> SendOutcome:
        body = msgspec.json.encode(what)
        before = self._clock.mono_ms()
        match self._send("POST", path, body):
            case HttpReply(status=200) as reply:
                return self._receipt(reply.body, body, what, before)
            case HttpReply() as reply:
                return _rejection(reply)
            case failed:
                return failed

    def _receipt(
        self, reply: bytes, sent: bytes, what: Batch | Heartbeat, before: int
    ) -> VerifiedReceipt | NotAReceipt:
        after = self._clock.moment()
        try:
            receipt = msgspec.json.decode(reply, type=Receipt)
        except msgspec.ValidationError as error:
            return NotAReceipt("invalid", str(error))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return NotAReceipt("not_json", reply[:60].decode("latin-1"))
        if wrong := self._fault(receipt, sent) or _strange(receipt, what.installation):
            return wrong
        if not possible(receipt.now_ms):
            return VerifiedReceipt(receipt, None)
        error_ms = max(after.mono_ms - before + 1, 0) // 2
        seen = Sighting(after.boot, after.mono_ms - error_ms, receipt.now_ms, error_ms)
        return VerifiedReceipt(receipt, seen)


def _strange(receipt: Receipt, installation: str) -> NotAReceipt | None:
    """Why a receipt of this head office is not to be taken all the same."""
    if receipt.installation != installation:
        return NotAReceipt("kiosk", "the receipt is for another installation")
    if max(receipt.stored_up_to, receipt.highest) > _HIGHEST_SEQ:
        return NotAReceipt("invalid", "it names a number that no message can have")
    return None


def _rejection(reply: HttpReply) -> Rejection | NotAReceipt:
    """What a reply other than the hoped-for one means."""
    if reply.status < 400:
        where = reply.headers.get("Location", "")
        return NotAReceipt("redirect", f"{reply.status} {where}".strip())
    return Rejection(
        reply.status,
        problem(reply.headers, reply.body),
        reply.headers.get("Retry-After"),
        reply.headers.get("Date"),
    )


def problem(headers: Mapping[str, str], body: bytes) -> Problem | None:
    """The problem document of a reply, if it is one."""
    if not headers.get("Content-Type", "").startswith("application/problem+json"):
        return None
    try:
        return msgspec.json.decode(body, type=Problem)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
