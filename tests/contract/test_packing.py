"""A kiosk packs what it says for a head office that does, and for no other."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from config.settings import HeadOfficeSettings, Sync
from sync.http_client import HttpClient, HttpReply
from sync.wire import JSON, PACKED, pack, unpack

SAID = b'{"installation":"0b0e7c1e-0d0f-4f4e-9c55-1f1d6a1f2a3b"}'
HEARD = b'{"receipt":"hymio"}'


class Office:
    """A head office that packs, or refuses what is packed."""

    def __init__(self) -> None:
        self.packs, self.refusal = True, 415
        self.came: list[str] = []
        office = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kind = self.headers["Content-Type"]
                office.came.append(kind)
                assert SAID == (unpack(body, 1000) if kind == PACKED else body)
                is_asked = kind == PACKED or PACKED in self.headers.get("Accept", "")
                status, kind, reply = 200, JSON, HEARD
                if office.came[-1] == PACKED and not office.packs:
                    status, reply = office.refusal, b"{}"
                elif is_asked and office.packs:
                    kind, reply = PACKED, pack(HEARD)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: object) -> None:
                """Be quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
        self.client = HttpClient(
            f"http://127.0.0.1:{self.http.server_port}", HeadOfficeSettings(), Sync()
        )

    def ask(self) -> HttpReply:
        reply = self.client.send("POST", "batches", SAID, "secret")
        assert isinstance(reply, HttpReply)
        return reply


@pytest.fixture
def office() -> Iterator[Office]:
    opened = Office()
    yield opened
    opened.http.shutdown()
    opened.http.server_close()


def test_it_packs_once_it_was_answered_so(office: Office) -> None:
    assert [HEARD] * 3 == [office.ask().body for _ in range(3)]
    assert [JSON, PACKED, PACKED] == office.came


def test_an_older_head_office_never_sees_it(office: Office) -> None:
    office.packs = False
    assert [HEARD] * 2 == [office.ask().body for _ in range(2)]
    assert [JSON, JSON] == office.came


@pytest.mark.parametrize("status", [400, 403, 415, 422])
def test_one_that_was_put_back_to_an_older_version_is_spoken_to_in_plain(
    office: Office, status: int
) -> None:
    office.ask()
    office.packs, office.refusal = False, status
    assert [HEARD] * 2 == [office.ask().body for _ in range(2)]
    assert [JSON, PACKED, JSON, JSON] == office.came


def test_who_may_not_come_in_is_not_asked_twice(office: Office) -> None:
    office.ask()
    office.packs, office.refusal = False, 401
    assert 401 == office.ask().status
    assert [JSON, PACKED] == office.came
