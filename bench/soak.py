"""Kiosks deliver, people read and a wall looks on, all at once: nothing fails or is miscounted.

    .venv/bin/python bench/soak.py [--seconds 300] [--kiosks 50] [--readers 20]

On SQLite, or with HYMIO_DATABASE_URL on an empty PostgreSQL. Ends with 1 if a request failed, a
count is not what was sent, or the web process ever took more than 200 MB. That is its whole
resident memory as the kernel kept the highest (VmHWM); the share of what other processes use too
(PSS), of it and of the process that watches over it, is printed beside it as time goes by.
"""

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
from export import FORM, PASSWORD, Office
from figures import percentile, pss_mb, rss_mb  # first: it makes the next ones findable

from config.questionnaire import digest
from sync.messages import AnswerBody, Batch, EnrolmentRequest, Message, Moment

PAGES = (
    "/",
    "/results/",
    "/results/place",
    "/results/compare",
    "/results/questions",
    "/results/comments",
    "/kiosks/",
)
MOST_MB = 200
PROGRAM = str(Path(sys.executable).parent / "hymio-headoffice")


class Device(NamedTuple):
    """An enrolled kiosk."""

    credential: str
    installation: str


class Ledger:
    """What everybody did and saw."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.times: dict[str, list[float]] = {}
        self.wrong: list[str] = []
        self.sent = 0

    def note(self, what: str, seconds: float) -> None:
        """Something took so long."""
        with self._lock:
            self.times.setdefault(what, []).append(seconds)

    def delivered(self, answers: int) -> None:
        """So many new answers were acknowledged."""
        with self._lock:
            self.sent += answers

    def failed(self, what: str) -> None:
        """Something did not go as it should."""
        with self._lock:
            self.wrong.append(what)


class Caller:
    """One HTTP connection that is kept."""

    def __init__(self, url: str, ledger: Ledger, headers: dict[str, str]) -> None:
        self._at, self._ledger, self._headers = urlsplit(url).netloc, ledger, headers
        self._line = http.client.HTTPConnection(self._at, timeout=30)

    def call(self, what: str, method: str, path: str, body: bytes | None = None) -> bytes | None:
        """The body of a reply; None if it was not a good one."""
        begun = time.monotonic()
        try:
            self._line.request(method, path, body, self._headers)
            reply = self._line.getresponse()
            data = reply.read()
        except OSError as error:
            self._ledger.failed(f"{what} {path}: {error!r}")
            self._line.close()
            return None
        self._ledger.note(what, time.monotonic() - begun)
        if reply.status not in (200, 204):
            self._ledger.failed(f"{what} {path}: {reply.status} {data[:200]!r}")
            return None
        return data


def main() -> int:
    """Set up, run, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--kiosks", type=int, default=50)
    parser.add_argument("--readers", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hymio-soak-") as name:
        folder = Path(name)
        os.environ |= {"HYMIO_DATA": name, "HYMIO_TIME_ZONE": "Europe/Helsinki"}
        subprocess.run(
            [PROGRAM, "create-user", "ana", "--new", "--password-stdin"],
            input=PASSWORD.encode(),
            stdout=subprocess.DEVNULL,
            check=True,
        )
        devices = enrolled(options.kiosks)
        ledger = Ledger()
        with Office(folder, os.environ.get("HYMIO_DATABASE_URL", "")) as office:
            over = threading.Event()
            weighing = threading.Thread(target=weigh, args=(office, over, options.seconds / 10))
            weighing.start()
            run(office, devices, ledger, options)
            over.set()
            weighing.join()
            most = office.most_mb()
        return verdict(ledger, most, options.seconds)


def enrolled(number: int) -> list[Device]:
    """Kiosks that have joined, at as many places."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "headoffice.settings"
    import django

    django.setup()
    from headoffice.fleet import enrolment

    devices = []
    for n in range(number):
        code = enrolment.create_code(f"Chain / Shop {n}")
        installation = str(uuid.uuid4())
        reply = enrolment.enrol_kiosk(EnrolmentRequest(code, installation, "0.1"), f"kiosk {n}")
        devices.append(Device(reply.credential, installation))
    return devices


def run(office: Office, devices: list[Device], ledger: Ledger, options: argparse.Namespace) -> None:
    """Everybody at once, until the time is over."""
    over = threading.Event()
    cookies = "; ".join(f"{c.name}={c.value}" for c in office.jar)
    people = [
        threading.Thread(target=read, args=(office.url, ledger, cookies, over))
        for _ in range(options.readers)
    ]
    walls = [
        threading.Thread(target=watch, args=(office.url, ledger, cookies, over)),
        threading.Thread(target=follow, args=(office.url, ledger, cookies, over)),
        threading.Thread(target=take_away, args=(office, ledger, over)),
    ]
    kiosks = [
        threading.Thread(target=deliver, args=(office.url, ledger, device, over))
        for device in devices
    ]
    everybody = [*people, *walls, *kiosks]
    for one in everybody:
        one.start()
    over.wait(options.seconds)
    over.set()
    for one in everybody:
        one.join(timeout=60)
        if one.is_alive():
            ledger.failed("Somebody is still waiting a minute after the end")


def weigh(office: Office, over: threading.Event, every_s: float) -> None:
    """Print how much memory the web process takes, as time goes by."""
    began = time.monotonic()
    print("   s   resident MB   PSS MB of all its processes")
    while not over.is_set():
        resident = max(rss_mb(pid) for pid in office.pids())
        shares = sum(pss_mb(pid) for pid in office.pids())
        print(f"{time.monotonic() - began:4.0f}   {resident:11.0f}   {shares:6.0f}", flush=True)
        over.wait(every_s)


def deliver(url: str, ledger: Ledger, device: Device, over: threading.Event) -> None:
    """A kiosk: some answers every few seconds; one batch in ten is sent twice."""
    chance = random.Random(device.installation)  # noqa: S311 - a pattern, not a secret
    headers = {
        "Authorization": f"Bearer {device.credential}",
        "Content-Type": "application/json",
    }
    caller = Caller(url, ledger, headers)
    caller.call("questionnaire", "PUT", f"/api/kiosk/v1/questionnaires/{digest(FORM)}", FORM)
    boot, seq = str(uuid.uuid4()), 1
    while not over.wait(chance.uniform(0.5, 3)):
        count = chance.randint(1, 20)
        body = batch(device, boot, seq, count, chance)
        for _ in range(2 if chance.random() < 0.1 else 1):
            data = caller.call("batch", "POST", "/api/kiosk/v1/batches", body)
            while data is None and not over.wait(1):
                data = caller.call("batch", "POST", "/api/kiosk/v1/batches", body)
            if data is None:
                return
        receipt = json.loads(data)
        if receipt["stored_up_to"] != seq + count - 1 or receipt.get("refused"):
            ledger.failed(f"receipt {receipt}")
        ledger.delivered(count)
        seq += count


def batch(device: Device, boot: str, seq: int, count: int, chance: random.Random) -> bytes:
    """A delivery of new answers; one in five has a text."""
    now = Moment(int(time.time() * 1000), boot, seq * 1000)
    made = []
    for number in range(seq, seq + count):
        text = chance.random() < 0.2
        body = AnswerBody(
            response=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            questionnaire=digest(FORM),
            language="en",
            question="why" if text else "mood",
            value="Friendly people" if text else chance.randrange(3),
            took_ms=900,
        )
        made.append(Message(number, now, body))
    return msgspec.json.encode(
        Batch(installation=device.installation, oldest=1, sent=now, messages=tuple(made))
    )


def read(url: str, ledger: Ledger, cookies: str, over: threading.Event) -> None:
    """Somebody who goes from page to page."""
    caller = Caller(url, ledger, {"Cookie": cookies})
    chance = random.Random()  # noqa: S311 - as above
    while not over.wait(chance.uniform(1, 4)):
        caller.call("page", "GET", chance.choice(PAGES))


def watch(url: str, ledger: Ledger, cookies: str, over: threading.Event) -> None:
    """A wall that looks every two seconds."""
    caller = Caller(url, ledger, {"Cookie": cookies})
    while not over.wait(2):
        caller.call("wall", "GET", "/wall/now")


def follow(url: str, ledger: Ledger, cookies: str, over: threading.Event) -> None:
    """Somebody who follows the live events, and comes again when a stream ends."""
    last = ""
    while not over.is_set():
        line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        headers = {"Cookie": cookies} | ({"Last-Event-ID": last} if last else {})
        try:
            line.request("GET", "/live/events", headers=headers)
            reply = line.getresponse()
            while (text := reply.readline()) and not over.is_set():
                if text.startswith(b"data:"):
                    ledger.note("event", 0)
                elif text.startswith(b"id: "):
                    last = text[4:].decode().strip()
        except OSError as error:
            ledger.failed(f"events: {error!r}")
        finally:
            line.close()


def take_away(office: Office, ledger: Ledger, over: threading.Event) -> None:
    """Somebody who takes everything away, again and again."""
    while not over.wait(5):
        try:
            seconds, size = office.download("csv")
        except OSError as error:
            ledger.failed(f"file: {error!r}")
            continue
        ledger.note("file", seconds)
        if size == 0:
            ledger.failed("file: empty")


def verdict(ledger: Ledger, most_mb: float, seconds: float) -> int:
    """Print what happened; 1 if something is not as promised."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ingest_storedmessage")
        stored = cursor.fetchone()[0]
    connection.close()
    check = subprocess.run(
        [PROGRAM, "rebuild-rollups", "--check"], capture_output=True, text=True, check=False
    )
    print(f"{seconds:.0f} s, {ledger.sent} answers sent, {stored} stored")
    for what, times in sorted(ledger.times.items()):
        print(
            f"{what:14} {len(times):6} requests   p50 {percentile(times, 0.5) * 1000:7.0f} ms"
            f"   p95 {percentile(times, 0.95) * 1000:7.0f} ms   most {max(times) * 1000:7.0f} ms"
        )
    print(f"web process at most {most_mb:.0f} MB resident (limit {MOST_MB})")
    print(f"rebuild-rollups --check: {check.returncode} {check.stdout.strip()}")
    for line in ledger.wrong[:20]:
        print(f"FAILED {line}")
    good = not ledger.wrong and stored == ledger.sent and check.returncode == 0
    return 0 if good and most_mb <= MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main())
