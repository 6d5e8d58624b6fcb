"""Transport, enrolment and background against a real HTTP server on loopback."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest
from fakes import HEAD_OFFICE, KIOSK, FakeClock, ModelHeadOffice, answer
from msgspec.structs import replace
from slowness import has_passed, limit_s

from config.settings import Sync
from sync.clock import SystemClock
from sync.enrolment import enrol
from sync.errors import CodeRefusedError, HeadOfficeUnreachableError, InsecureAddressError
from sync.heartbeat import HeartbeatSender, KioskCondition
from sync.identity import Identity, load_identity, save_identity
from sync.messages import Batch, Message
from sync.outbox.sqlite import SqliteOutbox
from sync.outcome import (
    NetworkFailure,
    NotAReceipt,
    QuestionnaireStored,
    Rejection,
    VerifiedReceipt,
)
from sync.relay import Relay
from sync.scheduler import SyncScheduler
from sync.transport import HttpTransport

Reply = tuple[int, dict[str, str], bytes]


class Server:
    """A head office that the test can make misbehave."""

    def __init__(self) -> None:
        self.head = ModelHeadOffice()
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.misbehave: Callable[[bytes], Reply | None] = lambda _body: None
        self.release = threading.Event()
        self.hang = False
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                server.answer(self)

            do_PUT = do_POST  # noqa: N815 - the name is http.server's

            def log_message(self, *_: object) -> None:
                """Be quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        if handler.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.requests.append((handler.command, handler.path, dict(handler.headers), body))
        if self.hang:
            self.release.wait(60)
            handler.close_connection = True
            return
        status, headers, reply = self.misbehave(body) or self.proper(handler.path, body)
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(reply)))
        handler.end_headers()
        handler.wfile.write(reply)

    def proper(self, path: str, body: bytes) -> Reply:
        if path.startswith("/api/kiosk/v1/questionnaires/"):
            return 204, {}, b""
        decoded = json.loads(body)
        if "messages" in decoded:
            receipt = self.head.receive(msgspec.json.decode(body, type=Batch), body)
        else:
            from sync.messages import Heartbeat as Beat

            receipt = self.head.receive(msgspec.json.decode(body, type=Beat), body)
        return 200, {"Content-Type": "application/json"}, msgspec.json.encode(receipt)

    def close(self) -> None:
        self.release.set()
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def identity(url: str) -> Identity:
    return Identity(
        kiosk=KIOSK, credential="s3cret", place="Till 1", head_office=HEAD_OFFICE, url=url
    )


def transport(server: Server) -> HttpTransport:
    return HttpTransport(
        identity(server.url), SystemClock(), Sync(connect_timeout=1, read_timeout=1)
    )


def batch(count: int = 1) -> Batch:
    moment = FakeClock().moment()
    return Batch(
        installation=HEAD_OFFICE,
        oldest=1,
        sent=moment,
        messages=tuple(Message(n + 1, moment, answer()) for n in range(count)),
    )


def until(true: Callable[[], bool], seconds: float = 10) -> float:
    began = time.monotonic()
    while not true():
        assert not has_passed(began, seconds), "it did not happen in time"
        time.sleep(0.005)
    return time.monotonic() - began


def test_a_batch_travels_compressed_with_the_credential(server: Server) -> None:
    outcome = transport(server).send_batch(batch(20))
    assert isinstance(outcome, VerifiedReceipt)
    assert 20 == outcome.receipt.stored_up_to
    _, path, headers, _ = server.requests[0]
    assert ("/api/kiosk/v1/batches", "Bearer s3cret", "gzip") == (
        path,
        headers["Authorization"],
        headers["Content-Encoding"],
    )


def test_a_password_file_does_not_replace_the_credential(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    transport(server).send_batch(batch())
    assert "Bearer s3cret" == server.requests[0][2]["Authorization"]


def test_a_questionnaire_is_put_at_its_digest(server: Server) -> None:
    assert isinstance(transport(server).send_questionnaire("a" * 64, b"{}"), QuestionnaireStored)
    assert ("PUT", "/api/kiosk/v1/questionnaires/" + "a" * 64) == server.requests[0][:2]


def altered(server: Server, **change: object) -> Callable[[bytes], Reply]:
    def misbehave(body: bytes) -> Reply:
        receipt = json.loads(server.proper("/", body)[2]) | change
        return 200, {}, json.dumps(receipt).encode()

    return misbehave


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"echo": "0" * 64}, "echo"),
        ({"kiosk": HEAD_OFFICE}, "kiosk"),
        ({"installation": KIOSK}, "kiosk"),
        ({"head_office": KIOSK}, "head_office"),
        ({"receipt": "other"}, "invalid"),
        ({"stored_up_to": "1"}, "invalid"),
    ],
)
def test_a_200_that_is_not_our_receipt_is_not_a_receipt(
    server: Server, change: dict[str, object], why: str
) -> None:
    server.misbehave = altered(server, **change)
    outcome = transport(server).send_batch(batch())
    assert isinstance(outcome, NotAReceipt)
    assert why == outcome.reason


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ((200, {"Content-Type": "text/html"}, b"<html>log in"), "not_json"),
        ((200, {}, b""), "not_json"),
        ((200, {}, b"\xff\xfe"), "not_json"),
        ((302, {"Location": "/login"}, b""), "redirect"),
        ((200, {}, b"x" * 2_000_000), "too_large"),
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 50_000_000)), "too_large"),
    ],
)
def test_captive_portals_redirects_and_bombs_are_not_receipts(
    server: Server, reply: Reply, why: str
) -> None:
    server.misbehave = lambda _body: reply
    outcome = transport(server).send_batch(batch())
    assert isinstance(outcome, NotAReceipt)
    assert why == outcome.reason
    assert 1 == len(server.requests)


def test_a_problem_document_is_understood(server: Server) -> None:
    document = b'{"type":"urn:hymio:problem:throttled","title":"Slow down","status":429}'
    headers = {"Content-Type": "application/problem+json", "Retry-After": "7"}
    server.misbehave = lambda _body: (429, headers, document)
    outcome = transport(server).send_batch(batch())
    assert isinstance(outcome, Rejection)
    assert outcome.problem is not None
    assert (429, "7", "Slow down") == (outcome.status, outcome.retry_after, outcome.problem.title)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://127.0.0.1:1", "refused"),
        ("https://no-such-host.invalid", "name"),
        ("tls", "tls"),
        ("hang", "timeout"),
    ],
)
def test_failures_of_the_network_are_told_apart(server: Server, url: str, kind: str) -> None:
    server.hang = url == "hang"
    address = {"tls": server.url.replace("http:", "https:"), "hang": server.url}.get(url, url)
    client = HttpTransport(
        identity(address), SystemClock(), Sync(connect_timeout=1, read_timeout=0.5)
    )
    outcome = client.send_batch(batch())
    assert isinstance(outcome, NetworkFailure)
    assert kind == outcome.kind


def test_plain_http_beyond_this_machine_is_refused() -> None:
    with pytest.raises(InsecureAddressError):
        HttpTransport(identity("http://192.0.2.1"), SystemClock())


# --- enrolment --------------------------------------------------------------------------------


def enrolled(server: Server, code: str = "ABCD-EFGH") -> Identity:
    return enrol(code, server.url + "/", installation=HEAD_OFFICE, version="1")


def test_a_code_is_exchanged_for_an_identity_that_is_kept_private(
    server: Server, tmp_path: Path
) -> None:
    reply = {
        "kiosk": KIOSK, "credential": "s3cret", "place": "Till 1", "head_office": HEAD_OFFICE,
        "now_ms": 1,
    }  # fmt: skip
    server.misbehave = lambda _body: (200, {}, json.dumps(reply).encode())
    got = enrolled(server)
    save_identity(tmp_path / "data", got)
    assert replace(identity(server.url), issued_ms=1) == got == load_identity(tmp_path / "data")
    assert 0o600 == (tmp_path / "data" / "identity.json").stat().st_mode & 0o777
    assert "s3cret" not in f"{got!r} {got}"


@pytest.mark.parametrize(
    ("word", "said"),
    [("code_unknown", "doesn't know"), ("code_expired", "expired"), ("code_used", "used before")],
)
def test_a_code_that_will_not_do_says_why(server: Server, word: str, said: str) -> None:
    document = json.dumps({"type": f"urn:hymio:problem:{word}", "title": "No", "status": 404})
    headers = {"Content-Type": "application/problem+json"}
    server.misbehave = lambda _body: (404, headers, document.encode())
    with pytest.raises(CodeRefusedError, match=said):
        enrolled(server)


def test_enrolling_at_something_else_says_so(server: Server) -> None:
    server.misbehave = lambda _body: (200, {}, b"<html>")
    with pytest.raises(HeadOfficeUnreachableError, match="no Hymio head office"):
        enrolled(server)


# --- in the background ------------------------------------------------------------------------


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    with SqliteOutbox.open(tmp_path / "data") as made:
        yield made


def background(server: Server, outbox: SqliteOutbox, read_timeout: float = 1) -> SyncScheduler:
    clock = SystemClock()
    settings = Sync(connect_timeout=1, read_timeout=read_timeout)
    way = HttpTransport(identity(server.url), clock, settings)
    relay = Relay(outbox, way, clock, settings, random=lambda: 0.1)
    heartbeat = HeartbeatSender(outbox, way, clock, relay, lambda: KioskCondition("1", "a" * 64))
    return SyncScheduler(outbox, clock, relay, heartbeat, sync=settings)


def test_every_tap_reaches_the_head_office_well_within_a_second(
    server: Server, outbox: SqliteOutbox
) -> None:
    running = background(server, outbox)
    running.start()
    try:
        slowest = 0.0
        for count in range(1, 21):
            outbox.append([answer()], SystemClock().moment())
            running.wake()
            slowest = max(slowest, until(lambda n=count: len(server.head.counted()) >= n))
        assert slowest < limit_s(0.5)
        until(lambda: running.status().waiting == 0)
        assert running.status().last_success is not None
    finally:
        assert running.stop(2)


def test_a_hanging_upload_does_not_hold_up_the_stop(server: Server, outbox: SqliteOutbox) -> None:
    server.hang = True
    outbox.append([answer()], SystemClock().moment())
    running = background(server, outbox, read_timeout=60)
    running.start()
    until(lambda: any("batches" in path for _, path, _, _ in server.requests))
    began = time.monotonic()
    assert running.stop(2)
    assert time.monotonic() - began < limit_s(1)
    assert 1 == outbox.counts().waiting


def test_answers_given_while_the_head_office_was_broken_arrive_by_themselves(
    server: Server, outbox: SqliteOutbox
) -> None:
    server.misbehave = lambda _body: (502, {"Content-Type": "text/html"}, b"<h1>Bad gateway")
    outbox.append([answer() for _ in range(5)], SystemClock().moment())
    running = background(server, outbox)
    running.start()
    try:
        until(lambda: "502" in running.status().failure)
        server.misbehave = lambda _body: None
        until(lambda: len(server.head.counted()) == 5)
    finally:
        assert running.stop(2)


def test_a_kiosk_that_is_not_enrolled_only_collects(outbox: SqliteOutbox) -> None:
    running = SyncScheduler(outbox, SystemClock())
    running.start()
    outbox.append([answer()], SystemClock().moment())
    running.wake()
    assert (False, 1) == (running.status().is_enrolled, running.status().waiting)
    assert running.stop(2)
