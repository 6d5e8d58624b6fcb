"""A request's head as a WSGI application wants it (PEP 3333)."""

import io
import sys
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from tornado.httputil import HTTPHeaders, HTTPInputError, RequestStartLine

from headoffice.server.limits import HEADER_LINES


class Client(NamedTuple):
    """Who is at the other end, and which address it asked."""

    ip: str
    server: str
    port: int
    tls: bool


def environ_of(line: RequestStartLine, headers: HTTPHeaders, client: Client) -> dict[str, Any]:
    """Everything but the body; HTTPInputError for what two readers could take in two ways."""
    path, query = _address(line.path)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": line.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": client.server,
        "SERVER_PORT": str(client.port),
        "SERVER_PROTOCOL": line.version,
        "REMOTE_ADDR": client.ip,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if client.tls else "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    _add_headers(environ, headers)
    return environ


def length_of(headers: HTTPHeaders) -> int | None:
    """How long the body is said to be; None for one in chunks."""
    lengths = headers.get_list("Content-Length")
    if codings := headers.get_list("Transfer-Encoding"):
        if lengths or [coding.lower() for coding in codings] != ["chunked"]:
            raise HTTPInputError("two ways to tell where the body ends, or an unknown one")
        return None
    if not lengths:
        return 0
    if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdecimal()):
        raise HTTPInputError("Content-Length is not one number")
    if len(lengths[0]) > 18:
        raise HTTPInputError("Content-Length is absurd")
    return int(lengths[0])


def _address(target: str) -> tuple[str, str]:
    if not target.startswith("/"):
        # The absolute form, as for proxies.
        try:
            parts = urlsplit(target)
        except ValueError:
            raise HTTPInputError("no address") from None
        return parts.path or "/", parts.query
    path, _, query = target.partition("?")
    return path, query


def _add_headers(environ: dict[str, Any], headers: HTTPHeaders) -> None:
    lines = list(headers.get_all())
    if len(lines) > HEADER_LINES:
        raise HTTPInputError("too many headers")
    if len(headers.get_list("Host")) > 1:
        raise HTTPInputError("several hosts")
    for name, value in lines:
        if "_" in name:
            # Would be taken for the one with hyphens, which a proxy may have set.
            continue
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        if key in environ:
            environ[key] += f"{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        else:
            environ[key] = value
    # The application gets a body that is complete: however it came, its length is known.
    environ.pop("HTTP_TRANSFER_ENCODING", None)
