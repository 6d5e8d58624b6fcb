"""The head office's one clock."""

import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def now_ms() -> int:
    """Unix time in whole milliseconds."""
    return time.time_ns() // 1_000_000


def now() -> datetime:
    """The present instant, in UTC, to the millisecond."""
    return instant(now_ms())


_FIRST_MS = -62_135_424_000_000
_LAST_MS = 253_402_128_000_000
"""The calendar of datetime, less two days at each end: every zone's clock can show what is left."""


def within_calendar(ms: int) -> int:
    """The nearest of the instants that have a date everywhere."""
    return min(max(ms, _FIRST_MS), _LAST_MS)


def instant(ms: int) -> datetime:
    """Unix milliseconds as an aware datetime in UTC; what no calendar reaches is at its end."""
    seconds, rest = divmod(within_calendar(ms), 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name; UTC if this machine knows none of that name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return ZoneInfo("UTC")


def mono() -> float:
    """Seconds by a clock that never goes back; for deadlines."""
    return time.monotonic()


def boot() -> str:
    """Which run of the machine this is; of all its processes the same."""
    return _boot


def boot_ms() -> int:
    """Milliseconds since the machine was started, asleep or awake; never goes back."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def _read_boot() -> str:
    try:
        return str(uuid.UUID(_BOOT_ID.read_text().strip()))
    except (OSError, ValueError):
        # Where the kernel does not tell: nothing is known of other processes.
        return str(uuid.uuid4())


_boot = _read_boot()
