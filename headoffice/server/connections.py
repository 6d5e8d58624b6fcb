"""The connections of one worker: accepted, counted, and closed when there are too many."""

import asyncio
import resource
import socket
import ssl
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, cast

from tornado.http1connection import (
    HTTP1Connection,
    HTTP1ConnectionParameters,
    HTTP1ServerConnection,
)
from tornado.httputil import HTTPConnection, HTTPMessageDelegate, HTTPServerConnectionDelegate
from tornado.iostream import IOStream
from tornado.tcpserver import TCPServer

from headoffice.server import limits
from headoffice.server.environ import Client
from headoffice.server.exchange import Exchange, WorkerServices

_BUFFERS = {"max_buffer_size": limits.UNREAD_BYTES, "read_chunk_size": limits.READ_BYTES}
_NO_REQUEST = rb"\A[\r\n]*(?:[^\r\n!-~]|(?!\S+ \S+ HTTP/1\.\d\r?\n)[^\r\n][^\n]*\n)"
"""At the beginning of what came: a byte that begins no request, or a first line that is none."""


def allow_many_files() -> int:
    """Open as many files as the system lets this process; how many connections that is enough for.

    Systems begin programs with 1,024, for those that can't count further.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.CONNECTIONS + limits.SPARE_FILES
    files = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if files > _soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return max(50, min(limits.CONNECTIONS, max(files, _soft) - limits.SPARE_FILES))


class RequestStream(IOStream):
    """A connection without TLS, on which what is no request is not waited for to its end.

    A kiosk that was given ``https://`` for this port says so in bytes without an empty line:
    it has to learn at once, from an answer that is no TLS, what is wrong.
    """

    def read_until_regex(self, regex: bytes, max_bytes: int | None = None) -> Awaitable[bytes]:
        """Read to the end of a head, or to where it can't become one: Tornado answers 400."""
        return super().read_until_regex(_NO_REQUEST + b"|" + regex, max_bytes)


class Connections(TCPServer):
    """Speaks HTTP/1.1 with whoever comes."""

    def __init__(self, services: WorkerServices, tls: ssl.SSLContext | None, most: int) -> None:
        super().__init__(ssl_options=tls, **_BUFFERS)
        self._services, self._tls, self._most = services, tls is not None, most
        self._open: dict[_ClientConnection, None] = {}
        self._waiting: dict[_ClientConnection, None] = {}
        self._leaving, self._all_gone = False, asyncio.Event()

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """A new connection; its first headers have to come soon."""
        if not self._tls:
            stream = RequestStream(stream.socket, **_BUFFERS)
        if len(self._open) >= self._most:
            if not self._waiting:
                stream.close()
                return
            # Who has waited longest has least to lose.
            next(iter(self._waiting)).close()
        # What the kernel would hold back for a slow reader is held back here, where it is seen.
        stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, limits.PIECE_BYTES)
        server, port = stream.socket.getsockname()[:2]
        client = Client(str(address[0]), str(server), int(port), self._tls)
        peer = _ClientConnection(self, stream, client)
        self._open[peer] = self._waiting[peer] = None
        peer.serve()

    def begin_waiting(self, peer: "_ClientConnection") -> None:
        """Its last request, if there was one, is over."""
        if self._leaving:
            peer.close()
            return
        self._waiting.pop(peer, None)
        self._waiting[peer] = None

    def begin_request(self, peer: "_ClientConnection") -> None:
        """The head of a request has come."""
        self._waiting.pop(peer, None)

    def forget(self, peer: "_ClientConnection") -> None:
        """It is closed."""
        self._waiting.pop(peer, None)
        self._open.pop(peer, None)
        if self._leaving and not self._open:
            self._all_gone.set()

    def exchange(self, peer: "_ClientConnection", connection: HTTP1Connection) -> Exchange:
        """What happens to the next request."""
        return Exchange(self._services, peer, connection)

    async def leave(self, within_s: float) -> None:
        """Take nobody more, and end when those who have asked have their replies."""
        self.stop()
        self._leaving = True
        for peer in list(self._waiting):
            peer.close()
        if self._open:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_gone.wait(), within_s)


class _ClientConnection(HTTPServerConnectionDelegate):
    """One connection, for as long as it is open."""

    def __init__(self, connections: Connections, stream: IOStream, client: Client) -> None:
        self._connections, self._stream, self.client = connections, stream, client
        self.admitted: tuple[str, ...] | None = None
        self._first: asyncio.TimerHandle | None = None
        self._parameters = HTTP1ConnectionParameters(
            max_header_size=limits.HEADER_BYTES, header_timeout=limits.IDLE_S
        )

    def serve(self) -> None:
        """Begin; requests follow each other until one end closes it."""
        loop = asyncio.get_running_loop()
        self._first = loop.call_later(limits.HEADERS_S, self.close)
        HTTP1ServerConnection(self._stream, self._parameters, self.client).start_serving(self)

    def close(self) -> None:
        """End it, whatever it is about."""
        self._stream.close()

    def stay(self) -> None:
        """It may be without a request for as long as kiosks are silent."""
        self._parameters.header_timeout = limits.KIOSK_IDLE_S

    def begin_request(self) -> None:
        """The head of a request has come."""
        self._stop_timer()
        self._connections.begin_request(self)

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        """Tornado waits for the head of a request."""
        del server_conn
        self._connections.begin_waiting(self)
        return self._connections.exchange(self, cast("HTTP1Connection", request_conn))

    def on_close(self, server_conn: object) -> None:
        """Tornado says that it is closed."""
        del server_conn
        self._stop_timer()
        self._connections.forget(self)

    def _stop_timer(self) -> None:
        if self._first is not None:
            self._first.cancel()
            self._first = None
