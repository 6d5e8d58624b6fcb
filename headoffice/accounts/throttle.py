"""Slows down whoever guesses passwords or enrolment codes.

1. A try is counted before it is made, in one statement, so that of many at once no more than the
   limit are looked at.
2. What was right, or was no guess, is given back.
3. Tries are counted in windows of ten minutes; who has used theirs up waits for the next one.

So whoever owns one account can't use it to keep guessing at another: success gives back its own
try, and clears nothing.
"""

import hmac
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import F

from headoffice.accounts.models import Attempts
from headoffice.accounts.networks import wider_network
from headoffice.clock import now_ms
from headoffice.db.write_lock import exclusive_write

WINDOW_MS = 10 * 60 * 1000
SITE_FACTOR = 5
"""So many times what one IPv6 network may, all those of one site may."""
_COUNT = """
INSERT INTO accounts_attempts AS kept (source, since_ms, failures) VALUES (%(key)s, %(now)s, 1)
ON CONFLICT (source) DO UPDATE SET
    failures = CASE WHEN kept.since_ms BETWEEN %(first)s AND %(last)s
        THEN kept.failures + 1 ELSE 1 END,
    since_ms = CASE WHEN kept.since_ms BETWEEN %(first)s AND %(last)s
        THEN kept.since_ms ELSE excluded.since_ms END
WHERE kept.failures < %(most)s OR kept.since_ms NOT BETWEEN %(first)s AND %(last)s
RETURNING failures
"""
"""No row comes back when the limit is reached. A window from the future is over too: a clock that
was wrong once may not shut anybody out for years."""


class Limit(NamedTuple):
    """How often something may be wrong in a window."""

    what: str
    most: int


class ThrottledError(Exception):
    """Too many tries; the next one is in so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{seconds} s")
        self.seconds = seconds


def limits_by_source(what: str, source: str, most: int) -> list[Limit]:
    """Of one network, and of the site that it is a part of."""
    limits = [Limit(f"{what}:{source}", most)]
    if site := wider_network(source):
        limits.append(Limit(f"{what}:{site}", SITE_FACTOR * most))
    return limits


def count_try(*limits: Limit) -> None:
    """Count one more try against each of these; ThrottledError, and none counted, if one is over.

    To be called before anything is compared.
    """
    now = now_ms()
    window = {"now": now, "first": now - WINDOW_MS + 1, "last": now + WINDOW_MS}
    with exclusive_write(), connection.cursor() as cursor:
        # Sorted, so that two tries at once lock their rows in one order.
        for key, most in sorted((_key(limit.what), limit.most) for limit in limits):
            values: dict[str, bytes | int] = {**window, "key": key, "most": most}
            cursor.execute(_COUNT, values)
            if not cursor.fetchall():
                since = Attempts.objects.get(source=key).since_ms
                raise ThrottledError(max(1, -(-(min(since, now) + WINDOW_MS - now) // 1000)))


def give_back(*limits: Limit) -> None:
    """Take back what was counted: it was right, or no guess at all."""
    with exclusive_write():
        for key in sorted(_key(limit.what) for limit in limits):
            Attempts.objects.filter(source=key, failures__gt=0).update(failures=F("failures") - 1)


def is_reached(limit: Limit) -> bool:
    """Whether so many tries were counted in the window that goes on."""
    now = now_ms()
    window = (now - WINDOW_MS + 1, now + WINDOW_MS)
    counted = Attempts.objects.filter(
        source=_key(limit.what), since_ms__range=window, failures__gte=limit.most
    )
    return counted.exists()


def forget_old_tries() -> None:
    """Delete the counts of windows that are over."""
    now = now_ms()
    for outside in ({"since_ms__lte": now - WINDOW_MS}, {"since_ms__gt": now + WINDOW_MS}):
        if Attempts.objects.filter(**outside).exists():
            with exclusive_write():
                Attempts.objects.filter(**outside).delete()


def keyed_hash(parts: Iterable[str]) -> bytes:
    """What stands for names and addresses in tables: nobody turns it back without the key."""
    return hmac.digest(settings.SECRET_KEY.encode(), ":".join(parts).encode(), "sha256")


def _key(what: str) -> bytes:
    return keyed_hash(("throttle", what))
