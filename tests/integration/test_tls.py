"""TLS and proxies for real: what is wrong is said plainly, nothing is lost, and it recovers."""

import contextlib
import datetime as dt
import os
import select
import signal
import socket
import socketserver
import ssl
import threading
import time
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import trustme
from fakes import answer
from msgspec.structs import replace
from office import ServedOffice
from processes import free_port, wait_until

from config.settings import HeadOfficeSettings, Sync
from sync.clock import SystemClock
from sync.enrolment import enrol
from sync.errors import BadAuthorityError, HeadOfficeUnreachableError, InsecureAddressError
from sync.identity import Identity
from sync.outbox.sqlite import SqliteOutbox
from sync.relay import Relay
from sync.transport import HttpTransport

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
QUICK = Sync(connect_timeout=3, read_timeout=5)


class Office:
    """A head office on a port that stays; what it shows there changes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.authority, self.stranger = trustme.CA(), trustme.CA()
        self.authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        self.pem, self.key = folder / "cert.pem", folder / "key.pem"
        self.served = ServedOffice(folder / "office")
        self.shown: list[bytes] = []

    @property
    def options(self) -> list[str]:
        names = ["--allow-host", "hymio.test", "--allow-host", "localhost"]
        tls = ["--tls-cert", str(self.pem), "--tls-key", str(self.key)]
        return ["--port", str(self.port), "--workers", "1", *tls, *names]

    def show(self, certificate: trustme.LeafCert) -> None:
        """Begin with this certificate, or change to it."""
        shown = [blob.bytes() for blob in certificate.cert_chain_pems]
        if shown == self.shown:
            return
        self.pem.write_bytes(b"".join(shown))
        certificate.private_key_pem.write_to_path(str(self.key))
        if not self.shown:
            self.served.options = self.options
            self.served.start()
        else:
            first, *workers = self.served.pids
            os.kill(first, signal.SIGHUP)
            wait_until(
                lambda: len(now := self.served.pids) == 2 and not {*workers} & {*now},
                "the workers to be new ones", seconds=20,
            )  # fmt: skip
        self.shown = shown
        seen = ssl.get_server_certificate(("127.0.0.1", self.port))
        assert ssl.PEM_cert_to_DER_cert(shown[0].decode()) == ssl.PEM_cert_to_DER_cert(seen)

    def stop(self) -> None:
        self.served.stop()
        self.shown = []

    def code(self) -> str:
        return self.served.run("create-code", "--place", "Till").stdout.split()[-1]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("tls"))
    yield office
    office.stop()


@pytest.fixture(scope="module")
def good(office: Office) -> trustme.LeafCert:
    """A certificate that is right for every name here."""
    return office.authority.issue_cert("localhost", "hymio.test")


@pytest.fixture(scope="module")
def identity(office: Office, good: trustme.LeafCert) -> Identity:
    """Of a kiosk that was enrolled over TLS."""
    office.show(good)
    trusting = HeadOfficeSettings(ca_file=str(office.folder / "ca.pem"))
    return enrol(
        office.code(), f"https://localhost:{office.port}", installation=str(uuid.uuid4()),
        version="1", head_office=trusting, sync=QUICK,
    )  # fmt: skip


class Shop:
    """A kiosk that trusts the authority of the head office, with an empty outbox."""

    def __init__(
        self, folder: Path, office: Office, identity: Identity, good: trustme.LeafCert
    ) -> None:
        self.folder, self.office, self.identity = folder, office, identity
        self.good, self.port = good, office.port
        self.outbox = SqliteOutbox.open(folder / "kiosk")

    @property
    def trusting(self) -> HeadOfficeSettings:
        return HeadOfficeSettings(ca_file=str(self.office.folder / "ca.pem"))

    def enrol(
        self,
        host: str = "localhost",
        settings: HeadOfficeSettings | None = None,
        code: str = "ABCD-EFGH",
    ) -> None:
        """Without a code only as far as TLS goes."""
        self.identity = enrol(
            code,
            f"https://{host}:{self.port}",
            installation=self.outbox.position().installation,
            version="1",
            head_office=settings or self.trusting,
            sync=QUICK,
        )

    def relay(self, settings: HeadOfficeSettings | None = None, url: str = "") -> Relay:
        known = replace(self.identity, url=url) if url else self.identity
        clock = SystemClock()
        transport = HttpTransport(known, clock, QUICK, settings or self.trusting)
        return Relay(self.outbox, transport, clock, QUICK)

    def tap(self) -> None:
        self.outbox.append([answer()], SystemClock().moment())


@pytest.fixture
def shop(
    tmp_path: Path,
    office: Office,
    identity: Identity,
    good: trustme.LeafCert,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Shop]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    office.show(good)
    made = Shop(tmp_path, office, identity, good)
    yield made
    made.outbox.close()


def expired(office: Office) -> trustme.LeafCert:
    now = dt.datetime.now(dt.UTC)
    return office.authority.issue_cert(
        "localhost", not_before=now - dt.timedelta(9), not_after=now - dt.timedelta(1)
    )


def not_yet(office: Office) -> trustme.LeafCert:
    now = dt.datetime.now(dt.UTC)
    return office.authority.issue_cert(
        "localhost", not_before=now + dt.timedelta(1), not_after=now + dt.timedelta(9)
    )


WRONG = {
    "unknown CA": (
        lambda office: office.stranger.issue_cert("localhost"),
        "certificate is not trusted",
    ),
    "other name": (
        lambda office: office.authority.issue_cert("other.example"),
        "for another name",
    ),
    "other address": (
        lambda office: office.authority.issue_cert("192.0.2.1"),
        "for another name",
    ),
    "expired": (expired, "has expired"),
    "not yet valid": (not_yet, "not valid yet"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_certificate_delivers_nothing_loses_nothing_and_says_so(
    shop: Shop, case: str
) -> None:
    relay = shop.relay()
    shop.tap()
    assert relay.run(now=True) is None
    make, said = WRONG[case]
    shop.office.show(make(shop.office))
    shop.tap()
    assert relay.run(now=True) is not None
    assert said in relay.status.failure.lower()
    assert (1, ()) == (shop.outbox.counts().waiting, shop.outbox.quarantine())
    with pytest.raises(HeadOfficeUnreachableError, match=said):
        shop.enrol()
    shop.office.show(shop.good)
    assert relay.run(now=True) is None
    assert ("", 2) == (relay.status.failure, shop.outbox.position().watermark)


def test_the_systems_store_is_honoured(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(HeadOfficeUnreachableError, match="certificate is not trusted"):
        shop.enrol(settings=HeadOfficeSettings())
    monkeypatch.setenv("SSL_CERT_FILE", shop.trusting.ca_file)
    shop.enrol(settings=HeadOfficeSettings(), code=shop.office.code())
    shop.tap()
    assert shop.relay(HeadOfficeSettings()).run(now=True) is None
    assert 1 == shop.outbox.position().watermark


def test_an_authority_of_ones_own_replaces_the_systems_store(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the settings name is trusted and nothing else."""
    monkeypatch.setenv("SSL_CERT_FILE", shop.trusting.ca_file)
    shop.office.stranger.cert_pem.write_to_path(str(shop.folder / "stranger.pem"))
    with pytest.raises(HeadOfficeUnreachableError, match="certificate is not trusted"):
        shop.enrol(settings=HeadOfficeSettings(ca_file=str(shop.folder / "stranger.pem")))


def test_a_file_of_authorities_that_is_not_there_is_named(shop: Shop) -> None:
    with pytest.raises(BadAuthorityError, match="no such file"):
        shop.enrol(settings=HeadOfficeSettings(ca_file=str(shop.folder / "gone.pem")))


def test_a_file_of_authorities_that_holds_none_is_named(shop: Shop) -> None:
    (shop.folder / "empty.pem").write_text("no certificate in here\n")
    with pytest.raises(BadAuthorityError, match="no certificate in PEM"):
        shop.enrol(settings=HeadOfficeSettings(ca_file=str(shop.folder / "empty.pem")))


@pytest.mark.parametrize("url", ["http://192.0.2.1", "http://hymio.test", "http://127.0.0.1.test"])
def test_plain_http_beyond_this_machine_is_refused_unless_someone_insists(url: str) -> None:
    with pytest.raises(InsecureAddressError, match="readable"):
        enrol("ABCD-EFGH", url, installation="x", version="1")


def test_a_head_office_without_tls_on_the_port_is_told_apart(shop: Shop) -> None:
    relay = shop.relay()
    shop.tap()
    shop.office.stop()
    plain = ServedOffice(shop.office.served.folder)
    plain.options = ["--port", str(shop.port)]
    with plain:
        assert relay.run(now=True) is not None
        assert "doesn't speak TLS" in relay.status.failure
    shop.office.show(shop.good)
    assert relay.run(now=True) is None


def test_a_name_that_the_network_does_not_know_recovers_with_the_name(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    shop.enrol("hymio.test", code=shop.office.code())
    shop.tap()
    assert shop.relay().run(now=True) is None
    assert 1 == shop.outbox.position().watermark
    assert {f"CONNECT hymio.test:{shop.port}"} == {a.rsplit(" ", 1)[0] for a in tunnel.asked}
    assert shop.identity.credential.encode() not in b"".join(tunnel.said)


def test_a_proxy_that_says_no_is_told_apart_and_recovers(shop: Shop, tunnel: Tunnel) -> None:
    relay = shop.relay(url=f"https://hymio.test:{shop.port}")
    shop.tap()
    tunnel.allowed = False
    assert relay.run(now=True) is not None
    assert "proxy" in relay.status.failure
    assert "hunter2" not in relay.status.failure
    tunnel.allowed = True
    assert relay.run(now=True) is None


def test_what_is_for_this_machine_is_not_shown_to_a_proxy(shop: Shop, tunnel: Tunnel) -> None:
    """Plain HTTP is allowed to loopback because nobody else can read it there."""
    code = shop.office.code()
    shop.office.stop()
    installation = shop.outbox.position().installation
    with ServedOffice(shop.office.served.folder) as plain:
        enrol(code, plain.url, installation=installation, version="1")
    assert [] == tunnel.asked
    assert "HTTP_PROXY" in os.environ
