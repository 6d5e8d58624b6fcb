"""Certificates that are renewed, broken and expired while kiosks deliver."""

import signal
import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import trustme
from attack.stage import MeaningWell
from operations.night import Entry, Night
from processes import wait_until

from config.settings import HeadOfficeSettings

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]


class Certificates:
    """The two files that the head office is told of, and their authority."""

    def __init__(self, night: Night) -> None:
        self.night, self.authority = night, trustme.CA()
        self.chain, self.key = night.folder / "cert.pem", night.folder / "key.pem"
        self.trusted = night.folder / "authority.pem"
        self.authority.cert_pem.write_to_path(self.trusted)

    def issue(self, **more: datetime) -> None:
        """A new pair in the place of the files."""
        made = self.authority.issue_cert("127.0.0.1", **more)
        self.chain.write_bytes(b"".join(pem.bytes() for pem in made.cert_chain_pems))
        self.key.write_bytes(made.private_key_pem.bytes())

    def served(self) -> bytes:
        """The certificate that a client gets; none from a worker that is being replaced."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        address = ("127.0.0.1", self.night.office.port)
        with (
            suppress(OSError),
            socket.create_connection(address, timeout=10) as plain,
            context.wrap_socket(plain) as tls,
        ):
            return tls.getpeercert(binary_form=True) or b""
        return b""

    def reload(self) -> None:
        """As `systemctl reload` does."""
        assert self.night.office.process is not None
        self.night.office.process.send_signal(signal.SIGHUP)


def test_certificates_that_change(night: Night, entry: Entry) -> None:
    files = Certificates(night)
    files.issue()
    night.end()
    night.office.options += ["--tls-cert", str(files.chain), "--tls-key", str(files.key)]
    night.begin()
    for kiosk in night.kiosks:
        kiosk.head_office = HeadOfficeSettings(ca_file=str(files.trusted))
        kiosk.identity = msgspec.structs.replace(kiosk.identity, url=night.office.url)
    entry.check(night.deliver(), "kiosks can't deliver over TLS")
    first = files.served()
    # Renewed: taken without a restart.
    files.issue()
    files.reload()
    wait_until(lambda: files.served() not in (first, b""), "the new certificate", seconds=60)
    entry.check(night.deliver(), "kiosks can't deliver after the renewal")
    second = files.served()
    # Broken, of another key, and cut off: nothing changes, and it is said.
    for content in (b"", b"-----BEGIN CERTIFICATE-----\n", files.chain.read_bytes()[:200]):
        files.chain.write_bytes(content)
        files.reload()
        night.look(entry, "certificate")
        entry.check(night.deliver(), "kiosks can't deliver with a broken file on the disk")
        entry.check(files.served() == second, "another certificate is served")
    # A restart finds the broken file, and says so in words.
    night.end()
    pair = ["--tls-cert", str(files.chain), "--tls-key", str(files.key)]
    night.refused(entry, "serve", "--port", "0", *pair, because=str(files.chain))
    # Expired: kiosks refuse it and keep their answers.
    now = datetime.now(UTC)
    files.issue(not_before=now - timedelta(days=30), not_after=now - timedelta(days=1))
    night.begin()
    night.try_to_deliver()
    entry.check(
        all("expired" in told(kiosk) for kiosk in night.kiosks),
        f"kiosks don't speak of a certificate that has expired: {told(night.kiosks[0])}",
    )
    night.end()
    files.issue()
    night.settle(entry)


def told(kiosk: MeaningWell) -> str:
    """What this kiosk shows to its staff."""
    relay, _way = kiosk.relay()
    relay.run(now=True)
    return str(relay.status.failure)
