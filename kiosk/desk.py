"""The desk: gives events to the staff mode, does what it decides, and says what lies in front.

What shoppers see goes on below. Staff pages, a closed shop and a pause lie over it, so a session
under way ends by its own rules and nothing of it is lost.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from msgspec import structs

from config.settings import Settings
from kiosk import staff
from kiosk.hours import opening
from kiosk.i18n import translator
from kiosk.overlay import Overlay, applied
from kiosk.staff_facts import Fact
from kiosk.staff_orders import Quit, Restart, Work
from kiosk.staff_pages import staff_view
from kiosk.staff_steps import step
from kiosk.staff_views import ClosedView, PausedView, StaffView
from sync.clock import Clock
from sync.messages import Body

log = logging.getLogger(__name__)

LOOK_AT_CLOCK_MS = 30_000
"""The wall clock may be set at any time; how late that is noticed."""

Cover = StaffView | ClosedView | PausedView | None
"""What lies over the shopper's screens; None: nothing does."""
Condition = Literal["open", "closed", "paused", "test"]


class CoverStage(Protocol):
    """Where the desk's work is seen: a layer of the window, or a test's notebook."""

    def cover(self, view: Cover) -> None:
        """Lays this over the shopper's screens from the next frame on."""
        ...

    def mark_test(self, text: str) -> None:
        """Writes this over the shopper's screen; nothing if empty."""
        ...

    def wake_in(self, delay_ms: int | None) -> None:
        """Calls :meth:`Desk.tick` after this time, instead of any earlier request."""
        ...


@dataclass(frozen=True)
class Doors:
    """What the desk can do to the rest of the kiosk."""

    work: Callable[[Work], None]
    """Has it done in the background."""
    in_force: Callable[[Settings], None]
    """Other settings hold from now on."""
    restart: Callable[[], None]
    quit: Callable[[], None]
    is_idle: Callable[[], bool]
    """Whether no shopper is in the middle of something."""
    clock_offset_ms: Callable[[], int]
    """How far the wall clock is behind the head office's, as far as is known."""


class Desk:
    """Lives on the UI thread: every method returns at once and none may block."""

    def __init__(self, settings: Settings, overlay: Overlay, clock: Clock, doors: Doors) -> None:
        """``settings``: those of the file, without the overlay."""
        self._file = settings
        self._clock = clock
        self._doors = doors
        self._state = staff.State(overlay=overlay)
        self._settings = applied(settings, overlay)
        self._language = self._settings.language or "en"
        self._stage: CoverStage | None = None
        self._seen: tuple[Cover, str] | None = None
        self._response: tuple[str, bool] = ("", False)

    @property
    def condition(self) -> Condition:
        """How the kiosk is, for the head office."""
        if self._state.test_until_ms is not None:
            return "test"
        if self._state.overlay.paused:
            return "paused"
        return "open" if self._is_open() else "closed"

    @property
    def settings(self) -> Settings:
        """What holds now."""
        return self._settings

    @property
    def language(self) -> str:
        """What the staff pages speak."""
        return self._language

    def start(self, stage: CoverStage) -> None:
        """Covers what has to be covered."""
        self._stage = stage
        self._show()

    def speak(self, language: str) -> None:
        """The language of the staff pages."""
        self._language = language

    def held(self) -> None:
        """A finger rested in the hidden corner."""
        self._happened(staff.Held(self._clock.mono_ms()))

    def pressed(self, control: str) -> None:
        """A control of the page was pressed and let go."""
        self._happened(staff.Pressed(self._clock.mono_ms(), control))

    def told(self, fact: Fact) -> None:
        """Something was found out in the background."""
        self._happened(staff.Told(self._clock.mono_ms(), fact))

    def tick(self) -> None:
        """The time asked for with ``wake_in`` has come."""
        self._happened(staff.Tick(self._clock.mono_ms()))

    def marked(self, bodies: tuple[Body, ...]) -> tuple[Body, ...]:
        """The bodies as they are to be stored: a response that begins in test mode is a test."""
        marked = []
        for body in bodies:
            if body.response != self._response[0]:
                self._response = (body.response, self._state.test_until_ms is not None)
            marked.append(structs.replace(body, test=True) if self._response[1] else body)
        return tuple(marked)

    def _happened(self, event: staff.Event) -> None:
        done = step(self._state, event, self._rules())
        before, self._state = self._state, done.state
        if before.overlay != self._state.overlay:
            self._settings = applied(self._file, self._state.overlay)
            self._doors.in_force(self._settings)
        for effect in done.effects:
            match effect:
                case Restart():
                    self._doors.restart()
                case Quit():
                    self._doors.quit()
                case work:
                    self._doors.work(work)
        self._show()

    def _rules(self) -> staff.Rules:
        settings = self._settings
        return staff.Rules(
            hours=settings.hours,
            sound=settings.sound,
            language=self._language,
            idle_ms=round(settings.staff.idle * 1000),
            test_ms=round(settings.staff.test * 1000),
        )

    def _is_open(self) -> bool:
        now = self._clock.moment().wall_ms + self._doors.clock_offset_ms()
        return opening(self._settings.hours, now).is_open

    def _cover(self) -> Cover:
        if not isinstance(self._state.page, staff.Away):
            return staff_view(self._state, self._clock.mono_ms(), self._rules())
        if self._state.test_until_ms is not None or not self._doors.is_idle():
            return None
        if not self._is_open():
            return ClosedView()
        if self._state.overlay.paused:
            _ = translator(self._language)
            return PausedView(_("Back soon"), _("We are taking a short break."))
        return None

    def _show(self) -> None:
        if self._stage is None:
            raise RuntimeError("the desk has no stage to show anything on")
        cover, test = self._cover(), ""
        if cover is None and self._state.test_until_ms is not None:
            _ = translator(self._language)
            test = _("Test: taps are not counted")
        if (cover, test) != self._seen:
            self._seen = (cover, test)
            self._stage.cover(cover)
            self._stage.mark_test(test)
        self._stage.wake_in(self._delay())

    def _delay(self) -> int:
        now = self._clock.mono_ms()
        due = staff.deadline(self._state, self._rules())
        delays = [LOOK_AT_CLOCK_MS] if due is None else [LOOK_AT_CLOCK_MS, max(0, due - now)]
        if isinstance(self._state.page, staff.EnterPin) and self._state.page.locked_until_ms:
            delays.append(1000)  # the seconds that are left are on the page
        wall = self._clock.moment().wall_ms + self._doors.clock_offset_ms()
        change = opening(self._settings.hours, wall).until_ms
        if change is not None:
            delays.append(max(20, change - wall))
        if not self._doors.is_idle():
            delays.append(1000)
        return min(delays)
