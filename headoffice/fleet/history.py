"""What a kiosk was when: a row for each change, kept for a year.

A kiosk that says the same again and again leaves nothing behind. Silence is written down when it is
over, as nobody says that it begins: from the last sign of life to the next.
"""

from collections.abc import Mapping

from headoffice import clock
from headoffice.db.queries import execute
from headoffice.fleet.kiosks import OVERDUE_AFTER
from headoffice.fleet.models import Kiosk, KioskChange
from headoffice.fleet.pace import pace_s
from headoffice.fleet.shop_hours import hours_of

SILENT = "silent"
KEEP_MS = 366 * 24 * 3600 * 1000
_PATIENCE_MS = int(OVERDUE_AFTER.total_seconds() * 1000)
_STEP = 5000
_ADD = """
INSERT INTO fleet_kioskchange (kiosk_id, at_ms, kind, value) VALUES (%s, %s, %s, %s)
ON CONFLICT (kiosk_id, at_ms, kind) DO UPDATE SET value = excluded.value
"""
Kind = KioskChange.Kind


def note_silence(kiosk: Kiosk, point: int, now_ms: int) -> None:
    """Write down that it was silent until now, if that was for longer than it had been told.

    Before its row is changed by what it says now.
    """
    if kiosk.heartbeat_at is None:
        return
    heard_ms = int(kiosk.heartbeat_at.timestamp() * 1000)
    if not now_ms - heard_ms > _PATIENCE_MS:
        return
    asked_ms = pace_s(hours_of(point), kiosk.state, heard_ms) * 1000
    if now_ms - heard_ms > asked_ms + _PATIENCE_MS // 5:
        _add(kiosk, heard_ms + 1, Kind.STATE, SILENT)
        _add(kiosk, now_ms, Kind.STATE, kiosk.state)


def note_changes(kiosk: Kiosk, now_ms: int, said: Mapping[str, str]) -> None:
    """Write down what a heartbeat says otherwise than the one before, by the kind of change.

    Before the kiosk's row is changed.
    """
    for kind, value in said.items():
        if value != getattr(kiosk, kind):
            _add(kiosk, now_ms, Kind(kind), value)


def note_configuration(kiosk: Kiosk, now_ms: int, in_force: str) -> None:
    """Write down which configuration is in force, if it is another one than before."""
    before = kiosk.changes.filter(kind=Kind.CONFIGURATION).order_by("-at_ms").first()
    if in_force != ("" if before is None else before.value):
        _add(kiosk, now_ms, Kind.CONFIGURATION, in_force)


def forget_old_changes() -> None:
    """Remove what is older than a year, some at a time; for the periodic jobs."""
    old = KioskChange.objects.filter(at_ms__lt=clock.now_ms() - KEEP_MS)
    while some := list(old.values_list("pk", flat=True)[:_STEP]):
        KioskChange.objects.filter(pk__in=some).delete()


def _add(kiosk: Kiosk, at_ms: int, kind: str, value: str) -> None:
    execute(_ADD, kiosk.pk, at_ms, str(kind), value)
