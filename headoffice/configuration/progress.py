"""How far the kiosks of a roll-out have come, and what follows from that.

Each time a kiosk tells what became of its configuration, and once a minute:

1. What each told kiosk last said is put down: it has it, has shown it, has stored an answer with
   it, could not take it, or fell back from it.
2. One that failed stops the roll-out, and so do answers that fall clearly below what is usual.
3. Enough kiosks that are good let it go on: four of five of those that take configurations, or,
   after a day, half of them; so a kiosk that is silent or closed holds nothing up for ever.
"""

import math
from collections.abc import Iterable

from headoffice import clock
from headoffice.configuration.answer_rate import LOOKS, find_shortfall
from headoffice.configuration.models import KioskReport, RollOut, RollOutKiosk
from headoffice.configuration.roll_outs import FAILURES, go_on, stop
from headoffice.configuration.usual_answers import read_rates
from headoffice.db.write_lock import exclusive_write
from headoffice.fleet.models import Kiosk

State = RollOutKiosk.State
_PROOF = {"good": State.GOOD, "shown": State.FACES}
NEED = 0.8
NEED_AFTER_A_DAY = 0.5
DAY_HOURS = 24


def note_progress(kiosk: Kiosk) -> None:
    """A kiosk told what became of its configuration; in the transaction that stores it."""
    rows = RollOut.objects.filter(state=RollOut.State.RUN, kiosks__kiosk=kiosk)
    for number in rows.values_list("pk", flat=True):
        evaluate(number)


def evaluate_all() -> None:
    """Look at every roll-out that runs."""
    for number in RollOut.objects.filter(state=RollOut.State.RUN).values_list("pk", flat=True):
        with exclusive_write():
            evaluate(number, is_watch=True)


def evaluate(number: int, *, is_watch: bool = False) -> None:
    """Put down how far its kiosks are, and stop it or let it go on; in a transaction.

    ``is_watch``: look at how many answers there are as well, when that is due.
    """
    row = RollOut.objects.select_for_update().get(pk=number)
    if row.state != RollOut.State.RUN:
        return
    members = list(row.kiosks.filter(wave__lte=row.wave).select_related("kiosk"))
    reports = {r.kiosk_id: r for r in KioskReport.objects.filter(kiosk__in=_kiosks(members))}
    _put_down(members, reports)
    failed = [m for m in members if m.state in FAILURES and not m.is_apart]
    if failed:
        stop(row, _reason(failed))
        return
    if is_watch and (shortfall := _shortfall(row, members)):
        stop(row, shortfall)
        return
    if _is_enough(row, [m for m in members if m.wave == row.wave], set(reports)):
        go_on(row)


def state_of(after: str, report: KioskReport | None, kiosk: Kiosk) -> tuple[str, str]:
    """How far a kiosk is with the document of this digest, and what it says of it."""
    if report is not None and after and report.refusal == after:
        return _failure(report), "; ".join(map(str, report.reasons))
    if report is None or report.in_force != after:
        return State.OFFER, ""
    if report.state != "good" and kiosk.state == "out_of_order":
        return State.CRASH, "out of order"
    return _PROOF.get(report.state, State.TRIAL), ""


def _failure(report: KioskReport) -> str:
    """What kind of failure its kiosk's words are about."""
    if not report.is_fallback:
        return State.REFUSAL
    words = " ".join(map(str, report.reasons)).lower()
    # A kiosk that could not start with it several times in a row says so.
    return State.CRASH if "crash" in words or "starts" in words else State.FALLBACK


def _put_down(members: list[RollOutKiosk], reports: dict[int, KioskReport]) -> None:
    new = []
    for member in members:
        found = state_of(member.after, reports.get(member.kiosk_id), member.kiosk)
        if member.state == State.FEW or found == (member.state, member.detail):
            continue
        member.state, member.detail = found
        member.at = clock.now()
        new.append(member)
    RollOutKiosk.objects.bulk_update(new, ["state", "detail", "at"], batch_size=500)


def need(able: int, hours: float) -> int:
    """So many of the kiosks that take configurations have to be good, by the age of the wave."""
    return math.ceil((NEED if hours < DAY_HOURS else NEED_AFTER_A_DAY) * able)


def _is_enough(row: RollOut, wave: list[RollOutKiosk], able: set[int]) -> bool:
    hours = _hours(row)
    if row.wave == 0 and hours < row.watch_hours:
        return False
    counted = [m for m in wave if m.kiosk_id in able and not m.is_apart]
    if not counted and wave and row.wave == 0 and row.first != "all":
        # Nobody could prove it. Who released it may hasten it.
        return False
    return sum(m.state == State.GOOD for m in counted) >= need(len(counted), hours)


def _shortfall(row: RollOut, members: list[RollOutKiosk]) -> str:
    """Why the answers are a reason to stop; empty if they are none, or it is not due to look."""
    hours = _hours(row)
    due = max((look for look in LOOKS if look <= hours), default=0)
    if due <= row.check_hours or row.watch_hours == 0:
        return ""
    row.check_hours = due
    row.save(update_fields=["check_hours"])
    shown = [m for m in members if m.state in (State.FACES, State.GOOD)]
    found = find_shortfall(read_rates(_kiosks(shown), row.wave_at, clock.now()))
    if found is None:
        return ""
    if found.kiosk is None:
        return f"{found.now} answers where {found.usual:.0f} are usual at these hours"
    for member in shown:
        if member.kiosk_id == found.kiosk:
            member.state, member.at = State.FEW, clock.now()
            member.detail = f"{found.now} answers where {found.usual:.0f} are usual"
            member.save(update_fields=["state", "at", "detail"])
    return f"kiosk {found.kiosk}: {found.now} answers where {found.usual:.0f} are usual"


def _hours(row: RollOut) -> float:
    return (clock.now() - row.wave_at).total_seconds() / 3600


def _kiosks(members: Iterable[RollOutKiosk]) -> list[int]:
    return [member.kiosk_id for member in members]


def _reason(failed: list[RollOutKiosk]) -> str:
    told = "; ".join(f"kiosk {m.kiosk_id}: {m.state}. {m.detail}".rstrip() for m in failed[:5])
    return told + (f"; and {len(failed) - 5} more" if len(failed) > 5 else "")
