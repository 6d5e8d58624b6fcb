"""Errors as RFC 9457 problem documents for kiosks, and as calm pages for people."""

import re
import sys
from collections.abc import Iterable

import msgspec
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from headoffice.errors import HeadOfficeError
from sync.messages import FieldError, Problem

API = "/api/"

_TITLES = {
    "malformed": (400, "The body is not what its headers say"),
    "parameters": (400, "A parameter of the address is not acceptable"),
    "protocol": (400, "This protocol version is not spoken here"),
    "unauthorised": (401, "No such credential"),
    "revoked": (401, "This kiosk's credential was revoked"),
    "forbidden": (403, "This token does not open this"),
    "code_unknown": (403, "No such enrolment code"),
    "not_found": (404, "No such address"),
    "method": (405, "This address takes another method"),
    "code_used": (409, "This enrolment code was used already"),
    "code_expired": (410, "This enrolment code has expired"),
    "too_large": (413, "The body is too large"),
    "unsupported_media": (415, "The body has to be application/json"),
    "unsupported_encoding": (415, "The body may be plain or gzip"),
    "invalid": (422, "The body breaks the protocol"),
    "digest": (422, "The content does not have this digest"),
    "throttled": (429, "Too many tries"),
    "unavailable": (503, "The head office can't store anything at the moment"),
}
_PATH = re.compile(r"^(?P<message>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)


class RefusedError(HeadOfficeError):
    """A request that gets a problem document instead of what it asked for."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        errors: Iterable[FieldError] = (),
        retry_after: int | None = None,
        allow: str | None = None,
    ) -> None:
        super().__init__(detail or kind)
        self.kind, self.detail, self.errors = kind, detail, tuple(errors)
        self.retry_after, self.allow = retry_after, allow

    def response(self) -> HttpResponse:
        """The problem document."""
        status, title = _TITLES[self.kind]
        body = Problem(
            type=f"urn:hymio:problem:{self.kind}",
            title=title,
            status=status,
            detail=self.detail,
            errors=self.errors,
        )
        response = HttpResponse(
            msgspec.json.encode(body), status=status, content_type="application/problem+json"
        )
        if status == 401:
            response["WWW-Authenticate"] = 'Bearer realm="hymio"'
        if self.retry_after is not None:
            response["Retry-After"] = str(self.retry_after)
        if self.allow:
            response["Allow"] = self.allow
        return response


def field_error(error: Exception, within: str = "$") -> FieldError:
    """msgspec's words about a wrong value, with the path told from the whole body."""
    found = _PATH.match(str(error))
    message, path = (found["message"], found["path"]) if found else (str(error), None)
    return FieldError(path=within + (path or "$").removeprefix("$"), message=message)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: what Django itself refuses, such as a strange Host header."""
    del exception
    if request.path.startswith(API):
        return RefusedError("malformed", "The request's headers are not acceptable.").response()
    return _page(request, 400, _("That request made no sense"), _("Go back and try again."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404."""
    del exception
    if request.path.startswith(API):
        return RefusedError("not_found").response()
    return _page(request, 404, _("There is no such page"), _("It may have been moved or removed."))


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: the log has the traceback, the reader has not."""
    away = isinstance(sys.exc_info()[1], DatabaseError | InterfaceError)
    if request.path.startswith(API):
        return RefusedError("unavailable", retry_after=10 if away else 30).response()
    safe = _("Answers are safe: kiosks keep them until they are stored. Try again in a moment.")
    title = _("The database is away") if away else _("Something went wrong here")
    # Without the request: who is asking would be looked up in the very database that is away.
    page = render_to_string("error.html", {"title": title, "text": safe})
    response = HttpResponse(page, status=503 if away else 500)
    if away:
        response["Retry-After"] = "10"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from our own page, or too late."""
    del reason
    return _page(
        request,
        403,
        _("This form is no longer valid"),
        _("Go back, reload the page and send it again."),
    )


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "error.html", {"title": title, "text": text}, status=status)
