"""Secrets that come as ``Authorization: Bearer``, and what is stored of them."""

import hashlib

from django.http import HttpRequest

from headoffice.web.problems import RefusedError


def bearer_secret(request: HttpRequest, missing: str) -> str:
    """The secret that a request carries; RefusedError that says what is missing without one."""
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise RefusedError("unauthorised", missing, reason="no_credential")
    return str(secret.strip())


def hash_secret(secret: str) -> bytes:
    """What is stored of a secret of 256 random bits: nobody can turn back the hash of that."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
