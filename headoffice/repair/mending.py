"""Dates messages anew, with their counts, and receives them anew where that was wrong too."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db import connection

from headoffice import clock
from headoffice.db.write_lock import exclusive_write
from headoffice.fleet.models import Kiosk
from headoffice.ingest.correction import apply_corrections
from headoffice.messages.assignments import AssignmentHistory
from headoffice.messages.models import Restamped
from headoffice.messages.rows import MessageRow, select_rows
from headoffice.repair.dates import Redating, redatings
from headoffice.repair.receipts import wrong_receipts
from headoffice.rollups.write import CountChanges, TimeZones
from headoffice.timekeeping.leftovers import WrongSpan

STEP = 1000
"""So many messages are mended in one transaction; on SQLite deliveries wait for it."""
_RECEIVED = """
UPDATE ingest_storedmessage SET received_ms = %s
WHERE kiosk = %s AND installation = %s AND seq = %s
"""


class KioskRepair(NamedTuple):
    """What there was to mend of one kiosk's messages."""

    kiosk: int
    received: int
    """Received at a wrong time."""
    redated: int
    """Made at another time than it seemed."""
    uncertain: int
    """Of those: made at a time that is the kiosk's word, within what is possible."""
    first_ms: int
    last_ms: int
    """The wrong times that they had, of receipt or of making."""


def repair_kiosk(kiosk: int, spans: Iterable[WrongSpan], *, apply: bool) -> KioskRepair | None:
    """Find what is wrong with the times of a kiosk's messages, and mend it; None if nothing is."""
    found = redatings(kiosk, wrong_receipts(kiosk, spans))
    changed = [each for each in found if each.is_restamped or each.is_redated]
    if not changed:
        return None
    if apply:
        changed.sort(key=lambda each: each.row.order)
        for at in range(0, len(changed), STEP):
            _mend(kiosk, changed[at : at + STEP])
    wrong = [e.row.received_ms if e.is_restamped else e.row.happened_ms for e in changed]
    redated = [each for each in changed if each.is_redated]
    return KioskRepair(
        kiosk,
        received=sum(each.is_restamped for each in changed),
        redated=len(redated),
        uncertain=sum(not each.certain for each in redated),
        first_ms=min(wrong),
        last_ms=max(wrong),
    )


def _mend(kiosk: int, part: Sequence[Redating]) -> None:
    with exclusive_write():
        Kiosk.objects.select_for_update(no_key=True).filter(pk=kiosk).first()
        # As they are by now: what counts may have changed since they were looked at.
        present = _present(kiosk, part)
        history = AssignmentHistory(kiosk)
        changes = CountChanges(TimeZones(history.zones))
        pairs = [
            (row, _redated(row, each, history))
            for each in part
            if (row := present.get(each.row.order)) is not None
        ]
        apply_corrections(pairs, changes)
        _restamp(kiosk, [each.row.order for each in part if each.is_restamped])
        changes.write()


def _present(kiosk: int, part: Sequence[Redating]) -> dict[tuple[int, int], MessageRow]:
    found: dict[tuple[int, int], MessageRow] = {}
    for installation, first, last in _ranges(each.row.order for each in part):
        rows = select_rows(
            "kiosk = %s AND installation = %s AND seq BETWEEN %s AND %s",
            [kiosk, installation, first, last],
        )
        found.update((row.order, row) for row in rows)
    return found


def _redated(row: MessageRow, to: Redating, history: AssignmentHistory) -> MessageRow:
    ms = to.happened_ms
    return row._replace(happened_ms=ms, certain=to.certain, point=history.at(ms).point)


def _restamp(kiosk: int, orders: Sequence[tuple[int, int]]) -> None:
    """Receive messages now: behind all that was read by the time of receipt."""
    now_ms = clock.now_ms()
    with connection.cursor() as cursor:
        cursor.executemany(_RECEIVED, [(now_ms, kiosk, *order) for order in orders])
    Restamped.objects.bulk_create(
        Restamped(kiosk=kiosk, installation=installation, first=first, last=last, at_ms=now_ms)
        for installation, first, last in _ranges(orders)
    )


def _ranges(orders: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Sorted numbers as ranges: installation, first and last."""
    begun: tuple[int, int, int] | None = None
    for installation, seq in orders:
        if begun is not None and begun[0] == installation and begun[2] + 1 == seq:
            begun = (installation, begun[1], seq)
            continue
        if begun is not None:
            yield begun
        begun = (installation, seq, seq)
    if begun is not None:
        yield begun
