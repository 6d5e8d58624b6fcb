"""One request and its reply: read without a thread, answered in one, sent without one.

The body is read as it comes, under the limits of :mod:`headoffice.server.limits`, and the
application sees it when it is complete. A reply that is complete leaves its thread at once. Only
one that is made while it is sent keeps its thread meanwhile, and loses it when nothing of it is
taken for a while. What is kept meanwhile is counted (:mod:`headoffice.server.budget`).
"""

import asyncio
import functools
import io
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple, Protocol, cast

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPOutputError,
    RequestStartLine,
    ResponseStartLine,
    format_timestamp,
)
from tornado.iostream import IOStream, StreamClosedError

from headoffice import clock
from headoffice.server import admission, limits, probes
from headoffice.server.budget import MemoryBudget, quickness
from headoffice.server.environ import Client, environ_of, length_of
from headoffice.server.lanes import KIOSKS, Lanes, lane_of
from headoffice.server.probes import Probes
from headoffice.server.reply import Head, Reply
from headoffice.telemetry.figures import count_problem
from headoffice.web.problems import busy, too_large

_log = logging.getLogger("headoffice.server")
_date = functools.lru_cache(maxsize=1)(format_timestamp)
Application = Callable[..., Iterable[bytes]]


class WorkerServices(NamedTuple):
    """What every exchange of a worker needs."""

    application: Application
    lanes: Lanes
    loop: asyncio.AbstractEventLoop
    budget: MemoryBudget
    probes: Probes


class _Job(NamedTuple):
    """What a thread does for a connection."""

    stream: IOStream
    run: Callable[[], None]

    def is_wanted(self) -> bool:
        """Whether there is still a connection."""
        return not self.stream.closed()


class Peer(Protocol):
    """The connection, from one exchange to the next."""

    client: Client
    admitted: tuple[str, ...] | None
    """By what somebody was known here who may send much."""

    def begin_request(self) -> None:
        """The head of a request has come."""

    def stay(self) -> None:
        """A kiosk that was let in speaks here."""


class Exchange(HTTPMessageDelegate):
    """Tornado tells it what comes; everything here runs in the worker's event loop."""

    def __init__(self, services: WorkerServices, peer: Peer, connection: HTTP1Connection) -> None:
        self._services, self._peer, self._connection = services, peer, connection
        self._environ: dict[str, Any] = {}
        self._body = io.BytesIO()
        self._received, self._most = 0, limits.FREE_BYTES
        self._refused = self._waits_for_continue = self._admitted = self._replies = False
        self._since = self._heard = clock.mono()
        self._passed = 0
        self._timer: asyncio.TimerHandle | None = None
        self._all_came = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    # --- what comes -----------------------------------------------------------------------

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        """The head is there; nothing of the body is read until this is over."""
        if self._connection.stream.closed():
            # Tornado reads on in what came before the end, hundreds of requests perhaps, one after
            # the other: nobody waits for any of them.
            self._refused = True
            return None
        self._peer.begin_request()
        length = length_of(headers)
        line = cast("RequestStartLine", start_line)
        self._environ = environ_of(line, headers, self._peer.client)
        self._waits_for_continue = "Expect" in headers
        # Counted here: Tornado's answer to too much is a bare 400.
        self._connection.set_max_body_size(1 << 62)
        if length is not None and length <= limits.FREE_BYTES:
            self._watch()
            return None
        return self._ask(length)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Some of the body."""
        self._received += len(chunk)
        self._passed += len(chunk)
        self._heard = clock.mono()
        if not self._refused:
            self._keep(chunk)
        elif self._received > limits.DRAINED_AT_MOST:
            self._connection.close()
        return None

    def _keep(self, chunk: bytes) -> None:
        if self._received > self._most:
            self._refuse(too_large(WSGIRequest(self._environ), self._most))
            return
        self._services.budget.take(self, len(chunk))
        # It may be the one for whom there is no room.
        if not self._refused:
            self._body.write(chunk)

    def finish(self) -> None:
        """The body is complete."""
        self._stop_watching()
        self._all_came.set()
        if self._refused:
            # The answer was sent already, or is on its way.
            return
        if self._environ["PATH_INFO"] in probes.PATHS:
            self._services.budget.release(self)
            self._services.loop.create_task(self._answer_probe())
            return
        self._body.seek(0)
        self._environ["wsgi.input"] = self._body
        self._environ["CONTENT_LENGTH"] = str(self._received)
        lane = lane_of(self._environ["REQUEST_METHOD"], self._environ["PATH_INFO"])
        reply = Reply(self, self._services.application, self._environ)
        self._connection.set_close_callback(reply.abandon)
        budget, body, size = self._services.budget, self._body, self._received

        def make() -> None:
            try:
                reply.make()
            finally:
                body.close()
                budget.give_back(size)

        if self._services.lanes.submit(lane, _Job(self._connection.stream, make)):
            budget.hand_over(self)
        else:
            self._refuse(busy(WSGIRequest(self._environ)), drain=False)

    def on_connection_close(self) -> None:
        """It ended before the request was complete."""
        self._stop_watching()
        self._services.budget.release(self)
        self._all_came.set()

    # --- what is kept of it ---------------------------------------------------------------

    def importance(self) -> tuple[bool, float]:
        """Who was admitted comes first, and then who is quick; the newest count as fairly quick."""
        return self._admitted, quickness(self._passed, clock.mono() - self._since)

    def drop(self) -> None:
        """There is no room for what it sends or gets."""
        if self._replies:
            self._connection.close()
        else:
            self._cut_short(503, "Service Unavailable")

    def _cut_short(self, status: int, reason: str) -> None:
        """Answer, and read no more; nothing is made for those who are held off by the hundred."""
        self._forget_body()
        headers = [("Content-Length", "0"), ("Retry-After", "10"), ("Connection", "close")]
        self._services.loop.create_task(
            self._say_and_close(Head(status, reason, headers), b"", drain=False)
        )

    def _forget_body(self) -> None:
        self._refused, self._body = True, io.BytesIO()
        self._services.budget.release(self)
        self._stop_watching()

    # --- whether it is read ---------------------------------------------------------------

    async def _ask(self, length: int | None) -> None:
        refusal, known_by = admission.refuse_length(self._environ, length), self._known_by()
        if refusal is None and known_by != self._peer.admitted:
            # Not asked again for each batch of a backlog: the view does so anyway.
            refusal = await self._ask_who_sends_it()
        if refusal is None:
            self._peer.admitted = known_by
            self._most, self._admitted = admission.most_bytes(self._environ["PATH_INFO"]), True
            self._watch()
            return
        too_long = length is not None and length > limits.DRAINED_AT_MOST
        drain = not (too_long or self._waits_for_continue)
        answered = self._refuse(refusal, drain=drain)
        if not drain:
            # Nothing is read before it is sent, nor after it.
            await answered

    def _known_by(self) -> tuple[str, ...]:
        kind = "kiosk" if self._environ["PATH_INFO"].startswith(KIOSKS) else "person"
        said = (self._environ.get(name, "") for name in ("HTTP_AUTHORIZATION", "HTTP_COOKIE"))
        return kind, *said

    async def _ask_who_sends_it(self) -> HttpResponse | None:
        decided: asyncio.Future[HttpResponse | None] = self._services.loop.create_future()
        environ = dict(self._environ)

        def decide() -> None:
            refusal = admission.refuse_sender(environ)
            self._services.loop.call_soon_threadsafe(tell, refusal)

        def tell(refusal: HttpResponse | None) -> None:
            if not decided.done():
                decided.set_result(refusal)

        job = _Job(self._connection.stream, decide)
        if not self._services.lanes.submit(lane_of("GET", environ["PATH_INFO"]), job):
            return busy(WSGIRequest(environ))
        return await decided

    def _refuse(self, response: HttpResponse, *, drain: bool = True) -> "asyncio.Task[None]":
        """Answer at once, and read on for a while so that the answer is seen."""
        count_problem(self._environ["PATH_INFO"], response)
        self._forget_body()
        self._since = self._heard = clock.mono()
        self._watch()
        head = Head.of(response)
        head.headers.append(("Connection", "close"))
        return self._services.loop.create_task(self._say_and_close(head, response.content, drain))

    async def _say_and_close(self, head: Head, body: bytes, drain: bool) -> None:
        if await self.begin(head, body) and drain:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_came.wait(), limits.DRAINED_WITHIN_S)
        self._connection.close()

    # --- how it comes ---------------------------------------------------------------------

    def _watch(self) -> None:
        self._timer = self._services.loop.call_later(limits.LOOK_S, self._look)

    def _stop_watching(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        now = clock.mono()
        due = (now - self._since - limits.GRACE_S) * limits.LEAST_RATE
        if now - self._heard < limits.SILENCE_S and self._received >= due:
            self._watch()
            return
        self._timer = None
        if self._refused or self._environ["PATH_INFO"].startswith(KIOSKS):
            # A kiosk that is cut off takes the line for bad, and sends less at a time.
            self._connection.close()
        else:
            self._cut_short(408, "Request Timeout")

    # --- what goes ------------------------------------------------------------------------

    async def _answer_probe(self) -> None:
        method, path = self._environ["REQUEST_METHOD"], self._environ["PATH_INFO"]
        await self._answer(*await self._services.probes.reply(method, path))

    def answer(self, head: Head, body: bytes) -> None:
        """Send a reply that is complete."""
        if head.status < 300 and self._environ["PATH_INFO"].startswith(KIOSKS):
            self._peer.stay()
        self._sending = self._services.loop.create_task(self._answer(head, body))
        self._sending.add_done_callback(self._check)

    async def _answer(self, head: Head, body: bytes) -> None:
        if await self.begin(head, body):
            await self.end(head)

    def _check(self, sent: "asyncio.Task[None]") -> None:
        if not sent.cancelled() and (error := sent.exception()):
            _log.error("A reply could not be sent", exc_info=error)
            self.cut_off()

    async def begin(self, head: Head, body: bytes = b"") -> bool:
        """Send the head and what there is of the body; False if nobody takes it."""
        if self._environ["REQUEST_METHOD"] == "HEAD":
            body = b""
        self._replies, self._passed, self._since = True, 0, clock.mono()
        if body:
            self._services.budget.take(self, len(body))
        try:
            return await self._begin_sending(head, body)
        finally:
            self._services.budget.release(self)

    async def _begin_sending(self, head: Head, body: bytes) -> bool:
        headers = HTTPHeaders({"Date": _date(clock.now_ms() // 1000)})
        for name, value in head.headers:
            # Django begins cookies with a space.
            headers.add(name, value.strip())
        line = ResponseStartLine("HTTP/1.1", head.status, head.reason)
        write = self._connection.write_headers
        if not await self._taken(write, line, headers, body[: limits.PIECE_BYTES]):
            return False
        return await self.send(memoryview(body)[limits.PIECE_BYTES :])

    async def send(self, body: "bytes | memoryview") -> bool:
        """Send more of it; False, and the connection is closed, if it is not taken for a while."""
        whole = memoryview(body)
        for start in range(0, len(whole), limits.PIECE_BYTES):
            piece = bytes(whole[start : start + limits.PIECE_BYTES])
            if not await self._taken(self._connection.write, piece):
                return False
        return True

    async def end(self, head: Head) -> None:
        """All was sent."""
        try:
            self._connection.finish()
        except (StreamClosedError, HTTPOutputError):
            self.cut_off()
            return
        if self._environ["SERVER_PROTOCOL"] == "HTTP/1.0" and not head.has("Content-Length"):
            # Where it ends can be told in no other way.
            self._connection.close()

    def cut_off(self) -> None:
        """End it in mid-sentence, so that nobody takes a part for the whole."""
        self._connection.close()

    async def _taken(self, write: Callable[..., "asyncio.Future[None]"], *what: object) -> bool:
        try:
            await asyncio.wait_for(write(*what), limits.SILENCE_S)
        except (StreamClosedError, TimeoutError, HTTPOutputError, ValueError):
            self._connection.close()
            return False
        self._passed += limits.PIECE_BYTES
        return True
