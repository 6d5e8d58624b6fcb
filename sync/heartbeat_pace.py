"""When a kiosk has something to say about itself: pure, told what was said and heard.

A head office says with each heartbeat's receipt within how many seconds it wants to hear from the
kiosk again: whatever a request is about, it is a sign of life. So a heartbeat is due

1. at once when something about the kiosk has changed, or the head office asks for it;
2. when nothing was heard for the pace, less up to a seventh, so that kiosks don't come in step;
3. every quarter of an hour beside answers, as free disk and clock are told by heartbeats alone;
4. soon after one that failed.

A head office that names no pace, and a kiosk that is set to less than a minute, have heartbeats at
even times.
"""

from collections.abc import Callable, Hashable
from typing import Literal

Due = Literal["nothing", "heartbeat", "sign of life"]
USUAL_S = 60.0
"""Between two heartbeats for a head office that names no pace."""
_WHOLE_S = 900.0
_LEAST_S = 3.0
"""Between two heartbeats, however often something changes."""
_AGAIN_S = 20.0
"""After a failure; twice as long after the next, at most ``USUAL_S``."""


class HeartbeatPace:
    """Of one kiosk; times are milliseconds by its monotonic clock."""

    def __init__(self, every_s: float, random: Callable[[], float]) -> None:
        """``every_s``: as set on the kiosk; below ``USUAL_S`` it holds whatever anybody asks."""
        self._every_s, self._random = every_s, random
        self._asked_s: int | None = None
        self._tried_ms: int | None = None
        self._failures = 0
        self._said: Hashable = None
        self._share = 1.0

    @property
    def is_asked_for(self) -> bool:
        """Whether it goes by what the head office asks for."""
        return self._asked_s is not None and self._every_s >= USUAL_S

    def due(self, now_ms: int, heard_ms: int, about: Hashable, *, called: bool = False) -> Due:
        """What is due now.

        ``heard_ms``: when the last receipt came, of whatever; ``about``: how the kiosk is, as far
        as a change is to be told at once; ``called``: whether the head office asks for it.
        """
        if self._tried_ms is None:
            return "heartbeat"
        since_s = (now_ms - self._tried_ms) / 1000
        asked_s = self._asked_s if self.is_asked_for else None
        if self._failures:
            again_s = _AGAIN_S * 2 ** min(self._failures - 1, 8)
            return _when(since_s >= self._share * min(again_s, self._every_s, USUAL_S))
        if since_s >= _LEAST_S and (called or about != self._said):
            return "heartbeat"
        if asked_s is None:
            return _when(since_s >= self._share * self._every_s)
        if since_s >= self._share * max(_WHOLE_S, asked_s):
            return "heartbeat"
        quiet = now_ms - heard_ms >= 1000 * self._share * asked_s
        return "sign of life" if quiet else "nothing"

    def arrived(self, now_ms: int, about: Hashable, asked_s: int | None) -> None:
        """A heartbeat said this, and its receipt named this pace."""
        self._tried_ms, self._failures = now_ms, 0
        self._said, self._asked_s = about, asked_s
        self._share = 1 - self._random() / 7

    def failed(self, now_ms: int) -> None:
        """A heartbeat did not arrive."""
        self._tried_ms, self._failures = now_ms, self._failures + 1
        self._share = 1 - self._random() / 2


def _when(is_due: bool) -> Due:
    return "heartbeat" if is_due else "nothing"
