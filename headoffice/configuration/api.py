"""GET /api/kiosk/v1/configuration and files/<digest>."""

import gzip
import re

from django.http import HttpRequest, HttpResponse

from headoffice.configuration.models import KioskTarget, StoredFile
from headoffice.fleet import credentials
from headoffice.web.kiosk_api import kiosk_api
from headoffice.web.problems import RefusedError


@kiosk_api("GET")
def configuration(request: HttpRequest) -> HttpResponse:
    """The document that is meant for the kiosk; 304 if it has that one."""
    kiosk = credentials.caller(request)
    row = KioskTarget.objects.filter(kiosk=kiosk).first()
    if row is None or not row.digest:
        raise RefusedError("not_found", "No configuration is meant for this kiosk.")
    tag = f'"{row.digest}"'
    if tag in map(str.strip, request.headers.get("If-None-Match", "").split(",")):
        return HttpResponse(status=304, headers={"ETag": tag})
    packed = bytes(row.body)
    headers = {"ETag": tag, "Content-Encoding": "gzip"}
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        packed, headers["Content-Encoding"] = gzip.decompress(packed), "identity"
    return HttpResponse(packed, content_type="application/json", headers=headers)


@kiosk_api("GET")
def file(request: HttpRequest, digest: str) -> HttpResponse:
    """The bytes of a file that the kiosk's document names."""
    kiosk = credentials.caller(request)
    files = KioskTarget.objects.filter(kiosk=kiosk).values_list("files", flat=True).first()
    if not re.fullmatch("[0-9a-f]{64}", digest) or digest not in (files or ()):
        raise RefusedError("not_found", "This kiosk's configuration names no such file.")
    row = StoredFile.objects.filter(digest=digest).first()
    if row is None:
        raise RefusedError("not_found", "There is no such file any more.")
    # Pictures are packed already.
    headers = {"ETag": f'"{digest}"', "Content-Encoding": "identity"}
    content = bytes(row.content)
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)
