"""How long a kiosk has lived, by no clock that anybody can set.

Retention counts days. A date would do only if every clock were right at every instant: one hour
of another year, at either end, and everything were old at once. So the kiosk counts the time that
it lived through: differences of the monotonic clock within one boot. What is not seen, is not
counted: the time between two boots, and what is left of a boot after its last reading. So the count
lags behind the calendar and is never ahead of it.
"""

from dataclasses import dataclass, replace

from sync.messages import Moment

MOST_AT_ONCE_MS = 86_400_000
"""No reading counts more than a day: they come every few minutes, and a monotonic clock that leaps
by a year is broken or made up."""


@dataclass(frozen=True)
class LivedTime:
    """A count of milliseconds, and the reading up to which it counts."""

    boot: str = ""
    mono_ms: int = 0
    """The highest reading of that boot: what was counted once is not counted again."""
    ms: int = 0

    def until(self, now: Moment) -> "LivedTime":
        """The count after another reading; the first one of a boot adds nothing."""
        if now.boot != self.boot:
            return replace(self, boot=now.boot, mono_ms=now.mono_ms)
        passed = now.mono_ms - self.mono_ms
        if passed <= 0:
            return self
        return replace(self, mono_ms=now.mono_ms, ms=self.ms + min(passed, MOST_AT_ONCE_MS))
