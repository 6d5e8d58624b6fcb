"""Bounded, interruptible HTTP requests to one head office; the only place that speaks HTTP.

A call returns within its time limit, or at once after :meth:`HttpClient.interrupt`: the exchange
itself runs in a daemon thread, because nothing ends a blocked socket call in a portable way.
"""

import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.client import HTTPException
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.cookies import RequestsCookieJar
from urllib3.util import SKIP_HEADER

from config.settings import HeadOfficeSettings, Sync
from sync.address import checked_address, loopback_host
from sync.bounded_http import MOST_BYTES, POOLS, GivenUpError, ResumingContext, watching
from sync.certificates import trust_store
from sync.network_trouble import network_trouble
from sync.outcome import Interruption, NetworkFailure, NotAReceipt
from sync.wire import PACKED, encode_body, unpack

BASE = "/api/kiosk/v1/"
MAX_REPLY = 1_000_000
"""Bytes of an ordinary reply, after decompression."""
_SLOWEST_BYTES_S = 4_000
"""So slow a line may be for what is larger than that; a second more for each."""
_CHUNK = 4096
"""Small, so that a slow line is seen to move and a stop is noticed within a chunk."""
_NOTHING_ADDED = dict.fromkeys(("User-Agent", "Accept-Encoding"), SKIP_HEADER)


@dataclass(frozen=True)
class HttpReply:
    """A whole HTTP reply of bounded size."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    body: bytes | None
    """As it travels; None: there is none."""
    headers: Mapping[str, str]
    credential: str | None


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
        # What requests adds by itself tells a head office nothing, and each byte may cost.
        self._session.headers.clear()
        self._session.headers.update(_NOTHING_ADDED)
        self._is_packed = False
        """Whether the head office packs what it says, and may be spoken to in the same way."""
        self._may_pack = True
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
        packed = self._is_packed
        content, headers = encode_body(body, packed=packed)
        reply = self._await(_Request(method, path, content, headers, credential), MAX_REPLY)
        if packed and isinstance(reply, HttpReply) and _may_be_about_the_type(reply.status):
            # An older head office was put in its place, or a proxy that reads along.
            self._is_packed, self._may_pack = False, False
            return self.send(method, path, body, credential)
        return reply

    def fetch(
        self, path: str, credential: str, *, known: str, limit: int
    ) -> HttpReply | NetworkFailure | NotAReceipt | Interruption:
        """Ask for a document of at most ``limit`` bytes, unless it is the known one still."""
        headers = {"Accept-Encoding": "gzip"}
        if known:
            headers["If-None-Match"] = f'"{known}"'
        return self._await(_Request("GET", path, None, headers, credential), limit)

    def _await(
        self, request: "_Request", limit: int
    ) -> HttpReply | NetworkFailure | NotAReceipt | Interruption:
        found: list[HttpReply | NetworkFailure | NotAReceipt | Interruption] = []
        given_up = threading.Event()

        def exchange() -> None:
            with watching(given_up, limit + MOST_BYTES - MAX_REPLY):
                result = self._exchange(request, limit, given_up)
            with self._changed:
                found.append(result)
                self._changed.notify_all()

        whole_s = self._whole + max(0, limit - MAX_REPLY) / _SLOWEST_BYTES_S
        if not self._stop.is_set():
            threading.Thread(target=exchange, name="hymio-http", daemon=True).start()
            with self._changed:
                self._changed.wait_for(lambda: found or self._stop.is_set(), whole_s)
        if found:
            return found[0]
        given_up.set()
        if self._stop.is_set():
            return Interruption()
        return NetworkFailure("timeout", f"no whole reply within {whole_s:.0f} s")

    def _exchange(
        self, request: "_Request", limit: int, given_up: threading.Event
    ) -> HttpReply | NetworkFailure | NotAReceipt | Interruption:
        body = request.body
        try:
            with self._session.request(
                request.method,
                self._base + BASE + request.path,
                data=None if body is None else _Body(body, given_up),
                headers=request.headers,
                auth=_Bearer(request.credential),
                timeout=self._timeout,
                allow_redirects=False,
                verify=self._verify,
                proxies=self._proxies,
                stream=True,
            ) as reply:
                return self._unpacked(_read(reply, limit, given_up), limit)
        except GivenUpError:
            return Interruption()
        except (OSError, requests.RequestException, HTTPException, ValueError) as error:
            # Many ways to fail meet here; none may end the relay.
            return NetworkFailure(network_trouble(error), _plain(error))

    def _unpacked(self, reply: HttpReply | NotAReceipt, limit: int) -> HttpReply | NotAReceipt:
        if isinstance(reply, NotAReceipt) or reply.headers.get("Content-Type") != PACKED:
            return reply
        try:
            body = unpack(reply.body, limit)
        except OverflowError:
            return NotAReceipt("too_large", f"a reply of more than {limit} bytes")
        except ValueError as error:
            return NotAReceipt("not_json", str(error))
        self._is_packed = self._may_pack
        return replace(reply, body=body)


def _may_be_about_the_type(status: int) -> bool:
    """Whether the same request, not packed, may fare better: not who sent it, nor how much."""
    return 400 <= status < 500 and status not in (401, 408, 413, 429)


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
        super().init_poolmanager(*args, ssl_context=ResumingContext(), **options)
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


def _read(
    reply: requests.Response, limit: int, given_up: threading.Event
) -> HttpReply | NotAReceipt:
    body = bytearray()
    for chunk in reply.iter_content(_CHUNK):
        body += chunk
        if given_up.is_set():
            raise GivenUpError
        if len(body) > limit:
            return NotAReceipt("too_large", f"a reply of more than {limit} bytes")
    return HttpReply(reply.status_code, reply.headers, bytes(body))


def _plain(error: BaseException) -> str:
    return str(error)[:300]
