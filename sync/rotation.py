"""Replaces the kiosk's credential now and then, without a moment in which none is good.

::

    rotation = Rotation(transport, keyring, clock, outbox, days=90)
    rotation.run(installation, head_ms)     # after a heartbeat, with the head office's time
    rotate(transport, keyring, installation, clock)   # on demand

A head office's clock that is wrong must not hurry it: who has renewed twice since a copy of the
head office's database was made is shut out when that copy is put back. So between two renewals a
kiosk also lives through a part of the days itself.
"""

import logging

from sync.clock import Clock
from sync.credential import Keyring
from sync.errors import CredentialNotRenewedError, IdentityError
from sync.failure_texts import failure_text
from sync.outbox.protocol import StateStore
from sync.outcome import Interruption, NewCredential
from sync.transport import Transport

_log = logging.getLogger(__name__)
_DAY_MS = 86_400_000
_AGAIN_MS = 3_600_000
"""How long a failed attempt is left alone."""
_LIVED_PART = 3
"""A kiosk that is on for eight hours a day lives through a third of the days."""
_LIVED_AT_LAST = "credential_lived_ms"
"""In the outbox: how long the kiosk had lived when the credential was last renewed."""


class Rotation:
    """Decides when it is time, by the head office's clock."""

    def __init__(
        self,
        transport: Transport,
        keyring: Keyring,
        clock: Clock,
        store: StateStore,
        *,
        days: int = 90,
    ) -> None:
        """``days``: how old a credential may become; 0: renewed on demand only."""
        self._store = store
        self._transport = transport
        self._keyring = keyring
        self._clock = clock
        self._days = days
        self._not_before_ms = 0

    def run(self, installation: str, head_ms: int) -> None:
        """Replace the credential if it is old enough at this time of the head office's clock."""
        age_ms = head_ms - self._keyring.identity.issued_ms
        if not self._days or not self._has_lived_enough() or age_ms < self._days * _DAY_MS:
            return
        if self._clock.mono_ms() < self._not_before_ms:
            return
        self._not_before_ms = self._clock.mono_ms() + _AGAIN_MS
        try:
            rotate(self._transport, self._keyring, installation, self._clock)
            self._store.set_state(_LIVED_AT_LAST, str(self._store.lived_ms()))
        except (CredentialNotRenewedError, IdentityError) as error:
            _log.warning("%s", error)

    def _has_lived_enough(self) -> bool:
        lived_ms = self._store.lived_ms()
        last = self._store.state(_LIVED_AT_LAST)
        if last is None or not last.isdecimal() or int(last) > lived_ms:
            # A kiosk or an outbox that is new here: counted from now on.
            self._store.set_state(_LIVED_AT_LAST, str(lived_ms))
            return False
        return lived_ms - int(last) >= self._days * _DAY_MS // _LIVED_PART


def rotate(transport: Transport, keyring: Keyring, installation: str, clock: Clock) -> None:
    """Ask for a new credential, put it on the disk, and use it from then on.

    Raises CredentialNotRenewedError or IdentityError; the present one goes on being used.
    """
    match transport.renew_credential(installation, clock.moment()):
        case NewCredential(credential=credential, head_ms=head_ms):
            keyring.replace(credential, head_ms)
            _log.info("the credential was renewed")
        case Interruption():
            raise CredentialNotRenewedError("The kiosk is stopping.")
        case outcome:
            raise CredentialNotRenewedError(failure_text(outcome))
