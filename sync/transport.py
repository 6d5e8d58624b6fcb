"""The only place that speaks HTTP.

::

    transport = HttpTransport(identity, clock, settings.sync, settings.head_office)
    match transport.send_batch(batch):               # cases: sync.outcome
        case Delivered(receipt, sighting): ...

A call returns within its time limit, or at once after :meth:`Transport.interrupt`: the exchange
itself runs in a daemon thread, because nothing ends a blocked socket call in a portable way.
"""

import hashlib
import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec
import requests
from requests.auth import AuthBase
from requests.cookies import RequestsCookieJar
from requests.exceptions import ConnectTimeout, ProxyError, ReadTimeout, SSLError

from config.settings import HeadOffice, Sync
from sync.address import checked_address, loopback_host
from sync.certificates import certificate_trouble, trusted
from sync.clock import Clock
from sync.identity import Identity
from sync.keyring import Keyring
from sync.messages import (
    Batch,
    CredentialReply,
    CredentialRequest,
    Digest,
    Heartbeat,
    Moment,
    Problem,
    Receipt,
    Sighting,
)
from sync.outcome import (
    Accepted,
    Delivered,
    Interrupted,
    NetworkFailed,
    NetworkTrouble,
    NotAReceipt,
    Outcome,
    Rejected,
    Renewed,
)
from sync.wire import compressed

BASE = "/api/kiosk/v1/"
_MAX_REPLY = 1_000_000
_CHUNK = 4096
"""Small, so that a slow line is seen to move and a stop is noticed within a chunk."""


@dataclass(frozen=True)
class Replied:
    """A whole HTTP reply of bounded size."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """The way to the head office."""

    def send_batch(self, batch: Batch) -> Outcome:
        """Deliver messages."""
        ...

    def send_heartbeat(self, heartbeat: Heartbeat) -> Outcome:
        """Say how the kiosk is."""
        ...

    def send_questionnaire(self, digest: Digest, definition: bytes) -> Outcome:
        """Deliver the definition that answers refer to."""
        ...

    def renew_credential(self, installation: str, sent: Moment) -> Outcome:
        """Ask for a further credential; the outcome of success is Renewed."""
        ...

    def interrupt(self) -> None:
        """End what is under way, and all that follows, as Interrupted."""
        ...


class HttpTransport:
    """See :class:`Transport`; talks to the head office that the kiosk is enrolled with."""

    def __init__(
        self,
        identity: Identity,
        clock: Clock,
        sync: Sync | None = None,
        head_office: HeadOffice | None = None,
        keyring: Keyring | None = None,
    ) -> None:
        """Raises BadAddressError, InsecureAddressError or BadAuthorityError."""
        self._identity = identity
        self._clock = clock
        self._keyring = keyring or Keyring(identity)
        self._http = HttpClient(identity.url, head_office or HeadOffice(), sync or Sync())

    def send_batch(self, batch: Batch) -> Outcome:
        """See :meth:`Transport.send_batch`."""
        return self._exchange("batches", batch)

    def send_heartbeat(self, heartbeat: Heartbeat) -> Outcome:
        """See :meth:`Transport.send_heartbeat`."""
        return self._exchange("heartbeats", heartbeat)

    def send_questionnaire(self, digest: Digest, definition: bytes) -> Outcome:
        """See :meth:`Transport.send_questionnaire`."""
        match self._send("PUT", f"questionnaires/{digest}", definition):
            case Replied(status=status) as reply:
                return Accepted() if status in (200, 201, 204) else _no(reply)
            case failed:
                return failed

    def renew_credential(self, installation: str, sent: Moment) -> Outcome:
        """See :meth:`Transport.renew_credential`."""
        body = msgspec.json.encode(CredentialRequest(installation=installation, sent=sent))
        match self._send("POST", "credential", body):
            case Replied(status=200) as reply:
                return self._renewed(reply.body, body)
            case Replied() as reply:
                return _no(reply)
            case failed:
                return failed

    def interrupt(self) -> None:
        """See :meth:`Transport.interrupt`."""
        self._http.interrupt()

    def _send(
        self, method: str, path: str, body: bytes
    ) -> Replied | NetworkFailed | NotAReceipt | Interrupted:
        """With the credential in use; if that is refused, with the other one there may be."""
        used = self._keyring.identity.credential
        result = self._http.send(method, path, body, used)
        if not (isinstance(result, Replied) and result.status == 401):
            return result
        other = self._keyring.alternative(used)
        if other is None:
            return result
        again = self._http.send(method, path, body, other)
        if isinstance(again, Replied) and again.status in (200, 201, 204):
            self._keyring.fall_back(other)
        return again

    def _renewed(self, reply: bytes, sent: bytes) -> Renewed | NotAReceipt:
        try:
            given = msgspec.json.decode(reply, type=CredentialReply)
        except (msgspec.DecodeError, UnicodeDecodeError):
            # The decoder's words are left out: they could quote a credential.
            return NotAReceipt("not_json", "no new credential")
        if wrong := self._wrong(given, sent):
            return wrong
        return Renewed(given.credential, given.now_ms)

    def _wrong(self, reply: Receipt | CredentialReply, sent: bytes) -> NotAReceipt | None:
        """Why a reply is not our head office's answer to what was sent."""
        if reply.echo != hashlib.sha256(sent).hexdigest():
            return NotAReceipt("echo", "the receipt is for another request")
        if reply.kiosk != self._identity.kiosk:
            return NotAReceipt("kiosk", "the receipt is for another kiosk")
        if reply.head_office != self._identity.head_office:
            return NotAReceipt("head_office", "another head office answered")
        return None

    def _exchange(self, path: str, what: Batch | Heartbeat) -> Outcome:
        body = msgspec.json.encode(what)
        before = self._clock.mono_ms()
        match self._send("POST", path, body):
            case Replied(status=200) as reply:
                return self._receipt(reply.body, body, what, before)
            case Replied() as reply:
                return _no(reply)
            case failed:
                return failed

    def _receipt(
        self, reply: bytes, sent: bytes, what: Batch | Heartbeat, before: int
    ) -> Delivered | NotAReceipt:
        after = self._clock.moment()
        try:
            receipt = msgspec.json.decode(reply, type=Receipt)
        except msgspec.ValidationError as error:
            return NotAReceipt("invalid", str(error))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return NotAReceipt("not_json", reply[:60].decode("latin-1"))
        if wrong := self._wrong(receipt, sent):
            return wrong
        if receipt.installation != what.installation:
            return NotAReceipt("kiosk", "the receipt is for another installation")
        error_ms = (after.mono_ms - before + 1) // 2
        seen = Sighting(after.boot, after.mono_ms - error_ms, receipt.now_ms, error_ms)
        return Delivered(receipt, seen)


def _no(reply: Replied) -> Rejected | NotAReceipt:
    """What a reply other than the hoped-for one means."""
    if reply.status < 400:
        where = reply.headers.get("Location", "")
        return NotAReceipt("redirect", f"{reply.status} {where}".strip())
    return Rejected(
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
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


class HttpClient:
    """Bounded, interruptible requests below one head office's address.

    Trusts the system's certificates, or those of ``ca_file``; follows no redirect, keeps no
    cookie, reads no password file; uses the proxy of the environment.
    """

    def __init__(self, url: str, head_office: HeadOffice, sync: Sync) -> None:
        self._base = checked_address(url, plain_allowed=head_office.dangerously_allow_plain_http)
        self._timeout = (sync.connect_timeout, sync.read_timeout)
        self._whole = sync.connect_timeout + 10 * sync.read_timeout
        self._verify = trusted(head_office.ca_file)
        # A proxy would be another machine: what is for this one stays on it.
        self._proxies = {"no_proxy": loopback} if (loopback := loopback_host(url)) else None
        self._stop = threading.Event()
        self._news = threading.Condition()
        self._session = requests.Session()
        self._session.cookies = _NoCookies()

    def interrupt(self) -> None:
        """End what is under way and whatever is asked later."""
        with self._news:
            self._stop.set()
            self._news.notify_all()

    def send(
        self, method: str, path: str, body: bytes, credential: str | None = None
    ) -> Replied | NetworkFailed | NotAReceipt | Interrupted:
        """Send a JSON body and read the reply."""
        found: list[Replied | NetworkFailed | NotAReceipt | Interrupted] = []
        given_up = threading.Event()

        def exchange() -> None:
            result = self._exchange(method, path, body, credential, given_up)
            with self._news:
                found.append(result)
                self._news.notify_all()

        if not self._stop.is_set():
            threading.Thread(target=exchange, name="hymio-http", daemon=True).start()
            with self._news:
                self._news.wait_for(lambda: found or self._stop.is_set(), self._whole)
        if found:
            return found[0]
        given_up.set()
        if self._stop.is_set():
            return Interrupted()
        return NetworkFailed("timeout", f"no whole reply within {self._whole:.0f} s")

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes,
        credential: str | None,
        given_up: threading.Event,
    ) -> Replied | NetworkFailed | NotAReceipt | Interrupted:
        body, headers = compressed(body)
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
        except _GivenUpError:
            return Interrupted()
        except (OSError, requests.RequestException, ValueError) as error:
            # Many ways to fail meet here; none may end the relay.
            return NetworkFailed(_kind(error), _plain(error))


class _Bearer(AuthBase):
    """Given as `auth`, because otherwise requests would put what a .netrc says in its place."""

    def __init__(self, credential: str | None) -> None:
        self._credential = credential

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._credential is not None:
            request.headers["Authorization"] = f"Bearer {self._credential}"
        return request


class _GivenUpError(Exception):
    """Nobody waits for this exchange any more."""


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
            raise _GivenUpError
        return super().read(_CHUNK if size is None or size < 0 else min(size, _CHUNK))


def _read(reply: requests.Response, given_up: threading.Event) -> Replied | NotAReceipt:
    body = bytearray()
    for chunk in reply.iter_content(_CHUNK):
        body += chunk
        if given_up.is_set():
            raise _GivenUpError
        if len(body) > _MAX_REPLY:
            return NotAReceipt("too_large", f"a reply of more than {_MAX_REPLY} bytes")
    return Replied(reply.status_code, reply.headers, bytes(body))


def _kind(error: BaseException) -> NetworkTrouble:
    # The cause is buried in layers of exceptions, and only their texts tell names from ports.
    text = repr(error)
    match error:
        case SSLError():
            return certificate_trouble(error)
        case ProxyError():
            return "proxy"
        case ConnectTimeout() | ReadTimeout():
            return "timeout"
    for sign, kind in _SIGNS:
        if sign in text:
            return kind
    return "unreachable"


_SIGNS: tuple[tuple[str, NetworkTrouble], ...] = (
    ("NameResolutionError", "name"),
    ("Connection refused", "refused"),
    ("timed out", "timeout"),
    ("unreachable", "unreachable"),
    ("Connection aborted", "cut"),
    ("Connection broken", "cut"),
    ("IncompleteRead", "cut"),
    ("reset by peer", "cut"),
    ("Broken pipe", "cut"),
    ("RemoteDisconnected", "cut"),
)


def _plain(error: BaseException) -> str:
    return str(error)[:300]
