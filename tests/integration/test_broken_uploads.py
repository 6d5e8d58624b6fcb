"""Uploads that break off in every way a client can: each gives its thread back."""

import os
import signal
import socket
import ssl
import struct
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from office import ServedOffice
from processes import wait_until

pytestmark = pytest.mark.e2e

THREADS = 8
"""Of the one worker: as many uploads as this, if they kept theirs, would stop the head office."""
HEAD = (
    b"POST /api/kiosk/v1/enrolment HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 9000\r\n\r\n"
)
CHUNKED_HEAD = HEAD.replace(b"Content-Length: 9000", b"Transfer-Encoding: chunked")
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame of HTTP/2 (RFC 9113, section 4.1)."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


SETTINGS = frame(4, 0, 0)
# The same head: names by HPACK's static table, values in plain (RFC 7541).
FIELDS = (
    b"\x83\x86\x44\x17/api/kiosk/v1/enrolment\x41\x09localhost\x5f\x10application/json\x5c\x049000"
)
UPLOAD = frame(1, 4, 1, FIELDS) + frame(0, 0, 1, b"a" * 1000)
PING = frame(6, 0, 0, b"12345678")
PRIOR_KNOWLEDGE = PREFACE + SETTINGS + UPLOAD + PING


def close(connection: socket.socket) -> None:
    connection.close()


def reset(connection: socket.socket) -> None:
    """RST instead of FIN, as when a process is killed behind a broken network."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def half_close(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(5)
    try:
        while connection.recv(4096):
            pass
    except OSError:
        pass
    connection.close()


def wait_for_pong(connection: socket.socket) -> None:
    """Until all that was sent has been read, or refused."""
    heard = b""
    while PING[9:] not in heard and (more := connection.recv(4096)):
        heard += more


def close_stream(connection: socket.socket) -> None:
    wait_for_pong(connection)
    close(connection)


def reset_stream(connection: socket.socket) -> None:
    wait_for_pong(connection)
    connection.sendall(frame(3, 0, 1, struct.pack(">I", 8)))
    close(connection)


def go_away(connection: socket.socket) -> None:
    wait_for_pong(connection)
    connection.sendall(frame(7, 0, 0, struct.pack(">II", 1, 0)))
    close(connection)


WAYS = {
    "closed": (HEAD + b"a" * 100, close),
    "closed before the body": (HEAD, close),
    "reset": (HEAD + b"a" * 100, reset),
    "half closed": (HEAD + b"a" * 100, half_close),
    "closed within a chunk": (CHUNKED_HEAD + b"100\r\naaa", close),
    "closed between chunks": (CHUNKED_HEAD + b"3\r\naaa\r\n", reset),
    "HTTP/2, closed": (PRIOR_KNOWLEDGE, close_stream),
    "HTTP/2, stream reset": (PRIOR_KNOWLEDGE, reset_stream),
    "HTTP/2, going away": (PRIOR_KNOWLEDGE, go_away),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOffice]:
    office = ServedOffice(tmp_path_factory.mktemp("office"))
    office.options = ["--port", "0", "--workers", "1"]
    with office:
        yield office


def processor_ticks(pids: list[int]) -> int:
    """Clock ticks that these processes have used."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total


@pytest.mark.parametrize(("sent", "break_off"), WAYS.values(), ids=WAYS)
def test_a_broken_upload_gives_its_thread_back(
    office: ServedOffice, sent: bytes, break_off: Callable[[socket.socket], None]
) -> None:
    port = int(office.url.rpartition(":")[2])
    for _ in range(THREADS + 1):
        connection = socket.create_connection(("127.0.0.1", port), timeout=5)
        try:
            connection.sendall(sent)
            break_off(connection)
        except OSError:
            # It was refused before all was sent, which is as good.
            connection.close()
    with urllib.request.urlopen(f"{office.url}/metrics", timeout=10) as reply:  # noqa: S310 - the test's server
        assert reply.status == 200

    def is_calm() -> bool:
        begun = processor_ticks(office.pids)
        time.sleep(0.5)
        return processor_ticks(office.pids) - begun < os.sysconf("SC_CLK_TCK") * 0.5 * 0.3

    wait_until(is_calm, "idle processes", seconds=20)


def test_tls_offers_http_1_1_alone(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    pem, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    pem.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    certificate.private_key_pem.write_to_path(str(key))
    office = ServedOffice(tmp_path / "office")
    office.options = ["--port", "0", "--tls-cert", str(pem), "--tls-key", str(key)]
    with office:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        context.set_alpn_protocols(["h2", "http/1.1"])
        port = int(office.url.rpartition(":")[2])
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secured,
        ):
            assert secured.selected_alpn_protocol() == "http/1.1"


def test_a_new_certificate_is_read_at_sighup_and_a_broken_one_is_not(tmp_path: Path) -> None:
    authority = trustme.CA()
    pem, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    office = ServedOffice(tmp_path / "office")
    office.options = ["--port", "0", "--workers", "1"]
    office.options += ["--tls-cert", str(pem), "--tls-key", str(key)]
    office.errors = subprocess.DEVNULL
    context = ssl.create_default_context()
    authority.configure_trust(context)

    def certify() -> None:
        certificate = authority.issue_cert("localhost")
        pem.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
        certificate.private_key_pem.write_to_path(str(key))

    def serial() -> object:
        with (
            socket.create_connection(
                ("127.0.0.1", int(office.url.rpartition(":")[2])), timeout=10
            ) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secured,
        ):
            found = secured.getpeercert()
            assert found is not None
            return found["serialNumber"]

    certify()
    with office:
        first, worker = serial(), office.pids[1]
        certify()
        os.kill(office.pids[0], signal.SIGHUP)
        wait_until(lambda: worker not in office.pids, "another worker", seconds=20)
        second, worker = serial(), office.pids[1]
        assert first != second
        pem.write_text("nothing of use")
        os.kill(office.pids[0], signal.SIGHUP)
        wait_until(lambda: worker not in office.pids, "another worker", seconds=20)
        assert second == serial()
        assert 0 == office.stop()
