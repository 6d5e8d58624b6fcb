"""Serves pages and kiosks by granian, with TLS or on loopback or behind a proxy."""

import ctypes
import functools
import http.client
import ipaddress
import logging
import multiprocessing
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headoffice import clock, memory
from headoffice.errors import HeadOfficeError

READY_WITHIN_S = 60.0
THREADS = 8
"""Requests at once in one worker; each thread keeps a database connection."""
MOST_WORKERS = 32
# Of Linux' prctl.h.
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Address:
    """Where to listen, and with which certificate."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None

    @property
    def tls(self) -> bool:
        """Whether we speak TLS ourselves."""
        return self.certificate is not None

    @property
    def loopback(self) -> bool:
        """Whether nobody but this machine can reach it."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def names(self) -> list[str]:
        """Host names that requests to this address may carry."""
        if self.host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
            return [socket.gethostname(), socket.getfqdn()]
        return [f"[{self.host}]" if ":" in self.host else self.host]

    def check(self, *, behind_proxy: bool) -> None:
        """HeadOfficeError if answers or passwords would travel readable."""
        if (self.certificate is None) != (self.key is None):
            raise HeadOfficeError("--tls-cert and --tls-key go together")
        for file in (self.certificate, self.key):
            if file is not None and not file.is_file():
                raise HeadOfficeError(f"there is no file {file}")
        if not (self.loopback or self.tls or behind_proxy):
            raise HeadOfficeError(
                f"{self.host} can be reached from other machines, and answers and passwords "
                "would travel readable: give --tls-cert and --tls-key, or --behind-proxy if a "
                "proxy in front speaks TLS"
            )

    def url(self) -> str:
        """The address as one types it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"


def usual_workers() -> int:
    """One writes while another reads and checks; a third evens out who gets which connection."""
    return 1 if len(os.sched_getaffinity(0)) == 1 else 3


def serve(address: Address, workers: int) -> int:
    """Serve until SIGTERM or SIGINT; says so on stdout once it really answers.

    The workers are forked from this process with everything loaded: they begin at once and share
    what they don't change.
    """
    from django.db import connections
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    address = _with_free_port(address)
    # Python 3.14 would start them from a process that has loaded nothing.
    multiprocessing.set_start_method("fork", force=True)
    server = Server(
        "headoffice.wsgi:application",
        address=address.host,
        port=address.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
        ssl_cert=address.certificate,
        ssl_key=address.key,
        # One that dies is replaced; if that dies within seconds too, all of us end.
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        websockets=False,
    )
    logging.getLogger("_granian").addFilter(_is_news)
    memory.keep_few_heaps()
    import headoffice.wsgi  # noqa: F401 - loads everything

    # A connection may not be used on both sides of a fork.
    connections.close_all()

    def forked() -> bool:
        return len(server.wrks) == workers

    announcer = threading.Thread(target=_announce, args=(address, forked), daemon=True)
    announcer.start()
    server.serve(target_loader=functools.partial(_begin, os.getpid()), wrap_loader=False)
    return 0


def _begin(parent: int) -> Callable[..., Any]:
    """The application, in a worker that has just been forked."""
    # Nobody would end it or look after it: at kill -9 of its parent the kernel ends it too.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    from headoffice.ingest import sealing
    from headoffice.results import summing
    from headoffice.wsgi import application

    # In each worker: they come one after the other, and the second finds little to do. What one had
    # begun when it died is rolled back and made again.
    for name, work in (("summing", summing.keep), ("erasing", sealing.keep)):
        threading.Thread(target=work, args=(threading.Event(),), name=name, daemon=True).start()
    return application


def _is_news(record: logging.LogRecord) -> bool:
    """Not the advice against more threads and workers than cores: ours wait for the database."""
    return "CPU cores" not in record.getMessage()


def _with_free_port(address: Address) -> Address:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise HeadOfficeError(
                f"can't listen on {address.host} port {address.port} ({error.strerror})"
            ) from error
        port = probe.getsockname()[1]
    return Address(address.host, port, address.certificate, address.key)


def _announce(address: Address, forked: Callable[[], bool]) -> None:
    deadline = clock.mono() + READY_WITHIN_S
    pause = threading.Event()
    while clock.mono() < deadline:
        # Not before all are forked: what this thread holds at that moment would stay held in them.
        if forked() and _answers(address):
            print(f"Hymio head office ready at {address.url()}", flush=True)  # noqa: T201
            return
        pause.wait(0.02)
    # Something holds the port or the worker can't start: its log says what.
    os.kill(os.getpid(), signal.SIGTERM)


def _answers(address: Address) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address.host, address.host)  # noqa: S104
    connection: http.client.HTTPConnection
    if address.tls:
        # We ask ourselves whether we are up; whose name the certificate holds is the users' matter.
        context = ssl._create_unverified_context()  # noqa: S323, SLF001
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
