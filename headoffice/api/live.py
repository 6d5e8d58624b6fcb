"""Answers as they come, as server-sent events (WHATWG HTML, "Server-sent events").

A stream that is held open takes a thread. So only a few are held at a time, and not for ever; who
comes on top gets what is new at once and is asked to come again in two seconds, which a browser's
EventSource does by itself. Either way the id of the last event says where to go on, so that
nothing is left out or seen twice between two connections.
"""

import threading
from collections.abc import Generator
from typing import Any, cast

import msgspec
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from headoffice import clock
from headoffice.accounts.access import for_members, for_tokens
from headoffice.api import schema
from headoffice.api.answers import FUTURE_MS, AnswerEncoder, page_after
from headoffice.api.frame import cursor_of, position, reply_to
from headoffice.api.models import Scope
from headoffice.fleet.visibility import visible_points
from headoffice.results.filters import Filters
from headoffice.web.problems import RefusedError

HELD_AT_ONCE = 2
"""Streams that one process holds open; it has eight threads for everything."""
HELD_S = 55.0
"""Shorter than the patience of usual proxies."""
LOOK_EVERY_S = 1.0
HEARTBEAT_EVERY_S = 10.0
COME_AGAIN_MS = 2000
AT_ONCE = 500
_slots = threading.BoundedSemaphore(HELD_AT_ONCE)
_Key = tuple[schema.StoredNumber, schema.StoredNumber, schema.StoredNumber, schema.StoredNumber]


class LiveAnswer(msgspec.Struct, frozen=True):
    """An answer that counts, as it came in; what people wrote is not part of it."""

    place: int
    kiosk: int
    questionnaire: str
    question: str
    value: bool | int | tuple[str, ...]
    happened_at: str
    response: str


@csrf_exempt
@for_tokens
def live(request: HttpRequest) -> HttpResponse:
    """Answers of all places as they come, for programs."""
    return reply_to(request, Scope.LIVE, lambda: _answer(request, None))


@require_safe
@for_members
def events(request: HttpRequest) -> HttpResponse:
    """Answers of the places that somebody sees as they come, for pages."""
    return _answer(request, visible_points(request.user))


def _answer(request: HttpRequest, points: frozenset[int] | None) -> HttpResponse:
    given = request.META.get("HTTP_LAST_EVENT_ID") or request.GET.get("last_event_id")
    try:
        after: _Key | None = position(given, _Key)
    except RefusedError as refusal:
        return refusal.response()
    held = _slots.acquire(blocking=False)
    now_ms = clock.now_ms()
    if after is None or after[0] > now_ms + FUTURE_MS:
        # An id of a clock that was ahead would be the last for long.
        after = (now_ms, 0, 0, 0)
    events = _events(after, points, held=held)
    next(events)
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    # nginx would collect events before it sends them on.
    response["X-Accel-Buffering"] = "no"
    return cast("HttpResponse", response)


def _events(
    after: _Key, points: frozenset[int] | None, *, held: bool
) -> Generator[bytes, None, None]:
    pause = threading.Event()
    try:
        yield b""
        yield f"retry: {COME_AGAIN_MS}\nid: {cursor_of(after)}\n\n".encode()
        begun = spoken = clock.mono()
        while True:
            found = _newest(after, points)
            if found:
                last = found[-1]
                after = (last["received_ms"], last["kiosk"], last["installation"], last["seq"])
                yield _events_of(found, after)
                spoken = clock.mono()
            elif not held or clock.mono() - spoken >= HEARTBEAT_EVERY_S:
                yield b": nothing new\n\n"
                spoken = clock.mono()
            else:
                # Nothing to send, but whoever sends it may know that nobody listens any more.
                yield b""
            if not held or clock.mono() - begun >= HELD_S:
                return
            pause.wait(LOOK_EVERY_S)
    except DatabaseError:
        # The line ends, and who listens comes again by itself.
        return
    finally:
        if held:
            _slots.release()


def _newest(after: _Key, points: frozenset[int] | None) -> list[dict[str, Any]]:
    return page_after(Filters(points).last_words(), after, AT_ONCE)


def _events_of(rows: list[dict[str, Any]], after: _Key) -> bytes:
    parts = []
    for answer in AnswerEncoder(rows).encode():
        match answer.value:
            case schema.Chosen(options=options):
                value: bool | int | tuple[str, ...] = options
            case bool() | int() as value:
                pass
            case _:
                continue
        event = LiveAnswer(
            place=answer.place,
            kiosk=answer.kiosk,
            questionnaire=answer.questionnaire,
            question=answer.question,
            value=value,
            happened_at=answer.happened_local,
            response=answer.response,
        )
        received = int(answer.received_at.timestamp() * 1000 + 0.5)
        key = cursor_of((received, answer.kiosk, answer.installation, answer.seq))
        parts.append(f"event: answer\nid: {key}\ndata: {msgspec.json.encode(event).decode()}\n\n")
    return "".join([*parts, f"id: {cursor_of(after)}\n\n"]).encode()
