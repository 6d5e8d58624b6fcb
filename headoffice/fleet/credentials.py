"""Who is calling: kiosks and their credentials."""

import hashlib
import hmac
import secrets

from django.http import HttpRequest

from headoffice.finding import Finder
from headoffice.fleet.models import Credential, Kiosk
from headoffice.problems import RefusedError
from headoffice.turns import writing

UNUSED_AT_MOST = 4
_credentials = Finder(Credential)
_kiosks = Finder(Kiosk)


def issue(kiosk: Kiosk) -> str:
    """A new credential for this kiosk, replacing those before; told here once."""
    secret = secrets.token_urlsafe(32)
    Credential.objects.filter(kiosk=kiosk).delete()
    Credential.objects.create(hash=_hash(secret), kiosk=kiosk)
    return secret


def issue_next(kiosk: Kiosk) -> str:
    """A further credential; those before it end when :func:`caller` first sees it.

    Until then a reply may be lost, or asked for twice: a few unused ones are kept.
    """
    secret = secrets.token_urlsafe(32)
    with writing():
        Credential.objects.create(hash=_hash(secret), kiosk=kiosk, unused=True)
        unused = Credential.objects.filter(kiosk=kiosk, unused=True).order_by("-created_at")
        too_many = list(unused.values_list("hash", flat=True)[UNUSED_AT_MOST:])
        Credential.objects.filter(hash__in=too_many, unused=True).delete()
    return secret


def caller(request: HttpRequest) -> Kiosk:
    """The kiosk whose credential the request carries; RefusedError without a valid one.

    The table is searched by the hash of 256 random bits, so the time that a search takes tells
    nothing about the secret.
    """
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise RefusedError(
            "unauthorised", "Send Authorization: Bearer with the kiosk's credential."
        )
    wanted = _hash(secret.strip())
    found = _credentials.one("hash = %s", wanted)
    kiosk = None if found is None else _kiosks.one("id = %s", found.kiosk_id)
    if found is None or kiosk is None or not hmac.compare_digest(bytes(found.hash), wanted):
        raise RefusedError("unauthorised", "No kiosk has this credential.")
    if kiosk.revoked_at is not None:
        raise RefusedError("revoked", "Enrol this kiosk again with a new code.")
    if found.unused:
        _begin(found)
    return kiosk


def _begin(credential: Credential) -> None:
    """The kiosk has it for certain now: the ones before it end."""
    with writing():
        Credential.objects.filter(kiosk=credential.kiosk).exclude(hash=credential.hash).delete()
        Credential.objects.filter(hash=credential.hash).update(unused=False)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
