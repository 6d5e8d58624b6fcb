"""Sessions whose table, and every copy of it, opens nothing.

What a browser holds is the key; the table has the key's SHA-256 alone. A key has 165 random bits,
so nobody finds it by its hash.
"""

import base64
import hashlib
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils.encoding import force_bytes

from headoffice import clock
from headoffice.db.write_lock import exclusive_write

_FULL = timedelta(seconds=settings.SESSION_COOKIE_AGE)
"""How long a session lasts after it was used."""
_RENEWED_AFTER = timedelta(days=1)
"""How much of that has passed when it is renewed: not with each request, as each would write."""
_DIFFERENCE = timedelta(hours=1)
"""Between the clocks of two machines that serve one database."""


class SessionStore(db.SessionStore):
    """Django's sessions in the database, found by the hash of their key."""

    def exists(self, session_key: str) -> bool:
        """Whether there is a session with this key."""
        return super().exists(_stored(session_key))

    def create_model_instance(self, data: dict[str, object]) -> AbstractBaseSession:
        """The row that is saved."""
        row = super().create_model_instance(data)
        row.session_key = _stored(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """End this session, or the one with this key."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(_stored(key))

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        live = self.model.objects.exclude(_over())
        row = live.filter(session_key=_stored(self.session_key or "")).first()
        if row is None:
            self._session_key = None
        elif row.expire_date < clock.now() + _FULL - _RENEWED_AFTER:
            # Saved at the end of the request, with its cookie: who works is not logged out.
            self.modified = True
        return row

    # The asynchronous ones go by these, and nothing is stored in two ways.
    async def _aget_session_from_db(self) -> AbstractBaseSession | None:
        raise NotImplementedError

    async def acreate_model_instance(self, data: dict[str, object]) -> AbstractBaseSession:
        """Not used: pages are not asynchronous."""
        raise NotImplementedError


def remove_expired_sessions() -> None:
    """Delete the rows of sessions that are over."""
    expired = Session.objects.filter(_over())
    if expired.exists():
        with exclusive_write():
            expired.delete()


def _over() -> Q:
    """Which sessions have ended. One that would end later than it may began by a wrong clock."""
    now = clock.now()
    latest = now + _FULL + _DIFFERENCE
    return Q(expire_date__lte=now) | Q(expire_date__gt=latest)


def _stored(key: str) -> str:
    """As long as the column: 240 bits of the hash."""
    return base64.urlsafe_b64encode(hashlib.sha256(force_bytes(key)).digest()[:30]).decode()
