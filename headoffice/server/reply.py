"""What the application says to one request, made in a thread of its own."""

import asyncio
import functools
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, NamedTuple, Protocol, Self

from django.http import HttpResponse

from headoffice.errors import HeadOfficeError

_log = logging.getLogger("headoffice.server")
_WITHOUT_BODY = (204, 304)


class Head(NamedTuple):
    """Status and headers of a reply."""

    status: int
    reason: str
    headers: list[tuple[str, str]]

    @classmethod
    def of(cls, response: HttpResponse) -> Self:
        """That of a response which is complete."""
        headers = [*response.items(), ("Content-Length", str(len(response.content)))]
        return cls(response.status_code, response.reason_phrase, headers)

    def has(self, name: str) -> bool:
        """Whether a header is there."""
        return any(name.lower() == there.lower() for there, _value in self.headers)


class ReplyChannel(Protocol):
    """The way back to the client; all of it runs in the event loop."""

    def answer(self, head: Head, body: bytes) -> None:
        """Send a reply that is complete, without anybody waiting for it."""

    async def begin(self, head: Head, body: bytes = b"") -> bool:
        """Send the head; False if nobody takes it."""

    async def send(self, body: bytes) -> bool:
        """Send more; False if nobody takes it."""

    async def end(self, head: Head) -> None:
        """All was sent."""

    def cut_off(self) -> None:
        """It ends in mid-sentence."""


class Reply:
    """Asks the application, and hands over what it says."""

    def __init__(
        self,
        channel: ReplyChannel,
        application: Callable[..., Iterable[bytes]],
        environ: Mapping[str, Any],
    ) -> None:
        self._channel, self._application = channel, application
        self._environ = {**environ, "wsgi.file_wrapper": _WholeFile}
        self._loop = asyncio.get_running_loop()
        self._head = Head(500, "Internal Server Error", [])
        self._abandoned = False

    def abandon(self) -> None:
        """Nobody waits for it any more: what has not begun doesn't, what goes on ends."""
        self._abandoned = True

    def make(self) -> None:
        """The whole of it; in the thread that is given for it."""
        if self._abandoned:
            return
        try:
            said = self._application(self._environ, self._start)
        except Exception:  # noqa: BLE001 - Django answers what goes wrong; this is beneath it
            _log.exception("The application failed")
            self._answer(Head(500, "Error", [("Content-Length", "0")]), b"")
            return
        whole: bytes | None = None
        try:
            whole = self._pass_on(said)
        except HeadOfficeError:
            # Somebody wished it, and knows.
            self._loop_does(self._channel.cut_off)
        except Exception:  # noqa: BLE001 - whatever went wrong, half a reply is cut off
            _log.exception("A reply broke off")
            self._loop_does(self._channel.cut_off)
        finally:
            # In this thread, which began it: what it holds is given back here.
            if hasattr(said, "close"):
                said.close()
        if whole is not None:
            # Last, so that the event loop need not wait for this thread to let go of Python.
            self._answer(self._head, whole)

    def _start(self, status: str, headers: list[tuple[str, str]], *_error: object) -> None:
        code, _, reason = status.partition(" ")
        self._head = Head(int(code), reason, headers)

    def _pass_on(self, said: Iterable[bytes]) -> bytes | None:
        """The body if it is complete; None if all of it was handed over."""
        head = self._head
        if self._environ["REQUEST_METHOD"] == "HEAD" or head.status in _WITHOUT_BODY:
            return b""
        if not getattr(said, "streaming", True):
            body = b"".join(said)
            if not head.has("Content-Length"):
                head.headers.append(("Content-Length", str(len(body))))
            return body
        if self._passes_pieces(head, said):
            self._hand(self._channel.end(head))
        return None

    def _passes_pieces(self, head: Head, said: Iterable[bytes]) -> bool:
        """Whether all of them were taken; each is made while the one before is on its way."""
        on_its_way = self._hand(self._channel.begin(head))
        for piece in said:
            if self._abandoned:
                return False
            if not piece:
                continue
            if not on_its_way.result():
                return False
            on_its_way = self._hand(self._channel.send(piece))
        return bool(on_its_way.result())

    def _answer(self, head: Head, body: bytes) -> None:
        self._loop_does(functools.partial(self._channel.answer, head, body))

    def _hand(self, step: "Coroutine[Any, Any, Any]") -> "Future[Any]":
        handed = asyncio.run_coroutine_threadsafe(step, self._loop)
        handed.add_done_callback(self._check)
        return handed

    def _check(self, handed: "Future[Any]") -> None:
        if error := handed.exception():
            _log.error("A reply could not be sent", exc_info=error)
            self._channel.cut_off()

    def _loop_does(self, act: Callable[[], None]) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(act)


class _WholeFile:
    """A file of the pages, read at once: the largest has less than a megabyte.

    Piece by piece, slow readers would keep as many threads as they like.
    """

    streaming = False

    def __init__(self, file: Any, _size: int = 0) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        yield self._file.read()

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
