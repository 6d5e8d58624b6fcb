"""TLS and proxies for real: what is wrong is said plainly, nothing is lost, and it recovers."""

import contextlib
import datetime as dt
import os
import select
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import trustme
from fakes import answer
from msgspec.structs import replace
from office import ServedOffice
from processes import free_port

from config.settings import HeadOffice, Sync
from sync.clock import SystemClock
from sync.enrolment import enrol
from sync.errors import BadAuthorityError, HeadOfficeUnreachableError, InsecureAddressError
from sync.identity import Identity
from sync.relay import Relay
from sync.sqlite import SqliteOutbox
from sync.transport import HttpTransport

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
QUICK = Sync(connect_timeout=3, read_timeout=5)


class Shop:
    """A head office with TLS on a port that stays, and a kiosk that trusts its authority."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.authority, self.stranger = trustme.CA(), trustme.CA()
        self.authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        self.office = ServedOffice(folder / "office")
        self.outbox = SqliteOutbox.open(folder / "kiosk")
        self.identity: Identity | None = None

    def serve(self, certificate: trustme.LeafCert) -> None:
        """(Re)start the head office with this certificate."""
        self.office.stop()
        pem, key = self.folder / "cert.pem", self.folder / "key.pem"
        pem.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
        certificate.private_key_pem.write_to_path(str(key))
        tls = ["--tls-cert", str(pem), "--tls-key", str(key), "--allow-host", "hymio.test"]
        self.office.options = ["--port", str(self.port), *tls, "--allow-host", "localhost"]
        self.office.start()

    def good(self, *names: str) -> trustme.LeafCert:
        return self.authority.issue_cert(*(names or ("localhost",)))

    @property
    def trusting(self) -> HeadOffice:
        return HeadOffice(ca_file=str(self.folder / "ca.pem"))

    def enrol(self, host: str = "localhost", settings: HeadOffice | None = None) -> None:
        code = self.office.run("create-code", "--place", "Till").stdout.split()[-1]
        self.identity = enrol(
            code,
            f"https://{host}:{self.port}",
            installation=self.outbox.position().installation,
            version="1",
            head_office=settings or self.trusting,
            sync=QUICK,
        )

    def relay(self, settings: HeadOffice | None = None, url: str = "") -> Relay:
        assert self.identity is not None
        known = replace(self.identity, url=url) if url else self.identity
        clock = SystemClock()
        transport = HttpTransport(known, clock, QUICK, settings or self.trusting)
        return Relay(self.outbox, transport, clock, QUICK)

    def tap(self) -> None:
        self.outbox.append([answer()], SystemClock().moment())

    def close(self) -> None:
        self.office.stop()
        self.outbox.close()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    made = Shop(tmp_path)
    yield made
    made.close()


def expired(shop: Shop) -> trustme.LeafCert:
    now = dt.datetime.now(dt.UTC)
    return shop.authority.issue_cert(
        "localhost", not_before=now - dt.timedelta(9), not_after=now - dt.timedelta(1)
    )


def not_yet(shop: Shop) -> trustme.LeafCert:
    now = dt.datetime.now(dt.UTC)
    return shop.authority.issue_cert(
        "localhost", not_before=now + dt.timedelta(1), not_after=now + dt.timedelta(9)
    )


WRONG = {
    "unknown CA": (lambda shop: shop.stranger.issue_cert("localhost"), "nobody whom this kiosk"),
    "other name": (lambda shop: shop.good("other.example"), "for another name"),
    "other address": (lambda shop: shop.good("192.0.2.1"), "for another name"),
    "expired": (expired, "has expired"),
    "not yet valid": (not_yet, "not valid yet"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_certificate_delivers_nothing_loses_nothing_and_says_so(
    shop: Shop, case: str
) -> None:
    shop.serve(shop.good())
    shop.enrol()
    relay = shop.relay()
    shop.tap()
    assert relay.run(now=True) is None
    make, said = WRONG[case]
    shop.serve(make(shop))
    shop.tap()
    assert relay.run(now=True) is not None
    assert said in relay.status.failure.lower()
    assert (1, ()) == (shop.outbox.counts().waiting, shop.outbox.quarantine())
    with pytest.raises(HeadOfficeUnreachableError, match=said):
        shop.enrol()
    shop.serve(shop.good())
    assert relay.run(now=True) is None
    assert ("", 2) == (relay.status.failure, shop.outbox.position().watermark)


def test_the_systems_store_is_honoured(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.serve(shop.good())
    with pytest.raises(HeadOfficeUnreachableError, match="nobody whom this kiosk trusts"):
        shop.enrol(settings=HeadOffice())
    monkeypatch.setenv("SSL_CERT_FILE", str(shop.folder / "ca.pem"))
    shop.enrol(settings=HeadOffice())
    shop.tap()
    assert shop.relay(HeadOffice()).run(now=True) is None
    assert 1 == shop.outbox.position().watermark


def test_an_authority_of_ones_own_replaces_the_systems_store(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the settings name is trusted and nothing else."""
    monkeypatch.setenv("SSL_CERT_FILE", str(shop.folder / "ca.pem"))
    shop.stranger.cert_pem.write_to_path(str(shop.folder / "stranger.pem"))
    shop.serve(shop.good())
    with pytest.raises(HeadOfficeUnreachableError, match="nobody whom this kiosk trusts"):
        shop.enrol(settings=HeadOffice(ca_file=str(shop.folder / "stranger.pem")))


def test_a_file_of_authorities_that_is_not_there_is_named(shop: Shop) -> None:
    with pytest.raises(BadAuthorityError, match="no such file"):
        shop.enrol(settings=HeadOffice(ca_file=str(shop.folder / "gone.pem")))


def test_a_file_of_authorities_that_holds_none_is_named(shop: Shop) -> None:
    (shop.folder / "empty.pem").write_text("no certificate in here\n")
    shop.serve(shop.good())
    with pytest.raises(BadAuthorityError, match="no certificate in PEM"):
        shop.enrol(settings=HeadOffice(ca_file=str(shop.folder / "empty.pem")))


@pytest.mark.parametrize("url", ["http://192.0.2.1", "http://hymio.test", "http://127.0.0.1.test"])
def test_plain_http_beyond_this_machine_is_refused_unless_someone_insists(url: str) -> None:
    with pytest.raises(InsecureAddressError, match="readable"):
        enrol("ABCD-EFGH", url, installation="x", version="1")


def test_a_head_office_without_tls_on_the_port_is_told_apart(shop: Shop) -> None:
    shop.serve(shop.good())
    shop.enrol()
    shop.office.stop()
    shop.office.options = ["--port", str(shop.port)]
    shop.office.start()
    relay = shop.relay()
    shop.tap()
    assert relay.run(now=True) is not None
    assert "doesn't speak TLS" in relay.status.failure
    shop.serve(shop.good())
    assert relay.run(now=True) is None


def test_a_name_that_the_network_does_not_know_recovers_with_the_name(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.serve(shop.good("hymio.test", "localhost"))
    shop.enrol()
    relay = shop.relay(url=f"https://hymio.test:{shop.port}")
    shop.tap()
    assert relay.run(now=True) is not None
    assert "name is not known" in relay.status.failure
    real = socket.getaddrinfo

    def known(host: str, *more: object, **options: object) -> object:
        return real("127.0.0.1" if host == "hymio.test" else host, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", known)
    assert relay.run(now=True) is None
    assert 0 == shop.outbox.counts().waiting


# --- proxies ------------------------------------------------------------------------------------


class Tunnel(socketserver.ThreadingTCPServer):
    """An HTTP proxy that opens tunnels to this machine, whatever the name, if it may."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), partial(_serve_tunnel, self))  # type: ignore[arg-type]
        self.asked: list[str] = []
        self.said: list[bytes] = []
        self.allowed = True
        self.url = f"http://staff:hunter2@127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


def _serve_tunnel(server: Tunnel, client: socket.socket, *_more: object) -> None:
    head = b""
    while b"\r\n\r\n" not in head and (piece := client.recv(4096)):
        head += piece
    server.said.append(head)
    server.asked.append(head.split(b"\r\n", 1)[0].decode())
    if not server.allowed or not head.startswith(b"CONNECT"):
        client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        return
    port = int(head.split(b" ")[1].rsplit(b":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as far, contextlib.suppress(OSError):
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for ready in select.select([client, far], [], [], 1)[0]:
                if not (data := ready.recv(65536)):
                    return
                (far if ready is client else client).sendall(data)


@pytest.fixture
def tunnel(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> Iterator[Tunnel]:
    del shop  # clears the environment first
    made = Tunnel()
    monkeypatch.setenv("HTTPS_PROXY", made.url)
    monkeypatch.setenv("HTTP_PROXY", made.url)
    yield made
    made.shutdown()
    made.server_close()


def test_the_proxy_of_the_environment_is_used_and_reads_nothing(shop: Shop, tunnel: Tunnel) -> None:
    shop.serve(shop.good("hymio.test", "localhost"))
    shop.enrol("hymio.test")
    shop.tap()
    assert shop.relay().run(now=True) is None
    assert 1 == shop.outbox.position().watermark
    assert {f"CONNECT hymio.test:{shop.port}"} == {a.rsplit(" ", 1)[0] for a in tunnel.asked}
    assert shop.identity is not None
    assert shop.identity.credential.encode() not in b"".join(tunnel.said)


def test_a_proxy_that_says_no_is_told_apart_and_recovers(shop: Shop, tunnel: Tunnel) -> None:
    shop.serve(shop.good("hymio.test", "localhost"))
    shop.enrol("hymio.test")
    relay = shop.relay()
    shop.tap()
    tunnel.allowed = False
    assert relay.run(now=True) is not None
    assert "proxy" in relay.status.failure
    assert "hunter2" not in relay.status.failure
    tunnel.allowed = True
    assert relay.run(now=True) is None


def test_what_is_for_this_machine_is_not_shown_to_a_proxy(shop: Shop, tunnel: Tunnel) -> None:
    """Plain HTTP is allowed to loopback because nobody else can read it there."""
    shop.office.start()
    code = shop.office.run("create-code", "--place", "Till").stdout.split()[-1]
    enrol(code, shop.office.url, installation=shop.outbox.position().installation, version="1")
    assert [] == tunnel.asked
    assert "HTTP_PROXY" in os.environ
