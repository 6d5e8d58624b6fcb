"""Which headers a reply to a kiosk has: those that kiosks read.

What protects pages in browsers would be two thirds of a receipt, and a kiosk may hang on a card
that is paid for by the megabyte.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

KIOSKS = "/api/kiosk/"
_READ = frozenset(
    (
        "Content-Type",
        "Content-Length",
        "Content-Encoding",
        "Retry-After",
        "Allow",
        "ETag",
        "WWW-Authenticate",
    )
)
_READ_IN_BROWSERS = _READ | {"Cache-Control", "X-Content-Type-Options"}
"""A browser or a cache may come by with GET, and only so."""
_Next = Callable[[HttpRequest], HttpResponseBase]


def keep_few_headers(get_response: _Next) -> _Next:
    """Leave out of kiosks' replies what the rest of the program added."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path.startswith(KIOSKS):
            read = _READ if request.method in ("POST", "PUT") else _READ_IN_BROWSERS
            for name in [name for name in response.headers if name not in read]:
                del response.headers[name]
        return response

    return middleware
