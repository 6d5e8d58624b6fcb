"""Whose body is read: decided from the headers alone, before any of it is.

Anybody may send a little. More only comes from a kiosk with its credential or from somebody who
is logged in, and no more than the addresses for them take.
"""

import logging
from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse

from headoffice.fleet import credentials
from headoffice.server.lanes import KIOSKS
from headoffice.server.limits import FREE_BYTES
from headoffice.web.problems import RefusedError, too_large, unavailable
from sync.messages import MAX_BATCH_BYTES

_MULTIPART = 65_536
"""What a form puts around a file."""
_log = logging.getLogger("headoffice.server")


def most_bytes(path: str) -> int:
    """The largest body that this address takes, whoever sends it."""
    if path.startswith(KIOSKS):
        return MAX_BATCH_BYTES
    if path.startswith("/api/"):
        return FREE_BYTES
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE) + _MULTIPART


def refuse_length(environ: dict[str, Any], length: int | None) -> HttpResponse | None:
    """Why nobody may send a body of this length here; None if somebody may.

    ``length`` is what its sender says, or None for a body in chunks.
    """
    most = most_bytes(environ["PATH_INFO"])
    if length is None or length <= most:
        return None
    return too_large(WSGIRequest(environ), most)


def refuse_sender(environ: dict[str, Any]) -> HttpResponse | None:
    """Why a body larger than what anybody may send is not read; None if it is.

    The database is asked who sends it.
    """
    request = WSGIRequest(environ)
    close_old_connections()
    try:
        if request.path.startswith(KIOSKS):
            credentials.caller(request)
        elif not _is_logged_in(request):
            return too_large(request, FREE_BYTES)
    except RefusedError as refusal:
        return refusal.response()
    except Exception as error:  # noqa: BLE001 - whoever waits gets an answer
        _log.exception("The database can't say who sends a body")
        return unavailable(request, error)
    return None


def _is_logged_in(request: HttpRequest) -> bool:
    # As Django's own middleware finds it.
    store = import_module(settings.SESSION_ENGINE).SessionStore
    session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    asking = cast("HttpRequest", SimpleNamespace(session=session))
    return bool(get_user(asking).is_authenticated)
