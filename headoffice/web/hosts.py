"""Requests for a name that `serve` was not told, most often of a first installation."""

import hashlib
import logging
import mmap
import re

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from headoffice.web.problems import API, RefusedError, bare_page, language_of, problem_page

MOST_NAMES = 20
"""That the log tells of: strangers may ask for any."""
_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?")
_DIGEST = 8
_log = logging.getLogger("headoffice.web.hosts")


class NamesTold:
    """The names of which the log has told, whichever process did it."""

    def __init__(self) -> None:
        # Shared with the processes that are forked from this one.
        self._digests = mmap.mmap(-1, MOST_NAMES * _DIGEST)

    def add(self, name: str) -> bool:
        """Whether it is to be told of now."""
        digest = hashlib.blake2b(name.encode(), digest_size=_DIGEST).digest()
        for start in range(0, MOST_NAMES * _DIGEST, _DIGEST):
            known = self._digests[start : start + _DIGEST]
            if known == digest:
                return False
            if known == bytes(_DIGEST):
                self._digests[start : start + _DIGEST] = digest
                return True
        return False


_names_told = NamesTold()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: what Django itself refuses, such as a name that is not the head office's."""
    if isinstance(exception, DisallowedHost) and (name := _name_in(request)):
        if _names_told.add(name):
            _log.warning(
                "A request asked for %s, to which this head office does not answer: if that is "
                "its name, start it with --allow-host %s",
                *(name, name),
            )
        return _other_name(request, name)
    if request.path.startswith(API):
        return RefusedError("malformed", "The request's headers are not acceptable.").response()
    return problem_page(request, 400, _("Bad request"), _("Go back and try again."))


def _name_in(request: HttpRequest) -> str:
    """What the request calls this head office, without the port; empty if that is no name."""
    asked = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")
    found = _HOST.fullmatch(str(asked))
    return found["name"] if found else ""


def _other_name(request: HttpRequest, name: str) -> HttpResponse:
    if request.path.startswith(API):
        detail = f"Start it with --allow-host {name}, or give the kiosk its right address."
        return RefusedError("host", detail).response()
    with language_of(request):
        title = _("This head office does not answer to the name %(name)s") % {"name": name}
        text = _(
            "Use the address that it was set up for. If this is the right one, whoever runs the "
            "head office has to start it with the option --allow-host %(name)s."
        )
        return bare_page(421, title, text % {"name": name})
