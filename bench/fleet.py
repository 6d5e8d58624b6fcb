"""Many kiosks beat, fetch a changed configuration, take it and deliver, all at once.

    .venv/bin/python bench/fleet.py [--kiosks 200] [--seconds 120] [--outage 30] [--workers 40]

On SQLite, or with HYMIO_DATABASE_URL on an empty PostgreSQL. Simulated kiosks, real HTTP and a
real `hymio-headoffice serve`. Each kiosk is heard as often as the head office asks for and gives
an answer now and then (300 in 12 hours); after a quarter of the time the configuration of all is
changed. Then the head office is stopped for a while and comes back for all at once: kiosks wait as
`sync.policy` has them wait.

Prints requests a second, processor time of the head office, how soon a change had arrived
everywhere, and the peak after the outage beside the average before it. Ends with 1 if a request
failed while the head office was there, a kiosk has another configuration than it should, or an
answer is lost or double.
"""

import argparse
import hashlib
import heapq
import http.client
import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from export import FORM, PASSWORD, Office
from figures import percentile  # first: it makes the next ones findable
from msgspec import UNSET
from soak import PROGRAM, Device, batch

from config.questionnaire import digest
from sync.configuration import Configuration, ConfigurationReport
from sync.messages import Heartbeat, Moment, OutboxReport
from sync.policy import back_off_s

ANSWER_S = 12 * 3600 / 300
"""Between two answers of one kiosk, on average."""
API = "/api/kiosk/v1/"
SAID = ("sound.volume", "timing.thanks")


@dataclass
class Kiosk:
    """One of them: what it holds, and what it has to do next."""

    device: Device
    boot: str = field(default_factory=lambda: str(uuid.uuid4()))
    held: str = ""
    report: ConfigurationReport | None = None
    waiting: int = 0
    """Answers that were given and not delivered."""
    given: int = 0
    next_answer: float = 0.0
    attempts: int = 0
    seq: int = 1
    beat_due: float = 0.0
    pace_s: float = 60.0
    """Within which the head office wants to hear from it."""


class Ledger:
    """What everybody did."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.at: list[tuple[float, str, float]] = []
        """When a reply came, of what, and how long it took."""
        self.wrong: list[str] = []
        self.turned_away = Counter[str]()
        self.taken: list[float] = []
        """When a kiosk took another configuration."""
        self.is_away = threading.Event()


class Line:
    """The connection of one worker; a kiosk's own would be as long as it is kept alive."""

    def __init__(self, url: str) -> None:
        self._at = urlsplit(url).netloc
        self._http = http.client.HTTPConnection(self._at, timeout=30)

    def call(
        self, kiosk: Kiosk, method: str, path: str, body: bytes | None, tag: str
    ) -> tuple[int, bytes]:
        """Status and body; 0 if nothing came."""
        headers = {"Authorization": f"Bearer {kiosk.device.credential}"}
        if tag:
            headers["If-None-Match"] = f'"{tag}"'
        if body is not None:
            headers["Content-Type"] = "application/json"
        for fresh in (False, True):
            try:
                self._http.request(method, API + path, body, headers)
                reply = self._http.getresponse()
                return reply.status, reply.read()
            except (OSError, http.client.HTTPException):
                # The server may have closed a connection that was kept: once more on a new one.
                self._http.close()
                if fresh:
                    break
        return 0, b""


class Crowd:
    """Kiosks by the time when each has something to do."""

    def __init__(self, url: str, kiosks: list[Kiosk], ledger: Ledger, beat_s: float) -> None:
        self._url, self._ledger, self._beat_s = url, ledger, beat_s
        now, over_s = time.monotonic(), beat_s or 60.0
        spread = [now + random.uniform(0, over_s) for _ in kiosks]  # noqa: S311 - a pattern
        self._due = [(at, number) for number, at in enumerate(spread)]
        heapq.heapify(self._due)
        self.kiosks = kiosks
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._workers: list[threading.Thread] = []

    def begin(self, workers: int) -> None:
        """So many connections at once."""
        now = time.monotonic()
        for kiosk in self.kiosks:
            kiosk.next_answer = now + random.expovariate(1 / ANSWER_S)
        self._workers = [threading.Thread(target=self._work) for _ in range(workers)]
        for worker in self._workers:
            worker.start()

    def end(self) -> None:
        """When each has ended what it was at."""
        self._over.set()
        for worker in self._workers:
            worker.join(timeout=60)

    def _work(self) -> None:
        line, chance = Line(self._url), random.Random()  # noqa: S311 - a pattern
        while not self._over.is_set():
            with self._lock:
                at, number = heapq.heappop(self._due) if self._due else (time.monotonic() + 1, -1)
                if at > time.monotonic() and number >= 0:
                    heapq.heappush(self._due, (at, number))
                    number = -1
            if number < 0:
                self._over.wait(0.01)
                continue
            pause = self._turn(self.kiosks[number], line, chance)
            with self._lock:
                heapq.heappush(self._due, (time.monotonic() + pause, number))

    def _turn(self, kiosk: Kiosk, line: Line, chance: random.Random) -> float:
        """What a kiosk has to say now; seconds until it has more."""
        now = time.monotonic()
        while kiosk.next_answer <= now:
            kiosk.waiting, kiosk.given = kiosk.waiting + 1, kiosk.given + 1
            kiosk.next_answer += chance.expovariate(1 / ANSWER_S)
        well = self._deliver(kiosk, line, chance) if kiosk.waiting else True
        if well and now >= kiosk.beat_due:
            well = self._beat(kiosk, line)
            if well and kiosk.report is not None:
                # What became of a change is told at once.
                well = self._beat(kiosk, line)
            kiosk.beat_due = now + kiosk.pace_s * (1 - chance.random() / 7)
        if not well:
            kiosk.attempts += 1
            return back_off_s(kiosk.attempts, chance.random)
        kiosk.attempts = 0
        return max(0.05, min(kiosk.beat_due, kiosk.next_answer) - time.monotonic())

    def _call(
        self,
        kiosk: Kiosk,
        line: Line,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        tag: str = "",
    ) -> bytes | None:
        begun = time.monotonic()
        was_away = self._ledger.is_away.is_set()
        what = path.partition("/")[0]
        status, data = line.call(kiosk, method, path, body, tag)
        ended = time.monotonic()
        good = status in (200, 204)
        with self._ledger.lock:
            if good:
                self._ledger.at.append((ended, what, ended - begun))
            elif status in (429, 503):
                self._ledger.turned_away[f"{what} {status}"] += 1
            elif not was_away and not self._ledger.is_away.is_set():
                self._ledger.wrong.append(f"{what}: {status} {data[:200]!r}")
        return data if good else None

    def _deliver(self, kiosk: Kiosk, line: Line, chance: random.Random) -> bool:
        count = min(kiosk.waiting, 500)
        body = batch(kiosk.device, kiosk.boot, kiosk.seq, count, chance)
        data = self._call(kiosk, line, "POST", "batches", body=body)
        if data is None:
            return False
        receipt = json.loads(data)
        if receipt["stored_up_to"] != kiosk.seq + count - 1:
            self._ledger.wrong.append(f"receipt {receipt}")
        kiosk.seq, kiosk.waiting = kiosk.seq + count, kiosk.waiting - count
        if receipt.get("pace_s") == 0:
            kiosk.beat_due = 0.0
        elif not self._beat_s:
            # Whatever arrives is a sign of life.
            kiosk.beat_due = time.monotonic() + kiosk.pace_s * (1 - chance.random() / 7)
        if digest(FORM) in receipt.get("wanted", ()):
            path = f"questionnaires/{digest(FORM)}"
            self._call(kiosk, line, "PUT", path, body=FORM)
        return True

    def _beat(self, kiosk: Kiosk, line: Line) -> bool:
        now = Moment(int(time.time() * 1000), kiosk.boot, int(time.monotonic() * 1000))
        body = Heartbeat(
            installation=kiosk.device.installation,
            oldest=1,
            sent=now,
            version="0.1",
            questionnaire=digest(FORM),
            outbox=OutboxReport(kiosk.waiting, 0, kiosk.seq - 1),
            configuration=UNSET if kiosk.report is None else kiosk.report,
        )
        data = self._call(kiosk, line, "POST", "heartbeats", body=msgspec.json.encode(body))
        if data is None:
            return False
        kiosk.report = None
        receipt = json.loads(data)
        kiosk.pace_s = self._beat_s or receipt.get("pace_s") or 60.0
        meant = receipt.get("configuration")
        if meant is None or meant == kiosk.held:
            return True
        found = self._call(kiosk, line, "GET", "configuration", tag=kiosk.held)
        if found is None:
            return False
        if hashlib.sha256(found).hexdigest() == meant:
            msgspec.json.decode(found, type=Configuration)
            kiosk.held, kiosk.report = meant, ConfigurationReport(in_force=meant)
            with self._ledger.lock:
                self._ledger.taken.append(time.monotonic())
        return True


def enrol(number: int) -> list[Device]:
    """So many kiosks, a hundred in a region, written at once."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "headoffice.settings"
    import django

    django.setup()
    from headoffice.fleet.models import Assignment, Credential, ExperiencePoint, Group, Kiosk
    from headoffice.web.bearer import hash_secret

    chain, now_ms = Group.objects.create(name="Chain"), time.time_ns() // 1_000_000
    regions = [
        Group.objects.create(parent=chain, name=f"Region {n}") for n in range(number // 100 + 1)
    ]
    points = [ExperiencePoint(group=regions[n // 100], name=f"Shop {n}") for n in range(number)]
    points = ExperiencePoint.objects.bulk_create(points, batch_size=500)
    kiosks = Kiosk.objects.bulk_create([Kiosk() for _ in points], batch_size=500)
    stays = [
        Assignment(kiosk=k, point=p, since_ms=now_ms) for k, p in zip(kiosks, points, strict=True)
    ]
    Assignment.objects.bulk_create(stays, batch_size=500)
    devices = [Device(secrets.token_urlsafe(32), str(uuid.uuid4())) for _ in kiosks]
    known = [
        Credential(hash=hash_secret(device.credential), kiosk=kiosk)
        for device, kiosk in zip(devices, kiosks, strict=True)
    ]
    Credential.objects.bulk_create(known, batch_size=500)
    return devices


def change_everything(volume: float) -> float:
    """Say something else for all kiosks; how long that took."""
    from headoffice.configuration.models import SettingValue
    from headoffice.configuration.scopes import kiosk_places
    from headoffice.configuration.targets import set_targets
    from headoffice.fleet.models import Group

    begun = time.monotonic()
    group = Group.objects.get(parent=None)
    for name in SAID:
        SettingValue.objects.update_or_create(group=group, name=name, defaults={"value": volume})
    set_targets(kiosk_places().values())
    return time.monotonic() - begun


def main() -> int:
    """Set up, run, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kiosks", type=int, default=200)
    beat = "seconds between two heartbeats; 0: as the head office asks for"
    parser.add_argument("--beat", type=float, default=0, help=beat)
    parser.add_argument("--seconds", type=float, default=400, help="before the outage")
    parser.add_argument("--outage", type=float, default=30)
    parser.add_argument("--after", type=float, default=400, help="seconds to catch up, at most")
    parser.add_argument("--workers", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hymio-fleet-") as name:
        os.environ |= {"HYMIO_DATA": name, "HYMIO_TIME_ZONE": "Europe/Helsinki"}
        subprocess.run(
            [PROGRAM, "create-user", "ana", "--new", "--password-stdin"],
            input=PASSWORD.encode(), stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        kiosks = [Kiosk(device) for device in enrol(options.kiosks)]
        ledger = Ledger()
        with Office(Path(name), os.environ.get("HYMIO_DATABASE_URL", "")) as office:
            return run(office, kiosks, ledger, options)


def run(office: Office, kiosks: list[Kiosk], ledger: Ledger, options: argparse.Namespace) -> int:
    """A quiet while with a change in it, an outage, and what follows."""
    crowd = Crowd(office.url, kiosks, ledger, options.beat)
    begun, used = time.monotonic(), office.cpu()
    crowd.begin(options.workers)
    time.sleep(options.seconds / 4)
    changed = time.monotonic()
    took = change_everything(0.7)
    time.sleep(options.seconds * 3 / 4)
    quiet = time.monotonic() - begun
    cores = (office.cpu() - used) / quiet
    before = len(ledger.at)
    taken = sorted(at - changed for at in ledger.taken)
    print(
        f"{len(kiosks)} kiosks, {quiet:.0f} s: {before / quiet:.1f} requests/s, {cores:.2f} cores"
    )
    print(f"a change for all: made in {took:.1f} s, taken by {len(taken)} of {len(kiosks)}", end="")
    print(f", half after {percentile(taken, 0.5):.0f} s, the last after {taken[-1]:.0f} s")
    port = urlsplit(office.url).port
    ledger.is_away.set()
    office.stop()
    time.sleep(options.outage)
    office.command[office.command.index("--port") + 1] = str(port)
    with office:
        back = time.monotonic()
        ledger.is_away.clear()
        while any(kiosk.attempts or kiosk.waiting for kiosk in kiosks):
            if time.monotonic() > back + options.after:
                ledger.wrong.append(f"not all had delivered again within {options.after:.0f} s")
                break
            time.sleep(0.2)
        print(f"an outage of {options.outage:.0f} s was over", end="")
        print(f" for all kiosks after {time.monotonic() - back:.0f} s more")
        crowd.end()
        waiting = sum(kiosk.waiting for kiosk in kiosks)
        return verdict(kiosks, ledger, back, before / quiet, waiting)


def verdict(kiosks: list[Kiosk], ledger: Ledger, back: float, average: float, waiting: int) -> int:
    """Print what happened; 1 if something is not as promised."""
    from django.db import connection

    from headoffice.configuration.models import KioskTarget
    from headoffice.web.bearer import hash_secret

    since = Counter(int(at - back) for at, _what, _took in ledger.at if at >= back)
    peak = max(since.values(), default=0)
    print(f"after the outage: at most {peak} requests/s, {peak / average:.1f} x the average before")
    for what in ("heartbeats", "configuration", "batches"):
        times = [took for _at, kind, took in ledger.at if kind == what]
        if times:
            p50, p95 = (percentile(times, share) * 1000 for share in (0.5, 0.95))
            print(f"{what:14} {len(times):7}   p50 {p50:6.0f} ms   p95 {p95:6.0f} ms")
    print(f"turned away with a word when to come again: {dict(ledger.turned_away) or 'none'}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ingest_storedmessage")
        stored = cursor.fetchone()[0]
    told = KioskTarget.objects.values_list("kiosk__credentials__hash", "digest")
    meant = {bytes(key): value for key, value in told}
    hashes = {hash_secret(k.device.credential): k.held for k in kiosks}
    other = sum(meant.get(key) != held for key, held in hashes.items())
    connection.close()
    given = sum(kiosk.given for kiosk in kiosks)
    print(f"answers given {given}, stored {stored}, still waiting {waiting}; {other} kiosks differ")
    for line in ledger.wrong[:20]:
        print(f"FAILED {line}")
    return 0 if not ledger.wrong and not other and stored == given - waiting else 1


if __name__ == "__main__":
    sys.exit(main())
