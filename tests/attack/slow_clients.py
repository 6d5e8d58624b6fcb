"""Clients that are slow, silent or break off: they hold up nobody else, and leave nothing."""

import contextlib
import http.client
import os
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from attack.account import Attack, Tally
from attack.stage import CSRF, Client, Stage
from processes import StepError, wait_until

EACH = 40
"""Connections of a kind: more than there are threads that answer."""
HELD_S = 5.0
FAST_ENOUGH_S = 4.0
"""For others beside it, on a machine that does other things too."""
GONE_WITHIN_S = 40.0
MORE_FILES, MORE_THREADS, MORE_MB = 10, 6, 60
Drip = tuple[bytes, bytes]
"""What is sent at once, and what follows it, a piece each half second; empty: nothing more."""

_POST = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
_BATCH = _POST % b"/api/kiosk/v1/batches"
_ENROL = _POST % b"/api/kiosk/v1/enrolment"
_FORM = (
    b"POST /login HTTP/1.1\r\nHost: localhost\r\n"
    b"Cookie: hymio_csrf=" + CSRF.encode() + b"\r\n"
    b"Content-Type: multipart/form-data; boundary=b\r\n"
)
_PART = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
LARGEST_FILE = b"/static/vendor/echarts-6.1.0.charts.min.js"
_GET = b"GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
DRIPS: dict[str, list[Drip]] = {
    "slow headers": [(_BATCH, b"X-Slow: 1\r\n"), (b"GET / HT", b"T")],
    "slow bodies": [
        (_ENROL + b"Content-Length: 9000\r\n\r\n{", b" "),
        (_BATCH + b"Content-Length: 15000000\r\n\r\n{", b" "),
        (_BATCH + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (_FORM + b"Content-Length: 9000\r\n\r\n" + _PART, b"a"),
    ],
    "bodies that never come": [
        (_ENROL + b"Content-Length: 9000\r\n\r\n", b""),
        (_FORM + b"Content-Length: 9000\r\n\r\n", b""),
        (_BATCH + b"Content-Length: 15000000\r\nExpect: 100-continue\r\n\r\n", b""),
    ],
    "bodies but for their last byte": [
        (_ENROL + b"Content-Length: 65536\r\n\r\n" + b" " * 65535, b""),
    ],
    "idle": [(b"", b""), (_GET % (b"/health", b""), b"")],
    "pipelined": [(_GET % (b"/login", b"") * 200, b""), (_GET % (b"/health", b"") * 2000, b"")],
    "wrong lengths": [
        (_ENROL + b"Content-Length: 5\r\n\r\n{}", b""),
        (_ENROL + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}", b""),
        (_ENROL + b"Content-Length: 99999999999999999999\r\n\r\n{}", b"{}"),
        (_ENROL + b"Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b""),
        (_ENROL + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", b"x" * 1000),
    ],
}


def _connect(port: int, *, narrow: bool = False) -> socket.socket:
    made = socket.socket()
    if narrow:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    made.settimeout(10)
    made.connect(("127.0.0.1", port))
    return made


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Usage:
    """What the head office's processes hold."""

    def __init__(self, first: int) -> None:
        self.files = self.threads = self.mb = 0
        self.pids = list(_tree(first))
        for pid in self.pids:
            with contextlib.suppress(OSError):
                self.files += len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - it only counts
                self.threads += len(os.listdir(f"/proc/{pid}/task"))  # noqa: PTH208
                pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                self.mb += pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000

    def beyond(self, before: "Usage") -> str:
        """What is more than it was; empty if nothing is."""
        more = {
            "files": self.files - before.files - MORE_FILES,
            "threads": self.threads - before.threads - MORE_THREADS,
            "MB": self.mb - before.mb - MORE_MB,
        }
        told = [f"{n} {what}" for what, n in more.items() if n > 0]
        return ", ".join(told)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from _tree(int(child))


def _beside(stage: Stage, tally: Tally, seconds: float) -> None:
    """Others, while it lasts: the health check, a page and a kiosk."""
    slowest = 0.0
    ends = time.monotonic() + seconds
    while True:
        for path in ("/health", "/login"):
            begun = time.monotonic()
            try:
                reply = Client(stage.office.port).ask("GET", path, seconds=10)
                tally.check(reply.status == 200, f"{path}: {stage.why(reply)} beside it")
            except (OSError, http.client.HTTPException):
                tally.check(False, f"{path}: no answer within 10 s beside it")
            slowest = max(slowest, time.monotonic() - begun)
        if time.monotonic() > ends:
            break
    tally.check(slowest < FAST_ENOUGH_S, f"{slowest:.1f} s for a page beside it")
    stage.kiosk.tap(1)
    begun = time.monotonic()
    tally.check(stage.kiosk.deliver(10), "a kiosk can't deliver beside it")
    took = time.monotonic() - begun
    tally.check(took < FAST_ENOUGH_S, f"{took:.1f} s for a delivery beside it")


def _bear(stage: Stage, tally: Tally, size: int, begin: Callable[[ExitStack, int], None]) -> None:
    """Begin the attack with so many connections, look beside it, end it, and look what is left."""
    _beside(stage, tally, 0)
    before = Usage(stage.office.pid)
    spooled = set(Path(tempfile.gettempdir()).glob("*.upload*"))
    with ExitStack() as stack:
        begin(stack, EACH * size)
        tally.tries += EACH * size
        _beside(stage, tally, HELD_S)
        told = set(Path(tempfile.gettempdir()).glob("*.upload*")) - spooled
        tally.check(not told, "an upload is written to the temporary folder")
    left: list[str] = [""]

    def gone() -> bool:
        left[0] = Usage(stage.office.pid).beyond(before)
        return not left[0]

    with contextlib.suppress(StepError):
        wait_until(gone, "nothing to be left", seconds=GONE_WITHIN_S)
    tally.check(not left[0], f"left afterwards: {left[0]}")
    stage.look(tally)


def _dripping(drips: list[Drip]) -> Callable[..., None]:
    def attack(stage: Stage, tally: Tally, seed: int, size: int) -> None:
        del seed

        def begin(stack: ExitStack, count: int) -> None:
            over = threading.Event()
            held = []
            for number in range(count):
                first, more = drips[number % len(drips)]
                made = _connect(stage.office.port)
                stack.callback(made.close)
                with contextlib.suppress(OSError):  # refused at once is as good
                    made.sendall(first)
                held.append((made, more))

            def go_on() -> None:
                while not over.wait(0.5):
                    for made, more in held:
                        with contextlib.suppress(OSError):
                            made.send(more)

            feeder = threading.Thread(target=go_on, daemon=True)
            feeder.start()
            stack.callback(feeder.join)
            stack.callback(over.set)

        _bear(stage, tally, size, begin)

    return attack


def cut(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    def begin(_stack: ExitStack, count: int) -> None:
        for number in range(seed, seed + count):
            kinds = ("slow bodies", "bodies that never come", "pipelined")
            drips = [drip for kind in kinds for drip in DRIPS[kind]]
            made = _connect(stage.office.port)
            with contextlib.suppress(OSError):
                made.sendall(drips[number % len(drips)][0] + b"a" * (number % 2000))
            if number % 3 == 0:
                _reset(made)
            elif number % 3 == 1:
                made.close()
            else:
                made.shutdown(socket.SHUT_WR)
                _stack.callback(made.close)

    _bear(stage, tally, size, begin)


def upload_much(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    """400 MB are announced, and sent as fast as they are taken."""
    del seed
    head = _FORM + b"Content-Length: 400000000\r\n\r\n" + _PART

    def begin(stack: ExitStack, count: int) -> None:
        over = threading.Event()

        def upload() -> None:
            with contextlib.suppress(OSError), _connect(stage.office.port) as made:
                made.sendall(head)
                sent = 0
                while not over.is_set() and sent < 400_000_000 // count:
                    sent += made.send(b"a" * 65536)
                over.wait(HELD_S)

        threads = [threading.Thread(target=upload, daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
            stack.callback(thread.join, 15)
        stack.callback(over.set)

    _bear(stage, tally, size, begin)


def read_slowly(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    """The largest file of the pages, at 4 kB/s: too quick to count as silent."""
    del seed

    def begin(stack: ExitStack, count: int) -> None:
        over, held = threading.Event(), []
        for _ in range(count):
            made = _connect(stage.office.port, narrow=True)
            stack.callback(made.close)
            made.sendall(_GET % (LARGEST_FILE, b""))
            held.append(made)

        def go_on() -> None:
            while not over.wait(0.5):
                for made in held:
                    with contextlib.suppress(OSError):
                        made.recv(2_000, socket.MSG_DONTWAIT)

        reader = threading.Thread(target=go_on, daemon=True)
        reader.start()
        stack.callback(reader.join)
        stack.callback(over.set)

    _bear(stage, tally, size, begin)


def _asking(path: bytes, *, read: int, half_open: bool = False) -> Callable[..., None]:
    """Ask, read so many bytes of the reply, and no more; logged in as who may see it."""

    def attack(stage: Stage, tally: Tally, seed: int, size: int) -> None:
        del seed
        session = stage.boss.cookies["hymio_session"].encode()

        def begin(stack: ExitStack, count: int) -> None:
            for _ in range(count):
                made = _connect(stage.office.port, narrow=True)
                stack.callback(_reset if half_open else socket.socket.close, made)
                request = _GET % (path, b"Cookie: hymio_session=" + session + b"\r\n")
                with contextlib.suppress(OSError):
                    made.sendall(request)
                    made.recv(read)
                    if half_open:
                        made.shutdown(socket.SHUT_WR)

        _bear(stage, tally, size, begin)

    return attack


_FREE = "others served beside it within 4 s; no thread, file or 60 MB left 40 s later"
ATTACKS = [
    *(Attack(name, _FREE, _dripping(drips)) for name, drips in DRIPS.items()),
    Attack("cut bodies: closed, reset, half closed", _FREE, cut),
    Attack("uploads of 400 MB", _FREE, upload_much),
    Attack("readers of a file at 4 kB/s", _FREE, read_slowly),
    Attack("slow readers", _FREE, _asking(b"/static/hymio/charts.js", read=10)),
    Attack("half-open", _FREE, _asking(b"/results/", read=10, half_open=True)),
    Attack("live streams", _FREE, _asking(b"/live/events", read=10)),
]
