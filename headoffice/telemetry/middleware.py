"""Measures every request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from headoffice import clock
from headoffice.telemetry.figures import count_problem, time_request

_Next = Callable[[HttpRequest], HttpResponse]


def measure_requests(get_response: _Next) -> _Next:
    """Note how long it takes until a reply begins."""

    def middleware(request: HttpRequest) -> HttpResponse:
        begun = clock.mono()
        response = get_response(request)
        time_request(request.path, response.status_code, clock.mono() - begun)
        count_problem(request.path, response)
        return response

    return middleware
