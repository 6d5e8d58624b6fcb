"""The only place that speaks HTTP.

::

    transport = HttpTransport(identity, clock, settings.sync, settings.head_office)
    match transport.send_batch(batch):               # cases: sync.outcome
        case VerifiedReceipt(receipt, sighting): ...

A call returns within its time limit, or at once after :meth:`Transport.interrupt`: the exchange
itself runs in a daemon thread, because nothing ends a blocked socket call in a portable way.
"""

import hashlib
import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Protocol

import msgspec
import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.cookies import RequestsCookieJar

from config.settings import HeadOfficeSettings, Sync
from sync.address import checked_address, loopback_host
from sync.bounded_http import POOLS, GivenUpError, watching
from sync.certificates import trust_store
from sync.clock import Clock
from sync.clock_trust import possible
from sync.credential import Keyring
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
from sync.network_trouble import network_trouble
from sync.outcome import (
    Interruption,
    NetworkFailure,
    NewCredential,
    NotAReceipt,
    QuestionnaireStored,
    Rejection,
    SendOutcome,
    VerifiedReceipt,
)
from sync.wire import encode_body
from sync.wire_types import Digest

BASE = "/api/kiosk/v1/"
_MAX_REPLY = 1_000_000
_HIGHEST_SEQ = 2**53
_CHUNK = 4096
"""Small, so that a slow line is seen to move and a stop is noticed within a chunk."""


@dataclass(frozen=True)
class HttpReply:
    """A whole HTTP reply of bounded size."""

    status: int
    headers: Mapping[str, str]
    body: bytes


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

    def interrupt(self) -> None:
        self._http.interrupt()

    def _send(
        self, method: str, path: str, body: bytes
    ) -> HttpReply | NetworkFailure | NotAReceipt | Interruption:
        """With the credential in use; if that is refused, with the other one there may be."""
        used = self._keyring.identity.credential
        result = self._http.send(method, path, body, used)
        if not (isinstance(result, HttpReply) and result.status == 401):
            return result
        other = self._keyring.alternative(used)
        if other is None:
            return result
        again = self._http.send(method, path, body, other)
        if isinstance(again, HttpReply) and again.status in (200, 201, 204):
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


class HttpClient:
    """Bounded, interruptible requests below one head office's address.

    Trusts the system's certificates, or those of ``ca_file``; follows no redirect, keeps no
    cookie, reads no password file; uses the proxy of the environment.
    """

    def __init__(self, url: str, head_office: HeadOfficeSettings, sync: Sync) -> None:
        self._base = checked_address(url, plain_allowed=head_office.dangerously_allow_plain_http)
        self._timeout = (sync.connect_timeout, sync.read_timeout)
        self._whole = sync.connect_timeout + 10 * sync.read_timeout
        self._verify = trust_store(head_office.ca_file)
        # A proxy would be another machine: what is for this one stays on it.
        self._proxies = {"no_proxy": loopback} if (loopback := loopback_host(url)) else None
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._session = requests.Session()
        self._session.cookies = _NoCookies()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _BoundedAdapter())

    def interrupt(self) -> None:
        """End what is under way and whatever is asked later."""
        with self._changed:
            self._stop.set()
            self._changed.notify_all()

    def send(
        self, method: str, path: str, body: bytes, credential: str | None = None
    ) -> HttpReply | NetworkFailure | NotAReceipt | Interruption:
        """Send a JSON body and read the reply."""
        found: list[HttpReply | NetworkFailure | NotAReceipt | Interruption] = []
        given_up = threading.Event()

        def exchange() -> None:
            with watching(given_up):
                result = self._exchange(method, path, body, credential, given_up)
            with self._changed:
                found.append(result)
                self._changed.notify_all()

        if not self._stop.is_set():
            threading.Thread(target=exchange, name="hymio-http", daemon=True).start()
            with self._changed:
                self._changed.wait_for(lambda: found or self._stop.is_set(), self._whole)
        if found:
            return found[0]
        given_up.set()
        if self._stop.is_set():
            return Interruption()
        return NetworkFailure("timeout", f"no whole reply within {self._whole:.0f} s")

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes,
        credential: str | None,
        given_up: threading.Event,
    ) -> HttpReply | NetworkFailure | NotAReceipt | Interruption:
        body, headers = encode_body(body)
        try:
            with self._session.request(
                method,
                self._base + BASE + path,
                data=_Body(body, given_up),
                headers=headers,
                auth=_Bearer(credential),
                timeout=self._timeout,
                allow_redirects=False,
                verify=self._verify,
                proxies=self._proxies,
                stream=True,
            ) as reply:
                return _read(reply, given_up)
        except GivenUpError:
            return Interruption()
        except (OSError, requests.RequestException, HTTPException, ValueError) as error:
            # Many ways to fail meet here; none may end the relay.
            return NetworkFailure(network_trouble(error), _plain(error))


class _Bearer(AuthBase):
    """Given as `auth`, because otherwise requests would put what a .netrc says in its place."""

    def __init__(self, credential: str | None) -> None:
        self._credential = credential

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._credential is not None:
            request.headers["Authorization"] = f"Bearer {self._credential}"
        return request


class _BoundedAdapter(HTTPAdapter):
    """Connections whose replies end, with a proxy as without."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = POOLS
        return manager


class _NoCookies(RequestsCookieJar):
    def set_cookie(self, *_args: object, **_options: object) -> None:
        """A kiosk is known by its credential alone."""


class _Body(io.BytesIO):
    """A body sent in small pieces, each with a time limit of its own, until given up."""

    def __init__(self, content: bytes, given_up: threading.Event) -> None:
        super().__init__(content)
        self._given_up = given_up

    def read(self, size: int | None = -1) -> bytes:
        if self._given_up.is_set():
            raise GivenUpError
        return super().read(_CHUNK if size is None or size < 0 else min(size, _CHUNK))


def _read(reply: requests.Response, given_up: threading.Event) -> HttpReply | NotAReceipt:
    body = bytearray()
    for chunk in reply.iter_content(_CHUNK):
        body += chunk
        if given_up.is_set():
            raise GivenUpError
        if len(body) > _MAX_REPLY:
            return NotAReceipt("too_large", f"a reply of more than {_MAX_REPLY} bytes")
    return HttpReply(reply.status_code, reply.headers, bytes(body))


def _plain(error: BaseException) -> str:
    return str(error)[:300]
