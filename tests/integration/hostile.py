"""Clients that take more than their share, a kind a function: each returns its open connection."""

import itertools
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

KIOSKS = "/api/kiosk/v1"
LARGEST_FILE = "/static/vendor/echarts-6.1.0.charts.min.js"
COOKIE = "Cookie: hymio_csrf=" + "a" * 32 + "\r\n"
Way = Callable[[str, int], socket.socket]


def connect(port: int, said: str = "") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    if said:
        connection.sendall(said.encode())
    return connection


def connect_narrowly(port: int) -> socket.socket:
    """Hardly anything is on its way to it at a time."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", port))
    return connection


def head(method: str, path: str, length: int | None, more: str = "") -> str:
    body = "" if length is None else f"Content-Length: {length}\r\n"
    return (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{more}"
        f"Content-Type: application/json\r\n{body}\r\n"
    )


def slow_headers(session: str, port: int) -> socket.socket:
    del session
    return connect(port, "POST /login HTTP/1.1\r\nHost: local")


def slow_body(session: str, port: int) -> socket.socket:
    del session
    return connect(port, head("POST", f"{KIOSKS}/enrolment", 9000) + "{")


def slow_form(session: str, port: int) -> socket.socket:
    del session
    return connect(port, head("POST", "/login", 9000, COOKIE) + "a")


def slow_chunks(session: str, port: int) -> socket.socket:
    del session
    chunked = head("POST", f"{KIOSKS}/batches", None, "Transfer-Encoding: chunked\r\n")
    return connect(port, chunked + "1\r\n{\r\n")


def slow_delivery(session: str, port: int) -> socket.socket:
    """Refused, and its body never comes."""
    del session
    return connect(port, head("POST", f"{KIOSKS}/batches", 900_000) + "{")


def cut_body(session: str, port: int) -> socket.socket:
    connection = slow_body(session, port)
    connection.close()
    return connection


def half_open(session: str, port: int) -> socket.socket:
    connection = slow_body(session, port)
    connection.shutdown(socket.SHUT_WR)
    return connection


def idle(session: str, port: int) -> socket.socket:
    del session
    return connect(port)


def pipelined(session: str, port: int) -> socket.socket:
    del session
    return connect(port, head("GET", "/health", None) * 50)


def huge_upload(session: str, port: int) -> socket.socket:
    del session
    kind = "Content-Type: multipart/form-data; boundary=b\r\n"
    said = head("POST", "/login", 400_000_000, COOKIE + kind).replace(
        "Content-Type: application/json\r\n", ""
    )
    part = '--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    connection = connect(port, said + part)
    connection.settimeout(0.2)
    try:
        while True:
            connection.sendall(bytes(65536))
    except OSError:
        return connection


def wrong_length(session: str, port: int) -> socket.socket:
    del session
    twice = head("POST", "/login", 5, "Content-Length: 50\r\nTransfer-Encoding: chunked\r\n")
    return connect(port, twice + "0\r\n\r\n")


def live_stream(session: str, port: int) -> socket.socket:
    """Somebody with a session who listens and never reads."""
    return connect(port, head("GET", "/live/events", None, session))


def slow_reader(session: str, port: int) -> socket.socket:
    """Somebody with a session who asks for much and reads nothing."""
    connection = connect_narrowly(port)
    connection.sendall(head("GET", "/static/hymio/charts.js", None, session).encode() * 100)
    return connection


def reader_of_a_file(session: str, port: int) -> socket.socket:
    """Anybody who asks for the largest file and reads little of it."""
    del session
    connection = connect_narrowly(port)
    connection.sendall(head("GET", LARGEST_FILE, None).encode())
    connection.recv(1000)
    return connection


WAYS: dict[str, Way] = {
    way.__name__: way
    for way in (
        slow_headers,
        slow_body,
        slow_form,
        slow_chunks,
        slow_delivery,
        cut_body,
        half_open,
        idle,
        pipelined,
        huge_upload,
        wrong_length,
        live_stream,
        slow_reader,
        reader_of_a_file,
    )
}


def attack(port: int, connections: int) -> None:
    """Hold so many connections, of every kind by turns, until ended."""
    ways = list(WAYS.values())
    held: list[socket.socket] = []
    for n in itertools.count():
        with suppress(OSError):
            held.append(ways[n % len(ways)]("", port))
        if len(held) >= connections:
            held.pop(0).close()
            time.sleep(0.5)


if __name__ == "__main__":
    # python hostile.py PORT CONNECTIONS, for bench/hostile.py
    for _ in range(8):
        arguments = (int(sys.argv[1]), int(sys.argv[2]) // 8)
        threading.Thread(target=attack, args=arguments).start()
