"""Clients that are slow, silent, broken or hostile: kiosks beside them are answered."""

import http.client
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Self

import hostile
import pytest
from office import ServedOffice, answer
from processes import wait_until
from slowness import limit_s
from usage import memory, open_files, threads

from headoffice.server import limits

pytestmark = pytest.mark.e2e

THREADS = 8
"""Of a worker, for requests."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOffice]:
    office = ServedOffice(tmp_path_factory.mktemp("office"))
    office.options = ["--port", "0", "--workers", "1"]
    with office:
        yield office


@pytest.fixture(scope="module")
def session(office: ServedOffice) -> str:
    """The header of somebody who is logged in."""
    office.run("create-user", "ann", "--password-stdin", given="four quiet otters\n")
    return office.log_in("ann", "four quiet otters")


def port_of(office: ServedOffice) -> int:
    return int(office.url.rpartition(":")[2])


def is_healthy(office: ServedOffice, within: float = 3) -> bool:
    """Whether threads of requests are left; /health needs none."""
    with urllib.request.urlopen(f"{office.url}/metrics", timeout=within) as reply:  # noqa: S310 - the test's server
        return bool(reply.status == 200)


def answered(connection: socket.socket, within: float = 20) -> bytes:
    """What comes until the other end closes."""
    connection.settimeout(within)
    said = b""
    try:
        while more := connection.recv(65536):
            said += more
    except ConnectionResetError:
        pass
    return said


class Deliveries:
    """A kiosk that delivers, and a look at /metrics, again and again until told to stop."""

    def __init__(self, office: ServedOffice) -> None:
        self._office, self._device = office, office.enrol("Main street")
        self._stop = threading.Event()
        self.took: list[float] = []
        self.failures: list[object] = []
        self._thread = threading.Thread(target=self._deliver)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def _deliver(self) -> None:
        bearer = {"Authorization": f"Bearer {self._device.credential}"}
        seq = 0
        while not self._stop.wait(0.05):
            seq += 1
            begun = time.monotonic()
            try:
                body = self._device.batch(answer(seq))
                status, _receipt = self._office.send("batches", body, **bearer)
                is_healthy(self._office, 10)
            except OSError as error:
                status = repr(error)
            self.took.append(time.monotonic() - begun)
            if status != 200:
                self.failures.append(status)


# --- one kind, more of it than there are threads ------------------------------------------


@pytest.mark.parametrize("way", hostile.WAYS.values(), ids=hostile.WAYS)
def test_more_such_clients_than_threads_hold_nobody_up(
    office: ServedOffice, session: str, way: hostile.Way
) -> None:
    with ExitStack() as stack:
        for _ in range(THREADS + 2):
            stack.enter_context(way(session, port_of(office)))
        assert is_healthy(office)
        with urllib.request.urlopen(f"{office.url}/login", timeout=3) as page:  # noqa: S310 - the test's server
            assert 200 == page.status
        status, _problem = office.send("batches", b"{}", Authorization="Bearer nobody")
        assert 401 == status


# --- what becomes of them -----------------------------------------------------------------


@pytest.mark.slow
def test_silence_ends_a_connection(office: ServedOffice) -> None:
    begun = time.monotonic()
    with ExitStack() as stack:
        silent = {
            name: stack.enter_context(hostile.WAYS[name]("", port_of(office)))
            for name in ("slow_body", "slow_form", "slow_headers", "idle")
        }
        for name, connection in silent.items():
            said = answered(connection)
            passed = time.monotonic() - begun
            assert limits.SILENCE_S - 2 < passed < limits.SILENCE_S + 5, name
            assert said == b"" or said.startswith(b"HTTP/1.1 408 "), name


@pytest.mark.slow
def test_a_line_of_64_kbit_a_second_is_waited_for_and_a_trickle_is_not(
    office: ServedOffice,
) -> None:
    device = office.enrol("Far away")
    body = device.batch(*(answer(seq) for seq in range(1, 401)))
    assert len(body) > 100_000
    bearer = f"Authorization: Bearer {device.credential}\r\n"
    port = port_of(office)
    said = hostile.head("POST", "/api/kiosk/v1/batches", len(body), bearer)
    with hostile.connect(port, said) as slow, hostile.connect(port, said) as trickle:
        ended = 0.0
        begun = time.monotonic()
        for start in range(0, len(body), 3_000):
            slow.sendall(body[start : start + 3_000])
            if not ended:
                try:
                    trickle.sendall(body[start // 30 : start // 30 + 100])
                except OSError:
                    ended = time.monotonic() - begun
            time.sleep(0.5)
        slow.settimeout(20)
        assert b'"stored_up_to":400' in slow.recv(65536)
        # Cut off, as by a bad line: the kiosk comes again with less.
        assert ended or answered(trickle) == b""
        assert is_healthy(office)


def test_a_body_is_refused_before_it_is_read(office: ServedOffice, session: str) -> None:
    """Too long for the address, or from nobody who may send so much: no byte of it is asked for."""
    kiosk = "/api/kiosk/v1/batches"
    for path, length, more, status in (
        ("/login", 400_000_000, "", 413),
        ("/login", 100_000, hostile.COOKIE, 413),
        ("/structure/import", 20_000_000, session, 413),
        ("/api/kiosk/v1/enrolment", 2_000_000, "", 413),
        (kiosk, 1_000_001, "", 413),
        (kiosk, 900_000, "Authorization: Bearer nobody\r\n", 401),
        (kiosk, 900_000, "", 401),
        (kiosk, 10**17, "", 413),
    ):
        # Who asks first gets the refusal instead of the word to go on.
        with hostile.connect(
            port_of(office), hostile.head("POST", path, length, f"Expect: 100-continue\r\n{more}")
        ) as connection:
            said = answered(connection)
        assert said.startswith(b"HTTP/1.1 %d " % status), (path, said[:200])


@pytest.mark.parametrize("then", ["somebody else", "another kind of address", "shut out"])
def test_who_was_admitted_on_a_connection_is_alone_admitted_there_again(
    office: ServedOffice, then: str
) -> None:
    """It is not looked up for each batch of a backlog who may send so much."""
    device = office.enrol("Back street")
    batches = [device.batch(*(answer(seq) for seq in range(at, at + 300))) for at in (1, 301, 601)]
    assert limits.FREE_BYTES < min(map(len, batches))
    bearer = {"Authorization": f"Bearer {device.credential}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port_of(office), timeout=20)

    def status(body: bytes, path: str = "/api/kiosk/v1/batches", **more: str) -> int:
        connection.request("POST", path, body, bearer | more)
        reply = connection.getresponse()
        reply.read()
        return reply.status

    with closing(connection):
        assert [200, 200] == [status(body) for body in batches[:2]]
        match then:
            case "somebody else":
                assert 401 == status(batches[2], Authorization="Bearer nobody")
            case "another kind of address":
                assert 413 == status(batches[2], "/structure/import")
            case _:
                assert 0 == office.run("revoke", device.kiosk).returncode
                assert 401 == status(batches[2])


def test_who_is_logged_in_may_send_a_file(office: ServedOffice, session: str) -> None:
    with hostile.connect(
        port_of(office),
        hostile.head("POST", "/structure/import", 300_000, f"Expect: 100-continue\r\n{session}"),
    ) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: " + "9" * 5000 + "\r\n",
        "Host: elsewhere\r\n",
        "".join(f"X-{n}: 1\r\n" for n in range(200)),
        "X: " + "a" * 100_000 + "\r\n",
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(office: ServedOffice, lines: str) -> None:
    with hostile.connect(
        port_of(office), f"POST /login HTTP/1.1\r\nHost: localhost\r\n{lines}\r\nhello"
    ) as connection:
        said = answered(connection)
    assert said == b"" or said.startswith(b"HTTP/1.1 400 ")
    assert 1 >= said.count(b"HTTP/1.1")


CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x07" * 506
"""As a kiosk begins that was told that TLS is spoken here."""


@pytest.mark.parametrize(
    "said", [CLIENT_HELLO, CLIENT_HELLO[:1], b"SSH-2.0-x\r\n", b"PRI * HTTP/2.0\r\n", b"\r\nGET\n"]
)
def test_what_begins_no_request_is_refused_without_waiting_for_its_end(
    office: ServedOffice, said: bytes
) -> None:
    with hostile.connect(port_of(office)) as connection:
        connection.sendall(said)
        assert b"HTTP/1.1 400 Bad Request\r\n\r\n" == answered(connection, limits.HEADERS_S / 2)


@pytest.mark.parametrize("before", ["", "\r\n", "\n"])
def test_a_request_in_pieces_is_read_to_its_end(office: ServedOffice, before: str) -> None:
    with hostile.connect(port_of(office)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in f"{before}GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n":
            connection.sendall(byte.encode())
            time.sleep(0.002)
        assert answered(connection).startswith(b"HTTP/1.1 200 ")


def test_logging_in_leaves_kiosks_their_threads(office: ServedOffice) -> None:
    form = b"username=ann&password=wrong"
    kind = "application/x-www-form-urlencoded"
    said = hostile.head("POST", "/login", len(form), hostile.COOKIE).replace(
        "application/json", kind
    )
    with ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(hostile.connect(port_of(office), said + form.decode()))
        begun = time.monotonic()
        assert is_healthy(office)
        assert time.monotonic() - begun < limit_s(2)


# --- all kinds at once --------------------------------------------------------------------


@pytest.mark.parametrize("connections", [260])
def test_kiosks_are_answered_beside_hostile_clients_and_nothing_is_left_of_them(
    office: ServedOffice, session: str, connections: int
) -> None:
    assert is_healthy(office)
    pids = office.pids
    # The very first ones load what is loaded later, and that stays.
    for way in hostile.WAYS.values():
        way(session, port_of(office)).close()
    time.sleep(1.5)
    before = open_files(pids), threads(pids), memory(pids)
    kinds = list(hostile.WAYS.values())
    with Deliveries(office) as deliveries, ExitStack() as stack:
        for n in range(connections):
            try:
                stack.enter_context(kinds[n % len(kinds)](session, port_of(office)))
            except OSError:
                # Refused for one reason or another; the others go on.
                continue
        wait_until(lambda: len(deliveries.took) > 3, "four deliveries beside them", seconds=30)
    assert deliveries.failures == []
    assert max(deliveries.took) < 10

    def is_as_before() -> bool:
        now = open_files(pids), threads(pids), memory(pids)
        # A thread keeps its connection to the database, of two files, from its first request on.
        return (
            now[0] <= before[0] + 2 * THREADS
            and now[1] <= before[1]
            and now[2] < before[2] + 30_000_000
        )

    wait_until(is_as_before, "nothing to be left of them", seconds=30)
    assert pids == office.pids


def test_requests_of_connections_that_ended_stand_before_nobody(office: ServedOffice) -> None:
    """Hundreds in a row, of clients that leave after the first answer."""
    pipelined = b"GET /login HTTP/1.1\r\nHost: localhost\r\n\r\n" * 600
    statuses = []
    for _ in range(3):
        with ExitStack() as stack:
            for _ in range(20):
                left = socket.create_connection(("127.0.0.1", port_of(office)), 20)
                stack.enter_context(left).sendall(pipelined)
            assert b"H" == left.recv(1)
        for _ in range(30):
            try:
                with urllib.request.urlopen(f"{office.url}/login", timeout=20) as reply:  # noqa: S310
                    statuses.append(reply.status)
            except urllib.error.HTTPError as refusal:
                statuses.append(refusal.code)
    assert {200} == set(statuses)
