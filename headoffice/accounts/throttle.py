"""Slows down whoever guesses passwords or enrolment codes.

Failures are counted per source in windows of ten minutes; in a window a source may fail so many
times and is then asked to wait for the next. Success does not clear the count, so that someone
who owns one account can't use it to keep guessing at another.
"""

import hmac

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest

from headoffice.accounts.models import Attempts
from headoffice.clock import now_ms
from headoffice.turns import writing

WINDOW_MS = 10 * 60 * 1000


def source_of(request: HttpRequest) -> str:
    """The address a request came from; behind a proxy the one that the proxy saw."""
    if settings.BEHIND_PROXY:
        # The last one was written by our own proxy; those before it by anyone.
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if last := forwarded.rpartition(",")[2].strip():
            return str(last)
    return str(request.META.get("REMOTE_ADDR", ""))


def wait_seconds(*sources: str, limit: int) -> int:
    """Seconds that these sources have to wait; 0: go on."""
    now = now_ms()
    rows = Attempts.objects.filter(
        source__in=[_key(s) for s in sources], since_ms__gt=now - WINDOW_MS, failures__gte=limit
    ).values_list("since_ms", flat=True)
    return max((-(-(since + WINDOW_MS - now) // 1000) for since in rows), default=0)


def failed(*sources: str) -> None:
    """Count one failure of each of these sources."""
    now = now_ms()
    with writing():
        Attempts.objects.filter(since_ms__lte=now - WINDOW_MS).delete()
        # Sorted, so that two failures at once lock their rows in one order.
        for key in sorted(_key(s) for s in sources):
            Attempts.objects.bulk_create(
                [Attempts(source=key, since_ms=now)], ignore_conflicts=True
            )
            Attempts.objects.filter(source=key).update(failures=F("failures") + 1)


def _key(source: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"throttle:{source}".encode(), "sha256")
