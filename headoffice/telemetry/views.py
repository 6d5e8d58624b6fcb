"""GET /metrics, for Prometheus."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from headoffice.accounts.access import for_public
from headoffice.api.frame import reply_to
from headoffice.api.models import Scope
from headoffice.telemetry.figures import REGISTRY


@for_public
def metrics(request: HttpRequest) -> HttpResponse:
    """For this machine itself without a token, for others with one of the scope metrics.

    Declared for anyone, because it depends on where somebody is and not on who.
    """
    if request.method in ("GET", "HEAD") and _is_near(request):
        return _exposition()
    return reply_to(request, Scope.METRICS, _exposition)


def _is_near(request: HttpRequest) -> bool:
    # Behind a proxy everybody seems to be near.
    if settings.BEHIND_PROXY or "HTTP_X_FORWARDED_FOR" in request.META:
        return False
    try:
        return ipaddress.ip_address(str(request.META.get("REMOTE_ADDR", ""))).is_loopback
    except ValueError:
        return False


def _exposition() -> HttpResponse:
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
