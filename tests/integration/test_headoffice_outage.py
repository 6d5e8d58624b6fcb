"""The database is away: kiosks are told to come again, people get a calm page, not a traceback."""

import http.client
import re
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from office import API, ServedOffice, answer
from prepare import find_initdb
from processes import PostgresServer, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.postgres]


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    initdb = find_initdb()
    assert initdb is not None
    with tempfile.TemporaryDirectory(prefix="hymio-outage-") as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(initdb, Path(folder) / "server")
        # What was committed outlives the server's death, as it does at our users'.
        server.command[server.command.index("synchronous_commit=off")] = "synchronous_commit=on"
        with server.start():
            yield server


def get(url: str) -> tuple[int, str]:
    # Somebody with a session, which has to be looked up.
    request = urllib.request.Request(url, headers={"Cookie": f"hymio_session={'a' * 32}"})  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310 - likewise
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_an_outage_of_the_database_is_told_and_passes(
    server: PostgresServer, tmp_path: Path
) -> None:
    with ServedOffice(tmp_path / "office", database=server.url) as office:
        device = office.enrol("Main street")
        bearer: dict[str, Any] = {"Authorization": f"Bearer {device.credential}"}
        assert 200 == office.send("batches", device.batch(answer(1)), **bearer)[0]
        server.kill()
        for path in ("batches", "heartbeats"):
            status, problem = office.send(path, device.batch(answer(2)), **bearer)
            assert (503, "urn:hymio:problem:unavailable") == (status, problem["type"])
            assert 0 < int(office.last_headers["Retry-After"]) <= 60
        for page in ("/", "/login", "/kiosks/", "/nothing"):
            status, text = get(office.url + page)
            assert status in ((200, 503) if page == "/login" else (503,)), page
            assert "Traceback" not in text
            assert "<h1>" in text
        assert (200, "ok\n") == get(f"{office.url}/health")
        server.process = None
        PostgresServer.__mro__[1].start(server)  # the same cluster again
        wait_until(
            lambda: office.send("batches", device.batch(answer(1), answer(2)), **bearer)[0] == 200,
            "the head office to find its database again",
            seconds=30,
        )
        assert 2 == office.send("batches", device.batch(answer(2)), **bearer)[1]["stored_up_to"]


def test_a_start_without_its_database_says_so(tmp_path: Path) -> None:
    office = ServedOffice(tmp_path / "office", database="postgres://nobody:x@127.0.0.1:9/none")
    done = office.run("kiosks")
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
