"""The frame of every address of the read API: tokens, parameters, pages, ETags, problems."""

import base64
import datetime as dt
import functools
import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

import msgspec
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from headoffice.accounts.access import for_tokens
from headoffice.api import tokens
from headoffice.api.models import Scope
from headoffice.web.problems import RefusedError, field_error
from sync.messages import FieldError

T = TypeVar("T", bound=msgspec.Struct)
P = TypeVar("P", bound=msgspec.Struct)
_EDGE = re.compile(r"((?:0001|9999)-\d\d-\d\d[Tt ][\d:.]+)[+-]\d\d:\d\d")
_log = logging.getLogger("headoffice.api")


class Endpoint(NamedTuple):
    """One address, as the router and the OpenAPI document see it."""

    path: str
    scope: Scope
    parameters: type[msgspec.Struct]
    reply: type[msgspec.Struct]
    summary: str
    view: Callable[..., HttpResponse]


ENDPOINTS: list[Endpoint] = []


def endpoint(
    path: str, scope: Scope, parameters: type[P], reply: type[T], summary: str
) -> Callable[[Callable[..., T]], Callable[..., HttpResponse]]:
    """An address for programs: it reads, and every error is a problem document.

    ``summary`` is English in the OpenAPI document; the page about the API has it translated.
    """

    def wrap(view: Callable[..., T]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @functools.wraps(view)
        def answer(request: HttpRequest, **more: object) -> HttpResponse:
            return reply_to(request, scope, lambda: _reply(request, view, parameters, more))

        declared = for_tokens(answer)
        ENDPOINTS.append(Endpoint(path, scope, parameters, reply, summary, declared))
        return declared

    return wrap


def reply_to(request: HttpRequest, scope: Scope, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Let in who may, do the work, and say what goes wrong as a problem document."""
    try:
        _check_method(request)
        tokens.token_of(request, scope)
        response = act()
    except RefusedError as refusal:
        response = refusal.response()
    except (DatabaseError, InterfaceError) as error:
        _log.exception("The database refused a request")
        response = RefusedError.by_database(error).response()
    response["Vary"] = "Authorization"
    return response


def _check_method(request: HttpRequest) -> None:
    if request.method not in ("GET", "HEAD"):
        raise RefusedError("method", "Use GET.", allow="GET, HEAD")


def _reply(
    request: HttpRequest, view: Callable[..., Any], parameters: type[P], more: dict[str, object]
) -> HttpResponse:
    body = msgspec.json.encode(view(parameters_of(request, parameters), **more))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if tag in [t.strip().removeprefix("W/") for t in _tags(request)]:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type="application/json")
    response["ETag"] = tag
    # May be kept, but is asked for again each time: most often the answer is 304.
    response["Cache-Control"] = "private, no-cache"
    return response


def _tags(request: HttpRequest) -> list[str]:
    return str(request.META.get("HTTP_IF_NONE_MATCH", "")).split(",")


def parameters_of(request: HttpRequest, parameters: type[P]) -> P:
    """The parameters of the address; RefusedError with all that is wrong with one of them."""
    lists = {
        f.name for f in msgspec.structs.fields(parameters) if get_origin(_bare(f.type)) is tuple
    }
    given: dict[str, object] = {}
    for name, values in request.GET.lists():
        if name in lists:
            given[name] = tuple(values)
        elif len(values) > 1:
            raise wrong_parameter(name, "May be given once")
        else:
            given[name] = values[0]
        if "null" in map(str.lower, values) and str not in _kinds(parameters, name):
            # Read as none, though the document promises no null.
            raise wrong_parameter(name, "Can't be null: leave it out")
        if dt.datetime in _kinds(parameters, name) and not all(":" in value for value in values):
            # A number is read as seconds since 1970, which the document does not promise.
            raise wrong_parameter(name, "Not an instant such as 2026-01-31T12:00:00Z")
        if any("\0" in str(value) for value in values):
            raise wrong_parameter(name, "A text may not hold U+0000")
    given = {name: _within_calendar(value) for name, value in given.items()}
    try:
        return msgspec.convert(given, parameters, strict=False)
    except msgspec.ValidationError as error:
        raise RefusedError("parameters", errors=[field_error(error)]) from None
    except (OverflowError, ValueError) as error:
        # A number of endless digits.
        raise RefusedError("parameters", str(error)) from None


def _kinds(parameters: type[P], name: str) -> tuple[object, ...]:
    """What a parameter may hold; nothing where there is no such one."""
    found = [f.type for f in msgspec.structs.fields(parameters) if f.name == name]
    return tuple(_bare(kind) for one in found for kind in (get_args(_bare(one)) or (one,)))


def _within_calendar(value: object) -> object:
    """An instant without its offset where in UTC it might lie beyond the calendar.

    Nothing was made so early or so late that some hours more or less would matter.
    """
    return _EDGE.sub(r"\1Z", value) if isinstance(value, str) else value


def _bare(kind: Any) -> Any:
    return kind.__origin__ if hasattr(kind, "__metadata__") else kind


def wrong_parameter(name: str, message: str) -> RefusedError:
    """What is wrong with one parameter."""
    return RefusedError("parameters", errors=[FieldError(f"$.{name}", message)])


# --- cursors --------------------------------------------------------------------------------


def cursor_of(values: Sequence[object]) -> str:
    """Where a page ended, as an opaque text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def position(cursor: str | None, kind: Any) -> Any:
    """Where the page before ended; RefusedError if the text was not given out here."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=kind)
    except (ValueError, msgspec.MsgspecError):
        errors = [FieldError("$.cursor", "Not a cursor of this address")]
        raise RefusedError("not_found", "There is no such page.", errors) from None
