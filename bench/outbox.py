"""What an answer costs on its way: time of a commit, bytes on the disk and on the wire, drain.

    .venv/bin/python bench/outbox.py [--taps 400] [--stored 1000000] [--drain 100000]

Claims: a commit takes about as long as the smallest durable write, and as long with a million
messages stored as with none (within a fifth); an answer costs a few hundred bytes on the disk and
a few dozen on the wire; a backlog drains over loopback into a real head office in minutes. Limit
(append 200 bytes, fdatasync) and peer (a bare sqlite3 INSERT, WAL, synchronous=FULL) are measured
in turn with the taps, on the same disk.
"""

import argparse
import gzip
import os
import sqlite3
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

import msgspec
import uuid_utils
from figures import percentile  # first: it makes the next findable
from journey import PLACE, HeadOffice

from config.loader import load_questionnaire
from config.questionnaire import canonical, digest
from sync.clock import SystemClock
from sync.enrolment import enrol
from sync.messages import AnswerBody, Batch, Message
from sync.outbox.sqlite import SqliteOutbox
from sync.outbox.storage import DATABASE
from sync.relay import Relay
from sync.transport import HttpTransport
from sync.wire import encode_body

CLOCK = SystemClock()
DEFINITION = canonical(load_questionnaire("checkout"))
DIGEST = digest(DEFINITION)


def answer(number: int) -> AnswerBody:
    """An answer as shoppers give it: a face."""
    return AnswerBody(
        response=str(uuid_utils.uuid7()),
        questionnaire=DIGEST,
        language="en",
        question="rating",
        value=number % 3,
        took_ms=1500 + number % 977,
    )


def fill(outbox: SqliteOutbox, count: int) -> None:
    """Store so many messages, in large steps; all wait."""
    for start in range(0, count, 5000):
        size = min(5000, count - start)
        outbox.append([answer(start + n) for n in range(size)], CLOCK.moment())


class Peer:
    """The least that SQLite can do: one INSERT of 200 bytes in a transaction of its own."""

    def __init__(self, folder: Path) -> None:
        self.db = sqlite3.connect(folder / "peer.sqlite3", isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "CREATE TABLE message (seq INTEGER PRIMARY KEY, body BLOB)",
        ):
            self.db.execute(statement)

    def insert(self) -> None:
        """One durable row."""
        self.db.execute("INSERT INTO message (body) VALUES (?)", (b"x" * 200,))


def timed(work: object, *arguments: object) -> float:
    """Milliseconds that a call takes."""
    begun = time.monotonic_ns()
    work(*arguments)  # type: ignore[operator]
    return (time.monotonic_ns() - begun) / 1e6


def commits(folder: Path, taps: int, stored: int) -> None:
    """Print how long a commit takes, with nothing stored and with much."""
    peer = Peer(folder)
    file = os.open(folder / "limit", os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def append_and_sync() -> None:
        os.write(file, b"x" * 200)
        os.fdatasync(file)

    with (
        SqliteOutbox.open(folder / "empty") as empty,
        SqliteOutbox.open(folder / "full") as full,
    ):
        begun = time.monotonic()
        fill(full, stored)
        full.checkpoint()
        size = sum(f.stat().st_size for f in (folder / "full").glob(f"{DATABASE}*"))
        print(f"{stored:,} messages stored in {time.monotonic() - begun:.0f} s")
        print(f"bytes on the disk for each message: {size / stored:.0f}")
        rows: dict[str, list[float]] = {
            "limit: append 200 B + fdatasync": [],
            "peer: bare sqlite3 INSERT": [],
            "tap, nothing stored": [],
            f"tap, {stored:,} stored": [],
        }
        for turn in range(taps + 20):
            one = [answer(turn)], CLOCK.moment()
            steps = [
                partial(timed, append_and_sync),
                partial(timed, peer.insert),
                partial(timed, empty.append, *one),
                partial(timed, full.append, *one),
            ]
            # The order changes, so that none always comes after the same neighbour.
            for place in (n % 4 for n in range(turn, turn + 4)):
                took = steps[place]()
                if turn >= 20:
                    list(rows.values())[place].append(took)
    print(f"{'a commit':32} p50 ms   p99 ms")
    for name, values in rows.items():
        print(f"{name:32} {percentile(values, 0.5):6.3f}  {percentile(values, 0.99):7.3f}")
    few, many = (percentile(v, 0.5) for v in list(rows.values())[2:])
    print(f"p50 with {stored:,} stored / with none: {many / few:.2f}")
    os.close(file)


def wire() -> None:
    """Print how many bytes of a request's body an answer takes."""
    print(f"{'a batch of':>12} {'plain':>8} {'sent':>8}   bytes for each answer")
    for count in (1, 10, 500):
        moments = [CLOCK.moment() for _ in range(count)]
        batch = Batch(
            installation=str(uuid_utils.uuid4()),
            oldest=1,
            sent=CLOCK.moment(),
            messages=tuple(Message(n + 1, m, answer(n)) for n, m in enumerate(moments)),
        )
        plain = msgspec.json.encode(batch)
        sent, _headers = encode_body(plain)
        assert sent == plain or gzip.decompress(sent) == plain
        print(f"{count:12} {len(plain) / count:8.0f} {len(sent) / count:8.0f}")


def drain(folder: Path, waiting: int) -> None:
    """Print how long a backlog takes into a real head office, and how long taps take meanwhile."""
    with HeadOffice(folder).start() as office, SqliteOutbox.open(folder / "backlog") as outbox:
        outbox.remember_questionnaire(DIGEST, DEFINITION)
        fill(outbox, waiting)
        identity = enrol(
            office.enrolment_code(PLACE),
            office.url,
            installation=outbox.position().installation,
            version="bench",
        )
        relay = Relay(outbox, HttpTransport(identity, CLOCK), CLOCK)
        over, taps = threading.Event(), list[float]()

        def tap() -> None:
            while True:
                taps.append(timed(outbox.append, [answer(0)], CLOCK.moment()))
                if over.wait(0.1):
                    return

        shopper = threading.Thread(target=tap)
        shopper.start()
        begun = time.monotonic()
        while outbox.position().watermark < waiting:
            if (seconds := relay.run()) is not None:
                time.sleep(min(seconds, 1))
        took = time.monotonic() - begun
        over.set()
        shopper.join()
    print(f"{waiting:,} waiting answers drained in {took:.1f} s: {waiting / took:,.0f} a second")
    print(
        f"a tap meanwhile: p50 {percentile(taps, 0.5):.3f} ms, p99 {percentile(taps, 0.99):.3f} ms"
    )


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--taps", type=int, default=400)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--drain", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hymio-bench-") as name:
        folder = Path(name)
        commits(folder, options.taps, options.stored)
        wire()
        drain(folder, options.drain)


if __name__ == "__main__":
    main()
