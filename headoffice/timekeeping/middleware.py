"""Holds up, while the clock is in doubt, what would be dated by it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from headoffice.timekeeping.guard import GUARD
from headoffice.web.problems import API, clock_in_doubt

HEARTBEATS = "/api/kiosk/v1/heartbeats"
"""Read all the same, as kiosks tell what time it is; refused by their view."""
ALLOWED_POSTS = frozenset({"/login", "/logout", "/language"})
"""So that people can come and see what is wrong."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_Next = Callable[[HttpRequest], HttpResponse]


def hold_while_in_doubt(get_response: _Next) -> _Next:
    """Answer 503 instead of taking anything in; pages can be read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not _would_be_dated(request):
            return get_response(request)
        # A database that is away is told as everywhere else.
        is_in_doubt = GUARD.objection() is not None
        return clock_in_doubt(request) if is_in_doubt else get_response(request)

    return middleware


def _would_be_dated(request: HttpRequest) -> bool:
    if request.path.startswith(API):
        return request.path != HEARTBEATS
    return request.method not in _SAFE and request.path not in ALLOWED_POSTS
