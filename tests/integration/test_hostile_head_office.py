"""Replies that no head office gives: mad numbers, no end of headers, a byte now and then."""

import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fakes import answer
from faults.proxy import Fault, FaultyLine
from office import ServedOffice
from slowness import limit_s
from test_sync_over_http import Server, altered, background, batch, identity, transport, until

from config.settings import HeadOfficeSettings, Settings, Sync
from kiosk.maintenance.connection_test import ConnectionPath, diagnose
from sync.clock import SystemClock
from sync.enrolment import enrol
from sync.heartbeat import HeartbeatSender, KioskCondition
from sync.http_client import HttpClient
from sync.messages import Moment, Sighting
from sync.outbox.sqlite import SqliteOutbox
from sync.outbox.storage import DATABASE
from sync.outcome import Interruption, NetworkFailure, NotAReceipt, VerifiedReceipt
from sync.relay import Relay
from sync.transport import HttpTransport

YEAR_MS = 365 * 86_400_000


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


# --- numbers ----------------------------------------------------------------------------------

IMPOSSIBLE_TIMES = (10**18, 2**53, 2**63, -1, 0, -(2**63), 4_200_000_000_000)
NO_RECEIPTS = (
    {"stored_up_to": 2**60}, {"highest": 2**63}, {"highest": 2**64}, {"stored_up_to": -1},
    {"stored_up_to": 1e300}, {"now_ms": 1.5}, {"now_ms": "x" * 900_000}, {"now_ms": None},
    {"refused": "x" * 900_000}, {"refused": [{"seq": 2**70, "reason": "invalid", "detail": ""}]},
    {"refused": [[1]] * 100_000}, {"wanted": ["g"] * 100_000}, {"installation": "x" * 900_000},
)  # fmt: skip


@pytest.mark.parametrize("now_ms", IMPOSSIBLE_TIMES)
def test_a_time_that_cannot_be_is_not_kept_and_the_receipt_counts(
    server: Server, now_ms: int
) -> None:
    server.misbehave = altered(server, now_ms=now_ms)
    outcome = transport(server).send_batch(batch())
    assert isinstance(outcome, VerifiedReceipt)
    assert outcome.sighting is None
    assert 1 == outcome.receipt.stored_up_to


@pytest.mark.parametrize("change", NO_RECEIPTS, ids=lambda change: str(change)[:40])
def test_numbers_and_texts_that_cannot_be_are_no_receipt(
    server: Server, change: dict[str, object]
) -> None:
    server.misbehave = altered(server, **change)
    outcome = transport(server).send_batch(batch())
    assert isinstance(outcome, NotAReceipt)


@pytest.mark.parametrize(
    "text", ["9" * 5000, "NaN", "Infinity", "-Infinity", "1e999", "[" * 5000, '"\\ud800"']
)
def test_what_is_hardly_json_is_no_receipt(server: Server, text: str) -> None:
    def misbehave(body: bytes) -> tuple[int, dict[str, str], bytes]:
        receipt = json.loads(server.proper("/", body)[2]) | {"now_ms": 424242}
        return 200, {}, json.dumps(receipt).replace("424242", text).encode()

    server.misbehave = misbehave
    assert isinstance(transport(server).send_batch(batch()), NotAReceipt)


def test_a_kiosk_that_was_told_nonsense_says_so_in_a_line_and_goes_on_by_itself(
    server: Server, tmp_path: Path
) -> None:
    with SqliteOutbox.open(tmp_path / "data") as outbox:
        running = background(server, outbox)
        server.misbehave = altered(server, now_ms="x" * 900_000)
        running.start()
        try:
            outbox.append([answer()], SystemClock().moment())
            running.wake()
            until(lambda: "no valid receipt" in running.status().failure)
            assert len(running.status().failure) < 300
            server.misbehave = altered(server, now_ms=2**63)
            until(lambda: running.status().waiting == 0)
            assert "The head office's clock" in running.status().failure
            server.misbehave = lambda _body: None
            outbox.append([answer()], SystemClock().moment())
            running.wake()
            until(lambda: running.status().failure == "" and running.status().waiting == 0)
        finally:
            assert running.stop(3)


@pytest.mark.parametrize(
    ("off_ms", "before", "fault"),
    [
        (10**18, False, "head_office_clock"),
        (YEAR_MS, True, "head_office_clock"),
        (-YEAR_MS, True, "head_office_clock"),
        (YEAR_MS, False, "clock"),
        (0, True, ""),
    ],
)
def test_the_connection_test_says_whose_clock_is_wrong_where_it_can_tell(
    server: Server, tmp_path: Path, off_ms: int, before: bool, fault: str
) -> None:
    clock, settings = SystemClock(), Settings(sync=Sync(connect_timeout=2, read_timeout=2))
    with SqliteOutbox.open(tmp_path) as outbox:
        now = clock.moment()
        if before:
            outbox.record_sighting(Sighting(now.boot, now.mono_ms, now.wall_ms, 5))
        server.misbehave = altered(server, now_ms=now.wall_ms + off_ms)
        way = ConnectionPath(identity(server.url), settings, tmp_path, "a" * 64)
        *_others, found = list(diagnose(way, clock, lambda: True))[-1].steps
    assert ("clock", fault) == (found.step, found.fault)


# --- the real head office, behind a line that falsifies its receipts --------------------------


def test_a_real_head_office_takes_what_comes_after_falsified_receipts(tmp_path: Path) -> None:
    faults = [Fault.NONE]
    clock, quick = SystemClock(), Sync(connect_timeout=5, read_timeout=20)
    with ServedOffice(tmp_path / "office") as office:
        host, port = office.url.split("//")[1].rstrip("/").split(":")
        with (
            FaultyLine((host, int(port)), lambda _path: faults[-1]) as line,
            SqliteOutbox.open(tmp_path / "kiosk") as outbox,
        ):
            code = office.run("create-code", "--place", "Till").stdout.split()[-1]
            name = outbox.position().installation
            known = enrol(code, line.url, installation=name, version="1")
            way = HttpTransport(known, clock, quick)
            relay = Relay(outbox, way, clock, quick)
            heartbeat = HeartbeatSender(
                outbox, way, clock, relay, lambda: KioskCondition("1", "a" * 64)
            )
            for fault in (Fault.YEAR_AHEAD, Fault.YEAR_BACK, *[Fault.ABSURD] * 9):
                faults.append(fault)
                outbox.append([answer()], clock.moment())
                relay.run(now=True)
                heartbeat.run()
            faults.append(Fault.NONE)
            outbox.append([answer()], clock.moment())
            # And a sighting that an earlier version kept.
            for boot in (clock.moment().boot, "0b0e7c1e-0d0f-4f4e-9c55-1f1d6a1f2a3b"):
                outbox.record_sighting(Sighting(boot, 1, 10**18, 0))
            assert relay.run(now=True) is None
            assert 0 == outbox.counts().waiting
            assert "" == relay.status.pause_reason
            while outbox.trim(90 * 86_400_000, 10**6):
                pass
            assert 1 == outbox.position().oldest
            office.stop()
    with closing(sqlite3.connect(tmp_path / "office" / "headoffice.sqlite3")) as db:
        assert [(12,)] == db.execute("SELECT count(*) FROM ingest_storedmessage").fetchall()


def test_an_absurd_time_that_an_earlier_version_kept_is_dropped(tmp_path: Path) -> None:
    boot, good = "0b0e7c1e-0d0f-4f4e-9c55-1f1d6a1f2a3b", "1c1e7c1e-0d0f-4f4e-9c55-1f1d6a1f2a3b"
    SqliteOutbox.open(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / DATABASE, isolation_level=None)) as db:
        for table in ("sighting", "claim (boot, mono_ms, head_ms, error_ms, first_ms, last_ms)"):
            more = ", 1, 1" if "(" in table else ""
            for name, ms in ((boot, 10**18), (good, 1_795_464_000_000)):
                db.execute(f"INSERT INTO {table} VALUES (?, 1, ?, 0{more})", (name, ms))  # noqa: S608
    with SqliteOutbox.open(tmp_path) as outbox:
        assert () == outbox.sightings([boot])
        assert 1 == len(outbox.sightings([good]))
        outbox.record_sighting(Sighting(boot, 1, 1_795_464_000_000, 0))
        assert outbox.sightings([boot])[0].certain
        assert outbox.bounds([good], Moment(0, good, 1)) == ()


# --- replies without an end -------------------------------------------------------------------


class RawServer:
    """Reads a request, and sends whatever a test wants, as slowly as it wants."""

    def __init__(self, send: Callable[[socket.socket], None]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.stop = threading.Event()
        self.ended = threading.Semaphore(0)
        """One for each connection that is over."""
        self.sent = send
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.recv(65536)
            while not self.stop.is_set():
                self.sent(connection)
        except OSError:
            pass
        finally:
            connection.close()
            self.ended.release()

    def close(self) -> None:
        self.stop.set()
        self.listener.close()


def once(head: bytes, then: bytes, pause: float = 0.0) -> Callable[[socket.socket], None]:
    """Sends a head, and then the same again and again."""
    begun = set[socket.socket]()

    def send(connection: socket.socket) -> None:
        if connection not in begun:
            begun.add(connection)
            connection.sendall(head)
        connection.sendall(then)
        time.sleep(pause)

    return send


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
FLOODS = {
    "interim replies": once(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 500),
    "interim replies with headers": once(b"", b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n" * 500),
    "headers": once(OK, b"X-Header: again\r\n" * 500),
    "one header": once(OK + b"X-Header: ", b"a" * 8000),
    "one status line": once(b"HTTP/1.1 200 ", b"a" * 8000),
    "a body": once(OK + b"\r\n", b"a" * 8000),
    "chunks of a byte": once(CHUNKED, b"1\r\na\r\n" * 1000),
    "a chunk's size": once(CHUNKED, b"1;" + b"a" * 8000),
    "trailers": once(CHUNKED + b"1\r\na\r\n0\r\n", b"X-Trailer: again\r\n" * 500),
}
DRIPS = {
    "an interim reply now and then": once(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.1),
    "a header now and then": once(OK, b"X-Header: again\r\n", 0.1),
    "a byte of a header now and then": once(OK + b"X-Header: ", b"a", 0.1),
    "a byte of the body now and then": once(OK + b"Content-Length: 100000\r\n\r\n", b"a", 0.1),
    "a byte of a chunk's size now and then": once(CHUNKED + b"1;", b"a", 0.1),
    "a trailer now and then": once(CHUNKED + b"0\r\n", b"X-Trailer: again\r\n", 0.1),
}


@pytest.mark.parametrize("send", FLOODS.values(), ids=FLOODS.keys())
def test_a_reply_without_end_is_given_up_after_some_bytes(
    send: Callable[[socket.socket], None],
) -> None:
    server = RawServer(send)
    try:
        way = HttpTransport(identity(server.url), SystemClock(), Sync(read_timeout=60))
        busy = time.process_time()
        outcome = way.send_batch(batch())
        assert isinstance(outcome, NetworkFailure | NotAReceipt)
        assert server.ended.acquire(timeout=5), "the connection is closed, too"
        # This process is the server as well.
        assert time.process_time() - busy < limit_s(8)
    finally:
        server.close()


@pytest.mark.parametrize("send", DRIPS.values(), ids=DRIPS.keys())
def test_a_reply_that_drips_is_given_up_with_all_that_belongs_to_it(
    send: Callable[[socket.socket], None],
) -> None:
    server = RawServer(send)
    try:
        client = HttpClient(server.url, HeadOfficeSettings(), Sync(read_timeout=1))
        client._whole = 1.5  # seconds; else 10 + 10 read time-outs
        began = time.monotonic()
        assert isinstance(client.send("POST", "batches", b"{}"), NetworkFailure)
        assert time.monotonic() - began < limit_s(4)
        assert server.ended.acquire(timeout=5), "nobody goes on reading it"
        names = [thread.name for thread in threading.enumerate()]
        until(lambda: "hymio-http" not in names or not _reading(), seconds=5)
    finally:
        server.close()


def _reading() -> bool:
    return any(thread.name == "hymio-http" for thread in threading.enumerate())


def test_a_stop_ends_a_flood_as_well() -> None:
    server = RawServer(DRIPS["a header now and then"])
    try:
        client = HttpClient(server.url, HeadOfficeSettings(), Sync(read_timeout=60))
        threading.Timer(0.3, client.interrupt).start()
        assert isinstance(client.send("POST", "batches", b"{}"), Interruption)
        assert server.ended.acquire(timeout=5)
    finally:
        server.close()
