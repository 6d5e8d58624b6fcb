"""Serves pages and kiosks, with TLS or on loopback or behind a proxy."""

import errno
import http.client
import ipaddress
import logging
import multiprocessing
import os
import signal
import socket
import ssl
import threading
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headoffice import clock
from headoffice.errors import ConfigurationError
from headoffice.server import memory

if TYPE_CHECKING:
    from headoffice.server.certificates import CertificateFiles

READY_WITHIN_S = 60.0
MOST_WORKERS = 32
BACKLOG = 2048
"""Connections that the kernel keeps until a worker takes them."""


@dataclass(frozen=True)
class Address:
    """Where to listen, and with which certificate."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None

    @property
    def tls(self) -> bool:
        """Whether TLS ends here."""
        return self.certificate is not None

    @property
    def loopback(self) -> bool:
        """Whether nobody but this machine can reach it."""
        try:
            found = ipaddress.ip_address(str(self._resolved[1][0]).partition("%")[0])
        except (OSError, UnicodeError):
            return False
        return (getattr(found, "ipv4_mapped", None) or found).is_loopback

    @cached_property
    def _resolved(self) -> tuple[int, tuple[Any, ...]]:
        """Family and address to bind to, of IPv4 if there is one; OSError, UnicodeError."""
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        family, _kind, _protocol, _name, address = min(
            found, key=lambda each: each[0] != socket.AF_INET
        )
        return family, address

    @property
    def names(self) -> list[str]:
        """Host names that requests to this address may carry."""
        if self.host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
            return [socket.gethostname(), socket.getfqdn()]
        return [f"[{self.host}]" if ":" in self.host else self.host]

    def check(self, *, behind_proxy: bool) -> None:
        """ConfigurationError if answers or passwords would travel readable."""
        if (self.certificate is None) != (self.key is None):
            raise ConfigurationError("--tls-cert and --tls-key go together")
        if not (self.loopback or self.tls or behind_proxy):
            raise ConfigurationError(
                f"{self.host} can be reached from other machines, and answers and passwords "
                "would travel readable: give --tls-cert and --tls-key, or --behind-proxy if a "
                "proxy in front speaks TLS"
            )
        if files := self.files:
            files.load()

    @property
    def files(self) -> "CertificateFiles | None":
        """Those of the certificate."""
        from headoffice.server.certificates import CertificateFiles

        if self.certificate is None or self.key is None:
            return None
        return CertificateFiles(self.certificate, self.key)

    def bind(self) -> socket.socket:
        """A socket that nobody can connect to yet; ConfigurationError if the port is not free."""
        try:
            family, address = self._resolved
            bound = socket.socket(family, socket.SOCK_STREAM)
            try:
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                bound.bind(address)
            except OSError:
                bound.close()
                raise
        except (OSError, UnicodeError) as error:
            raise ConfigurationError(
                f"can't listen on {self.host} port {self.port}: {_binding_words(error)}"
            ) from error
        return bound

    def url(self) -> str:
        """The address as one types it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"


def usual_workers() -> int:
    """One writes while another reads and checks; a third evens out who gets which connection."""
    return 1 if len(os.sched_getaffinity(0)) == 1 else 3


def serve(address: Address, bound: socket.socket, workers: int) -> int:
    """Serve on a socket until SIGTERM or SIGINT; says so on stdout once it really answers.

    The workers are forked from this process with everything loaded: they begin at once and share
    what they don't change.
    """
    from headoffice.fleet.models import HeadOffice
    from headoffice.server.certificate_in_force import CertificateInForce
    from headoffice.server.workers import OfficeProcess
    from headoffice.telemetry.readiness import READINESS

    READINESS.identity = HeadOffice.identity()
    bound.listen(BACKLOG)
    address = replace(address, port=bound.getsockname()[1])
    # Forgeries and mistakes of clients are answered, not logged.
    logging.getLogger("tornado.general").setLevel(logging.CRITICAL)
    memory.keep_few_heaps()
    announcer = _Announcer(address, workers)
    # The number alone is handed over: who takes it closes it.
    certificate = CertificateInForce(files) if (files := address.files) else None
    process = OfficeProcess(bound.detach(), workers, certificate, announcer.count_worker)
    try:
        process.run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _binding_words(error: OSError | UnicodeError) -> str:
    match error:
        case socket.gaierror() | UnicodeError():
            return "no such name; give an address of this machine with --host, or 0.0.0.0 for all"
        case OSError(errno=errno.EADDRINUSE):
            return "another program listens there already. Stop it, or give another --port"
        case OSError(errno=errno.EADDRNOTAVAIL):
            return "this machine has no such address. 0.0.0.0 stands for all that it has"
        case OSError(errno=errno.EACCES):
            return (
                "ports below 1024 need a right. With systemd: `systemctl edit hymio-headoffice`, "
                "and under [Service] AmbientCapabilities=CAP_NET_BIND_SERVICE and "
                "CapabilityBoundingSet=CAP_NET_BIND_SERVICE"
            )
    return str(error)


class _Announcer:
    """Says once that the head office answers, when every worker has begun.

    The last one to begin does it: the parent has no thread, as what that held while a worker is
    forked would stay held there.
    """

    def __init__(self, address: Address, workers: int) -> None:
        self._address, self._workers, self._parent = address, workers, os.getpid()
        self._begun = multiprocessing.get_context("fork").Value("i", 0)

    def count_worker(self) -> None:
        """One more has begun, the first time or in the place of another."""
        with self._begun.get_lock():
            self._begun.value += 1
            is_last = self._begun.value == self._workers
        if is_last:
            self._announce()

    def _announce(self) -> None:
        deadline = clock.mono() + READY_WITHIN_S
        pause = threading.Event()
        while not _answers(self._address):
            if clock.mono() > deadline:
                # The log says why it does not answer.
                os.kill(self._parent, signal.SIGTERM)
                return
            pause.wait(0.02)
        print(f"Hymio head office ready at {self._address.url()}", flush=True)  # noqa: T201


def _answers(address: Address) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address.host, address.host)  # noqa: S104
    connection: http.client.HTTPConnection
    if address.tls:
        # Asked is whether it is up; whose name the certificate holds is the users' matter.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, address.port, timeout=2, context=context)
    else:
        connection = http.client.HTTPConnection(host, address.port, timeout=2)
    try:
        connection.request("GET", "/health", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
