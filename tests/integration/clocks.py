"""The clocks of a head office's machine, to be set by a test."""

import uuid

import pytest

from headoffice import clock
from headoffice.timekeeping.guard import GUARD, ClockGuard, read_clock
from headoffice.timekeeping.judgement import Reading

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
YEAR = 365 * DAY


class MachineClock:
    """A machine that serves; its true time passes by :meth:`wait`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, watched: bool = True) -> None:
        self.true_ms = clock.now_ms()
        self.off_ms = 0
        """How wrong its wall clock is."""
        self._mono_ms, self._boot = HOUR, str(uuid.uuid4())
        monkeypatch.setattr(clock, "now_ms", lambda: self.true_ms + self.off_ms)
        monkeypatch.setattr(clock, "boot_ms", lambda: self._mono_ms)
        monkeypatch.setattr(clock, "boot", lambda: self._boot)
        if watched:
            self.start_serve()

    def watch(self) -> None:
        """Doubt it from now on."""
        self.start_serve()

    @property
    def wall_ms(self) -> int:
        return self.true_ms + self.off_ms

    def wait(self, ms: int) -> None:
        """Time passes, by both clocks."""
        self.true_ms += ms
        self._mono_ms += ms

    def serve(self, ms: int) -> None:
        """The same while it serves: the periodic job looks every ten minutes."""
        for _ in range(ms // (10 * MINUTE)):
            self.wait(10 * MINUTE)
            GUARD.keep_time()
        self.wait(ms % (10 * MINUTE))
        GUARD.keep_time()

    def start_serve(self) -> None:
        """Another process serves from now on."""
        GUARD.__init__()  # type: ignore[misc] # as in a process that has just begun
        GUARD.watch()

    def start_machine(self, *, rest_ms: int = 0) -> None:
        """It was switched off for a while, and starts again."""
        self.true_ms += rest_ms
        self._mono_ms, self._boot = 20 * SECOND, str(uuid.uuid4())
        self.start_serve()

    def reading(self) -> Reading:
        return read_clock()


def stop_watching() -> None:
    """Leave nothing of it to the next test."""
    GUARD.__init__()  # type: ignore[misc]


__all__ = ["DAY", "HOUR", "MINUTE", "SECOND", "YEAR", "ClockGuard", "MachineClock", "stop_watching"]
