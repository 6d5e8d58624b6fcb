"""Gives events to the staff mode, does what it decides, and says what lies in front.

What shoppers see goes on below. Staff pages, a closed shop and a pause lie over it, so a session
under way ends by its own rules and nothing of it is lost.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from config.opening_hours import local, opening
from kiosk.i18n import translator
from kiosk.overrides import ActiveConfig, OverridesChange, OverridesStore, is_paused
from kiosk.staff import machine
from kiosk.staff.controls import Control
from kiosk.staff.pages.enter_pin import EnterPin
from kiosk.staff.results import PinSaved, Result
from kiosk.staff.state import StaffState
from kiosk.staff.tasks import (
    BeginPause,
    ChangeOverrides,
    Quit,
    Restart,
    SaveOverrides,
    Task,
)
from kiosk.staff.views import ClosedView, PausedView, StaffView
from sync.clock import Clock

log = logging.getLogger(__name__)

CLOCK_INTERVAL_MS = 30_000
"""The wall clock may be set at any time; how late that is noticed."""

Cover = StaffView | ClosedView | PausedView | None
"""What lies over the shopper's screens; None: nothing does."""
Condition = Literal["open", "closed", "paused", "test"]


class CoverStage(Protocol):
    """Where the controller's work is seen: a layer of the window, or a test's notebook."""

    def cover(self, view: Cover) -> None:
        """Lays this over the shopper's screens from the next frame on."""
        ...

    def mark_corner(self, text: str) -> None:
        """Writes this where staff hold a finger; nothing if empty."""
        ...

    def mark_test(self, text: str) -> None:
        """Writes this over the shopper's screen; nothing if empty."""
        ...

    def wake_in(self, delay_ms: int | None) -> None:
        """Calls :meth:`StaffController.tick` after this time, instead of any earlier request."""
        ...


@dataclass(frozen=True)
class StaffPorts:
    """What the staff mode can do to the rest of the kiosk."""

    run: Callable[[Task], None]
    """Has it done in the background."""
    set_test_mode: Callable[[bool], None]
    """Whether responses that begin from now on are tests."""
    restart: Callable[[], None]
    quit: Callable[[], None]
    is_idle: Callable[[], bool]
    """Whether no shopper is in the middle of something."""
    clock_offset_ms: Callable[[], int]
    """How far the wall clock is behind the head office's, as far as is known."""
    is_new: bool = False
    """The kiosk starts for the first time, and nobody has set it up."""


class StaffController:
    """Lives on the UI thread: every method returns at once and none may block."""

    def __init__(self, store: OverridesStore, clock: Clock, ports: StaffPorts) -> None:
        self._store = store
        self._clock = clock
        self._ports = ports
        self._state = StaffState(is_setting_up=ports.is_new)
        self._shows_corner = ports.is_new
        self._stage: CoverStage | None = None
        self._seen: tuple[Cover, str, str] | None = None

    @property
    def condition(self) -> Condition:
        """How the kiosk is, for the head office; from any thread."""
        if self.is_testing:
            return "test"
        if is_paused(self._store.config.overrides, self._wall_ms()):
            return "paused"
        return "open" if self._is_open() else "closed"

    @property
    def is_used(self) -> bool:
        """Whether staff are on a page, or test the kiosk."""
        return self._state.page is not None or self.is_testing

    @property
    def is_testing(self) -> bool:
        """Whether taps are tests."""
        return self._state.is_testing

    def start(self, stage: CoverStage) -> None:
        """Covers what has to be covered."""
        self._stage = stage
        self.refresh()

    def refresh(self) -> None:
        """Shows what has changed outside of the staff pages."""
        if self._stage is None:
            raise RuntimeError("the staff controller has no stage to show anything on")
        self._end_pause()
        cover, test = self._cover(), ""
        if cover is None and self.is_testing:
            _ = translator(self._store.config.language)
            test = _("Test: answers are not counted")
        corner = self._corner_words() if cover is None and not test else ""
        if (cover, test, corner) != self._seen:
            self._seen = (cover, test, corner)
            self._stage.cover(cover)
            self._stage.mark_test(test)
            self._stage.mark_corner(corner)
        self._stage.wake_in(self._delay())

    def corner_held(self) -> None:
        """A finger rested in the hidden corner."""
        self._handle(machine.CornerHeld(self._clock.mono_ms()))

    def press(self, control: Control) -> None:
        """A control of the page was pressed and let go."""
        self._handle(machine.ControlPressed(self._clock.mono_ms(), control))

    def receive(self, result: Result) -> None:
        """Something was found out in the background."""
        if result == PinSaved():
            self._shows_corner = False
        self._handle(machine.ResultReceived(self._clock.mono_ms(), result))

    def tick(self) -> None:
        """The time asked for with ``wake_in`` has come."""
        self._handle(machine.StaffTick(self._clock.mono_ms()))

    def _handle(self, event: machine.Event) -> None:
        step = machine.step(self._state, event, self._store.config)
        was_testing, self._state = self.is_testing, step.state
        if was_testing != self.is_testing:
            self._ports.set_test_mode(self.is_testing)
        for effect in step.effects:
            match effect:
                case Restart():
                    self._ports.restart()
                case Quit():
                    self._ports.quit()
                case ChangeOverrides(change=change):
                    self._store.change(change)
                case BeginPause(minutes=minutes):
                    self._begin_pause(minutes)
                case task:
                    self._ports.run(task)
        self.refresh()

    def _begin_pause(self, minutes: int | None) -> None:
        now = self._wall_ms()
        if minutes is None:
            today = local(self._store.config.settings.hours, now)
            midnight = (today + timedelta(days=1)).replace(hour=0, minute=0, second=0)
            ends_ms = int(midnight.timestamp()) * 1000
        else:
            ends_ms = now + minutes * 60_000
        self._store.change(OverridesChange.of(paused=True, pause_ends_ms=ends_ms))
        self._ports.run(SaveOverrides())

    def _end_pause(self) -> None:
        """Takes a pause that is over out of what staff changed."""
        overrides = self._store.config.overrides
        if overrides.paused and not is_paused(overrides, self._wall_ms()):
            self._store.change(OverridesChange.of(paused=False, pause_ends_ms=None))
            self._ports.run(SaveOverrides())

    def _wall_ms(self) -> int:
        """The time, by the head office's clock as far as that is known."""
        return self._clock.moment().wall_ms + self._ports.clock_offset_ms()

    def _corner_words(self) -> str:
        """What leads whoever unpacks a kiosk to its pages; nothing later."""
        if not self._shows_corner:
            return ""
        _ = translator(self._store.config.language)
        return _("To set up: hold a finger here")

    def _is_open(self) -> bool:
        return opening(self._store.config.settings.hours, self._wall_ms()).is_open

    def _cover(self) -> Cover:
        config = self._store.config
        if self._state.page is not None:
            return machine.staff_view(self._state, config, self._clock.mono_ms())
        if self.is_testing or not self._ports.is_idle():
            return None
        if not self._is_open():
            return ClosedView()
        if config.overrides.paused:
            _ = translator(config.language)
            return PausedView(_("Back soon"), _("Feedback is paused for a moment."))
        return None

    def _delay(self) -> int:
        now = self._clock.mono_ms()
        config = self._store.config
        due = machine.deadline(self._state, config)
        delays = [CLOCK_INTERVAL_MS] if due is None else [CLOCK_INTERVAL_MS, max(0, due - now)]
        if isinstance(self._state.page, EnterPin) and self._state.page.locked_until_ms:
            delays.append(1000)  # the seconds that are left are on the page
        wall = self._wall_ms()
        changes = (opening(config.settings.hours, wall).until_ms, _pause_end(config))
        delays += [max(20, change - wall) for change in changes if change is not None]
        if not self._ports.is_idle():
            delays.append(1000)
        return min(delays)


def _pause_end(config: ActiveConfig) -> int | None:
    return config.overrides.pause_ends_ms if config.overrides.paused else None
