"""A network that hangs holds up no other page of the staff; what comes of it late is dropped."""

import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.i18n import translator
from kiosk.maintenance.enrolment import enrol_kiosk
from kiosk.options import RunOptions
from kiosk.overrides import OverridesStore
from kiosk.session.controller import SessionController
from kiosk.session.state import Rules
from kiosk.staff import tasks
from kiosk.staff.results import (
    ConfigurationStatus,
    EnrolmentFailure,
    PinState,
    Result,
    StatusReport,
)
from kiosk.staff.tasks import CancelNetwork, Enrol, ReadPinState, ReadStatus
from kiosk.staff_service import StaffService, StaffServicePorts
from kiosk.startup import load_startup_config
from kiosk.sync_service import SyncService
from sync.clock import SystemClock
from sync.enrolment import enrol
from sync.errors import EnrolmentError, HeadOfficeUnreachableError
from sync.failure_texts import Sentence, translate
from sync.identity import load_identity
from sync.outbox.sqlite import SqliteOutbox

PATIENCE_S = 10.0
MOVED = b"HTTP/1.1 302 Found\r\nLocation: http://wifi.example/login\r\nContent-Length: 0\r\n\r\n"
ASKED = b"HTTP/1.1 511 Network Authentication Required\r\nContent-Length: 0\r\n\r\n"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"


class Server:
    """Takes every connection and answers when it is told to, or never."""

    def __init__(self, reply: bytes = b"") -> None:
        self.reply = reply
        self.came = threading.Event()
        self.answer = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            while True:
                threading.Thread(
                    target=self._answer, args=(self._socket.accept()[0],), daemon=True
                ).start()
        except OSError:
            pass  # closed

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            if connection.recv(65536):
                self.came.set()
                self.answer.wait(PATIENCE_S)
                connection.sendall(self.reply)

    def close(self) -> None:
        self.answer.set()
        self._socket.close()


@pytest.fixture
def server() -> Iterator[Server]:
    with closing(Server()) as running:
        yield running


class Staff:
    """The staff mode of a kiosk, without its window."""

    def __init__(self, folder: Path, outbox: SqliteOutbox) -> None:
        startup = load_startup_config(RunOptions(data=folder))
        clock = SystemClock()
        store = OverridesStore(folder, startup.file, startup.overrides, startup.questionnaire)
        in_use = store.config.in_use
        rules = Rules(in_use.questionnaire, in_use.digest, "en", startup.settings.timing)
        session = SessionController(
            rules=rules, clock=clock, store=lambda *_job: None, new_response=str
        )
        ports = StaffServicePorts(
            outbox=lambda: outbox,
            sync=SyncService(startup.settings, folder, clock),
            troubles=tuple,
            acknowledge_damage=lambda: None,
            apply=lambda _config, _test: None,
            configuration=lambda: ConfigurationStatus(None, False),
            restart=lambda: None,
            quit=lambda: None,
        )
        self.results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._service = StaffService(startup, store, clock, session, ports)
        self._service._tell = self.results.put
        self.start = self._service._start_task

    def told(self) -> Result:
        return self.results.get(timeout=PATIENCE_S)


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    with SqliteOutbox.open(tmp_path) as outbox:
        yield Staff(tmp_path, outbox)


def test_an_enrolment_that_hangs_holds_up_no_other_page(staff: Staff, server: Server) -> None:
    staff.start(Enrol("ABCDEFGH", server.url))
    assert server.came.wait(PATIENCE_S)
    for task, kind in ((ReadStatus(), StatusReport), (ReadPinState(), PinState)):
        staff.start(task)
        assert isinstance(staff.told(), kind)


def test_what_comes_after_it_was_cancelled_is_neither_told_nor_kept(
    staff: Staff, server: Server, tmp_path: Path
) -> None:
    body = (
        b'{"kiosk":"11111111-1111-4111-8111-111111111111","credential":"x","place":"Till",'
        b'"head_office":"22222222-2222-4222-8222-222222222222","now_ms":1,"protocol":1}'
    )
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    server.reply = head + body
    staff.start(Enrol("ABCDEFGH", server.url))
    assert server.came.wait(PATIENCE_S)
    staff.start(CancelNetwork())
    server.answer.set()
    # Another one at once, of which everything is told.
    with closing(Server(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")) as other:
        other.answer.set()
        staff.start(Enrol("ABCDEFGH", other.url))
        assert isinstance(staff.told(), EnrolmentFailure)
    deadline = time.monotonic() + 2
    while any(t.name == "staff-network" for t in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert staff.results.empty()
    assert load_identity(tmp_path) is None


def test_a_new_test_of_the_connection_takes_the_place_of_the_one_before(
    staff: Staff, server: Server
) -> None:
    staff.start(Enrol("ABCDEFGH", server.url))
    assert server.came.wait(PATIENCE_S)
    staff.start(tasks.TestConnection())
    findings = staff.told()
    assert "no_address" == findings.steps[0].fault  # type: ignore[union-attr]
    assert staff.results.empty()


@pytest.mark.parametrize("reply", [MOVED, ASKED, PAGE], ids=["redirect", "511", "page"])
def test_a_log_in_page_is_told_as_one(server: Server, reply: bytes) -> None:
    server.reply = reply
    server.answer.set()
    with pytest.raises(HeadOfficeUnreachableError) as caught:
        enrol("ABCDEFGH", server.url, installation="0" * 36, version="1")
    assert "log-in page" in caught.value.reason
    assert "log-in page" in str(caught.value)
    assert (reply is MOVED) == ("wifi.example" in caught.value.detail)


BROKEN = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("language", ["de", "fi", "hu", "it", "pl", "sv"])
@pytest.mark.parametrize("reply", [MOVED, BROKEN, b""], ids=["302", "500", "cut"])
def test_why_a_kiosk_was_not_enrolled_is_said_in_the_staffs_language(
    server: Server, tmp_path: Path, reply: bytes, language: str
) -> None:
    server.reply = reply
    server.answer.set()
    settings = load_startup_config(RunOptions(data=tmp_path)).settings
    with pytest.raises(EnrolmentError) as caught:
        enrol_kiosk("ABCDEFGH", server.url, settings, tmp_path)
    reason = caught.value.reason
    assert reason
    assert translate(reason, translator(language)) != reason


def test_a_sentence_with_values_is_translated_as_a_pattern() -> None:
    said = Sentence("The head office answered with status {status}.", status="503 {x}")
    assert "The head office answered with status 503 {x}." == said
    assert "Die Zentrale antwortete mit Status 503 {x}." == translate(said, translator("de"))
    assert "" == translate("", translator("de"))
