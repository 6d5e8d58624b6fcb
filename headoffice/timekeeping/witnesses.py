"""What kiosks say of this machine's clock, in their heartbeats.

A kiosk's own wall clock says what this machine's should show. What is kept of it is the *zero*
that follows, so that it still holds after this machine's clock was set.
"""

from statistics import median_low

from django.db.models import QuerySet

from headoffice.db.queries import execute, uuid_value
from headoffice.fleet.models import Kiosk
from headoffice.timekeeping.judgement import MADE_MS, MINUTE_MS, TOLERANCE_MS, Reading, Votes
from headoffice.timekeeping.models import KioskWord

HEARD_WITHIN_MS = 60 * MINUTE_MS
"""Older words are forgotten: their kiosks may be switched off."""
FEW = 5
"""Of so many kiosks two have to say the same, of more three."""
_OBJECTIONS_READ = 1000

_HEAR = """
INSERT INTO timekeeping_kioskword (kiosk, boot, heard_mono_ms, zero_ms, may_object)
VALUES (%s, %s, %s, %s, %s) ON CONFLICT (kiosk) DO UPDATE SET
    boot = excluded.boot, heard_mono_ms = excluded.heard_mono_ms,
    zero_ms = excluded.zero_ms, may_object = excluded.may_object
"""


def hear(kiosk: Kiosk, wall_ms: int, now: Reading) -> bool:
    """Keep what a kiosk's wall clock says; whether that is another time than this machine's.

    An unset one says nothing. One may object that agreed the last time that this was known: the
    others lag behind, or nobody ever set them.
    """
    if wall_ms < MADE_MS:
        return False
    known = kiosk.clock_offset_ms
    may_object = known is not None and abs(known) <= TOLERANCE_MS
    zero_ms = wall_ms - now.mono_ms
    execute(_HEAR, kiosk.pk, uuid_value(now.boot), now.mono_ms, zero_ms, may_object)
    return may_object and abs(zero_ms - now.zero_ms) > TOLERANCE_MS


def count_votes(now: Reading) -> Votes:
    """What kiosks said lately of this reading of this machine's clock."""
    enrolled = Kiosk.objects.filter(revoked_at=None, demonstration=False)
    said = heard_lately(now).filter(kiosk__in=enrolled.values("pk"))
    near = (now.zero_ms - TOLERANCE_MS, now.zero_ms + TOLERANCE_MS)
    others = said.exclude(zero_ms__range=near).filter(may_object=True)
    zeros = list(others.values_list("zero_ms", flat=True)[:_OBJECTIONS_READ])
    kiosks = enrolled.count()
    return Votes(
        agree=said.filter(zero_ms__range=near).count(),
        object=others.count() if len(zeros) == _OBJECTIONS_READ else len(zeros),
        quorum=2 if kiosks <= FEW else 3,
        off_ms=now.zero_ms - median_low(zeros) if zeros else 0,
        enrolled=kiosks,
    )


def heard_lately(now: Reading) -> "QuerySet[KioskWord]":
    """The words that kiosks said to this machine within the hour."""
    return KioskWord.objects.filter(
        boot=now.boot, heard_mono_ms__range=(now.mono_ms - HEARD_WITHIN_MS, now.mono_ms)
    )
