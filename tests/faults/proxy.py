"""A line between kiosk and head office that breaks in every way that lines break.

A real HTTP/1.1 proxy on loopback: each request meets one fault, chosen by the test.
"""

import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length", "host", "date",
               "server"}  # fmt: skip
_HTML = b"<!doctype html><title>Welcome</title><h1>Accept the terms to go online</h1>"


class Fault(Enum):
    """What happens to one request."""

    NONE = "none"
    CUT_BEFORE = "connection cut before the request is read"
    CUT_IN_REQUEST = "connection cut within the request"
    CUT_AFTER_REQUEST = "delivered, connection cut before the reply"
    CUT_IN_REPLY = "delivered, connection cut within the reply"
    DUPLICATE = "delivered twice"
    LATE = "delivered after the kiosk has given up, so out of order"
    DELAY = "delivered after a delay"
    GARBAGE = "200 with random bytes"
    PORTAL = "200 with a captive portal's page"
    REDIRECT = "302 to a portal"
    TRUNCATED = "delivered, valid HTTP around half a receipt"
    REPLAYED = "an earlier receipt instead of the true one"
    YEAR_AHEAD = "delivered, the head office's clock a year ahead"
    YEAR_BACK = "delivered, the head office's clock a year back"
    ABSURD = "delivered, numbers in the receipt that can't be"
    UNAUTHORISED = "401"
    FORBIDDEN = "403"
    TOO_LARGE = "413"
    THROTTLED = "429 with Retry-After"
    ERROR = "500"
    BAD_GATEWAY = "502 with HTML"
    UNAVAILABLE = "503 with Retry-After as a date"


_STATUS = {
    Fault.UNAUTHORISED: 401,
    Fault.FORBIDDEN: 403,
    Fault.TOO_LARGE: 413,
    Fault.THROTTLED: 429,
    Fault.ERROR: 500,
    Fault.BAD_GATEWAY: 502,
    Fault.UNAVAILABLE: 503,
}


_YEAR_MS = 365 * 86_400_000
_ABSURD: tuple[dict[str, object], ...] = (
    {"now_ms": 10**18},
    {"now_ms": 2**63},
    {"now_ms": -1},
    {"now_ms": 2**53, "stored_up_to": 10**30},
    {"highest": 2**64},
    {"stored_up_to": -(2**63)},
    {"now_ms": 1e300},
    {"wanted": ["f" * 64] * 9000},
)
"""The last is no number; it is long."""


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class _Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class FaultyLine:
    """Listens on loopback and forwards to ``upstream``, one fault for each request.

    ``choose`` is asked with the path of every request; ``met`` counts what was really done.
    ``heard`` is told the path and the status of what the head office has answered in full, which
    it does after its commit, before anything goes back to the kiosk.
    """

    def __init__(
        self,
        upstream: tuple[str, int],
        choose: Callable[[str], Fault],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.upstream = upstream
        self.tls = tls
        self.choose = choose
        self.heard: Callable[[str, int], None] = lambda _path, _status: None
        self.met: Counter[Fault] = Counter()
        self.under_way = 0
        self._last_receipt: _Reply | None = None
        self._held: list[threading.Thread] = []
        line = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                line.under_way += 1
                try:
                    line._serve(self)
                finally:
                    line.under_way -= 1

            do_PUT = do_GET = do_POST  # noqa: N815 - the names http.server calls

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def finish_request(self, request: Any, client_address: Any) -> None:
                if line.tls is None:
                    super().finish_request(request, client_address)
                    return
                # Here, in the connection's own thread, where a slow handshake delays nobody.
                request.settimeout(10)
                with line.tls.wrap_socket(request, server_side=True) as secure:
                    super().finish_request(secure, client_address)

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # a kiosk that was killed in the middle is the purpose of this line

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for held in self._held:
            held.join(10)

    # --- one request ----------------------------------------------------------------------

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        fault = self.choose(handler.path)
        self.met[fault] += 1
        if fault is Fault.CUT_BEFORE:
            self._cut(handler)
            return
        length = int(handler.headers.get("Content-Length", 0))
        headers = {k: v for k, v in handler.headers.items() if k.lower() not in _HOP_BY_HOP}
        if fault is Fault.CUT_IN_REQUEST:
            partial = handler.rfile.read(length // 2)
            self._forward_part(_Request(handler.command, handler.path, headers, partial), length)
            self._cut(handler)
            return
        request = _Request(handler.command, handler.path, headers, handler.rfile.read(length))
        if fault is Fault.LATE:
            self._later(request)
            self._cut(handler)
            return
        if fault is Fault.DELAY:
            time.sleep(0.3)
        reply = self._made_up(fault) or self._delivered(request, fault)
        if reply is None:
            self._cut(handler)
            return
        self._answer(handler, reply, cut=fault is Fault.CUT_IN_REPLY)

    def _delivered(self, request: _Request, fault: Fault) -> _Reply | None:
        try:
            reply = self._forward(request)
            if fault is Fault.DUPLICATE:
                reply = self._forward(request)
        except (OSError, http.client.HTTPException):
            return None
        earlier, is_receipt = self._last_receipt, b'"receipt":"hymio"' in reply.body
        if is_receipt:
            self._last_receipt = reply
        if fault is Fault.CUT_AFTER_REQUEST:
            return None
        if fault is Fault.TRUNCATED:
            return _Reply(reply.status, reply.headers, reply.body[: len(reply.body) // 2])
        if is_receipt and fault in (Fault.YEAR_AHEAD, Fault.YEAR_BACK, Fault.ABSURD):
            return self._falsified(reply, fault)
        if fault is Fault.REPLAYED and is_receipt and earlier is not None:
            return earlier
        return reply

    def _falsified(self, reply: _Reply, fault: Fault) -> _Reply:
        """A true receipt with another time, or with numbers that can't be."""
        receipt = json.loads(reply.body)
        if fault is Fault.ABSURD:
            receipt |= _ABSURD[self.met[fault] % len(_ABSURD)]
        else:
            receipt["now_ms"] += _YEAR_MS if fault is Fault.YEAR_AHEAD else -_YEAR_MS
        return _Reply(reply.status, reply.headers, json.dumps(receipt).encode())

    def _made_up(self, fault: Fault) -> _Reply | None:
        html = [("Content-Type", "text/html")]
        if fault is Fault.PORTAL:
            return _Reply(200, html, _HTML)
        if fault is Fault.GARBAGE:
            return _Reply(200, [("Content-Type", "application/json")], bytes(range(256)))
        if fault is Fault.REDIRECT:
            return _Reply(302, [*html, ("Location", f"{self.url}/portal")], _HTML)
        if fault not in _STATUS:
            return None
        if fault is Fault.THROTTLED:
            html.append(("Retry-After", "1"))
        if fault is Fault.UNAVAILABLE:
            html.append(("Retry-After", time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())))
        return _Reply(_STATUS[fault], html, b"<h1>It is not you, it is us</h1>")

    def _forward(self, request: _Request) -> _Reply:
        upstream = http.client.HTTPConnection(*self.upstream, timeout=20)
        try:
            upstream.request(request.method, request.path, request.body, request.headers)
            reply = upstream.getresponse()
            body = reply.read()
        finally:
            upstream.close()
        self.heard(request.path, reply.status)
        headers = [(k, v) for k, v in reply.getheaders() if k.lower() not in _HOP_BY_HOP]
        return _Reply(reply.status, headers, body)

    def _forward_part(self, request: _Request, announced: int) -> None:
        """Promises the whole body to the head office, and hangs up in the middle of it."""
        try:
            with socket.create_connection(self.upstream, timeout=5) as upstream:
                head = [f"{request.method} {request.path} HTTP/1.1", "Host: head-office"]
                head += [f"{k}: {v}" for k, v in request.headers.items()]
                head += [f"Content-Length: {announced}", "", ""]
                upstream.sendall("\r\n".join(head).encode() + request.body)
        except OSError:
            pass  # the head office is down as well

    def _later(self, request: _Request) -> None:
        def deliver() -> None:
            time.sleep(0.5)
            with contextlib.suppress(OSError, http.client.HTTPException):  # lost after all
                self._forward(request)

        self._held = [thread for thread in self._held if thread.is_alive()]
        self._held.append(threading.Thread(target=deliver, daemon=True))
        self._held[-1].start()

    @staticmethod
    def _answer(handler: BaseHTTPRequestHandler, reply: _Reply, *, cut: bool) -> None:
        handler.send_response_only(reply.status)
        for key, value in reply.headers:
            handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        if cut:
            handler.wfile.write(reply.body[: len(reply.body) // 2])
            FaultyLine._cut(handler)
        else:
            handler.wfile.write(reply.body)

    @staticmethod
    def _cut(handler: BaseHTTPRequestHandler) -> None:
        """The server closes the connection next: with a reset, as a broken line does."""
        handler.close_connection = True
        handler.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
        )
