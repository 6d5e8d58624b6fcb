"""The credential in use: on the disk before it is used, with the one before it kept."""

import logging
import threading
from collections.abc import Callable

from msgspec import structs

from sync.errors import IdentityError
from sync.identity import Identity

_log = logging.getLogger(__name__)


def _discard(_identity: Identity) -> None:
    """For a kiosk that keeps its identity in memory only, as tests do."""


class Keyring:
    """Who the kiosk is just now; any thread may use it.

    The credential before is kept, because a head office that was restored from an older copy
    knows nothing else.
    """

    def __init__(self, identity: Identity, save: Callable[[Identity], None] = _discard) -> None:
        """``save`` puts an identity on the disk, durably, or raises IdentityError."""
        self._identity = identity
        self._save = save
        self._lock = threading.Lock()

    @property
    def identity(self) -> Identity:
        """What is in use."""
        return self._identity

    def at(self, url: str) -> Identity:
        """The same with another address of the head office, if one is given."""
        return structs.replace(self._identity, url=url) if url else self._identity

    def alternative(self, refused: str) -> str | None:
        """What else to try when this credential was turned down; None if there is nothing.

        It may have been replaced while the request was on its way.
        """
        known = self._identity
        other = known.credential if refused != known.credential else known.previous
        return other or None

    def replace(self, credential: str, issued_ms: int) -> None:
        """Use a new credential from now on; raises IdentityError, and then the old one stays."""
        with self._lock:
            known = self._identity
            fresh = structs.replace(
                known, credential=credential, previous=known.credential, issued_ms=issued_ms
            )
            self._save(fresh)
            self._identity = fresh

    def fall_back(self, credential: str) -> None:
        """The head office knows only the credential before: use that, and renew it soon."""
        with self._lock:
            known = self._identity
            if credential != known.previous:
                return
            back = structs.replace(
                known, credential=credential, previous=known.credential, issued_ms=0
            )
            self._identity = back
            try:
                self._save(back)
            except IdentityError as error:
                # Both are on the disk already, only in the other order.
                _log.warning("%s", error)
