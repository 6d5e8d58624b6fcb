"""Errors as RFC 9457 problem documents for kiosks, and as calm pages for people."""

import functools
import re
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Self

import msgspec
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from headoffice.db.failures import Trouble, trouble_of
from headoffice.errors import HeadOfficeError
from sync.messages import FieldError, Problem

API = "/api/"
CLOCK_RETRY_S = 30
RETRY_AFTER_S = 10

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
    "too_many": (409, "This kiosk has brought up as many of these as it may"),
    "future": (409, "A time lies in the future"),
    "code_used": (409, "This enrolment code was used already"),
    "code_expired": (410, "This enrolment code has expired"),
    "too_large": (413, "The body is too large"),
    "unsupported_media": (415, "The body has to be application/json"),
    "unsupported_encoding": (415, "The body may be plain or gzip"),
    "host": (421, "This head office does not answer to this name"),
    "invalid": (422, "The body breaks the protocol"),
    "digest": (422, "The content does not have this digest"),
    "throttled": (429, "Too many tries"),
    "unavailable": (503, "The head office can't store anything at the moment"),
    "clock": (503, "The head office's clock is in doubt"),
}
_TROUBLES = {
    Trouble.FULL: "Its disk is full. Whoever runs it has to make room there.",
    Trouble.AWAY: "Its database does not answer.",
    Trouble.LOCKED: "Its database is locked by something that takes long.",
    Trouble.CROWDED: "Its database takes no more connections.",
    Trouble.READ_ONLY: "Its database can't be written.",
    Trouble.DAMAGED: "Its database can't be read or written without errors.",
}
"""Why it can't store, in the words of a problem document."""
_PATH = re.compile(r"^(?P<message>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)


class ProblemResponse(HttpResponse):
    """A problem document."""

    def __init__(self, problem: Problem, reason: str = "") -> None:
        super().__init__(
            msgspec.json.encode(problem),
            status=problem.status,
            content_type="application/problem+json",
        )
        self.reason = reason or problem.type.rpartition(":")[2]
        """What monitoring counts it as."""


class RefusedError(HeadOfficeError):
    """A request that gets a problem document instead of what it asked for."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        errors: Iterable[FieldError] = (),
        retry_after: int | None = None,
        allow: str | None = None,
        *,
        reason: str = "",
    ) -> None:
        super().__init__(detail or kind)
        self.reason = reason
        self.kind, self.detail, self.errors = kind, detail, tuple(errors)
        self.retry_after, self.allow = retry_after, allow

    @classmethod
    def by_database(cls, error: BaseException) -> Self:
        """What is said of an error of the database, or beneath it."""
        trouble = trouble_of(error)
        detail = _TROUBLES[trouble] if trouble else ""
        return cls("unavailable", detail, retry_after=RETRY_AFTER_S, reason=trouble or "other")

    def response(self) -> ProblemResponse:
        """The problem document."""
        status, title = _TITLES[self.kind]
        body = Problem(
            type=f"urn:hymio:problem:{self.kind}",
            title=title,
            status=status,
            detail=self.detail,
            errors=self.errors,
        )
        response = ProblemResponse(body, self.reason)
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


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404."""
    del exception
    if request.path.startswith(API):
        return RefusedError("not_found").response()
    return problem_page(
        request, 404, _("There is no such page"), _("It may have been moved or removed.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: the log has the traceback, the reader has not."""
    error = sys.exc_info()[1]
    if error and (isinstance(error, DatabaseError | InterfaceError) or trouble_of(error)):
        return unavailable(request, error)
    if request.path.startswith(API):
        return RefusedError("unavailable", retry_after=30, reason="other").response()
    with language_of(request):
        return bare_page(500, _("Something went wrong here"), _safe())


def unavailable(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The database, or what is beneath it, refuses."""
    if request.path.startswith(API):
        return RefusedError.by_database(error).response()
    with language_of(request):
        response = bare_page(503, *_outage_words(trouble_of(error)))
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _safe() -> str:
    return _("Answers are safe: kiosks keep them until they are stored. Try again in a moment.")


def _outage_words(trouble: Trouble | None) -> tuple[str, str]:
    """Title and text of the page."""
    match trouble:
        case Trouble.FULL:
            return _("The disk of the head office is full"), _(
                "Answers are safe: kiosks keep them until they are stored. It goes on by itself as "
                "soon as whoever runs the head office has made room on the disk."
            )
        case Trouble.LOCKED | Trouble.CROWDED:
            return _("The database is busy"), _safe()
        case Trouble.READ_ONLY | Trouble.DAMAGED:
            return _("The database can't be used"), _safe()
        case _:
            return _("The database can't be reached"), _safe()


def too_large(request: HttpRequest, limit: int) -> HttpResponse:
    """More than is read from whoever asks; said before any of it is read."""
    if request.path.startswith(API):
        return RefusedError("too_large", f"At most {limit} bytes.").response()
    with language_of(request):
        text = _("At most %(n)d kB are taken here from you. Nothing was changed.")
        return bare_page(413, _("That is too large"), text % {"n": limit // 1000})


def clock_in_doubt(request: HttpRequest) -> HttpResponse:
    """Nothing is taken in that would be dated by a clock that may be wrong."""
    if request.path.startswith(API):
        return clock_refusal().response()
    with language_of(request):
        text = _(
            "Nothing was changed: it would be dated wrongly. Kiosks keep their answers meanwhile. "
            "Set the clock of the head office's machine."
        )
        response = bare_page(503, _("The head office's clock is in doubt"), text)
    response["Retry-After"] = str(CLOCK_RETRY_S)
    return response


def clock_refusal() -> RefusedError:
    """The same for kiosks and programs."""
    detail = "Nothing is taken in until it is right. What is kept can be sent again then."
    return RefusedError("clock", detail, retry_after=CLOCK_RETRY_S)


def busy(request: HttpRequest) -> HttpResponse:
    """Too many others wait already."""
    if request.path.startswith(API):
        detail = "Too many requests wait at the moment."
        refusal = RefusedError("unavailable", detail, retry_after=RETRY_AFTER_S, reason="busy")
        return refusal.response()
    with language_of(request):
        text = _("Nothing was changed. Try again in a moment.")
        response = bare_page(503, _("Too many people are asking at the moment"), text)
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response


def language_of(request: HttpRequest) -> AbstractContextManager[None]:
    """That of who is asking, where nobody has found it out yet."""
    return translation.override(translation.get_language_from_request(request))


def bare_page(status: int, title: str, text: str) -> HttpResponse:
    """A page that nothing is looked up for in the database: not even who is asking."""
    return HttpResponse(_bare_page(translation.get_language(), title, text), status=status)


@functools.lru_cache(maxsize=64)
def _bare_page(_language: str | None, title: str, text: str) -> str:
    # Kept, as those who are held off may come by the hundred.
    return render_to_string("error.html", {"title": title, "text": text})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from a page of this site, or too late."""
    del reason
    return problem_page(
        request,
        403,
        _("This form is no longer valid"),
        _("Go back, reload the page and send it again."),
    )


def problem_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """A page in the frame of all others, about something that is not there or not allowed."""
    return render(request, "error.html", {"title": title, "text": text}, status=status)
