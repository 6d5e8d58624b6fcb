"""A head office that lies, or somebody on the way who can: the kiosk believes no nonsense.

A real outbox and relay stand before a server that answers with what it likes. Afterwards the
real head office answers again, and all that was thanked for has to be home or in the kiosk's
quarantine, with nothing removed from its card.
"""

import contextlib
import gzip
import hashlib
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
from attack.account import Attack, Tally
from attack.stage import MeaningWell, Stage

from sync.transport import HttpTransport

Json = Any
DAY_MS = 86_400_000
YEAR_MS = 365 * DAY_MS
LIES_FOR_S = 1.2
MOST_REQUESTS = 15
"""In that time; a relay that waits between tries makes about five."""
MOST_CPU = 0.5
"""Of that time, in the threads of the kiosk."""
AT_ONCE = 4
Lie = Callable[[BaseHTTPRequestHandler, Json], None]


class LyingOffice:
    """Forwards to the real head office unless it has something else to say."""

    def __init__(self, port: int) -> None:
        self.upstream = port
        self.lie: Lie | None = None
        self.asked: Counter[str] = Counter()
        self.over = threading.Event()
        office = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                office.answer(self)

            do_PUT = do_GET = do_POST  # noqa: N815 - the names that http.server calls

            def log_message(self, *_: object) -> None:
                """Be quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A kiosk that hangs up is right to do so."""

        self.http = Server(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """One request."""
        self.asked[handler.path] += 1
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        if self.lie is None or "enrolment" in handler.path:
            give(handler, *self.forward(handler, body))
            return
        if handler.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        with contextlib.suppress(OSError):
            self.lie(handler, body)

    def forward(
        self, handler: BaseHTTPRequestHandler, body: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        """What the real one says."""
        names = ("Content-Type", "Content-Encoding", "Authorization")
        headers = {name: handler.headers[name] for name in names if name in handler.headers}
        way = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=20)
        with contextlib.closing(way):
            way.request(handler.command, handler.path, body, headers)
            reply = way.getresponse()
            kind = reply.headers.get("Content-Type", "text/plain")
            return reply.status, reply.read(), {"Content-Type": kind}

    def close(self) -> None:
        """End it."""
        self.over.set()
        self.http.shutdown()
        self.http.server_close()


def give(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]
) -> None:
    """A whole reply."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


class Victim(MeaningWell):
    """A kiosk whose way home leads through the liar."""

    def lied_to(self, tally: Tally, office: LyingOffice) -> None:
        """Run as the scheduler runs it while the lies last."""
        relay, way = self.relay()
        over = threading.Event()
        used: list[float] = [0.0]

        def run() -> None:
            while not over.is_set():
                try:
                    seconds = relay.run()
                except Exception as error:  # noqa: BLE001 - none may come out of a relay
                    tally.check(False, f"{type(error).__name__} comes out of the relay")
                    seconds = None
                over.wait(min(0.2 if seconds is None else seconds, 0.2))
            used[0] += time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID)

        office.asked.clear()
        thread = threading.Thread(target=run, name="hymio-attacked", daemon=True)
        thread.start()
        time.sleep(LIES_FOR_S)
        used[0] += sum(_cpu_s(t) for t in threading.enumerate() if _is_of(t, way))
        requests = office.asked.total()
        over.set()
        relay.stop()
        way.interrupt()
        thread.join(10)
        tally.check(not thread.is_alive(), "the relay does not end when it is told to")
        tally.check(requests <= MOST_REQUESTS, f"{requests} requests in {LIES_FOR_S} s")
        tally.check(used[0] <= MOST_CPU * LIES_FOR_S, f"{used[0]:.1f} s of CPU in {LIES_FOR_S} s")

    def recovers(self, tally: Tally, stage: Stage) -> None:
        """The real head office answers again: all gets home, and nothing was removed."""
        removed = self.outbox.trim(90 * DAY_MS, 1_000_000)
        tally.check(removed == 0, f"{removed} answers of today removed from the card")
        self.tap(1)
        tally.check(self.deliver(), f"stays stuck with {self.outbox.counts().waiting} answers")
        removed = self.outbox.trim(90 * DAY_MS, 1_000_000)
        tally.check(removed == 0, f"{removed} answers of today removed from the card afterwards")
        kept = {msgspec.to_builtins(held.body)["response"] for held in self.outbox.quarantine(1000)}
        known = Counter(stage.counted(self))
        lost = [r for r in self.thanked if r not in known and r not in kept]
        tally.check(not lost, f"{len(lost)} answers lost")
        doubled = [r for r in self.thanked if known[r] > 1]
        tally.check(not doubled, f"{len(doubled)} answers stored twice")


def _is_of(thread: threading.Thread, way: HttpTransport) -> bool:
    """Whether this thread exchanges something for this kiosk; others are attacked beside it."""
    cells = getattr(getattr(thread, "_target", None), "__closure__", None) or ()
    return any(cell.cell_contents is way._http for cell in cells)


def _cpu_s(thread: threading.Thread) -> float:
    try:
        text = Path(f"/proc/self/task/{thread.native_id}/stat").read_text()
    except OSError:  # it has just ended
        return 0.0
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


@contextmanager
def victim_of_lies(stage: Stage, name: str) -> Iterator[tuple[Victim, LyingOffice]]:
    """A kiosk that is enrolled through the liar."""
    office = LyingOffice(stage.office.port)
    victim = Victim(
        stage.folder / name, office.url, stage.code(name), connect_timeout=1, read_timeout=1
    )
    try:
        yield victim, office
    finally:
        victim.close()
        office.close()


def _lie(stage: Stage, tally: Tally, seed: int, lies: dict[str, Callable[[Victim], Lie]]) -> None:
    def tell(number: int) -> None:
        what, lie = list(lies.items())[number]
        told = Tally("", "")
        name = f"{tally.attack[:40]} {seed} {number}"
        with victim_of_lies(stage, name) as (victim, office):
            victim.tap(2)
            told.check(victim.deliver(), "could not deliver before")
            victim.tap(3)
            office.lie = lie(victim)
            victim.lied_to(told, office)
            office.lie = None
            tally.tries += office.asked.total()
            victim.recovers(told, stage)
        tally.broke += [f"{what}: {broken}" for broken in told.broke]

    # Most of it is waiting. Each has a kiosk and a liar of its own.
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(tell, range(len(lies))))


# --- receipts -----------------------------------------------------------------------------


def receipt(victim: Victim, body: bytes, **more: Json) -> bytes:
    """One that passes for true but for what is changed."""
    asked = json.loads(body)
    seqs = [message["seq"] for message in asked.get("messages", ())] or [0]
    said = {
        "receipt": "hymio", "head_office": victim.identity.head_office,
        "kiosk": victim.identity.kiosk, "installation": asked["installation"],
        "stored_up_to": max(seqs), "highest": max(seqs), "now_ms": time.time_ns() // 10**6,
        "echo": hashlib.sha256(body).hexdigest(), "protocol": 1,
    }  # fmt: skip
    made = {name: value(seqs) if callable(value) else value for name, value in more.items()}
    return json.dumps(said | made).encode()


def _receipts(**more: Json) -> Callable[[Victim], Lie]:
    def lie(victim: Victim) -> Lie:
        def say(handler: BaseHTTPRequestHandler, body: Json) -> None:
            if "questionnaires" in handler.path:
                give(handler, 204, b"", {})
                return
            kind = {"Content-Type": "application/json"}
            give(handler, 200, receipt(victim, body, **more), kind)

        return say

    return lie


def _refused(reason: str) -> Callable[[list[int]], Json]:
    return lambda seqs: [{"seq": seq, "reason": reason, "detail": "x" * 300} for seq in seqs]


_NOW = time.time_ns() // 10**6
RECEIPTS = {
    "nothing stored": _receipts(stored_up_to=0),
    "all stored, though nothing is": _receipts(),
    "stored up to 2⁵³": _receipts(stored_up_to=2**53),
    "stored up to 10³⁰": _receipts(stored_up_to=10**30),
    "stored up to -1": _receipts(stored_up_to=-1),
    "highest 2⁵³": _receipts(highest=2**53),
    "highest 10⁴⁰": _receipts(highest=10**40),
    "all in conflict": _receipts(refused=_refused("conflict")),
    "all invalid": _receipts(refused=_refused("invalid")),
    "others refused": _receipts(refused=lambda _: _refused("conflict")([2**53, 99_999])),
    "10,000 definitions wanted": _receipts(wanted=[f"{n:064x}" for n in range(10_000)]),
    "another protocol": _receipts(protocol=99),
    "a key to seal with that is none": _receipts(contact_key={"number": 2**63, "public": "?"}),
    "another kiosk": _receipts(kiosk="11111111-1111-4111-8111-111111111111"),
    "another request": _receipts(echo="0" * 64),
}
TIMES = {
    f"now is {what}": _receipts(now_ms=ms)
    for what, ms in {
        "in 10 years": _NOW + 10 * YEAR_MS, "in 3 days": _NOW + 3 * DAY_MS,
        "in 200 days": _NOW + 200 * DAY_MS, "10 years ago": _NOW - 10 * YEAR_MS, "0": 0, "-1": -1,
        "10¹⁸": 10**18, "2⁵³": 2**53, "-2⁵³": -(2**53), "2⁶³": 2**63, "10³⁰⁰": 10**300,
        "the year 9999": 253402300799000,
    }.items()
}  # fmt: skip


# --- HTTP ---------------------------------------------------------------------------------


def _plain(lie: Callable[[BaseHTTPRequestHandler], None]) -> Callable[[Victim], Lie]:
    return lambda _victim: lambda handler, _body: lie(handler)


def _status(status: int, body: bytes = b"", **headers: str) -> Callable[[Victim], Lie]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return _plain(lambda handler: give(handler, status, body, named))


def _endless(head: bytes, piece: bytes, pause_s: float = 0.0) -> Callable[[Victim], Lie]:
    def lie(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.connection.sendall(head)
        ends = time.monotonic() + 3 * LIES_FOR_S
        while time.monotonic() < ends:
            handler.connection.sendall(piece)
            time.sleep(pause_s)

    return _plain(lie)


def _raw(text: bytes) -> Callable[[Victim], Lie]:
    def lie(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.connection.sendall(text)

    return _plain(lie)


_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_BOMB = gzip.compress(b" " * 50_000_000)
REPLIES = {
    **{f"{n} to elsewhere": _status(n, Location="http://127.0.0.1:9/") for n in (301, 302, 307)},
    "308 to itself": _status(308, Location="/api/kiosk/v1/batches"),
    **{str(n): _status(n) for n in (204, 304, 401, 403, 404, 410, 413, 418, 422, 426, 500, 599)},
    **{f"429, Retry-After {text[:12]}": _status(429, Retry_After=text)
       for text in ("0", "-5", "9" * 5000, "Thu, 01 Jan 2099 00:00:00 GMT", "soon")},
    "a body without end": _endless(_OK + b"\r\n", b" " * 4096),
    "chunks without end": _endless(_OK + b"Transfer-Encoding: chunked\r\n\r\n",
                                   b"400\r\n" + b" " * 1024 + b"\r\n"),
    "headers without end": _endless(_OK, b"X: y\r\n"),
    "a status line without end": _endless(b"HTTP/1.1 200 ", b"O" * 4096),
    "100 Continue without end": _endless(b"", 500 * b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a byte now and then": _endless(_OK + b"Content-Length: 900000\r\n\r\n", b" ", 0.05),
    "a length that is too large": _raw(_OK + b"Content-Length: 5000\r\n\r\n{}"),
    "a length that is no number": _raw(_OK + b"Content-Length: -1\r\n\r\n{}"),
    "a chunk of negative size": _raw(_OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n"),
    "no HTTP": _raw(b"\x16\x03\x01\x02\x00" * 100),
    "nothing": _raw(b""),
    "a bomb": _status(200, _BOMB, Content_Encoding="gzip", Content_Type="application/json"),
    "brackets 100,000 deep": _status(200, b"[" * 100_000, Content_Type="application/json"),
    "a number of 100,000 digits": _status(200, b"9" * 100_000, Content_Type="application/json"),
    "a page": _status(200, b"<h1>Welcome</h1>", Content_Type="text/html"),
    "cookies": _status(200, b"{}", Set_Cookie="a=b; Path=/", Content_Type="application/json"),
}  # fmt: skip
_KEPT = "no answer lost, doubled or removed; no busy loop; goes on when the truth is told again"
ATTACKS = [
    Attack("receipts that lie about numbers", _KEPT,
           lambda stage, tally, seed, _: _lie(stage, tally, seed, RECEIPTS)),
    Attack("receipts that lie about the time", _KEPT,
           lambda stage, tally, seed, _: _lie(stage, tally, seed, TIMES)),
    Attack("replies that are none: redirects, endless bodies, bombs, wrong lengths", _KEPT,
           lambda stage, tally, seed, _: _lie(stage, tally, seed, REPLIES)),
]  # fmt: skip
