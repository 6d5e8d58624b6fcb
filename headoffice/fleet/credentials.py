"""Who is calling: kiosks and their credentials."""

import hashlib
import hmac
import secrets

from django.http import HttpRequest

from headoffice.fleet.models import Credential, Kiosk
from headoffice.problems import RefusedError


def issue(kiosk: Kiosk) -> str:
    """A new credential for this kiosk, replacing those before; told here once."""
    secret = secrets.token_urlsafe(32)
    Credential.objects.filter(kiosk=kiosk).delete()
    Credential.objects.create(hash=_hash(secret), kiosk=kiosk)
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
    found = Credential.objects.select_related("kiosk").filter(hash=wanted).first()
    if found is None or not hmac.compare_digest(bytes(found.hash), wanted):
        raise RefusedError("unauthorised", "No kiosk has this credential.")
    if found.kiosk.revoked_at is not None:
        raise RefusedError("revoked", "Enrol this kiosk again with a new code.")
    return found.kiosk


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
