"""The way to the head office, with real sockets: what fails is named."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest

from config.settings import HeadOfficeSettings, Settings, Sync
from kiosk.cli import main
from kiosk.i18n import translator
from kiosk.maintenance import connection_test
from kiosk.maintenance.connection_test import ConnectionPath, diagnose, has_route_out
from kiosk.maintenance.results import Finding
from kiosk.options import FAILED
from kiosk.staff.pages.connection import words_of_fault
from sync.clock import SystemClock
from sync.outbox.sqlite import SqliteOutbox
from sync.outcome import NetworkFailure, NetworkTrouble
from sync.transport import HttpTransport

Serve = Callable[[bytes], str]
NOT_OURS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
LOG_IN = b"HTTP/1.1 302 Found\r\nLocation: http://portal/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"  # noqa: E501
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"  # noqa: E501
BROKEN = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
    b"Content-Length: 75\r\nConnection: close\r\n\r\n"
    b'{"type":"urn:hymio:problem:unavailable","title":"Busy.","status":503}      '
)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server on this machine that answers every request with the same bytes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(reply: bytes) -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                if connection.recv(65536):
                    connection.sendall(reply)

    def begin(reply: bytes) -> str:
        threading.Thread(target=answer, args=(reply,), daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield begin
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def tried(tmp_path: Path, url: str, *, route: bool = True) -> tuple[Finding, ...]:
    office = HeadOfficeSettings(url=url, dangerously_allow_plain_http=True)
    settings = Settings(head_office=office, sync=Sync(connect_timeout=2, read_timeout=2))
    with SqliteOutbox.open(tmp_path / "data"):
        way = ConnectionPath(None, settings, tmp_path / "data", "a" * 64)
        told = list(diagnose(way, SystemClock(), lambda: route))
    assert [False] * (len(told) - 1) + [True] == [findings.is_complete for findings in told]
    return told[-1].steps


def last(steps: tuple[Finding, ...]) -> tuple[str, str, str]:
    assert all(step.sign == "good" for step in steps[:-1])
    return steps[-1].step, steps[-1].sign, steps[-1].fault


def test_kiosk_that_knows_no_head_office_is_told_so(tmp_path: Path) -> None:
    assert ("network", "bad", "no_address") == last(tried(tmp_path, ""))


def test_no_network(tmp_path: Path) -> None:
    steps = tried(tmp_path, "https://feedback.example.com", route=False)
    assert ("network", "bad", "no_network") == last(steps)


def test_name_that_is_not_found(tmp_path: Path) -> None:
    assert ("name", "bad", "name") == last(tried(tmp_path, "https://nowhere.invalid"))


def test_refused_connection(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    assert ("connect", "bad", "refused") == last(tried(tmp_path, f"http://127.0.0.1:{port}"))


@pytest.mark.parametrize(
    ("reply", "step", "fault"),
    [
        (LOG_IN, "answer", "captive"),
        (PAGE, "answer", "captive"),
        (NOT_OURS, "answer", "not_hymio"),
        (BROKEN, "answer", "server"),
        (b"", "answer", "cut"),
    ],
    ids=["redirect", "log-in page", "other server", "head office in trouble", "cut"],
)
def test_what_answers_there(
    tmp_path: Path, serve: Serve, reply: bytes, step: str, fault: str
) -> None:
    assert (step, "bad", fault) == last(tried(tmp_path, serve(reply)))


def test_server_that_speaks_no_tls(tmp_path: Path, serve: Serve) -> None:
    url = serve(NOT_OURS).replace("http:", "https:")
    assert ("tls", "bad", "tls") == last(tried(tmp_path, url))


def test_same_words_without_a_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], serve: Serve
) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text(f'[head_office]\nurl = "{serve(PAGE)}"\n')
    words = ["test-connection", "--config", str(config), "--data", str(tmp_path / "data")]
    assert FAILED == main(words)
    told = capsys.readouterr().out
    assert "ok    Network" in told
    assert "FAILS Answer of the head office   A log-in page answers" in told


@pytest.mark.parametrize(
    ("ipv4", "ipv6", "found"),
    [
        ("", "fe80 40 0 0 0 0 0 1 lo\n", False),
        ("lo\t0000007F\n", "", False),
        ("eth0\t00000000\t0102A8C0\n", "", True),
        ("", "fe80 40 0 0 0 0 0 1 wlan0\n", True),
    ],
)
def test_a_route_beyond_this_machine_is_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ipv4: str, ipv6: str, found: bool
) -> None:
    (tmp_path / "route").write_text(f"Iface\tDestination\n{ipv4}")
    (tmp_path / "ipv6_route").write_text(ipv6)
    # The kernel's own files can't be had otherwise.
    routes = ((tmp_path / "route", 1, 0), (tmp_path / "ipv6_route", 0, -1))
    monkeypatch.setattr(connection_test, "_ROUTES", routes)
    assert found == has_route_out()


@pytest.mark.parametrize("trouble", get_args(NetworkTrouble))
def test_every_trouble_of_the_network_fails_one_step_that_has_words(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch, trouble: NetworkTrouble
) -> None:
    failure = NetworkFailure(trouble, "")
    monkeypatch.setattr(HttpTransport, "send_heartbeat", lambda *_args: failure)
    steps = tried(tmp_path, serve(PAGE))
    step = "tls" if trouble == "tls" or trouble.startswith("certificate") else "answer"
    assert (step, "bad") == last(steps)[:2]
    assert words_of_fault(steps[-1].fault, translator("en"))
