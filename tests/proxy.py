"""A loopback proxy between a kiosk and a head office that can lose a reply on purpose."""

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


@dataclass(frozen=True)
class Exchange:
    """One request that the head office has answered in full."""

    path: str
    status: int
    reply: bytes
    passed_on: bool


class Proxy:
    """Passes requests on; a reply that ``lose`` picks is read to its end and then dropped.

    By then the head office has committed: a receipt is given only after that. ``then`` is called
    before the kiosk's connection is closed.
    """

    def __init__(self, head_office_port: int) -> None:
        self.exchanges: list[Exchange] = []
        self._lose: Callable[[str], bool] = lambda _path: False
        self._then: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(head_office_port))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """Where kiosks find it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def lose_next(self, ending: str, then: Callable[[], None]) -> None:
        """Lose the next reply to a path that ends so, and do something at that moment."""
        with self._lock:
            self._lose = lambda path: path.endswith(ending)
            self._then = then

    def answered(self, ending: str) -> list[Exchange]:
        """What the head office answered with success, at paths that end so."""
        return [e for e in list(self.exchanges) if e.path.endswith(ending) and e.status == 200]

    def _settle(self, path: str, status: int, reply: bytes) -> bool:
        """Note an exchange; tell whether to pass the reply on."""
        with self._lock:
            lost = status == 200 and self._lose(path)
            self.exchanges.append(Exchange(path, status, reply, passed_on=not lost))
            if lost:
                self._lose = lambda _path: False
                self._then()
        return not lost

    def _handler(self, port: int) -> type[BaseHTTPRequestHandler]:
        settle = self._settle

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
                upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                try:
                    upstream.request(self.command, self.path, body, headers)
                    answer = upstream.getresponse()
                    reply = answer.read()
                except OSError:
                    # As the kiosk would see it without a proxy: no answer at all.
                    self.close_connection = True
                    return
                finally:
                    upstream.close()
                if not settle(self.path, answer.status, reply):
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in {*HOP_BY_HOP, "server", "date"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            do_GET = do_POST = do_PUT = _pass_on  # noqa: N815 - the names are http.server's

            def log_message(self, *_arguments: object) -> None:
                """Stay quiet."""

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()
