"""A kiosk that takes another one's place, and when that other one is blocked."""

import datetime as dt

from django.dispatch import Signal

from headoffice import clock
from headoffice.accounts.security_log import record
from headoffice.fleet.models import Kiosk

QUIET = dt.timedelta(days=1)
"""Without a new answer for so long, and with nothing left, nobody uses it any more."""

kiosk_succession = Signal()
"""Sent with ``kiosk`` and ``successor``, in the transaction in which the latter joins."""


def succeed(kiosk: Kiosk, successor: Kiosk) -> None:
    """Let another kiosk take this one's place. It goes on delivering until nothing is left."""
    if kiosk.pk == successor.pk or kiosk.successor_id is not None:
        return
    Kiosk.objects.filter(pk=kiosk.pk).update(successor=successor)
    kiosk_succession.send(Kiosk, kiosk=kiosk, successor=successor)


def is_out_of_use(kiosk: Kiosk) -> bool:
    """Whether a replaced kiosk has delivered all, and has taken no answer for a day."""
    if kiosk.successor_id is None or kiosk.revoked_at is not None:
        return False
    if kiosk.waiting != 0 or kiosk.quarantined != 0:
        return False
    successor = kiosk.successor
    since = [successor.created_at] if successor is not None else []
    if kiosk.last_answer_ms is not None:
        since.append(clock.instant(kiosk.last_answer_ms))
    return bool(since) and clock.now() - max(since) > QUIET


def block_if_out_of_use(kiosk: Kiosk) -> None:
    """After its heartbeat: one that nobody uses any more can't be misused either."""
    if is_out_of_use(kiosk):
        Kiosk.objects.filter(pk=kiosk.pk).update(revoked_at=clock.now())
        record("kiosk.revoked", None, kiosk, reason="replaced")


def restore_kiosk(kiosk: Kiosk) -> None:
    """Let a blocked or replaced kiosk be as it was before, with the credential that it has."""
    Kiosk.objects.filter(pk=kiosk.pk).update(revoked_at=None, successor=None)
