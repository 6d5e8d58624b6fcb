"""Ingest over HTTP, with everything it counts, against the engine's bare multi-row insert.

    python bench/ingest.py [--messages 240000] [--postgres]

The product: a real head office that receives batches of 500 from several kiosks, over HTTP, and
answers each with a receipt. The limit: the very rows that it has stored, read back and inserted
into a copy of its table with the same indexes, 500 rows a statement and a transaction, with
nothing else to do. PostgreSQL is given as many connections for it as there are senders, and is
measured with COPY too. Everything flushes every commit to disk. The two take turns, so that what
else the machine does falls on both; the processor time per message tells them apart even then.
Few messages make short turns, which say more about their first and last moments.
"""

import argparse
import functools
import http.client
import sqlite3
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from figures import ROOT, cpu_seconds

sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "integration")]

import conftest  # noqa: E402, F401 - sets Django up for the tests' kiosks
import msgspec  # noqa: E402
import psycopg  # noqa: E402
from office import API, DEFINITION, DIGEST, Device, ServedOffice, answer  # noqa: E402
from prepare import find_initdb  # noqa: E402
from processes import PostgresServer  # noqa: E402

from headoffice.messages.rows import message_table  # noqa: E402
from sync.messages import Batch, Message, Moment  # noqa: E402

AT_ONCE = 500
SENDERS = 4
KIOSKS = 4
TABLE = "ingest_storedmessage"
BARE = "hymio bare"
PRODUCT = "over HTTP, with its counts"
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


class Backlogs:
    """Kiosks of a head office that have much to deliver."""

    def __init__(self, office: ServedOffice, each: int) -> None:
        devices = [office.enrol(f"Place {n}") for n in range(KIOSKS)]
        bearer = {"Authorization": f"Bearer {devices[0].credential}"}
        office.send(f"questionnaires/{DIGEST}", DEFINITION, "PUT", **bearer)
        self._work = [(device, bodies(device, each)) for device in devices]
        self._address = office.url.removeprefix("http://")

    def deliver(self, batches: int) -> None:
        """So many batches of each kiosk, from several senders at once."""
        work = [(device, waiting[:batches]) for device, waiting in self._work]
        self._work = [(device, waiting[batches:]) for device, waiting in self._work]
        failures: list[str] = []
        together(
            [
                functools.partial(send, self._address, work[n::SENDERS], failures)
                for n in range(SENDERS)
            ]
        )
        assert failures == [], failures


def together(tasks: list[Callable[[], None]]) -> None:
    """Carry them out at once, each in a thread of its own."""
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def helpings(rows: Rows) -> Iterator[Rows]:
    rest = iter(rows)
    while helping := list(islice(rest, AT_ONCE)):
        yield helping


class BareSqlite:
    """The engine's own table, and a bare copy of it that takes rows."""

    names = ("bare multi-row insert",)

    def __init__(self, database: Path, scratch: Path) -> None:
        self._stored = sqlite3.connect(database)
        schema = self._stored.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL "
            "ORDER BY type DESC",
            [TABLE],
        ).fetchall()
        self._bare = sqlite3.connect(scratch, isolation_level=None)
        self._bare.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000"
        )
        for (statement,) in schema:
            self._bare.execute(statement)
        self._read = 0

    def fresh(self) -> Rows:
        """What was stored since it was last asked for, in that order."""
        rows = self._stored.execute(
            f"SELECT * FROM {TABLE} WHERE rowid > ? ORDER BY rowid",  # noqa: S608 - a name of this file
            [self._read],
        ).fetchall()
        self._read += len(rows)
        return rows

    def insert(self, rows: Rows, _how: str) -> None:
        """Insert them, so many a statement and a transaction."""
        one = "(" + ",".join("?" * len(rows[0])) + ")"
        for helping in helpings(rows):
            self._bare.execute("BEGIN IMMEDIATE")
            values = ",".join([one] * len(helping))
            self._bare.execute(
                f"INSERT INTO {TABLE} VALUES {values}",  # noqa: S608 - likewise
                [cell for row in helping for cell in row],
            )
            self._bare.execute("COMMIT")

    def cpu(self) -> float:
        """Processor time so far."""
        return time.process_time()


class BarePostgres:
    """As BareSqlite, with as many connections as there are senders."""

    names = ("bare multi-row insert", "bare COPY")

    def __init__(self, url: str) -> None:
        self._stored = psycopg.connect(url, autocommit=True, application_name=BARE)
        self._bare = [psycopg.connect(url, application_name=BARE) for _ in range(SENDERS)]
        for name in self.names:
            self._stored.execute(f'CREATE TABLE "{name}" (LIKE {TABLE} INCLUDING ALL)')
        self._read = -1

    def fresh(self) -> Rows:
        """What was stored since it was last asked for, kiosk by kiosk."""
        rows = self._stored.execute(
            f"SELECT * FROM {TABLE} WHERE received_ms > %s ORDER BY received_ms, kiosk, seq",  # noqa: S608 - a name of this file
            [self._read],
        ).fetchall()
        self._read = rows[-1][list(message_table.columns).index("received_ms")]
        return rows

    def insert(self, rows: Rows, how: str) -> None:
        """Insert them on all connections at once."""
        parts = list(helpings(rows))
        insert = self._copy if how == "bare COPY" else self._insert
        together(
            [
                functools.partial(insert, bare, parts[n :: len(self._bare)])
                for n, bare in enumerate(self._bare)
            ]
        )

    def _insert(self, bare: "psycopg.Connection[Any]", parts: list[Rows]) -> None:
        one = "(" + ",".join(["%s"] * len(parts[0][0])) + ")"
        for helping in parts:
            values = ",".join([one] * len(helping))
            cells = [cell for row in helping for cell in row]
            bare.execute(f'INSERT INTO "{self.names[0]}" VALUES {values}', cells)  # noqa: S608 - placeholders
            bare.commit()

    def _copy(self, bare: "psycopg.Connection[Any]", parts: list[Rows]) -> None:
        for helping in parts:
            with bare.cursor().copy(f'COPY "{self.names[1]}" FROM STDIN') as copy:
                for row in helping:
                    copy.write_row(row)
            bare.commit()

    def cpu(self) -> float:
        """Processor time so far, of the engine too."""
        return time.process_time() + sum(cpu_seconds(c.info.backend_pid) for c in self._bare)


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


def office_cpu(office: ServedOffice, url: str) -> float:
    """Processor time of the head office and, on PostgreSQL, of the connections that it holds."""
    pids = office.pids
    if url:
        with psycopg.connect(url) as asking:
            found = asking.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
                "AND application_name <> %s AND pid <> pg_backend_pid()",
                [BARE],
            )
            pids += [pid for (pid,) in found]
    return sum(cpu_seconds(pid) for pid in pids)


def main() -> int:
    """Print the limits, the product and their ratio; 1 below the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=240_000)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    each = max(1, options.messages // AT_ONCE // KIOSKS // options.rounds)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = postgres(stack).url if options.postgres else ""
        office = stack.enter_context(ServedOffice(folder / "office", database=url))
        backlogs = Backlogs(office, each * options.rounds)
        bare: BareSqlite | BarePostgres
        bare = (
            BarePostgres(url)
            if url
            else BareSqlite(folder / "office" / "headoffice.sqlite3", folder / "bare")
        )
        took: Counter[str] = Counter()
        cpu: Counter[str] = Counter()
        for _round in range(options.rounds):
            used, began = office_cpu(office, url), time.perf_counter()
            backlogs.deliver(each)
            took[PRODUCT] += time.perf_counter() - began
            cpu[PRODUCT] += office_cpu(office, url) - used
            rows = bare.fresh()
            for name in bare.names:
                used, began = bare.cpu(), time.perf_counter()
                bare.insert(rows, name)
                took[name] += time.perf_counter() - began
                cpu[name] += bare.cpu() - used
        proof = office.run("rebuild-rollups", "--check")
        assert proof.returncode == 0, proof.stdout
    whole = each * options.rounds * KIOSKS * AT_ONCE
    print(
        f"{'PostgreSQL' if url else 'SQLite'}, {whole} messages in batches of {AT_ONCE}, "
        f"{SENDERS} senders, {options.rounds} rounds"
    )
    print(f"  {'':32} {'messages/s':>10} {'CPU each':>9}")
    for name in (*bare.names, PRODUCT):
        print(f"  {name:32} {whole / took[name]:10,.0f} {cpu[name] / whole * 1e6:6.1f} µs")
    ratio = took[bare.names[0]] / took[PRODUCT]
    print(f"  ratio to the first: {ratio:.2f} (goal {GOAL:.2f})")
    return 0 if ratio >= GOAL else 1


if __name__ == "__main__":
    raise SystemExit(main())
