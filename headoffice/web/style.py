"""The look of the pages: written in files by part of the page, sent as one.

A browser asks for one small file, once a minute at most and then only whether it has changed,
whichever pages somebody walks through.
"""

import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from headoffice.accounts.access import for_public

PARTS = (
    "base",
    "navigation",
    "forms",
    "tables",
    "charts",
    "today",
    "results",
    "tree",
    "export",
    "wall",
    "print",
)
"""The files of static/hymio, in the order in which a later rule wins over an earlier one."""
_STYLE = b"".join((settings.BASE / f"static/hymio/{part}.css").read_bytes() for part in PARTS)
_ETAG = f'"{hashlib.sha256(_STYLE).hexdigest()[:32]}"'


def _etag(request: HttpRequest) -> str:
    del request
    return _ETAG


@require_safe
@for_public
@gzip_page
@condition(etag_func=_etag)
def style(request: HttpRequest) -> HttpResponse:
    """All parts together."""
    del request
    response = HttpResponse(_STYLE, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={settings.WHITENOISE_MAX_AGE}"
    return response
