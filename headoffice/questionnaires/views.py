"""PUT /api/kiosk/v1/questionnaires/<digest>."""

import re

from django.http import HttpRequest, HttpResponse

from headoffice.fleet import credentials
from headoffice.kiosk_api import body_of, kiosk_api
from headoffice.problems import RefusedError
from headoffice.questionnaires import registry


@kiosk_api("PUT")
def definition(request: HttpRequest, digest: str) -> HttpResponse:
    """Take the definition behind a digest."""
    kiosk = credentials.caller(request)
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise RefusedError("not_found", "A digest has 64 hexadecimal digits.")
    registry.store(kiosk, digest, body_of(request))
    return HttpResponse(status=204)
