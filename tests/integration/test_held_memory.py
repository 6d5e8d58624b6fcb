"""Many clients that each take no more than they may: all of them together are bounded too."""

import resource
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import hostile
import pytest
from office import Device, ServedOffice, answer
from slowness import limit_s
from usage import memory

from headoffice.server import limits

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SLACK = 45_000_000
"""For connections and what serves them."""
Client = Callable[[int, Device], socket.socket]


@pytest.fixture(scope="module", autouse=True)
def many_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOffice]:
    office = ServedOffice(tmp_path_factory.mktemp("office"))
    office.options = ["--port", "0", "--workers", "1"]
    with office:
        yield office


def body_of_anybody(port: int, _device: Device) -> socket.socket:
    """As much as anybody may send, but for the last byte."""
    said = hostile.head("POST", "/api/kiosk/v1/enrolment", limits.FREE_BYTES)
    connection = hostile.connect(port, said)
    connection.sendall(bytes(limits.FREE_BYTES - 1))
    return connection


def body_of_a_kiosk(port: int, device: Device) -> socket.socket:
    """As much as a kiosk may send, but for the last byte."""
    bearer = f"Authorization: Bearer {device.credential}\r\n"
    connection = hostile.connect(
        port, hostile.head("POST", "/api/kiosk/v1/batches", 1_000_000, bearer)
    )
    connection.sendall(bytes(999_999))
    return connection


def reader_of_the_largest_file(port: int, _device: Device) -> socket.socket:
    connection = hostile.connect_narrowly(port)
    connection.sendall(hostile.head("GET", hostile.LARGEST_FILE, None).encode())
    return connection


class Trickle(threading.Thread):
    """Reads from all of them, quickly enough that none is silent."""

    def __init__(self, connections: list[socket.socket]) -> None:
        super().__init__()
        self._connections, self.over = connections, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.5):
            for connection in self._connections:
                with suppress(OSError):
                    connection.recv(4_000, socket.MSG_DONTWAIT)


@pytest.mark.parametrize(
    ("client", "clients", "size"),
    [
        (body_of_anybody, 1_900, limits.FREE_BYTES),
        (body_of_a_kiosk, 160, 1_000_000),
        (reader_of_the_largest_file, 250, 590_000),
    ],
)
def test_all_of_them_take_no_more_memory_than_a_worker_gives(
    office: ServedOffice, client: Client, clients: int, size: int
) -> None:
    hostile_kiosk, device = office.enrol("Elsewhere"), office.enrol("Main street")
    port = int(office.url.rpartition(":")[2])
    worker = office.pids[1:]
    before = memory(worker)
    with ExitStack() as stack:
        held: list[socket.socket] = []
        for _ in range(clients):
            # Some are sent away while they send.
            with suppress(OSError):
                held.append(stack.enter_context(client(port, hostile_kiosk)))
        trickle = Trickle(held)
        trickle.start()
        stack.callback(trickle.join)
        stack.callback(trickle.over.set)
        assert limits.HELD_BYTES + SLACK < 0.9 * clients * size
        for round_ in range(3):
            assert memory(worker) - before < limits.HELD_BYTES + SLACK
            body = device.batch(*(answer(600 * round_ + seq) for seq in range(1, 601)))
            bearer = {"Authorization": f"Bearer {device.credential}"}
            begun = time.monotonic()
            assert 200 == office.send("batches", body, **bearer)[0]
            with urllib.request.urlopen(office.url + hostile.LARGEST_FILE, timeout=5) as reply:  # noqa: S310 - the test's server
                assert 590_000 < len(reply.read())
            assert time.monotonic() - begun < limit_s(5)
