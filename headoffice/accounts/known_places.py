"""Where somebody has logged in before: there the guesses of others don't shut them out.

An account takes so many wrong passwords from the whole world, and is then closed to it for a while.
Who guesses on purpose could so keep somebody out for ever. So whoever comes from where they
logged in before has an allowance of their own, which others don't use up:

- a browser that keeps the cookie of an earlier log-in, wherever it is;
- a network from which the account was logged in to during the last 30 days. What is kept of that
  is a keyed hash of both, in which no address and no name can be read.
"""

import secrets
import unicodedata
from datetime import timedelta

import msgspec
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from headoffice import clock
from headoffice.accounts.models import KnownPlace, User
from headoffice.accounts.networks import source_of
from headoffice.accounts.throttle import Limit, keyed_hash, limits_by_source
from headoffice.db.write_lock import exclusive_write

TRIES_PER_SOURCE = 20
TRIES_PER_ACCOUNT = 10
"""Wrong passwords in ten minutes: from the world altogether, and from each known place."""
KEPT = timedelta(days=30)
COOKIE_AGE = timedelta(days=365)
_PEOPLE = 8
"""Whom one browser is known for at most: those who came last."""
_SALT = "headoffice.known_places"
_RENEWED_MS = 24 * 3600 * 1000


class _Browser(msgspec.Struct):
    """What the cookie says."""

    id: str
    people: list[int]


def log_in_limits(request: HttpRequest, name: str) -> list[Limit]:
    """What a try to log in as this name is counted against."""
    account, source = account_key(name), source_of(request)
    browser = _browser(request)
    if browser.people:
        person = User.objects.filter(username=name).values_list("pk", flat=True).first()
        if person in browser.people:
            return [Limit(f"browser:{browser.id}:{person}", TRIES_PER_ACCOUNT)]
    if _is_known(account, source):
        return [Limit(f"known:{source}:{account}", TRIES_PER_ACCOUNT)]
    return [
        Limit(f"account:{account}", TRIES_PER_ACCOUNT),
        *limits_by_source("login", source, TRIES_PER_SOURCE),
    ]


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Somebody has logged in from here."""
    browser = _browser(request)
    others = [person for person in browser.people if person != user.pk]
    browser.people = [*others[1 - _PEOPLE :], user.pk]
    response.set_cookie(
        settings.KNOWN_COOKIE_NAME,
        signing.dumps(msgspec.to_builtins(browser), salt=_SALT),
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    now = clock.now_ms()
    place = _place(account_key(user.username), source_of(request))
    lately = (now - _RENEWED_MS, now + _RENEWED_MS)
    if not KnownPlace.objects.filter(place=place, seen_ms__range=lately).exists():
        with exclusive_write():
            KnownPlace.objects.update_or_create(place=place, defaults={"seen_ms": now})


def forget_old_places() -> None:
    """Delete those from which nobody came for long, or only in the future by a wrong clock."""
    old = KnownPlace.objects.exclude(seen_ms__range=_remembered_ms())
    if old.exists():
        with exclusive_write():
            old.delete()


def account_key(name: str) -> str:
    """One text for all spellings of a name, whichever of them the database would find."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def _browser(request: HttpRequest) -> _Browser:
    try:
        said = signing.loads(
            request.COOKIES.get(settings.KNOWN_COOKIE_NAME, ""), salt=_SALT, max_age=COOKIE_AGE
        )
        return msgspec.convert(said, _Browser)
    except (signing.BadSignature, msgspec.ValidationError):
        return _Browser(secrets.token_urlsafe(12), [])


def _is_known(account: str, source: str) -> bool:
    place = _place(account, source)
    return KnownPlace.objects.filter(place=place, seen_ms__range=_remembered_ms()).exists()


def _remembered_ms() -> tuple[int, int]:
    now = clock.now_ms()
    return now - int(KEPT.total_seconds() * 1000), now + _RENEWED_MS


def _place(account: str, source: str) -> bytes:
    return keyed_hash(("known", source, account))
