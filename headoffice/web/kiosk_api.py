"""The frame of every address for kiosks: body limits, decoding, problem documents."""

import functools
import logging
import zlib
from collections.abc import Callable
from typing import TypeVar

import msgspec
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from headoffice.accounts.access import for_kiosks
from headoffice.web.problems import RefusedError, field_error
from sync.messages import MAX_BATCH_BYTES, PROTOCOL, FieldError
from sync.wire import JSON, PACKED, pack, unpack

T = TypeVar("T")
View = Callable[..., HttpResponse]
_log = logging.getLogger("headoffice.web.kiosk_api")


def kiosk_api(method: str) -> Callable[[View], View]:
    """A view for kiosks: one method, no cookies, every error a problem document."""

    def wrap(view: View) -> View:
        @csrf_exempt
        @functools.wraps(view)
        def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            try:
                _check_method(request, method)
                response = view(request, *args, **kwargs)
            except RefusedError as refusal:
                response = refusal.response()
            except (DatabaseError, InterfaceError) as error:
                # Full, locked, restarting: the kiosk keeps its answers and comes again.
                _log.exception("The database refused a kiosk's request")
                response = RefusedError.by_database(error).response()
            _pack(request, response)
            response["Cache-Control"] = "no-store"
            return response

        return for_kiosks(answer)

    return wrap


def _check_method(request: HttpRequest, method: str) -> None:
    if request.method != method and (method, request.method) != ("GET", "HEAD"):
        raise RefusedError("method", f"Use {method}.", allow=method)


def read_body(request: HttpRequest, limit: int = MAX_BATCH_BYTES) -> bytes:
    """The uncompressed body; RefusedError if it is too large, of another type or damaged."""
    if request.content_type not in (JSON, PACKED):
        raise RefusedError("unsupported_media", f"Content-Type is {request.content_type!r}.")
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if encoding not in ("identity", "gzip", ""):
        raise RefusedError("unsupported_encoding", f"Content-Encoding is {encoding!r}.")
    raw = _read(request, limit)
    if encoding == "gzip":
        raw = _gunzip(raw, limit)
    if request.content_type == PACKED:
        raw = _unpacked(raw, limit)
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise RefusedError("malformed", f"Not UTF-8 at byte {error.start}.") from None
    return raw


def decode_body(body: bytes, decoder: "msgspec.json.Decoder[T]", *, raw: bool = False) -> T:
    """The body as its type; RefusedError with the path of what is wrong.

    ``raw``: parts of it stay undecoded, so the caller looks for U+0000 itself.
    """
    try:
        value = decoder.decode(body)
    except msgspec.ValidationError as error:
        check_protocol(_protocol_of(body))
        raise RefusedError("invalid", errors=[field_error(error)]) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise RefusedError("malformed", str(error)) from None
    if not raw and (nul := path_of_nul(body, value)):
        raise RefusedError("invalid", errors=[FieldError(nul, "A text may not hold U+0000")])
    return value


class _Versioned(msgspec.Struct):
    protocol: int = PROTOCOL


def _protocol_of(body: bytes) -> int:
    """What a body that is wrong otherwise says that it speaks."""
    try:
        return msgspec.json.decode(body, type=_Versioned).protocol
    except (msgspec.MsgspecError, RecursionError):
        return PROTOCOL


def check_protocol(version: int) -> None:
    """RefusedError for a version of the protocol that is not spoken here."""
    if version != PROTOCOL:
        detail = f"This head office speaks version {PROTOCOL}, not {version}."
        raise RefusedError("protocol", detail)


def path_of_nul(body: bytes, value: object) -> str | None:
    """Where a decoded text holds U+0000, which PostgreSQL can't store; None if nowhere."""
    # In JSON it can only be written as this escape: the walk is left out almost always.
    return _find_nul(msgspec.to_builtins(value), "$") if b"u0000" in body else None


def _find_nul(value: object, path: str) -> str | None:
    if isinstance(value, str):
        return path if "\0" in value else None
    children: list[tuple[str, object]] = []
    if isinstance(value, dict):
        for name, child in value.items():
            if "\0" in name:
                return path
            children.append((f"{path}.{name}", child))
    elif isinstance(value, list | tuple):
        children = [(f"{path}[{i}]", child) for i, child in enumerate(value)]
    return next((found for at, child in children if (found := _find_nul(child, at))), None)


def _read(request: HttpRequest, limit: int) -> bytes:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length > limit:
            raise RefusedError("too_large", f"At most {limit} bytes; Content-Length is {length}.")
        raw = request.read(limit + 1)
    except (UnreadablePostError, OSError):
        raise RefusedError("malformed", "The connection ended within the body.") from None
    except ValueError:
        raise RefusedError("malformed", "Content-Length is not a number.") from None
    if len(raw) > limit:
        raise RefusedError("too_large", f"At most {limit} bytes.")
    if len(raw) < length:
        raise RefusedError("malformed", "The connection ended within the body.")
    return bytes(raw)


def _pack(request: HttpRequest, response: HttpResponse) -> None:
    """Pack a reply for a kiosk that packs what it sends, or asks for it."""
    is_wanted = request.content_type == PACKED or PACKED in request.headers.get("Accept", "")
    if is_wanted and response.status_code == 200 and response["Content-Type"] == JSON:
        response.content = pack(response.content)
        response["Content-Type"] = PACKED


def _unpacked(raw: bytes, limit: int) -> bytes:
    try:
        return unpack(raw, limit)
    except OverflowError:
        raise RefusedError("too_large", f"At most {limit} bytes after decompression.") from None
    except ValueError as error:
        # Not `malformed`: no message is at fault, and the kiosk says it again in plain.
        raise RefusedError("unsupported_media", f"Not {PACKED}: {error}.") from None


def _gunzip(raw: bytes, limit: int) -> bytes:
    # The limit stops the work itself: a bomb never unfolds.
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(raw, limit + 1)
    except zlib.error as error:
        raise RefusedError("malformed", f"Not gzip: {error}.") from None
    if len(plain) > limit:
        raise RefusedError("too_large", f"At most {limit} bytes after decompression.")
    if not unpacker.eof:
        raise RefusedError("malformed", "The gzip stream ends too early.")
    if unpacker.unused_data:
        raise RefusedError("malformed", "Something follows the gzip stream.")
    return plain
