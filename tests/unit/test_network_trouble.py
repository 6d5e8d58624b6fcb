"""Network failures are told apart by the types of exceptions, whatever their texts say."""

import errno
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest
import requests
from urllib3 import exceptions as urllib3
from urllib3.connection import HTTPConnection

from sync.network_trouble import network_trouble
from sync.outcome import NetworkTrouble

CONNECTION = HTTPConnection("head.example")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield found


def answering(listener: socket.socket, reply: Callable[[socket.socket], None]) -> int:
    """The port of a server that does this with one connection and closes it."""

    def serve() -> None:
        line, _address = listener.accept()
        with line:
            reply(line)

    threading.Thread(target=serve, daemon=True).start()
    port: int = listener.getsockname()[1]
    return port


def failure(url: str, **options: float) -> Exception:
    with pytest.raises(requests.RequestException) as caught:
        requests.get(url, timeout=options.get("timeout", 20), proxies={"no_proxy": "*"}).content  # noqa: B018
    return caught.value


def test_port_where_nobody_listens_refuses(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    assert "refused" == network_trouble(failure(f"http://127.0.0.1:{port}/"))


def test_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "name" == network_trouble(failure("http://head.invalid/"))


def test_line_that_is_cut_before_and_within_the_reply(listener: socket.socket) -> None:
    port = answering(listener, lambda _line: None)
    assert "cut" == network_trouble(failure(f"http://127.0.0.1:{port}/"))
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
    port = answering(listener, lambda line: line.sendall(half) if line.recv(4096) else None)
    assert "cut" == network_trouble(failure(f"http://127.0.0.1:{port}/"))


def test_server_that_says_nothing_and_one_that_stops_in_the_middle(
    listener: socket.socket,
) -> None:
    over = threading.Event()
    port = answering(listener, lambda _line: over.wait(20) and None)
    assert "timeout" == network_trouble(failure(f"http://127.0.0.1:{port}/", timeout=0.1))

    def stall(line: socket.socket) -> None:
        line.recv(4096)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        over.wait(20)

    port = answering(listener, stall)
    assert "timeout" == network_trouble(failure(f"http://127.0.0.1:{port}/", timeout=0.5))
    over.set()


def test_server_that_does_not_speak_tls(listener: socket.socket) -> None:
    port = answering(listener, lambda line: line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    assert "tls" == network_trouble(failure(f"https://127.0.0.1:{port}/"))


def verification(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_code = code
    return error


def raised_from(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


REFUSED = ConnectionRefusedError("Network is unreachable, it timed out, reset by peer")
UNREACHABLE = OSError(errno.ENETUNREACH, "Connection refused: NameResolutionError")


@pytest.mark.parametrize(
    ("cause", "trouble"),
    [
        (raised_from(urllib3.NewConnectionError(CONNECTION, "timed out"), REFUSED), "refused"),
        (
            raised_from(urllib3.NewConnectionError(CONNECTION, "refused"), UNREACHABLE),
            "unreachable",
        ),
        (raised_from(urllib3.ConnectTimeoutError("refused"), TimeoutError("cut")), "timeout"),
        (urllib3.ProtocolError("timed out", ConnectionResetError("refused")), "cut"),
        (urllib3.ProtocolError("Connection aborted.", TimeoutError("cut")), "timeout"),
        (urllib3.ProxyError("refused", REFUSED), "proxy"),
        (urllib3.SSLError(verification(10)), "certificate_expired"),
        (urllib3.SSLError(verification(9)), "certificate_too_new"),
        (urllib3.SSLError(verification(62)), "certificate_name"),
        (urllib3.SSLError(verification(64)), "certificate_name"),
        (urllib3.SSLError(verification(20)), "certificate_untrusted"),
        (urllib3.SSLError(ssl.SSLError("certificate verify failed")), "tls"),
        (ValueError("timed out"), "unreachable"),
    ],
)
def test_type_tells_and_not_the_text(cause: Exception, trouble: NetworkTrouble) -> None:
    given_up = urllib3.MaxRetryError(pool=None, url="/", reason=cause)  # type: ignore[arg-type]
    assert trouble == network_trouble(requests.ConnectionError(given_up))
    assert trouble == network_trouble(requests.ConnectionError(cause))


def test_exceptions_that_hold_each_other_come_to_an_end() -> None:
    one, other = OSError("one"), OSError("other")
    one.args, other.args = (other,), (one,)
    assert "unreachable" == network_trouble(one)
