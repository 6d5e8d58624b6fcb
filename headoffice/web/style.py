"""The look of the pages: written in files by part of the page, sent as one.

A browser asks for one small file, whose address names its content, once: whichever pages somebody
walks through.
"""

import hashlib
import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from headoffice.accounts.access import for_public
from headoffice.web.static_files import YEAR_S, hashed_name

PARTS = (
    "base",
    "navigation",
    "forms",
    "chooser",
    "tables",
    "charts",
    "today",
    "results",
    "tree",
    "fleet",
    "shop",
    "export",
    "authoring",
    "wall",
    "print",
)
"""The files of static/hymio, in the order in which a later rule wins over an earlier one."""


def _file_address(found: re.Match[str]) -> str:
    return settings.STATIC_URL + hashed_name(found[1])


_WRITTEN = "".join(
    (settings.BASE / f"static/hymio/{part}.css").read_text("utf-8") for part in PARTS
)
_STYLE = re.sub(r"static:([^\"]+)", _file_address, _WRITTEN).encode()
NAME = f"style.{hashlib.sha256(_STYLE).hexdigest()[:12]}.css"
"""The address, which names the content."""


@require_safe
@for_public
def style(request: HttpRequest) -> HttpResponse:
    """All parts together."""
    del request
    response = HttpResponse(_STYLE, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = f"max-age={YEAR_S}, public, immutable"
    return response
