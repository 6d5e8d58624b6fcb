"""What every way to the head office promises: the scripted one of the tests and the real one."""

import gzip
import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest
from fakes import HEAD_OFFICE, KIOSK, FakeClock, ModelHeadOffice, ScriptedTransport, answer

from config.settings import Sync
from sync.clock import SystemClock
from sync.identity import Identity
from sync.messages import (
    Batch,
    CredentialReply,
    CredentialRequest,
    Heartbeat,
    Message,
    OutboxReport,
    Problem,
)
from sync.outcome import (
    Interruption,
    NewCredential,
    QuestionnaireStored,
    Rejection,
    SendOutcome,
    VerifiedReceipt,
)
from sync.transport import HttpTransport, Transport

MOMENT = FakeClock().moment()
QUICK = Sync(connect_timeout=2, read_timeout=2)


class Line:
    """A head office in memory that may say no, behind either transport."""

    def __init__(self) -> None:
        self.head = ModelHeadOffice()
        self.refusal: tuple[int, str] | None = None
        self.credential = "fresh"

    @property
    def transport(self) -> Transport:
        """The way to it."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go."""


class Scripted(Line):
    """By the tests' own double."""

    def __init__(self) -> None:
        super().__init__()
        self.double = ScriptedTransport(otherwise=self._answer)

    @property
    def transport(self) -> Transport:
        if self.refusal is None:
            self.double.renewals.append(NewCredential(self.credential, self.head.now_ms))
        else:
            self.double.questionnaire_script.append(self._no())
        return self.double

    def _no(self) -> SendOutcome:
        assert self.refusal is not None
        status, kind = self.refusal
        return Rejection(status, Problem(f"urn:hymio:problem:{kind}", "No", status))

    def _answer(self, what: Batch | Heartbeat) -> SendOutcome:
        return self.head.deliver(what) if self.refusal is None else self._no()


class OverHttp(Line):
    """By HTTP over loopback."""

    def __init__(self) -> None:
        super().__init__()
        line = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                line.serve(self)

            do_PUT = do_POST  # noqa: N815 - the name is http.server's

            def log_message(self, *_: object) -> None:
                """Be quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,))
        self.thread.start()
        url = f"http://127.0.0.1:{self.http.server_port}"
        identity = Identity(
            kiosk=KIOSK, credential="old", place="", head_office=HEAD_OFFICE, url=url
        )
        self.real = HttpTransport(identity, SystemClock(), QUICK)

    @property
    def transport(self) -> Transport:
        return self.real

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer as the model does."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        if handler.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        status, kind, reply = self._reply(handler.path, body)
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(reply)))
        handler.end_headers()
        handler.wfile.write(reply)

    def _reply(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        if self.refusal is not None:
            status, word = self.refusal
            problem = Problem(f"urn:hymio:problem:{word}", "No", status)
            return status, "application/problem+json", msgspec.json.encode(problem)
        said: object
        match path.rsplit("/", 1)[1]:
            case "batches":
                said = self.head.receive(msgspec.json.decode(body, type=Batch), body)
            case "heartbeats":
                said = self.head.receive(msgspec.json.decode(body, type=Heartbeat), body)
            case "credential":
                msgspec.json.decode(body, type=CredentialRequest)
                echo = hashlib.sha256(body).hexdigest()
                said = CredentialReply(KIOSK, self.credential, HEAD_OFFICE, self.head.now_ms, echo)
            case _:
                return 204, "text/plain", b""
        return 200, "application/json", msgspec.json.encode(said)

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture(params=[Scripted, OverHttp], ids=["scripted", "http"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    made: Line = request.param()
    yield made
    made.close()


def batch(*seqs: int) -> Batch:
    return Batch(
        installation=HEAD_OFFICE,
        oldest=1,
        sent=MOMENT,
        messages=tuple(Message(seq, MOMENT, answer()) for seq in seqs),
    )


HEARTBEAT = Heartbeat(
    installation=HEAD_OFFICE,
    oldest=1,
    sent=MOMENT,
    version="1",
    questionnaire="a" * 64,
    outbox=OutboxReport(0, 0, 0),
)
EVERYTHING: dict[str, Callable[[Transport], SendOutcome]] = {
    "batch": lambda way: way.send_batch(batch(1)),
    "heartbeat": lambda way: way.send_heartbeat(HEARTBEAT),
    "questionnaire": lambda way: way.send_questionnaire("a" * 64, b"{}"),
}


def test_a_receipt_says_what_the_head_office_has(line: Line) -> None:
    first, second = line.transport.send_batch(batch(1, 2)), line.transport.send_batch(batch(4))
    assert isinstance(first, VerifiedReceipt)
    assert isinstance(second, VerifiedReceipt)
    told = [(r.stored_up_to, r.highest) for r in (first.receipt, second.receipt)]
    assert [(2, 2), (2, 4)] == told


def test_a_receipt_tells_the_head_offices_time(line: Line) -> None:
    outcome = line.transport.send_heartbeat(HEARTBEAT)
    assert isinstance(outcome, VerifiedReceipt)
    assert line.head.now_ms == outcome.sighting.head_ms == outcome.receipt.now_ms
    assert 0 <= outcome.sighting.error_ms < 2000


def test_a_definition_is_accepted(line: Line) -> None:
    assert QuestionnaireStored() == line.transport.send_questionnaire("a" * 64, b"{}")


def test_a_new_credential_is_told_with_its_time(line: Line) -> None:
    assert NewCredential("fresh", line.head.now_ms) == line.transport.renew_credential(
        HEAD_OFFICE, MOMENT
    )


@pytest.mark.parametrize("what", EVERYTHING)
@pytest.mark.parametrize(("status", "kind"), [(503, "unavailable"), (422, "invalid")])
def test_a_no_keeps_its_status_and_its_reason(
    line: Line, what: str, status: int, kind: str
) -> None:
    line.refusal = (status, kind)
    outcome = EVERYTHING[what](line.transport)
    assert isinstance(outcome, Rejection)
    assert outcome.problem is not None
    assert (status, f"urn:hymio:problem:{kind}") == (outcome.status, outcome.problem.type)


@pytest.mark.parametrize("what", EVERYTHING)
def test_after_an_interruption_nothing_is_sent(line: Line, what: str) -> None:
    way = line.transport
    way.interrupt()
    assert Interruption() == EVERYTHING[what](way)
    assert Interruption() == way.renew_credential(HEAD_OFFICE, MOMENT)
    assert [] == line.head.counted()
