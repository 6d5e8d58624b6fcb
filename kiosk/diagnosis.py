"""Why the head office can't be reached: the way to it, one step after another.

::

    for findings in diagnose(Way(identity, settings, folder), clock):
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
from kiosk.staff_facts import Finding, Findings
from sync.address import checked_address, loopback_host
from sync.clock import Clock
from sync.errors import SyncError
from sync.heartbeat import age_ms
from sync.identity import Identity, keep_credential
from sync.keyring import Keyring
from sync.messages import Digest, Heartbeat, OutboxReport, Problem
from sync.outcome import Delivered, NetworkFailed, NotAReceipt, Outcome, Rejected
from sync.sqlite import SqliteOutbox
from sync.transport import HttpTransport

_ROUTES = ((Path("/proc/net/route"), 1, 0), (Path("/proc/net/ipv6_route"), 0, -1))
"""File, lines of heading, and the column with the name of the interface."""
_FAR_OFF_MS = 60_000
_NOBODY = "00000000-0000-0000-0000-000000000000"
_FAULTS = {
    "name": "name",
    "refused": "refused",
    "timeout": "timeout",
    "tls": "tls",
    "certificate_untrusted": "certificate",
    "certificate_name": "certificate_name",
    "certificate_expired": "certificate_expired",
    "certificate_too_new": "certificate_time",
    "unreachable": "unreachable",
    "cut": "cut",
    "proxy": "proxy",
}


@dataclass(frozen=True)
class Way:
    """What is tried."""

    identity: Identity | None
    settings: Settings
    folder: Path
    questionnaire: Digest

    @property
    def url(self) -> str:
        """The head office's address: as set, else as enrolled."""
        return self.settings.head_office.url or (self.identity.url if self.identity else "")


def diagnose(
    way: Way, clock: Clock, has_route: Callable[[], bool] | None = None
) -> Iterator[Findings]:
    """The findings so far, after each step; the last one is done."""
    steps: list[Finding] = []
    for finding in _steps(way, clock, has_route or routed):
        steps.append(finding)
        if finding.sign == "bad":
            break
        yield Findings(tuple(steps), done=False)
    yield Findings(tuple(steps), done=True)


def routed() -> bool:
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


def _steps(way: Way, clock: Clock, has_route: Callable[[], bool]) -> Iterator[Finding]:
    plain = way.settings.head_office.dangerously_allow_plain_http
    if not way.url:
        yield Finding("network", "bad", "no_address")
        return
    try:
        url = checked_address(way.url, plain_allowed=plain)
    except SyncError as error:
        yield Finding("network", "bad", "bad_address", str(error))
        return
    yield _network(url, has_route)
    if not _through_proxy(url):
        yield from _line(url, way.settings.sync.connect_timeout)
    yield from _exchange(way, url, clock)


def _network(url: str, has_route: Callable[[], bool]) -> Finding:
    if loopback_host(url) or has_route():
        return Finding("network", "good")
    return Finding("network", "bad", "no_network")


def _through_proxy(url: str) -> bool:
    parts = urlsplit(url)
    if loopback_host(url) or not parts.hostname:
        return False
    return parts.scheme in getproxies() and not proxy_bypass(parts.hostname)


def _line(url: str, timeout_s: float) -> Iterator[Finding]:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        yield Finding("name", "bad", "name", host)
        return
    address = found[0][4][0]
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


def _exchange(way: Way, url: str, clock: Clock) -> Iterator[Finding]:
    secure: tuple[Finding, ...] = ()
    if url.startswith("https"):
        secure = (Finding("tls", "good"),)
    try:
        outcome = _asked(way, url, clock)
    except SyncError as error:
        yield Finding("answer", "bad", "", str(error))
        return
    match outcome:
        case NetworkFailed(kind=kind) if kind == "tls" or kind.startswith("certificate"):
            yield Finding("tls", "bad", _FAULTS[kind])
            return
        case NetworkFailed(kind=kind):
            yield Finding("answer", "bad", _FAULTS[kind])
            return
    yield from secure
    yield from _answer(outcome, clock, enrolled=way.identity is not None)


def _answer(outcome: Outcome, clock: Clock, *, enrolled: bool) -> Iterator[Finding]:
    good = Finding("answer", "good")
    match outcome:
        case Delivered(receipt=receipt):
            yield good
            yield Finding("credential", "good")
            offset = abs(receipt.now_ms - clock.moment().wall_ms)
            far = offset > _FAR_OFF_MS
            yield Finding("clock", "warn" if far else "good", "clock" if far else "")
        case Rejected(status=401 | 403, problem=Problem()):
            yield good
            yield Finding("credential", "bad", "credential" if enrolled else "not_enrolled")
        case NotAReceipt(why="head_office"):
            yield good
            yield Finding("credential", "bad", "other_head_office")
        case NotAReceipt(why="redirect" | "not_json", detail=detail):
            yield Finding("answer", "bad", "captive", detail)
        case Rejected(problem=Problem(title=title), status=status):
            yield Finding("answer", "bad", "server", f"{title} ({status})")
        case Rejected(status=401 | 403 | 407 | 511 as status):
            yield Finding("answer", "bad", "captive", f"HTTP {status}")
        case Rejected(status=status):
            yield Finding("answer", "bad", "not_hymio", f"HTTP {status}")
        case NotAReceipt(detail=detail):
            yield Finding("answer", "bad", "not_hymio", detail)
        case _:
            yield Finding("answer", "bad", "cut")


def _asked(way: Way, url: str, clock: Clock) -> Outcome:
    """What comes of a heartbeat; of one without a credential while the kiosk is not enrolled."""
    office, sync = way.settings.head_office, way.settings.sync
    if way.identity is None:
        stranger = Identity(kiosk=_NOBODY, credential="", place="", head_office=_NOBODY, url=url)
        return HttpTransport(stranger, clock, sync, office).send_heartbeat(_empty(way, clock))
    keyring = Keyring(way.identity, partial(keep_credential, way.folder))
    transport = HttpTransport(keyring.at(url), clock, sync, office, keyring)
    return transport.send_heartbeat(_heartbeat(way, clock))


def _heartbeat(way: Way, clock: Clock) -> Heartbeat:
    with SqliteOutbox.look(way.folder) as outbox:
        position, counts = outbox.position(), outbox.counts()
    now = clock.moment()
    report = OutboxReport(
        waiting=counts.waiting,
        quarantined=counts.quarantined,
        last_seq=counts.last_seq,
        oldest_waiting_ms=age_ms(counts.oldest_waiting, now),
    )
    return structs.replace(
        _empty(way, clock),
        installation=position.installation,
        oldest=position.oldest,
        outbox=report,
    )


def _empty(way: Way, clock: Clock) -> Heartbeat:
    return Heartbeat(
        installation=_NOBODY,
        oldest=1,
        sent=clock.moment(),
        version=metadata.version("hymio"),
        questionnaire=way.questionnaire,
        outbox=OutboxReport(waiting=0, quarantined=0, last_seq=0),
    )
