"""Who is calling: programs and their tokens."""

import datetime as dt
import secrets
from collections.abc import Iterable

from django.http import HttpRequest

from headoffice import clock
from headoffice.accounts.models import User
from headoffice.accounts.security_log import record, record_guess
from headoffice.api.models import Scope, Token, TokenRefusal
from headoffice.web.bearer import bearer_secret, hash_secret
from headoffice.web.problems import RefusedError

PREFIX = "hymio_"
"""Makes a token that was published by mistake easy to find."""
DAYS = 365
"""How long a new token is good for, if nothing else is said."""
_REASONS = {
    TokenRefusal.REVOKED: "This token was revoked.",
    TokenRefusal.EXPIRED: "This token has expired: ask an administrator for a new one.",
    TokenRefusal.MAKER_GONE: (
        "Who made this token may not do so any more: ask an administrator for a new one."
    ),
}
_NOTED_EVERY = dt.timedelta(minutes=1)


def create_token(
    name: str, scopes: Iterable[Scope | str], user: User, days: int | None = DAYS
) -> str:
    """A new token, good for so many days or for good; its secret is told here once."""
    now = clock.now()
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        name=name,
        hash=hash_secret(secret),
        scopes=" ".join(sorted(str(scope) for scope in scopes)),
        created_by=user,
        maker_role=user.role,
        created_at=now,
        expires_at=None if days is None else now + dt.timedelta(days=days),
    )
    record("token.made", user, token, scopes=token.scopes.replace(" ", ","), days=days)
    return secret


def revoke_token(token: int) -> None:
    """Shut a token out from the next request on."""
    Token.objects.filter(pk=token, revoked_at=None).update(revoked_at=clock.now())


def token_of(request: HttpRequest, scope: Scope) -> Token:
    """The token that the request carries; RefusedError if it does not open this."""
    secret = bearer_secret(request, "Send Authorization: Bearer with a token.")
    # Searched by the hash of 256 random bits: the time of the search tells nothing.
    found = Token.objects.filter(hash=hash_secret(secret)).select_related("created_by")
    token = found.first()
    if token is None:
        raise RefusedError("unauthorised", "There is no such token.")
    if refusal := token.refusal:
        record_guess("token.refused", token, reason=refusal)
        raise RefusedError("unauthorised", _REASONS[refusal])
    if not token.allows(scope):
        raise RefusedError("forbidden", f"This token does not have the scope {scope}.")
    now = clock.now()
    if token.last_used_at is None or now - token.last_used_at > _NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    return token
