"""Ingest over HTTP, with everything it counts, against the engine's bare multi-row insert.

    python bench/ingest.py [--messages 60000] [--postgres]

The product: a real head office that receives batches of 500 from several kiosks, over HTTP, and
answers each with a receipt. The limit: the very rows that it has stored, read back and inserted
into an empty copy of its table with the same indexes, 500 rows a statement and a transaction, on
one connection and with nothing else to do. Both flush every commit to disk.
"""

import argparse
import http.client
import sqlite3
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from figures import ROOT

sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "integration")]

import conftest  # noqa: E402, F401 - sets Django up for the tests' kiosks
import msgspec  # noqa: E402
import psycopg  # noqa: E402
from office import API, DEFINITION, DIGEST, Device, ServedOffice, answer  # noqa: E402
from prepare import find_initdb  # noqa: E402
from processes import PostgresServer  # noqa: E402

from sync.messages import Batch, Message, Moment  # noqa: E402

AT_ONCE = 500
SENDERS = 2
KIOSKS = 4
TABLE = "ingest_storedmessage"
GOAL = 0.40
Rows = list[tuple[Any, ...]]


def bodies(device: Device, batches: int) -> list[bytes]:
    """A kiosk's backlog of a day: ratings a quarter of a minute apart."""
    boot = str(uuid.uuid4())
    whole = AT_ONCE * batches
    made: list[Message] = []
    for seq in range(1, whole + 1):
        mono = seq * 15_000
        response = f"{mono:012x}"
        response = f"{response[:8]}-{response[8:]}-7{uuid.uuid4().hex[:3]}-{str(uuid.uuid4())[19:]}"
        made.append(answer(seq, seq % 3, at=Moment(mono, boot, mono), response=response))
    sent = Moment(0, boot, whole * 15_000)
    return [
        msgspec.json.encode(
            Batch(
                installation=device.installation,
                oldest=1,
                sent=sent,
                messages=tuple(made[i : i + AT_ONCE]),
            )
        )
        for i in range(0, whole, AT_ONCE)
    ]


def send(address: str, work: list[tuple[Device, list[bytes]]], failures: list[str]) -> None:
    connection = http.client.HTTPConnection(address, timeout=60)
    for device, batches in work:
        headers = {
            "Authorization": f"Bearer {device.credential}",
            "Content-Type": "application/json",
        }
        for body in batches:
            connection.request("POST", f"{API}/batches", body, headers)
            reply = connection.getresponse()
            said = reply.read()
            if reply.status != 200:
                failures.append(f"{reply.status} {said[:200]!r}")
                return
    connection.close()


def product(office: ServedOffice, messages: int) -> float:
    """Messages a second that the head office takes in."""
    devices = [office.enrol(f"Place {n}") for n in range(KIOSKS)]
    bearer = {"Authorization": f"Bearer {devices[0].credential}"}
    office.send(f"questionnaires/{DIGEST}", DEFINITION, "PUT", **bearer)
    each = messages // AT_ONCE // KIOSKS
    work = [(device, bodies(device, each)) for device in devices]
    failures: list[str] = []
    address = office.url.removeprefix("http://")
    senders = [
        threading.Thread(target=send, args=(address, work[n::SENDERS], failures))
        for n in range(SENDERS)
    ]
    began = time.perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    took = time.perf_counter() - began
    assert failures == [], failures
    return each * KIOSKS * AT_ONCE / took


def helpings(rows: Rows) -> Iterator[Rows]:
    rest = iter(rows)
    while helping := list(islice(rest, AT_ONCE)):
        yield helping


def limit_of_sqlite(database: Path, scratch: Path) -> tuple[float, int]:
    with sqlite3.connect(database) as stored:
        schema = [
            sql
            for (sql,) in stored.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL "
                "ORDER BY type DESC",
                [TABLE],
            )
        ]
        rows = list(stored.execute(f"SELECT * FROM {TABLE} ORDER BY received_ms, rowid"))  # noqa: S608 - our own name
    bare = sqlite3.connect(scratch, isolation_level=None)
    bare.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000")
    for statement in schema:
        bare.execute(statement)
    one = "(" + ",".join("?" * len(rows[0])) + ")"
    began = time.perf_counter()
    for helping in helpings(rows):
        bare.execute("BEGIN IMMEDIATE")
        values = ",".join([one] * len(helping))
        bare.execute(
            f"INSERT INTO {TABLE} VALUES {values}",  # noqa: S608 - likewise
            [cell for row in helping for cell in row],
        )
        bare.execute("COMMIT")
    return len(rows) / (time.perf_counter() - began), len(rows)


def limit_of_postgres(url: str) -> tuple[float, int]:
    with psycopg.connect(url) as bare:
        rows = list(bare.execute(f"SELECT * FROM {TABLE} ORDER BY received_ms, kiosk, seq"))  # noqa: S608 - our own name
        bare.execute(f"CREATE TABLE bare (LIKE {TABLE} INCLUDING ALL)")
        bare.commit()
        one = "(" + ",".join(["%s"] * len(rows[0])) + ")"
        began = time.perf_counter()
        for helping in helpings(rows):
            values = ",".join([one] * len(helping))
            bare.execute(
                f"INSERT INTO bare VALUES {values}",  # noqa: S608 - placeholders
                [c for row in helping for c in row],
            )
            bare.commit()
        return len(rows) / (time.perf_counter() - began), len(rows)


def postgres(stack: ExitStack) -> PostgresServer:
    """A private server that, other than in the tests, flushes its commits."""
    initdb = find_initdb()
    assert initdb is not None
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hymio-bench-")))
    folder.chmod(0o755)
    server = PostgresServer(initdb, folder / "server")
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        server.command[server.command.index(f"{name}=off")] = f"{name}=on"
    return stack.enter_context(server.start())


def main() -> int:
    """Print the limit, the product and their ratio; 1 below the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=60_000)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = postgres(stack).url if options.postgres else ""
        office = stack.enter_context(ServedOffice(folder / "office", database=url))
        taken = product(office, options.messages)
        proof = office.run("rebuild-rollups", "--check")
        assert proof.returncode == 0, proof.stdout
        office.stop()
        limit, rows = (
            limit_of_postgres(url)
            if url
            else limit_of_sqlite(folder / "office" / "headoffice.sqlite3", folder / "bare")
        )
    engine = "PostgreSQL" if options.postgres else "SQLite"
    print(f"{engine}, {rows} messages in batches of {AT_ONCE}, {SENDERS} senders")
    print(f"  limit    bare multi-row insert        {limit:10,.0f} messages/s")
    print(f"  product  over HTTP, with its counts   {taken:10,.0f} messages/s")
    print(f"  ratio    {taken / limit:.2f} (goal {GOAL:.2f})")
    return 0 if taken >= GOAL * limit else 1


if __name__ == "__main__":
    raise SystemExit(main())
