"""A secret that was just made, for the one who made it: a redirect and a reload can show it.

It lies in the maker's session, locked with the secret key of the data folder, for ten minutes.
"""

from django.http import HttpRequest

from headoffice import clock
from headoffice.accounts.sealing import seal, unseal

SHOWN_FOR_MS = 10 * 60 * 1000
_KEY = "issued_secret"
_PURPOSE = "hymio issued"


def hold_secret(request: HttpRequest, about: str, secret: str) -> None:
    """Keep a secret, in the place of one that was kept before; ``about`` names what it is for."""
    box = seal(secret, _PURPOSE)
    request.session[_KEY] = {"about": about, "box": box, "at_ms": clock.now_ms()}


def issued_secret(request: HttpRequest, about: str) -> str:
    """The secret that was made for this a moment ago; empty if there is none, or no more."""
    held = request.session.get(_KEY)
    if held is None or held["about"] != about:
        return ""
    if not 0 <= clock.now_ms() - held["at_ms"] <= SHOWN_FOR_MS:
        del request.session[_KEY]
        return ""
    return unseal(held["box"], _PURPOSE) or ""
