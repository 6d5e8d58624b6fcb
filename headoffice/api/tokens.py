"""Who is calling: programs and their tokens."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable

from django.http import HttpRequest

from headoffice import clock
from headoffice.accounts.models import User
from headoffice.api.models import Scope, Token
from headoffice.problems import RefusedError

PREFIX = "hymio_"
"""Makes a token that was published by mistake easy to find."""
_NOTED_EVERY = dt.timedelta(minutes=1)


def create(name: str, scopes: Iterable[Scope | str], user: User) -> str:
    """A new token; its secret is told here once."""
    secret = PREFIX + secrets.token_urlsafe(32)
    Token.objects.create(
        name=name,
        hash=_hash(secret),
        scopes=" ".join(sorted(str(scope) for scope in scopes)),
        created_by=user,
    )
    return secret


def revoke(token: int) -> None:
    """Shut a token out from the next request on."""
    Token.objects.filter(pk=token, revoked_at=None).update(revoked_at=clock.now())


def caller(request: HttpRequest, scope: Scope) -> Token:
    """The token that the request carries; RefusedError if it does not open this."""
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise RefusedError("unauthorised", "Send Authorization: Bearer with a token.")
    # Searched by the hash of 256 random bits: the time of the search tells nothing.
    token = Token.objects.filter(hash=_hash(secret.strip())).first()
    if token is None:
        raise RefusedError("unauthorised", "There is no such token.")
    if token.revoked_at is not None:
        raise RefusedError("unauthorised", "This token was revoked.")
    if not token.allows(scope):
        raise RefusedError("forbidden", f"This token does not have the scope {scope}.")
    now = clock.now()
    if token.last_used_at is None or now - token.last_used_at > _NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
