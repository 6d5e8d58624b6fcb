"""The certificate that the head office speaks TLS with, and its private key: two files in PEM."""

import datetime as dt
import os
import pwd
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import PublicFormat

from headoffice import clock
from headoffice.errors import ConfigurationError

SOON = dt.timedelta(days=14)
"""Who renews certificates by themselves does so a month before their end."""


class FileState(NamedTuple):
    """What changes when a file is written or replaced."""

    inode: int
    modified_ns: int
    size: int


@dataclass(frozen=True)
class CertificateFiles:
    """Where both are."""

    certificate: Path
    key: Path

    def states(self) -> tuple[FileState, ...]:
        """How the files are now; OSError if one can't be seen."""
        found = (file.stat() for file in (self.certificate, self.key))
        return tuple(FileState(each.st_ino, each.st_mtime_ns, each.st_size) for each in found)

    def load(self) -> "Certificate":
        """The certificate, fit for use; ConfigurationError that says what is wrong, and how to
        mend it."""
        chain = _read_chain(self.certificate)
        _check_key(self, chain, _read(self.key))
        leaf = chain[0]
        return Certificate(
            self._context(),
            begin=leaf.not_valid_before_utc,
            end=leaf.not_valid_after_utc,
            names=_names(leaf),
        )

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.set_alpn_protocols(["http/1.1"])
        # One is what a kiosk goes on with; each takes a quarter of a kilobyte of its line.
        context.num_tickets = 1
        try:
            # Without an answer OpenSSL would ask for a password on a terminal.
            context.load_cert_chain(self.certificate, self.key, password=lambda: b"")
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"the certificate {self.certificate} and its key {self.key} can't be used ({error})"
            ) from error
        return context


@dataclass(frozen=True)
class Certificate:
    """One that is good for TLS with its key."""

    context: ssl.SSLContext
    begin: dt.datetime
    end: dt.datetime
    names: tuple[str, ...]
    """Host names and addresses that it vouches for, as `--allow-host` takes them."""

    @property
    def is_valid(self) -> bool:
        """Whether it is neither over nor to come."""
        return self.begin <= clock.now() < self.end

    def complaint(self) -> str:
        """What browsers and kiosks find wrong with its time, or soon will; empty if nothing."""
        now = clock.now()
        if now >= self.end:
            return f"has expired on {self.end:%Y-%m-%d}: browsers and kiosks refuse it. Renew it"
        if now < self.begin:
            begin = f"{self.begin:%Y-%m-%d %H:%M} UTC"
            return f"is not valid before {begin}: is the clock of this machine right?"
        if self.end - now < SOON:
            return f"ends on {self.end:%Y-%m-%d}, in {(self.end - now).days} days. Renew it"
        return ""

    def covers(self, name: str) -> bool:
        """Whether it vouches for a host name or address; ``*`` stands for one label."""
        name = name.lower().strip("[]")
        _, _, domain = name.partition(".")
        return name in self.names or bool(domain and f"*.{domain}" in self.names)


# --- the files ------------------------------------------------------------------------------


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise ConfigurationError(f"there is no file {file}") from None
    except PermissionError:
        raise ConfigurationError(_not_readable(file)) from None
    except OSError as error:
        raise ConfigurationError(f"can't read {file} ({error.strerror})") from error


def _not_readable(file: Path) -> str:
    user = _user()
    # Who may not enter a folder can't tell what is in it.
    closed = next((f for f in reversed(file.parents) if not os.access(f, os.X_OK)), None)
    if closed is not None:
        return (
            f"{user} may not enter {closed} to read {file}: put copies of the certificate and its "
            "key where it may, as the deploy hook in docs/operations.md does"
        )
    return (
        f"{user} may not read {file}: let it, for instance with "
        f"`chgrp {user} {file}` and `chmod 640 {file}`"
    )


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"user {os.geteuid()}"


def _read_chain(file: Path) -> list[x509.Certificate]:
    content = _read(file)
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError as error:
        if b"-----BEGIN CERTIFICATE-----" in content:
            raise ConfigurationError(f"the certificate in {file} is damaged ({error})") from None
    if _is_der(content):
        raise ConfigurationError(
            f"{file} is a certificate in DER form: "
            f"`openssl x509 -inform der -in {file} -out NEW.pem` makes the PEM form of it"
        )
    hint = ": are the two files swapped?" if b"PRIVATE KEY-----" in content else ""
    raise ConfigurationError(
        f"{file} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----){hint}"
    )


def _is_der(content: bytes) -> bool:
    try:
        x509.load_der_x509_certificate(content)
    except ValueError:
        return False
    return True


def _check_key(files: CertificateFiles, chain: list[x509.Certificate], content: bytes) -> None:
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except TypeError:
        raise ConfigurationError(
            f"the key {files.key} is encrypted, and nobody types its password at a start: "
            f"`openssl pkey -in {files.key} -out NEW.pem` makes one that is not"
        ) from None
    except (ValueError, UnsupportedAlgorithm) as error:
        hint = (
            f"is damaged ({error})"
            if b"PRIVATE KEY-----" in content
            else "holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)"
        )
        raise ConfigurationError(f"{files.key} {hint}") from None
    kind = (serialization.Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    own = key.public_key().public_bytes(*kind)
    its = [each.public_key().public_bytes(*kind) for each in chain]
    if own == its[0]:
        return
    if own in its:
        raise ConfigurationError(
            f"the first certificate in {files.certificate} is not the one of the key {files.key}: "
            "the server's own comes first, those of its issuers after it"
        )
    raise ConfigurationError(
        f"the key {files.key} is not that of the certificate {files.certificate}: they are made "
        "together, and renewed together"
    )


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    names = found.get_values_for_type(x509.DNSName)
    addresses = found.get_values_for_type(x509.IPAddress)
    return tuple(name.lower() for name in (*names, *map(str, addresses)))
