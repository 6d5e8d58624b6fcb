"""Replaces the kiosk's credential now and then, without a moment in which none is good.

::

    rotation = Rotation(transport, keyring, clock, days=90)
    rotation.run(installation, head_ms)     # after a heartbeat, with the head office's time
    rotate(transport, keyring, installation, clock)   # on demand
"""

import logging

from sync.clock import Clock
from sync.errors import CredentialNotRenewedError, IdentityError
from sync.keyring import Keyring
from sync.outcome import Interrupted, Renewed
from sync.transport import Transport
from sync.words import words

_log = logging.getLogger(__name__)
_DAY_MS = 86_400_000
_AGAIN_MS = 3_600_000
"""How long a failed attempt is left alone."""


class Rotation:
    """Decides when it is time, by the head office's clock."""

    def __init__(
        self, transport: Transport, keyring: Keyring, clock: Clock, *, days: int = 90
    ) -> None:
        """``days``: how old a credential may become; 0: renewed on demand only."""
        self._transport = transport
        self._keyring = keyring
        self._clock = clock
        self._days = days
        self._not_before_ms = 0

    def run(self, installation: str, head_ms: int) -> None:
        """Replace the credential if it is old enough at this time of the head office's clock."""
        age_ms = head_ms - self._keyring.identity.issued_ms
        if not self._days or age_ms < self._days * _DAY_MS:
            return
        if self._clock.mono_ms() < self._not_before_ms:
            return
        self._not_before_ms = self._clock.mono_ms() + _AGAIN_MS
        try:
            rotate(self._transport, self._keyring, installation, self._clock)
        except (CredentialNotRenewedError, IdentityError) as error:
            _log.warning("%s", error)


def rotate(transport: Transport, keyring: Keyring, installation: str, clock: Clock) -> None:
    """Ask for a new credential, put it on the disk, and use it from then on.

    Raises CredentialNotRenewedError or IdentityError; the present one goes on being used.
    """
    match transport.renew_credential(installation, clock.moment()):
        case Renewed(credential=credential, head_ms=head_ms):
            keyring.replace(credential, head_ms)
            _log.info("the credential was renewed")
        case Interrupted():
            raise CredentialNotRenewedError("The kiosk is stopping.")
        case outcome:
            raise CredentialNotRenewedError(words(outcome))
