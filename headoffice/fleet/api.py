"""POST /api/kiosk/v1/enrolment."""

import msgspec
from django.http import HttpRequest, HttpResponse

from headoffice.accounts.throttle import source_of
from headoffice.fleet import enrolment
from headoffice.ingest.decoding import check_protocol_of
from headoffice.kiosk_api import body_of, decoded, kiosk_api
from sync.messages import EnrolmentRequest

_request = msgspec.json.Decoder(EnrolmentRequest)
_LIMIT = 10_000


@kiosk_api("POST")
def enrol(request: HttpRequest) -> HttpResponse:
    """Trade a one-time code for a credential."""
    body = body_of(request, _LIMIT)
    asked = decoded(body, _request)
    check_protocol_of(asked.protocol, body)
    reply = enrolment.enrol(asked, source_of(request))
    return HttpResponse(msgspec.json.encode(reply), content_type="application/json")
