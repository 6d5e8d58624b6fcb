"""The one place that reads clocks."""

import time
import uuid
from pathlib import Path
from typing import Protocol

from sync.messages import Moment

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """What everything that needs the time is given."""

    def moment(self) -> Moment:
        """Now, by the wall clock and by the monotonic clock of this boot."""
        ...

    def mono_ms(self) -> int:
        """Milliseconds by the monotonic clock of this boot; never goes back."""
        ...


class SystemClock(Clock):
    """The machine's clocks.

    The monotonic one is CLOCK_BOOTTIME where there is one: it goes on while the machine is
    suspended, and every process of one boot sees the same value.
    """

    def __init__(self) -> None:
        try:
            self._boot = str(uuid.UUID(_BOOT_ID.read_text().strip()))
        except (OSError, ValueError):
            # Not Linux: then each process is a boot of its own.
            self._boot = str(uuid.uuid4())
        self._clock_id = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

    def moment(self) -> Moment:
        return Moment(wall_ms=time.time_ns() // 1_000_000, boot=self._boot, mono_ms=self.mono_ms())

    def mono_ms(self) -> int:
        return time.clock_gettime_ns(self._clock_id) // 1_000_000


def mono_ns() -> int:
    """Nanoseconds of CLOCK_MONOTONIC, which other processes of this machine can compare with."""
    return time.monotonic_ns()
