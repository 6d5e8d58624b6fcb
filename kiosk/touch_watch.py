"""Notices that nobody touches the kiosk any more: a dead panel looks well from inside."""

import logging
import threading
from collections.abc import Callable

import msgspec

from config.opening_hours import mean_day_ms
from config.settings import Hours
from kiosk.touch_history import HOUR_MS, MINUTE_MS, TouchHistory
from kiosk.troubles import TroubleBoard, trouble
from sync.clock import Clock
from sync.errors import SyncError
from sync.outbox.protocol import StateStore

log = logging.getLogger(__name__)

KEY = "touches"
"""Under which the history is kept in the outbox."""
_SAVE_MS = 15 * MINUTE_MS
"""How much of a pause a crash may cost; each save is a sync of the disk."""
_LONGEST_STEP_MS = 2 * MINUTE_MS
"""More between two looks was a sleep of the machine."""


class TouchWatch:
    """Looks once a minute, in a thread of its own."""

    def __init__(
        self,
        clock: Clock,
        is_open: Callable[[], bool],
        hours: Callable[[], Hours],
        troubles: TroubleBoard,
    ) -> None:
        """``is_open``: whether shoppers can touch it now."""
        self._clock = clock
        self._is_open = is_open
        self._hours = hours
        self._troubles = troubles
        self._history = TouchHistory()
        self._touched = False
        self._saved_ms = self._looked_ms = clock.mono_ms()

    def note_touch(self, *_args: object) -> None:
        """A finger came down; on any thread."""
        self._touched = True

    def begin(self, state: StateStore) -> None:
        """Goes on where the kiosk ended; ``state``: where it is remembered."""
        self.load(state)
        threading.Thread(target=self._work, args=(state,), name="touch-watch", daemon=True).start()

    def load(self, state: StateStore) -> None:
        """Remembers; what can't be read is begun anew."""
        try:
            told = state.state(KEY)
            self._history = msgspec.json.decode(told, type=TouchHistory) if told else TouchHistory()
        except (SyncError, msgspec.DecodeError) as error:
            log.warning("How often this kiosk was touched is not known any more: %s", error)

    def look(self, state: StateStore) -> None:
        """Counts what has passed since the last look, and reports what is unusual."""
        now = self._clock.mono_ms()
        passed, self._looked_ms = min(now - self._looked_ms, _LONGEST_STEP_MS), now
        touched, self._touched = self._touched, False
        day_ms = mean_day_ms(self._hours())
        before = self._history
        if self._is_open():
            self._history = self._history.add_pause(passed)
        if touched:
            day = self._clock.moment().wall_ms // (24 * HOUR_MS)
            self._history = self._history.add_touch(day, day_ms)
        is_unusual = day_ms > 0 and self._history.is_unusual(day_ms)
        told = (trouble("untouched", count=self._history.since_ms // HOUR_MS),)
        self._troubles.report("untouched", *(told if is_unusual else ()))
        if len(before.days) != len(self._history.days) or now - self._saved_ms >= _SAVE_MS:
            self._save(state, now)

    def _save(self, state: StateStore, now: int) -> None:
        self._saved_ms = now
        try:
            state.set_state(KEY, msgspec.json.encode(self._history).decode())
        except SyncError as error:
            log.warning("How often this kiosk is touched can't be kept: %s", error)

    def _work(self, state: StateStore) -> None:
        pause = threading.Event()
        while True:
            pause.wait(MINUTE_MS / 1000)
            self.look(state)
