"""A kiosk's next connection goes on where the last one ended, and trusts nobody else for it."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from config.settings import HeadOfficeSettings, Sync
from sync import bounded_http
from sync.http_client import HttpClient, HttpReply
from sync.outcome import NetworkFailure


class Office:
    """A head office that closes each connection, and notes how it began."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.went_on: list[bool] = []
        office = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                office.went_on.append(bool(self.request.session_reused))
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                """Be quiet."""

        self._handler = Handler
        self.port = 0
        self.show(self.authority)
        trusted = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(str(trusted))
        self.client = HttpClient(
            f"https://localhost:{self.port}",
            HeadOfficeSettings(ca_file=str(trusted)),
            Sync(),
        )

    def show(self, authority: trustme.CA) -> None:
        """Begin, with a certificate of this authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        self.http = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler)
        self.http.daemon_threads = True
        self.port = self.http.server_port
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """End."""
        self.http.shutdown()
        self.http.server_close()

    def ask(self) -> object:
        return self.client.send("POST", "heartbeats", b"{}", "secret")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = Office(tmp_path)
    yield opened
    opened.stop()


def test_certificates_are_sent_once(office: Office) -> None:
    for _ in range(3):
        assert isinstance(office.ask(), HttpReply)
    assert [False, True, True] == office.went_on


def test_they_are_looked_at_again_every_so_often(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_http, "_MOST_RESUMPTIONS", 2)
    for _ in range(4):
        office.ask()
    assert [False, True, True, False] == office.went_on


def test_a_stranger_in_its_place_is_not_gone_on_with(office: Office) -> None:
    office.ask()
    office.stop()
    office.show(trustme.CA())
    found = office.ask()
    assert isinstance(found, NetworkFailure)
    assert "certificate" in found.kind
    assert [False] == office.went_on
