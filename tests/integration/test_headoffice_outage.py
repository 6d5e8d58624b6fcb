"""The database can't be reached: kiosks come again, people get a calm page, not a traceback."""

import http.client
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from office import API, ServedOffice, answer, logged_lines
from prepare import find_initdb
from processes import PostgresServer, wait_until
from slowness import limit_s

pytestmark = [pytest.mark.e2e, pytest.mark.postgres]


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    initdb = find_initdb()
    assert initdb is not None
    with tempfile.TemporaryDirectory(prefix="hymio-outage-") as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(initdb, Path(folder) / "server")
        # What was committed outlives the server's death, as it does in production.
        server.command[server.command.index("synchronous_commit=off")] = "synchronous_commit=on"
        with server.start():
            yield server


def get(url: str) -> tuple[int, str]:
    # Somebody with a session, which has to be looked up.
    request = urllib.request.Request(url, headers={"Cookie": f"hymio_session={'a' * 32}"})  # noqa: S310 - the test's server
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310 - likewise
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_an_outage_of_the_database_is_told_and_passes(
    server: PostgresServer, tmp_path: Path
) -> None:
    office = ServedOffice(tmp_path / "office", database=server.url)
    log = (tmp_path / "log").open("w+")
    office.errors = log.fileno()
    with log, office:
        device = office.enrol("Main street")
        bearer: dict[str, Any] = {"Authorization": f"Bearer {device.credential}"}
        assert 200 == office.send("batches", device.batch(answer(1)), **bearer)[0]
        server.kill()
        for path in 10 * ("batches", "heartbeats"):
            status, problem = office.send(path, device.batch(answer(2)), **bearer)
            assert (503, "urn:hymio:problem:unavailable") == (status, problem["type"])
            assert "Its database does not answer." == problem["detail"]
            assert 0 < int(office.last_headers["Retry-After"]) <= 60
        for page in ("/", "/login", "/kiosks/", "/nothing"):
            status, text = get(office.url + page)
            assert status in ((200, 503) if page == "/login" else (503,)), page
            assert "Traceback" not in text
            assert "<h1>" in text
        told = logged_lines(tmp_path / "log")
        assert 1 == len(told), told
        assert "the database is away: kiosks keep their answers" in told[0]
        assert (200, "ok\n") == get(f"{office.url}/health")
        status, said = get(f"{office.url}/ready")
        assert (503, {"ready": False, "reasons": ["database_away"]}) == (status, json.loads(said))
        server.process = None
        PostgresServer.__mro__[1].start(server)  # the same cluster again
        wait_until(
            lambda: office.send("batches", device.batch(answer(1), answer(2)), **bearer)[0] == 200,
            "the head office to find its database again",
            seconds=30,
        )
        assert 2 == office.send("batches", device.batch(answer(2)), **bearer)[1]["stored_up_to"]
        wait_until(lambda: get(f"{office.url}/ready")[0] == 200, "readiness", seconds=5)
        hang(server, office, device.batch(answer(3)), bearer)


def hang(
    server: PostgresServer, office: ServedOffice, batch: bytes, bearer: dict[str, Any]
) -> None:
    """A database that takes questions and gives no answers holds all threads, and no probe."""

    def send_signal(number: int) -> None:
        # Each of its processes leads a session of its own.
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        for process in (server.pid, *map(int, children)):
            os.kill(process, number)

    with ThreadPoolExecutor(60) as pool:
        send_signal(signal.SIGSTOP)
        try:
            held = [pool.submit(office.send, "batches", batch, **bearer) for _ in range(60)]
            away = (503, '{"ready": false, "reasons": ["database_away"]}\n')
            wait_until(lambda: get(f"{office.url}/ready") == away, "unreadiness", seconds=10)
            assert not any(each.done() for each in held)
            begun = time.monotonic()
            assert (200, "ok\n") == get(f"{office.url}/health")
            assert time.monotonic() - begun < limit_s(1)
        finally:
            send_signal(signal.SIGCONT)
        assert {200} == {each.result()[0] for each in held}
    wait_until(lambda: get(f"{office.url}/ready")[0] == 200, "readiness", seconds=5)


def test_a_start_without_its_database_says_so(tmp_path: Path) -> None:
    office = ServedOffice(tmp_path / "office", database="postgres://nobody:x@127.0.0.1:9/none")
    done = office.run("serve", "--port", "0")
    assert 1 == done.returncode
    assert "the database can't be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_body_in_chunks_without_a_length_is_taken(served: ServedOffice) -> None:
    device = served.enrol("Main street")
    body = device.batch(*(answer(seq) for seq in range(1, 301)))
    connection = http.client.HTTPConnection(served.url.removeprefix("http://"), timeout=30)
    headers = {
        "Authorization": f"Bearer {device.credential}",
        "Content-Type": "application/json",
        "Transfer-Encoding": "chunked",
    }
    pieces = (body[i : i + 1000] for i in range(0, len(body), 1000))
    connection.request("POST", f"{API}/batches", pieces, headers, encode_chunked=True)
    reply = connection.getresponse()
    assert (200, True) == (reply.status, b'"stored_up_to":300' in reply.read())
    too_much = (b" " * 10_000 for _ in range(120))
    connection.request("POST", f"{API}/batches", too_much, headers, encode_chunked=True)
    assert 413 == connection.getresponse().status
    connection.close()


def test_the_program_starts_without_a_word_of_warning(tmp_path: Path) -> None:
    office = ServedOffice(tmp_path / "office")
    office.errors = subprocess.STDOUT
    office.start()
    assert not [line for line in office.said if re.search("warn|deprecat", line, re.IGNORECASE)]
    assert office.stop() == 0
