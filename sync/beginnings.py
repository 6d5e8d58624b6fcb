"""How often a kiosk may begin a new installation: enough for every mishap, not for a mad receipt.

A restored or copied card begins one, once. A head office that claims in every receipt to have more
than the card has would make a kiosk number what waits anew without end.
"""

from sync.clock import Clock

AT_ONCE = 3
"""So many in a day need no pause."""
_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000


class Beginnings:
    """Paces new installations: pauses that double, to an hour; so at most some thirty a day."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun_ms: list[int] = []
        """When, within the last day, by the monotonic clock."""

    def pause_s(self) -> float:
        """Seconds until another may begin; 0: now."""
        now_ms = self._clock.mono_ms()
        self._begun_ms = [ms for ms in self._begun_ms if now_ms - ms < _DAY_MS]
        beyond = len(self._begun_ms) - AT_ONCE
        if beyond < 0:
            return 0.0
        pause_ms = min(_FIRST_PAUSE_MS << min(beyond, 10), _LONGEST_PAUSE_MS)
        return max(self._begun_ms[-1] + pause_ms - now_ms, 0) / 1000

    def note(self) -> None:
        """Another has begun."""
        self._begun_ms.append(self._clock.mono_ms())
