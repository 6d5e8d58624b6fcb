"""Short secrets that their makers may read again, locked with the secret key of the data folder.

The database and every copy of it hold a locked box: who has that and not the key learns nothing.
"""

import base64
import binascii
import hashlib

from django.conf import settings
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox


def seal(text: str, purpose: str) -> str:
    """A text as a locked box, in base64; what was sealed for one purpose opens for no other."""
    return base64.b64encode(_box(purpose).encrypt(text.encode())).decode()


def unseal(sealed: str, purpose: str) -> str | None:
    """The text; None if it is none, or was sealed with another key or for another purpose."""
    try:
        return _box(purpose).decrypt(base64.b64decode(sealed, validate=True)).decode()
    except (CryptoError, ValueError, TypeError, binascii.Error):
        return None


def _box(purpose: str) -> SecretBox:
    secret = settings.SECRET_KEY.encode()
    return SecretBox(hashlib.blake2b(secret, digest_size=32, person=purpose.encode()).digest())
