"""The window goes with a display that takes another size, or is switched on later.

Where nobody manages windows, as on plain X, a full-screen window keeps the size it was opened with.
A compositor resizes it by itself; then nothing is done here.

``tests/gui/test_display_follower.py`` changes the size of a display.
"""

import logging

from kivy.clock import Clock
from kivy.core.window import Window

from kiosk.ui.platform.x11 import DisplayWatch

log = logging.getLogger(__name__)

LOOK_S = 1.0
_GRACE_S = 0.3
"""What a compositor may take to resize the window itself."""


def follow_display() -> None:
    """From now on the window, which fills the display, goes on doing so."""
    watch = DisplayWatch()

    def look(*_args: object) -> None:
        size = watch.changed()
        if size is not None:
            Clock.schedule_once(lambda *_args: _fit(watch, size), _GRACE_S)

    if watch.size() is not None:
        Clock.schedule_interval(look, LOOK_S)


def _fit(watch: DisplayWatch, size: tuple[int, int]) -> None:
    window = getattr(Window.get_window_info(), "window", None)
    if window and tuple(Window.system_size) != size:
        log.warning("The display has %d x %d pixels now; the window follows.", *size)
        watch.fit(window, size)
