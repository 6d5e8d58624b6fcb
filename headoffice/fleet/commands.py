"""What kiosks are asked to do: each command waits until its kiosk speaks, and for a day at most."""

import datetime as dt

from django.db.models import QuerySet

from headoffice import clock
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import Kiosk, KioskCommand
from sync.commands import MAX_COMMANDS, Command, CommandReport

EXPIRES_AFTER = dt.timedelta(days=1)
"""Nobody expects any more what they asked for yesterday."""
KEEP = dt.timedelta(days=366)
State = KioskCommand.State


def issue_command(kiosk: Kiosk, name: str, maker: str) -> KioskCommand:
    """Ask a kiosk to do something; HeadOfficeError if it does not know it or can't speak.

    What waits already is not asked for twice.
    """
    if name not in kiosk.commands or kiosk.revoked_at is not None:
        raise HeadOfficeError(f"kiosk {kiosk.pk} does not know {name}, or is blocked")
    waits = _fresh(kiosk).filter(name=name).first()
    if waits is not None:
        return waits
    if _fresh(kiosk).count() >= MAX_COMMANDS:
        raise HeadOfficeError(f"kiosk {kiosk.pk} has enough to do")
    Kiosk.objects.filter(pk=kiosk.pk).update(is_called=True)
    return KioskCommand.objects.create(kiosk=kiosk, name=name, maker=maker)


def note_report(kiosk: Kiosk, report: CommandReport) -> None:
    """Keep what a kiosk says of its commands; the caller saves its row."""
    kiosk.commands = sorted(report.known)
    for result in report.results:
        # Also of one that had expired: it was on its way.
        KioskCommand.objects.filter(pk=result.id, kiosk=kiosk, result_at=None).update(
            state=State(result.state),
            detail=result.detail.replace("\0", ""),
            result_at=clock.now(),
        )


def waiting_commands(kiosk: Kiosk) -> tuple[Command, ...]:
    """What a kiosk is to be told now."""
    found = _fresh(kiosk).order_by("at")[:MAX_COMMANDS]
    return tuple(Command(str(each.pk), each.name) for each in found)


def end_old_commands() -> None:
    """Give up what no kiosk asked for in time, and forget what is a year old; a periodic job."""
    now = clock.now()
    KioskCommand.objects.filter(state=State.WAIT, at__lt=now - EXPIRES_AFTER).update(
        state=State.EXPIRY
    )
    KioskCommand.objects.filter(at__lt=now - KEEP).delete()


def _fresh(kiosk: Kiosk) -> "QuerySet[KioskCommand]":
    return KioskCommand.objects.filter(
        kiosk=kiosk, state=State.WAIT, at__gte=clock.now() - EXPIRES_AFTER
    )
