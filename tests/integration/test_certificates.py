"""Certificates: what is wrong with the files is said, and new ones are taken by themselves."""

import datetime as dt
import os
import re
import socket
import ssl
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from office import ServedOffice, logged_lines
from processes import ROOT, wait_until

from headoffice.errors import ConfigurationError
from headoffice.server.certificate_in_force import LOOK_EVERY_S, CertificateInForce
from headoffice.server.certificates import CertificateFiles

DAY = dt.timedelta(days=1)


class Pair:
    """A certificate and its key in two files, to be replaced."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.files = CertificateFiles(folder / "cert.pem", folder / "key.pem")
        self.renew()

    def renew(self, *names: str, lasts: dt.timedelta = 90 * DAY) -> trustme.LeafCert:
        now = dt.datetime.now(dt.UTC)
        made = self.authority.issue_cert(
            *(names or ("localhost",)), not_before=now - 100 * DAY, not_after=now + lasts
        )
        self.write(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        self.files.key.write_bytes(made.private_key_pem.bytes())
        return made

    def write(self, certificate: bytes) -> None:
        self.files.certificate.write_bytes(certificate)

    def openssl(self, *words: str) -> None:
        done = subprocess.run(["openssl", *words], capture_output=True, check=False)
        assert 0 == done.returncode, done.stderr


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


# --- what is wrong with the files -----------------------------------------------------------


def swapped(pair: Pair) -> None:
    key, certificate = pair.files.key.read_bytes(), pair.files.certificate.read_bytes()
    pair.write(key)
    pair.files.key.write_bytes(certificate)


def issuer_first(pair: Pair) -> None:
    pair.write(pair.authority.cert_pem.bytes() + pair.files.certificate.read_bytes())


def der(pair: Pair) -> None:
    path = str(pair.files.certificate)
    pair.openssl("x509", "-in", path, "-outform", "der", "-out", path)


def encrypted(pair: Pair) -> None:
    path = str(pair.files.key)
    pair.openssl("pkcs8", "-topk8", "-in", path, "-passout", "pass:x", "-out", f"{path}.new")
    Path(f"{path}.new").replace(path)


def encrypted_as_before(pair: Pair) -> None:
    path = str(pair.files.key)
    pair.openssl("ec", "-in", path, "-aes256", "-passout", "pass:x", "-out", path)


def key_of_another(pair: Pair) -> None:
    pair.files.key.write_bytes(pair.authority.issue_cert("localhost").private_key_pem.bytes())


def damaged(pair: Pair) -> None:
    lines = pair.files.certificate.read_bytes().splitlines(keepends=True)
    pair.write(b"".join([lines[0], *lines[5:]]))


def damaged_key(pair: Pair) -> None:
    lines = pair.files.key.read_bytes().splitlines(keepends=True)
    pair.files.key.write_bytes(b"".join([lines[0], *lines[2:]]))


def weak(pair: Pair) -> None:
    pair.openssl(
        *("req", "-x509", "-newkey", "rsa:512", "-noenc", "-subj", "/CN=localhost", "-days", "9"),
        *("-keyout", str(pair.files.key), "-out", str(pair.files.certificate)),
    )


WRONG: dict[str, tuple[Callable[[Pair], object], str]] = {
    "no certificate": (lambda pair: pair.files.certificate.unlink(), "there is no file .*cert.pem"),
    "no key": (lambda pair: pair.files.key.unlink(), "there is no file .*key.pem"),
    "a folder": (lambda pair: (pair.files.key.unlink(), pair.files.key.mkdir()), "Is a directory"),
    "empty": (lambda pair: pair.write(b""), "holds no certificate in PEM form"),
    "swapped": (swapped, "holds no certificate in PEM form .*: are the two files swapped?"),
    "DER": (der, "in DER form: `openssl x509 -inform der"),
    "damaged": (damaged, "the certificate in .* is damaged"),
    "damaged key": (damaged_key, "key.pem is damaged"),
    "no key in it": (lambda pair: pair.files.key.write_text("x"), "holds no private key in PEM"),
    "encrypted": (encrypted, "is encrypted.*`openssl pkey -in .* -out NEW.pem`"),
    "encrypted in the old way": (encrypted_as_before, "is encrypted"),
    "another's key": (key_of_another, "is not that of the certificate"),
    "wrong order": (issuer_first, "the server's own comes first"),
    "weak": (weak, "can't be used"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_the_files_is_said(pair: Pair, case: str) -> None:
    spoil, said = WRONG[case]
    assert pair.files.load().names == ("localhost",)
    spoil(pair)
    with pytest.raises(ConfigurationError, match=said):
        pair.files.load()


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone can be somebody else")
@pytest.mark.parametrize(
    ("closed", "said"),
    [("key.pem", "nobody may not read .*key.pem.*chmod 640"), (".", "nobody may not enter ")],
)
def test_who_may_not_read_a_file_is_told_what_to_do(pair: Pair, closed: str, said: str) -> None:
    folder = pair.files.key.parent
    for each in (folder, *folder.parents):
        each.chmod(0o755)
    pair.files.certificate.chmod(0o644)
    (folder / closed).chmod(0o600 if closed == "key.pem" else 0o700)
    nobody = 65534
    child = os.fork()
    if child == 0:
        os.setresuid(nobody, nobody, nobody)
        try:
            pair.files.load()
        except ConfigurationError as error:
            os._exit(0 if re.search(said, str(error)) else 1)
        os._exit(2)
    assert 0 == os.waitpid(child, 0)[1]


@pytest.mark.parametrize(
    ("lasts", "said"),
    [
        (-DAY, "has expired on 20.*Renew it"),
        (5 * DAY, "ends on 20.*, in 4 days. Renew it"),
        (60 * DAY, ""),
    ],
)
def test_an_end_that_is_near_or_over_is_said(pair: Pair, lasts: dt.timedelta, said: str) -> None:
    pair.renew(lasts=lasts)
    complaint = pair.files.load().complaint()
    assert (complaint == "") is (said == "")
    assert said == "" or re.search(said, complaint)


def test_which_names_are_vouched_for_is_known(pair: Pair) -> None:
    pair.renew("Feedback.example.com", "*.shops.example.com", "10.0.0.5", "2001:db8::7")
    certificate = pair.files.load()
    for name in ("feedback.example.com", "a.shops.example.com", "10.0.0.5", "[2001:db8::7]"):
        assert certificate.covers(name), name
    for name in ("example.com", "a.b.shops.example.com", "shops.example.com", "10.0.0.6", ""):
        assert not certificate.covers(name), name


# --- new files ------------------------------------------------------------------------------


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now

    def look(self, certificate: CertificateInForce) -> bool:
        self.now += LOOK_EVERY_S
        return certificate.is_renewed()


def test_new_files_are_taken_when_both_are_there(pair: Pair) -> None:
    seconds = Seconds()
    certificate = CertificateInForce(pair.files, seconds)
    first = certificate.current.end
    assert not seconds.look(certificate)
    made = pair.authority.issue_cert("localhost")
    pair.write(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    assert not seconds.look(certificate), "perhaps it is still being written"
    assert not seconds.look(certificate), "the key is missing"
    pair.files.key.write_bytes(made.private_key_pem.bytes())
    assert not seconds.look(certificate)
    assert first == certificate.current.end
    assert seconds.look(certificate)
    certificate.load()
    assert first != certificate.current.end
    assert not seconds.look(certificate)


def test_broken_files_change_nothing_and_are_said_once(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    seconds = Seconds()
    certificate = CertificateInForce(pair.files, seconds)
    before = certificate.current
    pair.write(b"nothing of use")
    assert not any(seconds.look(certificate) for _ in range(10))
    pair.files.key.unlink()
    assert not any(seconds.look(certificate) for _ in range(10))
    assert before is certificate.current
    assert 1 == len(caplog.records)
    assert "the certificate before is used on" in caplog.text
    pair.renew()
    assert [False, True] == [seconds.look(certificate) for _ in range(2)]


def test_one_that_has_expired_is_said_at_the_start(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    pair.renew(lasts=-DAY)
    CertificateInForce(pair.files)
    assert "has expired on" in caplog.text


@pytest.mark.e2e
def test_a_renewed_certificate_is_in_force_without_a_word(pair: Pair, tmp_path: Path) -> None:
    office = ServedOffice(tmp_path / "office")
    office.options += ["--tls-cert", str(pair.files.certificate), "--workers", "1"]
    office.options += ["--tls-key", str(pair.files.key)]
    trusting = ssl.create_default_context()
    pair.authority.configure_trust(trusting)

    def serial() -> object:
        port = int(office.url.rpartition(":")[2])
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
            trusting.wrap_socket(plain, server_hostname="localhost") as secured,
        ):
            return (secured.getpeercert() or {})["serialNumber"]

    log = tmp_path / "log"
    with log.open("w") as file:
        office.errors = file.fileno()
        with office:
            first = serial()
            pair.renew(lasts=200 * DAY)

            def renewed() -> bool:
                # A worker that is replaced may have taken the connection; clients come again.
                with suppress(OSError):
                    return first != serial()
                return False

            wait_until(renewed, "the new certificate", seconds=60)
    assert 1 == sum("A new certificate is in force" in line for line in logged_lines(log))


def test_the_unit_takes_a_new_certificate_when_it_is_reloaded() -> None:
    unit = (ROOT / "deploy" / "hymio-headoffice.service").read_text()
    assert "\nExecReload=/bin/kill -HUP $MAINPID\n" in unit
