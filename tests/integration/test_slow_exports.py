"""Readers of large files who are slow or stop: the place comes back, and others get theirs."""

import http.client
import signal
import sqlite3
import threading
from contextlib import ExitStack, closing, suppress
from typing import Any
from urllib.parse import urlencode

import hostile
import psycopg
import pytest
from office import ServedOffice, answer
from processes import wait_until
from usage import memory

from headoffice.export.slots import AT_ONCE
from headoffice.messages.rows import message_table

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
ROWS = 50_000
MORE_MEMORY = 100_000_000
"""What two files that are made at a time may take, with what is read ahead for them."""
COLUMNS = ", ".join(name for name in message_table.columns if name not in ("seq", "response"))


@pytest.fixture
def office(served: ServedOffice) -> ServedOffice:
    """With many answers, and somebody who may take them away."""
    served.stop()
    served.options = ["--port", "0", "--workers", "1"]
    served.start()
    device = served.enrol("Main street")
    said = [answer(seq) for seq in range(1, 1001)]
    bearer = {"Authorization": f"Bearer {device.credential}"}
    assert 200 == served.send("batches", device.batch(*said), **bearer)[0]
    have, new = 1000, "gen_random_uuid()" if served.database else "lower(hex(randomblob(16)))"
    while have < ROWS:
        copy = (
            f"INSERT INTO ingest_storedmessage (seq, response, {COLUMNS}) "  # noqa: S608 - names
            f"SELECT seq + {have}, {new}, {COLUMNS} FROM ingest_storedmessage"
        )
        database(served, copy)
        have *= 2
    database(served, "ANALYZE")
    served.run("create-user", "ann", "--password-stdin", given="four quiet otters\n")
    return served


def database(office: ServedOffice, statement: str) -> list[tuple[Any, ...]]:
    """Past the head office's code."""
    if office.database:
        with psycopg.connect(office.database, autocommit=True) as server:
            done = server.execute(statement.encode())
            return done.fetchall() if done.description else []
    with closing(sqlite3.connect(office.folder / "headoffice.sqlite3", timeout=30)) as file, file:
        return file.execute(statement).fetchall()


class Member:
    """Somebody who is logged in, and takes files away."""

    def __init__(self, office: ServedOffice) -> None:
        self._port = int(office.url.rpartition(":")[2])
        self._session = office.log_in("ann", "four quiet otters").removeprefix("Cookie: ").strip()

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, str, bytes]:
        """Status, where one is led, and the reply."""
        headers = {
            "Cookie": f"{self._session}; hymio_csrf={'a' * 32}",
            "X-CSRFToken": "a" * 32,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        with closing(connection):
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            return reply.status, reply.headers.get("Location", ""), reply.read()

    def new_file(self) -> str:
        """The address of one more file of all answers."""
        form = urlencode({"data": "answers", "format": "csv", "period": "all"})
        status, path, _page = self.ask("POST", "/export/", form)
        assert 302 == status
        return f"{path}/file"

    def reader(self, bytes_a_second: int) -> "Reader":
        """Begins to read a file at this rate."""
        made = Reader(self._port, self._session, self.new_file(), bytes_a_second)
        made.start()
        assert made.begun.wait(20)
        return made


class Reader(threading.Thread):
    """Reads a file so slowly, until it is cut off or told to stop; 0: the beginning of it."""

    def __init__(self, port: int, session: str, path: str, bytes_a_second: int) -> None:
        super().__init__(daemon=True)
        self._rate, self.begun, self.over = bytes_a_second, threading.Event(), threading.Event()
        self._connection = hostile.connect_narrowly(port)
        self._connection.sendall(hostile.head("GET", path, None, f"Cookie: {session}\r\n").encode())

    def run(self) -> None:
        with suppress(OSError), self._connection:
            assert self._connection.recv(12) == b"HTTP/1.1 200"
            self.begun.set()
            while not self.over.wait(0.25):
                if self._rate and not self._connection.recv(self._rate // 4):
                    return


class Peak(threading.Thread):
    """The most memory that some processes have of their own meanwhile."""

    def __init__(self, pids: list[int]) -> None:
        super().__init__(daemon=True)
        self._pids, self.bytes, self.over = pids, 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.2):
            self.bytes = max(self.bytes, memory(self._pids))


def running(office: ServedOffice) -> int:
    states = database(office, "SELECT state FROM export_export")
    return sum(state == "running" for (state,) in states)


@pytest.mark.parametrize(
    ("served", "rates"),
    [("sqlite", (5_000, 5_000)), ("postgres", (1_000, 0))],
    indirect=["served"],
)
def test_slow_readers_make_room_for_others_and_take_bounded_memory(
    office: ServedOffice, rates: tuple[int, ...]
) -> None:
    member, worker = Member(office), office.pids[1:]
    assert ROWS < member.ask("GET", member.new_file())[2].count(b"\n")
    before = memory(worker)
    peak = Peak(worker)
    with ExitStack() as stack:
        for part in (peak, *(member.reader(rate) for rate in rates)):
            stack.callback(part.join, 20)
            stack.callback(part.over.set)
        peak.start()
        assert AT_ONCE == running(office)
        wanted = member.new_file()
        assert 503 == member.ask("GET", wanted)[0]

        pause = threading.Event()

        def file() -> bytes | None:
            # As the page does that says so.
            pause.wait(1)
            status, _where, reply = member.ask("GET", wanted)
            assert status in (200, 503)
            return reply if status == 200 else None

        whole = wait_until(file, "a file for somebody else", seconds=90)
        assert ROWS < whole.count(b"\n")
    assert peak.bytes - before < MORE_MEMORY
    wait_until(lambda: not running(office), "the slow ones to be over", seconds=60)
    assert worker == office.pids[1:]


def test_a_file_whose_process_was_killed_is_not_on_its_way_for_ever(office: ServedOffice) -> None:
    reader = Member(office).reader(5_000)
    assert 1 == running(office)
    office.stop(signal.SIGKILL)
    reader.join(20)
    assert 1 == running(office)
    office.start()
    database(office, "UPDATE export_export SET noted_at = '2026-01-01 00:00:00+00:00'")
    # A worker that has taken over does at once what is due.
    office.stop()
    office.start()
    wait_until(lambda: not running(office), "the file to be over", seconds=30)
    assert [("failed",)] == database(office, "SELECT state FROM export_export")
