"""Why the head office can't be reached: every step to it, one after another.

::

    for findings in diagnose(ConnectionPath(identity, settings, folder), clock):
        show(findings)

Each step is taken for real, as far as the one before allows: routes, the name, a connection, and
at last a heartbeat, which the head office acknowledges like any other.
"""

import errno
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from msgspec import structs

from config.settings import Settings
from kiosk.maintenance.results import ConnectionStep, Finding, Findings
from sync.address import checked_address, loopback_host
from sync.clock import Clock
from sync.clock_trust import contradicts_belief
from sync.credential import Keyring
from sync.errors import SyncError
from sync.failure_texts import problem_text
from sync.heartbeat import age_ms
from sync.identity import Identity, save_credential
from sync.messages import Heartbeat, OutboxReport, Problem
from sync.outbox.sqlite import SqliteOutbox
from sync.outcome import (
    NetworkFailure,
    NetworkTrouble,
    NotAReceipt,
    Rejection,
    SendOutcome,
    VerifiedReceipt,
)
from sync.transport import HttpTransport
from sync.wire_types import Digest

_ROUTES = ((Path("/proc/net/route"), 1, 0), (Path("/proc/net/ipv6_route"), 0, -1))
"""File, lines of heading, and the column with the name of the interface."""
_FAR_OFF_MS = 60_000
_NOBODY = "00000000-0000-0000-0000-000000000000"
_FAULTS: dict[NetworkTrouble, tuple[ConnectionStep, str]] = {
    "name": ("answer", "name"),
    "refused": ("answer", "refused"),
    "timeout": ("answer", "timeout"),
    "unreachable": ("answer", "unreachable"),
    "cut": ("answer", "cut"),
    "proxy": ("answer", "proxy"),
    "tls": ("tls", "tls"),
    "certificate_untrusted": ("tls", "certificate"),
    "certificate_name": ("tls", "certificate_name"),
    "certificate_expired": ("tls", "certificate_expired"),
    "certificate_too_new": ("tls", "certificate_time"),
}
"""The step that fails for each trouble, and the word for it."""


@dataclass(frozen=True)
class ConnectionPath:
    """From which kiosk to which head office."""

    identity: Identity | None
    settings: Settings
    folder: Path
    questionnaire: Digest
    address: str = ""
    """As staff typed it."""

    @property
    def url(self) -> str:
        """The head office's address: as set, else as enrolled, else as typed."""
        enrolled = self.identity.url if self.identity else ""
        return self.settings.head_office.url or enrolled or self.address


def diagnose(
    path: ConnectionPath, clock: Clock, has_route: Callable[[], bool] | None = None
) -> Iterator[Findings]:
    """The findings so far, after each step; the last one is done."""
    steps: list[Finding] = []
    for finding in _steps(path, clock, has_route or has_route_out):
        steps.append(finding)
        if finding.sign == "bad":
            break
        yield Findings(tuple(steps), is_complete=False)
    yield Findings(tuple(steps), is_complete=True)


def has_route_out() -> bool:
    """Whether the machine has a way to anywhere but itself."""
    return any(
        line.split()[column] != "lo"
        for file, skip, column in _ROUTES
        for line in _lines(file)[skip:]
        if line.split()
    )


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except OSError:
        return []


def _steps(path: ConnectionPath, clock: Clock, has_route: Callable[[], bool]) -> Iterator[Finding]:
    plain = path.settings.head_office.dangerously_allow_plain_http
    if not path.url:
        yield Finding("network", "bad", "no_address")
        return
    try:
        url = checked_address(path.url, plain_allowed=plain)
    except SyncError as error:
        yield Finding("network", "bad", "bad_address", str(error))
        return
    yield _network(url, has_route)
    if not _through_proxy(url):
        yield from _connect(url, path.settings.sync.connect_timeout)
    yield from _exchange(path, url, clock)


def _network(url: str, has_route: Callable[[], bool]) -> Finding:
    if loopback_host(url) or has_route():
        return Finding("network", "good")
    return Finding("network", "bad", "no_network")


def _through_proxy(url: str) -> bool:
    parts = urlsplit(url)
    if loopback_host(url) or not parts.hostname:
        return False
    return parts.scheme in getproxies() and not proxy_bypass(parts.hostname)


def _connect(url: str, timeout_s: float) -> Iterator[Finding]:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        yield Finding("name", "bad", "name", host)
        return
    address = addresses[0][4][0]
    yield Finding("name", "good", "", f"{host} → {address}" if host != address else host)
    try:
        socket.create_connection((host, port), timeout_s).close()
    except TimeoutError:
        yield Finding("connect", "bad", "timeout", f"{host}:{port}")
    except ConnectionRefusedError:
        yield Finding("connect", "bad", "refused", f"{host}:{port}")
    except OSError as error:
        no_net = error.errno == errno.ENETUNREACH
        yield Finding("connect", "bad", "no_network" if no_net else "unreachable", f"{host}:{port}")
    else:
        yield Finding("connect", "good", "", f"{host}:{port}")


def _exchange(path: ConnectionPath, url: str, clock: Clock) -> Iterator[Finding]:
    secure: tuple[Finding, ...] = ()
    if url.startswith("https"):
        secure = (Finding("tls", "good"),)
    try:
        outcome = _send_heartbeat(path, url, clock)
    except SyncError as error:
        yield Finding("answer", "bad", "", str(error))
        return
    if isinstance(outcome, NetworkFailure):
        step, fault = _FAULTS[outcome.kind]
        yield Finding(step, "bad", fault)
        return
    yield from secure
    yield from _answer(outcome, path, clock)


def _answer(outcome: SendOutcome, path: ConnectionPath, clock: Clock) -> Iterator[Finding]:
    good = Finding("answer", "good")
    match outcome:
        case VerifiedReceipt():
            yield good
            yield Finding("credential", "good")
            yield _clocks(outcome, path, clock)
        case Rejection(status=401 | 403, problem=Problem()):
            yield good
            yield Finding("credential", "bad", "credential" if path.identity else "not_enrolled")
        case NotAReceipt(reason="head_office"):
            yield good
            yield Finding("credential", "bad", "other_head_office")
        case NotAReceipt(reason="redirect" | "not_json", detail=detail):
            yield Finding("answer", "bad", "captive", detail)
        case Rejection(problem=Problem() as problem, status=status):
            yield Finding("answer", "bad", "server", f"{problem_text(problem)} ({status})")
        case Rejection(status=401 | 403 | 407 | 511 as status):
            yield Finding("answer", "bad", "captive", f"HTTP {status}")
        case Rejection(status=status):
            yield Finding("answer", "bad", "not_hymio", f"HTTP {status}")
        case NotAReceipt(detail=detail):
            yield Finding("answer", "bad", "not_hymio", detail)
        case _:
            yield Finding("answer", "bad", "cut")


def _clocks(outcome: VerifiedReceipt, path: ConnectionPath, clock: Clock) -> Finding:
    """Whether the two clocks agree, and whose is wrong where that can be told."""
    seen, now = outcome.sighting, clock.moment()
    if seen is None:
        return Finding("clock", "bad", "head_office_clock")
    with SqliteOutbox.look(path.folder) as outbox:
        believed = outbox.sightings((now.boot,))
    if believed and contradicts_belief(seen, believed[0]):
        return Finding("clock", "bad", "head_office_clock")
    far = abs(outcome.receipt.now_ms - now.wall_ms) > _FAR_OFF_MS
    return Finding("clock", "warn" if far else "good", "clock" if far else "")


def _send_heartbeat(path: ConnectionPath, url: str, clock: Clock) -> SendOutcome:
    """What comes of a heartbeat; of one without a credential while the kiosk is not enrolled."""
    office, sync = path.settings.head_office, path.settings.sync
    if path.identity is None:
        stranger = Identity(kiosk=_NOBODY, credential="", place="", head_office=_NOBODY, url=url)
        return HttpTransport(stranger, clock, sync, office).send_heartbeat(_empty(path, clock))
    keyring = Keyring(path.identity, partial(save_credential, path.folder))
    transport = HttpTransport(keyring.at(url), clock, sync, office, keyring)
    return transport.send_heartbeat(_heartbeat(path, clock))


def _heartbeat(path: ConnectionPath, clock: Clock) -> Heartbeat:
    with SqliteOutbox.look(path.folder) as outbox:
        position, counts = outbox.position(), outbox.counts()
    now = clock.moment()
    report = OutboxReport(
        waiting=counts.waiting,
        quarantined=counts.in_quarantine,
        last_seq=counts.last_seq,
        oldest_waiting_ms=age_ms(counts.oldest_waiting, now),
    )
    return structs.replace(
        _empty(path, clock),
        installation=position.installation,
        oldest=position.oldest,
        outbox=report,
    )


def _empty(path: ConnectionPath, clock: Clock) -> Heartbeat:
    return Heartbeat(
        installation=_NOBODY,
        oldest=1,
        sent=clock.moment(),
        version=metadata.version("hymio"),
        questionnaire=path.questionnaire,
        outbox=OutboxReport(waiting=0, quarantined=0, last_seq=0),
    )
