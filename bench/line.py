"""What a kiosk costs on the line: bytes of a day, as a proxy between both ends counts them.

    .venv/bin/python bench/line.py [--answers 300] [--hours 12]

Claim: at most 10 MB in a month of 30 days with 300 answers a day, sent one by one within 12 hours
of opening, TLS and its handshakes included. The kiosk's own relay and heartbeats, on a real outbox,
talk to a real `hymio-headoffice serve` over TLS 1.3; between them a proxy counts what TCP carries
each way. A day passes in a minute: the clocks of both ends are moved on together, and where a
connection would have been idle for longer than the head office keeps it, the proxy ends it.
Shoppers come at random (seeded); each answers one question, and the word that the response is over
follows some seconds later. The certificate is an ECDSA one with an intermediate, as the usual
authorities give them. Ends with 1 above the goal. It runs on a checkout of before the pace of
heartbeats as well, as that one's kiosks were: a heartbeat every minute, each message at once.
"""

import argparse
import mmap
import os
import selectors
import socket
import struct
import sys
import tempfile
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random
from typing import Literal

import trustme
from figures import ROOT  # first: it makes the next ones findable
from journey import HeadOffice

from config.loader import load_questionnaire
from config.questionnaire import canonical, digest
from config.settings import HeadOfficeSettings, Sync
from headoffice.server import limits
from sync.clock import SystemClock
from sync.enrolment import enrol
from sync.heartbeat import HeartbeatSender, KioskCondition
from sync.messages import AnswerBody, EndBody, Moment
from sync.outbox.sqlite import SqliteOutbox
from sync.relay import Relay
from sync.transport import HttpTransport

GOAL_MB = 10.0
_chance = Random(15)  # noqa: S311 - the same day each time
DAYS = 30
DAY_MS = 86_400_000
OPENS_MS = 8 * 3_600_000
END_AFTER_MS = 6_000
LOOK_MS = 5_000
"""How often a kiosk looks whether a heartbeat is due."""
IDLE_MS = int(getattr(limits, "KIOSK_IDLE_S", limits.IDLE_S) * 1000)
_SHIFTED = """
import mmap, os, struct, time
_map = mmap.mmap(os.open({file!r}, os.O_RDONLY), 8, prot=mmap.PROT_READ)
_wall, _boot = time.time_ns, time.clock_gettime_ns
_ahead = lambda: struct.unpack("<q", _map[:8])[0] * 10**6
time.time_ns = lambda: _wall() + _ahead()
time.time = lambda: time.time_ns() / 1e9
time.clock_gettime_ns = lambda which: _boot(which) + _ahead()
"""


class MovedClock(SystemClock):
    """The machine's clocks, moved on together with the head office's."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        file = folder / "ahead"
        file.write_bytes(bytes(8))
        self._map = mmap.mmap(os.open(file, os.O_RDWR), 8)
        (folder / "sitecustomize.py").write_text(_SHIFTED.format(file=str(file)))
        self.ahead_ms = 0

    def moment(self) -> Moment:
        """Now, moved on."""
        now = super().moment()
        return Moment(now.wall_ms + self.ahead_ms, now.boot, now.mono_ms)

    def mono_ms(self) -> int:
        """Now, moved on."""
        return super().mono_ms() + self.ahead_ms

    def move_to(self, mono_ms: int) -> None:
        """Let time pass up to there, at both ends."""
        self.ahead_ms += max(0, mono_ms - self.mono_ms())
        self._map[:8] = struct.pack("<q", self.ahead_ms)


class CountingProxy:
    """Passes TCP on to a port, and counts."""

    def __init__(self, port: int) -> None:
        self.up = self.down = self.connections = 0
        self._target = port
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def hang_up(self) -> None:
        """End every connection, as a server does with one that is idle."""
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for side in pair:
                with suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)
        if pairs:
            time.sleep(0.02)

    def settle(self) -> None:
        """Wait until nothing comes any more."""
        seen = -1
        while seen != (seen := self.up + self.down):
            time.sleep(0.004)

    def _accept(self) -> None:
        while True:
            near, _address = self._listener.accept()
            far = socket.create_connection(("127.0.0.1", self._target))
            for side in (near, far):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._pairs.append((near, far))
            threading.Thread(target=self._pass, args=(near, far), daemon=True).start()

    def _pass(self, near: socket.socket, far: socket.socket) -> None:
        with selectors.DefaultSelector() as waiting, near, far:
            waiting.register(near, selectors.EVENT_READ)
            waiting.register(far, selectors.EVENT_READ)
            while True:
                for key, _events in waiting.select():
                    try:
                        data = key.fileobj.recv(65_536)
                        if not data:
                            return
                        (far if key.fileobj is near else near).sendall(data)
                    except OSError:
                        return
                    if key.fileobj is near:
                        self.up += len(data)
                    else:
                        self.down += len(data)


class Cost:
    """What the exchanges of one kind took."""

    def __init__(self) -> None:
        self.runs = self.up = self.down = self.handshakes = 0


class Kiosk:
    """The parts of a kiosk that talk."""

    def __init__(self, folder: Path, clock: MovedClock, transport: HttpTransport) -> None:
        self.outbox = SqliteOutbox.open(folder)
        self.clock = clock
        questionnaire = load_questionnaire("checkout")
        self.digest = digest(canonical(questionnaire))
        self.outbox.remember_questionnaire(self.digest, canonical(questionnaire))
        self.state: Literal["open", "closed"] = "closed"
        self.relay = Relay(self.outbox, transport, clock, Sync())
        self.heartbeat = HeartbeatSender(self.outbox, transport, clock, self.relay, self._condition)
        self._next_ms = 0

    def _condition(self) -> KioskCondition:
        return KioskCondition(
            "0.1.0", self.digest, self.state, 24_000_000_000 + _chance.randrange(10**9)
        )

    def append(self, *bodies: AnswerBody | EndBody) -> None:
        """An answer, or the end of a response."""
        self.outbox.append(bodies, self.clock.moment())

    def look(self) -> str:
        """What the scheduler does now and then; its name if it sent something."""
        if not hasattr(self.heartbeat, "due"):
            return self._look_as_before()
        match self.heartbeat.due():
            case "heartbeat":
                self.heartbeat.run()
                return f"heartbeat, {self.state}"
            case "batch":
                self.relay.run()
                return "batch in its place"
        return ""

    def _look_as_before(self) -> str:
        if self.clock.mono_ms() < self._next_ms:
            return ""
        self._next_ms = self.clock.mono_ms() + int(60_000 * (0.9 + 0.2 * _chance.random()))
        self.heartbeat.run()
        return f"heartbeat, {self.state}"


class Day:
    """One day of a kiosk, counted."""

    def __init__(self, kiosk: Kiosk, proxy: CountingProxy, clock: MovedClock) -> None:
        self._kiosk, self._proxy, self._clock = kiosk, proxy, clock
        self.costs: dict[str, Cost] = defaultdict(Cost)
        self._begun_ms = self._spoke_ms = clock.mono_ms()
        self.silence_ms = 0
        """The longest one within opening hours."""

    def pass_by(self, answers: int, hours: int) -> None:
        """All of it: the night, the shoppers, the evening."""
        opens, closes = OPENS_MS, OPENS_MS + hours * 3_600_000
        taps = sorted(_chance.randrange(opens, closes) for _ in range(answers))
        events = [(at, "answer") for at in taps]
        events += [(at + END_AFTER_MS, "end") for at in taps]
        events += [(at, "look") for at in range(0, DAY_MS, LOOK_MS)]
        response = ""
        for at, what in sorted(events):
            self._clock.move_to(self._begun_ms + at)
            self._kiosk.state = "open" if opens <= at < closes else "closed"
            if what == "answer":
                response = str(uuid.uuid4())
                self._kiosk.append(
                    AnswerBody(
                        response=response, questionnaire=self._kiosk.digest, language="en",
                        question="rating", value=_chance.randrange(3),
                        took_ms=_chance.randrange(800, 9000),
                    )
                )  # fmt: skip
                self._count("answer", self._deliver)
            elif what == "end":
                self._kiosk.append(
                    EndBody(
                        response=response, questionnaire=self._kiosk.digest, language="en",
                        outcome="partial",
                    )
                )  # fmt: skip
                if not hasattr(self._kiosk.heartbeat, "due"):
                    self._count("end of a response", self._deliver)
            else:
                self._count("", self._kiosk.look)

    def _deliver(self) -> str:
        assert self._kiosk.relay.run() is None, self._kiosk.relay.status
        return ""

    def _count(self, name: str, act: Callable[[], str]) -> None:
        if self._clock.mono_ms() - self._spoke_ms > IDLE_MS:
            self._proxy.hang_up()
        up, down, connections = self._proxy.up, self._proxy.down, self._proxy.connections
        name = act() or name
        if not name:
            return
        assert not self._kiosk.relay.status.failure, self._kiosk.relay.status
        # What the head office sends after its reply, as tickets of TLS, comes a moment later.
        self._proxy.settle()
        now = self._clock.mono_ms()
        if self._kiosk.state == "open":
            opened_ms = self._begun_ms + OPENS_MS
            self.silence_ms = max(self.silence_ms, now - max(self._spoke_ms, opened_ms))
        self._spoke_ms = now
        cost = self.costs[name]
        cost.runs += 1
        cost.up += self._proxy.up - up
        cost.down += self._proxy.down - down
        cost.handshakes += self._proxy.connections - connections


def main() -> int:
    """Let a day pass, print what it took; 1 above the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=300)
    parser.add_argument("--hours", type=int, default=12)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hymio-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        clock = MovedClock(folder)
        authority = trustme.CA()
        office = _office(folder, authority)
        stack.enter_context(office.start())
        proxy = CountingProxy(office.port)
        trusted = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(trusted))
        settings = HeadOfficeSettings(ca_file=str(trusted))
        url = f"https://localhost:{proxy.port}"
        identity = enrol(
            office.enrolment_code("Shop"), url, installation=str(uuid.uuid4()), version="0.1.0",
            head_office=settings,
        )  # fmt: skip
        transport = HttpTransport(identity, clock, Sync(), settings)
        kiosk = Kiosk(folder / "kiosk", clock, transport)
        kiosk.heartbeat.run()
        day = Day(kiosk, proxy, clock)
        day.pass_by(options.answers, options.hours)
        waiting = kiosk.outbox.counts().waiting
        kiosk.outbox.close()
    return _print(day, waiting)


def _print(day: Day, waiting: int) -> int:
    print(f"{'a day':24} {'times':>6} {'up':>9} {'down':>9} {'each':>7} {'handshakes':>10}")
    for name, cost in sorted(day.costs.items()):
        each = (cost.up + cost.down) / cost.runs
        print(
            f"{name:24} {cost.runs:6} {cost.up:9,} {cost.down:9,} {each:7.0f} {cost.handshakes:10}"
        )
    whole = sum(cost.up + cost.down for cost in day.costs.values())
    month = whole * DAYS / 1e6
    print(f"{whole:,} bytes a day, {month:.1f} MB in {DAYS} days (at most {GOAL_MB:g})")
    print(f"longest silence while open {day.silence_ms / 1000:.0f} s; {waiting} messages wait")
    return 0 if month <= GOAL_MB else 1


def _office(folder: Path, authority: trustme.CA) -> HeadOffice:
    certificate = authority.create_child_ca().issue_cert("localhost", "127.0.0.1")
    pem, key = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    certificate.private_key_pem.write_to_path(str(key))
    office = HeadOffice(folder)
    office.env = {**office.env, "PYTHONPATH": f"{folder}:{ROOT}"}
    office.options = ["--tls-cert", str(pem), "--tls-key", str(key), "--allow-host", "localhost"]
    return office


if __name__ == "__main__":
    sys.exit(main())
