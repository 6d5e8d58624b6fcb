"""Hostile clients of ten kinds, as many as wished, in one program that needs little itself.

    python bench/attackers.py PORT CONNECTIONS COOKIE

Each holds its connection until it is cut off, and comes again a second later. Ends when it is
killed. Used by bench/hostile.py.
"""

import asyncio
import contextlib
import itertools
import resource
import socket
import struct
import sys
from collections.abc import Awaitable, Callable

AGAIN_S = 1.0
KIOSKS = "/api/kiosk/v1"
CSRF = "Cookie: hymio_csrf=" + "a" * 32
LARGEST_FILE = "/static/vendor/echarts-6.1.0.charts.min.js"


class Connection:
    """One that is open; OSError when the other end has closed it."""

    def __init__(self, made: socket.socket) -> None:
        self.socket, self._loop = made, asyncio.get_running_loop()

    async def send(self, said: str | bytes) -> None:
        """Send it all, as quickly as it is taken."""
        await self._loop.sock_sendall(self.socket, said.encode() if isinstance(said, str) else said)

    async def take(self, size: int) -> None:
        """Read so much of what came."""
        if not await self._loop.sock_recv(self.socket, size):
            raise ConnectionResetError

    async def wait(self) -> None:
        """Until it is closed there."""
        while True:
            await self.take(65_536)


def head(method: str, path: str, *lines: str, length: int | None = None) -> str:
    """A request up to its body."""
    body = [] if length is None else [f"Content-Length: {length}"]
    kind = "Content-Type: application/json"
    return "\r\n".join(
        [f"{method} {path} HTTP/1.1", "Host: localhost", kind, *lines, *body, "", ""]
    )


async def drip(connection: Connection, first: str, then: str) -> None:
    """The beginning, and a little more each second."""
    await connection.send(first)
    while True:
        await asyncio.sleep(1)
        await connection.send(then)


async def slow_headers(connection: Connection, _cookie: str) -> None:
    """A head that never ends."""
    await drip(connection, "POST /login HTTP/1.1\r\nHost: localhost\r\n", "X-Slow: 1\r\n")


async def slow_body(connection: Connection, _cookie: str) -> None:
    """A byte a second."""
    await drip(connection, head("POST", f"{KIOSKS}/enrolment", length=9000) + "{", " ")


async def cut_body(connection: Connection, _cookie: str) -> None:
    """Reset in the midst of it."""
    await connection.send(head("POST", f"{KIOSKS}/batches", length=9000) + "{" * 500)
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def slow_reader(connection: Connection, _cookie: str) -> None:
    """The largest file, at 4 kB/s."""
    await connection.send(head("GET", LARGEST_FILE))
    while True:
        await connection.take(4_000)
        await asyncio.sleep(1)


async def idle(connection: Connection, _cookie: str) -> None:
    """Nothing is ever said."""
    await connection.wait()


async def half_open(connection: Connection, _cookie: str) -> None:
    """Its end says that no more will come."""
    await connection.send(head("POST", f"{KIOSKS}/enrolment", length=9000) + "{")
    connection.socket.shutdown(socket.SHUT_WR)
    await connection.wait()


async def pipelined(connection: Connection, _cookie: str) -> None:
    """Twenty requests at once, every ten seconds."""
    while True:
        await connection.send(head("GET", "/health") * 20)
        for _second in range(10):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(connection.wait(), 1)


async def huge_upload(connection: Connection, _cookie: str) -> None:
    """400 MB for a form."""
    await connection.send(head("POST", "/login", CSRF, length=400_000_000))
    while True:
        await connection.send(bytes(65_536))


async def wrong_length(connection: Connection, _cookie: str) -> None:
    """Said twice, and differently."""
    lines = ("Content-Length: 50", "Transfer-Encoding: chunked")
    await connection.send(head("POST", "/login", *lines, length=5) + "0\r\n\r\n")
    await connection.wait()


async def live_stream(connection: Connection, cookie: str) -> None:
    """Somebody who is logged in, listens, and reads nothing for ten seconds."""
    while True:
        await connection.send(head("GET", "/live/events", cookie))
        await asyncio.sleep(10)
        await connection.take(4096)


Kind = Callable[[Connection, str], Awaitable[None]]
KINDS: tuple[Kind, ...] = (
    slow_headers, slow_body, cut_body, slow_reader, idle,
    half_open, pipelined, huge_upload, wrong_length, live_stream,
)  # fmt: skip


async def attack(kind: Kind, port: int, cookie: str) -> None:
    """Again and again."""
    while True:
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        made.setblocking(False)
        with made, contextlib.suppress(OSError):
            await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
            await kind(Connection(made), cookie)
        await asyncio.sleep(AGAIN_S)


async def main(port: int, connections: int, cookie: str) -> None:
    """All of them, begun within two seconds."""
    async with asyncio.TaskGroup() as group:
        for kind in itertools.islice(itertools.cycle(KINDS), connections):
            group.create_task(attack(kind, port, cookie))
            await asyncio.sleep(2 / connections)


if __name__ == "__main__":
    _soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
