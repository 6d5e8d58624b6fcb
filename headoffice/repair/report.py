"""All of it: what is found, and mended if that is wanted."""

from collections.abc import Callable, Iterator

from headoffice import clock
from headoffice.fleet.models import Kiosk
from headoffice.repair.marks import mend_marks
from headoffice.repair.mending import KioskRepair, repair_kiosk
from headoffice.timekeeping.leftovers import wrong_spans


def repair_times(report: Callable[[str], None], *, apply: bool) -> int:
    """Find what a wrong clock left behind, and mend it with ``apply``; how many things there were.

    Messages come first: what is noted about kiosks follows from them.
    """
    count = 0
    for repair in _repair_messages(apply=apply):
        report(_description(repair))
        count += repair.received + repair.redated
    for marks in mend_marks(apply=apply):
        report(f"{marks.many} {marks.what}")
        count += marks.many
    return count


def _repair_messages(*, apply: bool) -> Iterator[KioskRepair]:
    spans = wrong_spans()
    kiosks = Kiosk.objects.filter(demonstration=False).order_by("pk")
    for kiosk in list(kiosks.values_list("pk", flat=True)):
        repair = repair_kiosk(kiosk, spans, apply=apply)
        if repair is not None:
            yield repair


def _description(repair: KioskRepair) -> str:
    first, last = (
        clock.instant(ms).strftime("%Y-%m-%d %H:%M") for ms in (repair.first_ms, repair.last_ms)
    )
    return (
        f"Kiosk {repair.kiosk}: {repair.received} messages received by a wrong clock and "
        f"{repair.redated} dated wrongly, {repair.uncertain} of which can be dated by the kiosk's "
        f"word alone; between {first} and {last} UTC"
    )
