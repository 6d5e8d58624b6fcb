"""A head office over HTTP that configures a kiosk, and that a test can make misbehave."""

import gzip
import hashlib
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import msgspec
from fakes import HEAD_OFFICE, KIOSK, ModelHeadOffice
from msgspec.structs import replace

from sync.configuration import ConfigurationReport, configuration_digest
from sync.identity import Identity
from sync.messages import Batch, Heartbeat

Reply = tuple[int, dict[str, str], bytes]


def document(**fields: Any) -> bytes:
    """A configuration for the kiosk of the tests, or one that isn't."""
    made = {"configuration": "hymio", "version": 1, "head_office": HEAD_OFFICE, "kiosk": KIOSK}
    return msgspec.json.encode(made | fields, order="sorted")


def file_entry(name: str, content: bytes) -> dict[str, Any]:
    """What a document says of a file."""
    return {"name": name, "digest": hashlib.sha256(content).hexdigest(), "size": len(content)}


class ConfiguringOffice:
    """What it wants of its kiosk, and what it has heard from it."""

    def __init__(self) -> None:
        self.head = ModelHeadOffice()
        self.lock = threading.Lock()
        self.body: bytes | None = None
        """What is meant; None: the kiosk's files."""
        self.files: dict[str, bytes] = {}
        self.is_old = False
        """It configures no kiosks, and does not know their reports."""
        self.misbehave: Callable[[str], Reply | None] = lambda _path: None
        self.requests: list[tuple[str, str]] = []
        self.reports: list[ConfigurationReport] = []
        self.beats: list[Heartbeat] = []
        office = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                office._serve(self)

            do_GET = do_PUT = do_POST  # noqa: N815 - the names are http.server's

            def log_message(self, *_: object) -> None:
                """Be quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    @property
    def identity(self) -> Identity:
        """What enrolment gave the kiosk."""
        return Identity(
            kiosk=KIOSK, credential="s3cret", place="Till 1", head_office=HEAD_OFFICE, url=self.url
        )

    @property
    def meant(self) -> str:
        """The digest that receipts name."""
        return "" if self.body is None else configuration_digest(self.body)

    @property
    def report(self) -> ConfigurationReport | None:
        """The last one."""
        return self.reports[-1] if self.reports else None

    def want(self, *files: bytes, **fields: Any) -> bytes:
        """From now on this is meant."""
        self.files |= {hashlib.sha256(content).hexdigest(): content for content in files}
        self.body = document(**fields)
        return self.body

    def name(self, body: bytes) -> None:
        """From now on this is meant, whatever it is."""
        self.body = body

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        if handler.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        path = handler.path.removeprefix("/api/kiosk/v1/")
        self.requests.append((handler.command, path))
        known = handler.headers.get("If-None-Match", "")
        with self.lock:
            status, headers, reply = self.misbehave(path) or self._reply(path, body, known)
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if status != 304 and "Content-Length" not in headers:
            handler.send_header("Content-Length", str(len(reply)))
        handler.end_headers()
        handler.wfile.write(reply)
        # What is shorter than it says is cut, and not waited for.
        handler.close_connection = "Content-Length" in headers

    def _reply(  # noqa: PLR0911 - one for each kind of request
        self, path: str, body: bytes, known: str
    ) -> Reply:
        json = {"Content-Type": "application/json"}
        kind, _slash, name = path.partition("/")
        match kind:
            case "batches":
                receipt = self.head.receive(msgspec.json.decode(body, type=Batch), body)
            case "heartbeats":
                beat = msgspec.json.decode(body, type=Heartbeat)
                self.beats.append(beat)
                if beat.configuration and self.is_old:
                    problem = {
                        "type": "urn:hymio:problem:invalid", "title": "No", "status": 400,
                        "errors": [{"path": "$", "message": "unknown field `configuration`"}],
                    }  # fmt: skip
                    kind = {"Content-Type": "application/problem+json"}
                    return 400, kind, msgspec.json.encode(problem)
                if beat.configuration:
                    self.reports.append(beat.configuration)
                receipt = self.head.receive(beat, body)
                receipt = replace(receipt, configuration=None if self.is_old else self.meant)
            case "configuration" if self.body is not None and not self.is_old:
                etag = {"ETag": f'"{self.meant}"'}
                if known == etag["ETag"]:
                    return 304, etag, b""
                return 200, json | etag, self.body
            case "files" if name in self.files:
                return 200, {"Content-Type": "application/octet-stream"}, self.files[name]
            case "questionnaires":
                return 204, {}, b""
            case _:
                return 404, {}, b""
        return 200, json, msgspec.json.encode(receipt)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()
