"""What a wrong clock left behind, as far as that can be told quickly; `repair-times` finds all."""

from typing import NamedTuple

from headoffice import clock
from headoffice.fleet.models import Kiosk
from headoffice.messages.models import StoredMessage
from headoffice.timekeeping.judgement import TOLERANCE_MS
from headoffice.timekeeping.models import ClockRun
from headoffice.timekeeping.order import Block, misplaced

_UNSEEN_MS = (5_000, 90_000)
"""A run is looked at soon after it has begun, and every minute then."""


class WrongSpan(NamedTuple):
    """What the clock showed while it was trusted and wrong."""

    first_ms: int
    last_ms: int
    off_ms: int | None
    """By how much it was ahead; None if that is not known."""


class Leftovers(NamedTuple):
    """How much there is to mend."""

    messages: int
    """Received in the future, or while a clock ran that was wrong."""
    kiosks: int
    """Heard in the future."""


def count_leftovers() -> Leftovers:
    """What is seen without reading messages one by one."""
    latest_ms = clock.now_ms() + TOLERANCE_MS
    messages = StoredMessage.objects.filter(received_ms__gt=latest_ms).count()
    for span in wrong_spans():
        within = (span.first_ms, min(span.last_ms, latest_ms))
        messages += StoredMessage.objects.filter(received_ms__range=within).count()
    heard = Kiosk.objects.filter(heartbeat_at__gt=clock.instant(latest_ms))
    return Leftovers(messages, heard.count())


def wrong_spans() -> list[WrongSpan]:
    """What wrong clocks showed and right ones did not, by the runs that were trusted.

    Within a boot the clock that it was set to last is right. The runs that are left are right if
    they follow each other, those that lasted longest first.
    """
    runs = list(ClockRun.objects.order_by("pk"))
    final = {run.boot: run.zero_ms for run in runs}
    found = [(run, run.zero_ms - final[run.boot]) for run in runs]
    even = [run for run, off_ms in found if abs(off_ms) <= TOLERANCE_MS]
    blocks = [Block(run.first_ms, run.last_ms, 1 + run.last_ms - run.first_ms) for run in even]
    now_ms = clock.now_ms()
    longest = 1 + sum(block.weight for block in blocks)
    out = misplaced([*blocks, Block(now_ms, now_ms, longest)], TOLERANCE_MS)
    wrong: list[tuple[ClockRun, int | None]] = [(even[place], None) for place in out]
    wrong += [(run, off_ms) for run, off_ms in found if abs(off_ms) > TOLERANCE_MS]
    right = [run for run in even if run not in [bad for bad, _off in wrong]]
    return [
        WrongSpan(run.first_ms - _UNSEEN_MS[0], run.last_ms + _UNSEEN_MS[1], off_ms)
        for run, off_ms in wrong
        # What a right clock showed as well is told apart by the order of numbers alone.
        if not any(
            run.first_ms <= other.last_ms and other.first_ms <= run.last_ms for other in right
        )
    ]
