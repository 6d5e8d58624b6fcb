"""Bringing changes to kiosks: a first wave, then all, and the way back.

A roll-out goes on by itself as soon as enough kiosks of the wave have shown what is new and stored
an answer, and stops by itself when one of them fails; what is watched stands in ``progress.py``.
"""

import msgspec
from django.utils.translation import gettext as _

from headoffice import clock
from headoffice.accounts.models import User
from headoffice.configuration import targets
from headoffice.configuration.changes import stale_changes, write_changes
from headoffice.configuration.models import RollOut, RollOutKiosk
from headoffice.configuration.plan import Plan, first_wave
from headoffice.configuration.rules import Rules
from headoffice.configuration.scopes import kiosk_places
from headoffice.db.write_lock import exclusive_write
from headoffice.errors import HeadOfficeError

FAILURES = (
    RollOutKiosk.State.REFUSAL,
    RollOutKiosk.State.FALLBACK,
    RollOutKiosk.State.CRASH,
    RollOutKiosk.State.FEW,
)
LAST_WAVE = 1


def release(
    plan: Plan, title: str, author: User | None, first: str = "all", watch_hours: int = 0
) -> RollOut:
    """Store what a plan says and tell its first wave; HeadOfficeError if it is not possible.

    ``watch_hours``: for so long the answers of the first wave are watched before it goes on.
    """
    with exclusive_write():
        # Somebody else may have been quicker since the plan was made.
        if not plan.is_possible or stale_changes(plan.changes, Rules.load()):
            raise HeadOfficeError(_("It can’t be rolled out as it stands: look at it again."))
        write_changes(plan.changes, author)
        chosen = first_wave(plan.effects, first)
        row = RollOut.objects.create(
            title=title,
            author=author,
            changes=msgspec.to_builtins(plan.changes),
            first=first,
            watch_hours=watch_hours,
            state=RollOut.State.RUN if plan.effects else RollOut.State.END,
            ended_at=None if plan.effects else clock.now(),
        )
        RollOutKiosk.objects.bulk_create(
            (
                RollOutKiosk(
                    roll_out=row,
                    kiosk_id=effect.place.kiosk,
                    before=effect.before,
                    after=effect.document.digest,
                    wave=0 if effect.place.kiosk in chosen else LAST_WAVE,
                )
                for effect in plan.effects
            ),
            batch_size=500,
        )
        _tell_wave(row)
    return row


def go_on(row: RollOut) -> None:
    """Tell the next wave; after the last one the roll-out is over. In a transaction."""
    if row.wave < LAST_WAVE and row.kiosks.filter(wave__gt=row.wave).exists():
        row.wave, row.wave_at = row.wave + 1, clock.now()
        row.save(update_fields=["wave", "wave_at"])
        _tell_wave(row)
        return
    row.state, row.ended_at = RollOut.State.END, clock.now()
    row.save(update_fields=["state", "ended_at"])
    # Those that came there meanwhile were told what held before.
    scopes = {change.scope for change in targets.read_changes(row)}
    known = set(row.kiosks.values_list("kiosk", flat=True))
    targets.set_targets(
        place
        for kiosk, place in kiosk_places().items()
        if kiosk not in known and not scopes.isdisjoint(place.chain)
    )


def _tell_wave(row: RollOut) -> None:
    """Set the targets of the kiosks of the present wave."""
    members = row.kiosks.filter(wave=row.wave)
    places = kiosk_places()
    here = [places[k] for k in members.values_list("kiosk", flat=True) if k in places]
    told = targets.set_targets(here)
    now = clock.now()
    for member in members:
        if member.kiosk_id in told:
            member.after = told[member.kiosk_id]
        member.state, member.at = RollOutKiosk.State.OFFER, now
    RollOutKiosk.objects.bulk_update(members, ["after", "state", "at"], batch_size=500)


def stop(row: RollOut, reason: str) -> None:
    """Tell no further kiosk until somebody decides. In a transaction."""
    row.state, row.reason = RollOut.State.STOP, reason
    row.save(update_fields=["state", "reason"])


def resume(row: RollOut) -> None:
    """Go on, without those that have failed; HeadOfficeError if it is not held up."""
    with exclusive_write():
        row = RollOut.objects.select_for_update().get(pk=row.pk)
        if row.state != RollOut.State.STOP:
            raise HeadOfficeError(_("This roll-out is not held up."))
        row.kiosks.filter(state__in=FAILURES).update(is_apart=True)
        row.state, row.reason = RollOut.State.RUN, ""
        row.save(update_fields=["state", "reason"])


def hasten(row: RollOut) -> None:
    """Tell the next wave now, whatever is still awaited; HeadOfficeError if it does not run."""
    with exclusive_write():
        row = RollOut.objects.select_for_update().get(pk=row.pk)
        if row.state != RollOut.State.RUN:
            raise HeadOfficeError(_("This roll-out does not run."))
        go_on(row)


def undo(row: RollOut, author: User | None) -> None:
    """Say again what was said before, to all its kiosks at once.

    HeadOfficeError if something that it changed was changed again since.
    """
    with exclusive_write():
        row = RollOut.objects.select_for_update().get(pk=row.pk)
        back = [change.reverse for change in reversed(targets.read_changes(row))]
        if row.state == RollOut.State.UNDO:
            raise HeadOfficeError(_("This roll-out has been taken back already."))
        if stale := stale_changes(back, Rules.load()):
            names = ", ".join(change.name or _("schedule") for change in stale)
            text = _("It was changed again since: %(names)s. Take back the later roll-out first.")
            raise HeadOfficeError(text % {"names": names})
        write_changes(back, author)
        row.state, row.ended_at = RollOut.State.UNDO, clock.now()
        row.save(update_fields=["state", "ended_at"])
        scopes = {change.scope for change in back}
        places = kiosk_places().values()
        targets.set_targets(place for place in places if not scopes.isdisjoint(place.chain))
