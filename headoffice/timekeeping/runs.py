"""Writes down while which the clock was trusted, and how much time is known to have passed.

One process of an installation does it, every minute. What stands there is what the clock is
compared with after the next start, and what erasure counts by.
"""

from statistics import median_high

from headoffice.db.queries import fetch_all
from headoffice.db.write_lock import exclusive_write
from headoffice.fleet.models import Kiosk
from headoffice.timekeeping.judgement import TOLERANCE_MS, Reading, Trust, passed_ms
from headoffice.timekeeping.models import ClockRun

_NEWEST = "SELECT max(received_ms) FROM ingest_storedmessage"


def last_run() -> ClockRun | None:
    """The latest while in which a clock was trusted; None before the first one."""
    return ClockRun.objects.order_by("-pk").first()


def last_written(now: Reading) -> Reading | None:
    """When something was written last by a clock that was trusted; None if nothing ever was.

    Before the first run, in a database of an earlier version, heartbeats tell. A few that lie ahead
    were left behind by a clock that was wrong then; if most do, this one is behind.
    """
    run = last_run()
    if run is not None:
        return reading_of(run)
    beats = Kiosk.objects.filter(demonstration=False, heartbeat_at__isnull=False)
    told = beats.values_list("heartbeat_at", flat=True)
    heard = [int(at.timestamp() * 1000) for at in told if at is not None]
    behind = [ms for ms in heard if ms <= now.wall_ms + TOLERANCE_MS]
    last_ms: int | None
    if heard:
        last_ms = median_high(heard) if 2 * len(behind) < len(heard) else max(behind)
    else:
        last_ms = fetch_all(_NEWEST)[0][0]
    return None if last_ms is None else Reading(last_ms, "", 0)


def reading_of(run: ClockRun) -> Reading:
    """The clocks when it was looked at last."""
    return Reading(run.last_ms, str(run.boot), run.mono_ms)


def go_on(now: Reading, trust: Trust) -> None:
    """Write down that the clock is trusted now."""
    with exclusive_write():
        run = ClockRun.objects.select_for_update().order_by("-pk").first()
        if run is None:
            _begin(now, 0)
            return
        last = reading_of(run)
        if now.boot == last.boot and now.mono_ms < last.mono_ms:
            _begin(now, run.lived_ms)
            return
        lived_ms = run.lived_ms + passed_ms(now, last, tells_how_long=trust.tells_how_long)
        if now.boot == last.boot and abs(now.zero_ms - run.zero_ms) <= TOLERANCE_MS:
            run.last_ms, run.mono_ms, run.lived_ms = now.wall_ms, now.mono_ms, lived_ms
            run.save(update_fields=["last_ms", "mono_ms", "lived_ms"])
        else:
            _begin(now, lived_ms)


def _begin(now: Reading, lived_ms: int) -> None:
    ClockRun.objects.create(
        boot=now.boot,
        zero_ms=now.zero_ms,
        first_ms=now.wall_ms,
        last_ms=now.wall_ms,
        mono_ms=now.mono_ms,
        lived_ms=lived_ms,
    )
