"""Who is calling: kiosks and their credentials."""

import hmac
import secrets

from django.http import HttpRequest

from headoffice.db.queries import Finder
from headoffice.db.write_lock import exclusive_write
from headoffice.fleet.models import Credential, Kiosk
from headoffice.web.bearer import bearer_secret, hash_secret
from headoffice.web.problems import RefusedError

MAX_UNUSED = 4
_credentials = Finder(Credential)
_kiosks = Finder(Kiosk)


def issue(kiosk: Kiosk) -> str:
    """A new credential for this kiosk, replacing those before; told here once."""
    secret = secrets.token_urlsafe(32)
    Credential.objects.filter(kiosk=kiosk).delete()
    Credential.objects.create(hash=hash_secret(secret), kiosk=kiosk)
    return secret


def issue_next(kiosk: Kiosk) -> str:
    """A further credential; those before it end when :func:`caller` first sees it.

    Until then a reply may be lost, or asked for twice: a few unused ones are kept.
    """
    secret = secrets.token_urlsafe(32)
    with exclusive_write():
        Credential.objects.create(hash=hash_secret(secret), kiosk=kiosk, unused=True)
        unused = Credential.objects.filter(kiosk=kiosk, unused=True).order_by("-created_at")
        too_many = list(unused.values_list("hash", flat=True)[MAX_UNUSED:])
        Credential.objects.filter(hash__in=too_many, unused=True).delete()
    return secret


def caller(request: HttpRequest) -> Kiosk:
    """The kiosk whose credential the request carries; RefusedError without a valid one.

    The table is searched by the hash of 256 random bits, so the time that a search takes tells
    nothing about the secret.
    """
    missing = "Send Authorization: Bearer with the kiosk's credential."
    secret_hash = hash_secret(bearer_secret(request, missing))
    found = _credentials.first("hash = %s", secret_hash)
    kiosk = None if found is None else _kiosks.first("id = %s", found.kiosk_id)
    if found is None or kiosk is None or not hmac.compare_digest(bytes(found.hash), secret_hash):
        detail = "No kiosk has this credential."
        raise RefusedError("unauthorised", detail, reason="unknown_credential")
    if kiosk.revoked_at is not None:
        raise RefusedError("revoked", "Enrol this kiosk again with a new code.")
    if found.unused:
        _begin(found)
    return kiosk


def _begin(credential: Credential) -> None:
    """The kiosk has it for certain now: the ones before it end."""
    with exclusive_write():
        Credential.objects.filter(kiosk=credential.kiosk).exclude(hash=credential.hash).delete()
        Credential.objects.filter(hash=credential.hash).update(unused=False)
