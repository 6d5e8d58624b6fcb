"""HTTP connections whose replies are bounded: in bytes, and by whoever waits for them.

A read time-out alone bounds nothing: a byte now and then, interim replies or header lines without
end keep it from running out, and Python's own HTTP reads them for as long as they come.

::

    with watching(given_up):             # in the thread that makes the request
        ...                              # by a connection of POOLS
"""

import http.client
import io
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket
from typing import Any, Self

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

MOST_HEAD_BYTES = 65_536
"""Of status lines, interim replies and headers together."""
MOST_BYTES = 3_000_000
"""Of a whole reply as it comes through the wire, whatever it is wrapped in."""

_MOST_RESUMPTIONS = 50

_present = threading.local()


class GivenUpError(Exception):
    """Nobody waits for this exchange any more."""


@contextmanager
def watching(given_up: threading.Event, most_bytes: int = MOST_BYTES) -> Iterator[None]:
    """What this thread reads within ends when somebody sets the event, or after so many bytes."""
    _present.given_up, _present.most_bytes = given_up, most_bytes
    try:
        yield
    finally:
        del _present.given_up, _present.most_bytes


class _BoundedSocket(io.RawIOBase):
    """A reply as it comes, up to a limit."""

    def __init__(self, raw: Any) -> None:
        super().__init__()
        self._raw = raw
        self._given_up: threading.Event | None = getattr(_present, "given_up", None)
        self._read = 0
        self.limit = MOST_HEAD_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        if self._given_up is not None and self._given_up.is_set():
            raise GivenUpError
        if self._read > self.limit:
            raise http.client.HTTPException(f"a reply of more than {self.limit} bytes")
        count = self._raw.readinto(into) or 0
        self._read += count
        return int(count)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Reply(http.client.HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._bounded = _BoundedSocket(self.fp.detach())
        self.fp = io.BufferedReader(self._bounded)

    def begin(self) -> None:
        super().begin()
        self._bounded.limit = getattr(_present, "most_bytes", MOST_BYTES)


class _Connection(HTTPConnection):
    response_class = _Reply


class ResumingContext(ssl.SSLContext):
    """TLS to one head office: the next connection goes on where the last one ended.

    A whole handshake carries certificates, more than a kiosk says in an hour at night. Every so
    often there is one all the same, in which they are looked at.
    """

    def __new__(cls) -> Self:
        """One for clients, that insists on certificates."""
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self) -> None:
        super().__init__()
        self.minimum_version = ssl.TLSVersion.TLSv1_2
        self.hostname_checks_common_name = False
        self._session: ssl.SSLSession | None = None
        self._resumptions = 0

    def wrap_socket(self, sock: socket, *args: Any, **options: Any) -> ssl.SSLSocket:
        """Begin a connection, with the session that was kept."""
        session, self._session = self._session, None
        self._resumptions = 0 if session is None else self._resumptions + 1
        return super().wrap_socket(sock, *args, **(options | {"session": session}))

    def keep(self, session: ssl.SSLSession | None) -> None:
        """Keep what the head office gave to go on with."""
        if self._resumptions < _MOST_RESUMPTIONS and session is not None and session.has_ticket:
            self._session = session


class _SecureConnection(HTTPSConnection):
    response_class = _Reply
    _head: bytes | None = b""
    """What is held back; None: the next that is sent is a head."""

    def endheaders(self, *args: Any, **options: Any) -> None:
        """Hold the head back, so that it travels with the body: one record, and one packet."""
        self._head = None
        super().endheaders(*args, **options)

    def send(self, data: Any) -> None:
        """Send, after what was held back."""
        if self._head is None:
            self._head = bytes(data)
            return
        head, self._head = self._head, b""
        super().send(head + data if head else data)

    def getresponse(self) -> Any:
        """The reply; the tickets of TLS have come before it."""
        if self._head:
            self.send(b"")
        # It lets go of a connection that the other end will close.
        sock = self.sock
        reply = super().getresponse()
        if isinstance(self.ssl_context, ResumingContext) and isinstance(sock, ssl.SSLSocket):
            self.ssl_context.keep(sock.session)
        return reply


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS = {"http": _Pool, "https": _SecurePool}
"""For a pool manager of urllib3, by scheme."""
