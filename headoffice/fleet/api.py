"""POST /api/kiosk/v1/enrolment and credential."""

import hashlib

import msgspec
from django.http import HttpRequest, HttpResponse

from headoffice import clock
from headoffice.accounts.networks import source_of
from headoffice.fleet import credentials, enrolment
from headoffice.fleet.models import HeadOffice
from headoffice.web.kiosk_api import check_protocol, decode_body, kiosk_api, read_body
from sync.messages import CredentialReply, CredentialRequest, EnrolmentRequest

_request = msgspec.json.Decoder(EnrolmentRequest)
_renewal = msgspec.json.Decoder(CredentialRequest)
_LIMIT = 10_000


@kiosk_api("POST")
def enrol(request: HttpRequest) -> HttpResponse:
    """Trade a one-time code for a credential."""
    body = read_body(request, _LIMIT)
    asked = decode_body(body, _request)
    check_protocol(asked.protocol)
    reply = enrolment.enrol_kiosk(asked, source_of(request))
    return HttpResponse(msgspec.json.encode(reply), content_type="application/json")


@kiosk_api("POST")
def renew(request: HttpRequest) -> HttpResponse:
    """Give a kiosk a further credential; its present one is good until that is used."""
    kiosk = credentials.caller(request)
    body = read_body(request, _LIMIT)
    asked = decode_body(body, _renewal)
    check_protocol(asked.protocol)
    reply = CredentialReply(
        kiosk=str(kiosk.uuid),
        credential=credentials.issue_next(kiosk),
        head_office=HeadOffice.identity(),
        now_ms=clock.now_ms(),
        echo=hashlib.sha256(body).hexdigest(),
    )
    return HttpResponse(msgspec.json.encode(reply), content_type="application/json")
