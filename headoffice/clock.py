"""The head office's one clock."""

import time
from datetime import UTC, datetime


def now_ms() -> int:
    """Unix time in whole milliseconds."""
    return time.time_ns() // 1_000_000


def now() -> datetime:
    """The present instant, in UTC, to the millisecond."""
    return instant(now_ms())


def instant(ms: int) -> datetime:
    """Unix milliseconds as an aware datetime in UTC."""
    seconds, rest = divmod(ms, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


def mono() -> float:
    """Seconds by a clock that never goes back; for deadlines."""
    return time.monotonic()
