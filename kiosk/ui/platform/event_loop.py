"""When a frame is begun: in its turn, or at once when a finger, a key or a thread has come.

Left alone, Kivy looks at the window's events first, then sleeps until the next frame, and shows
what came of them only after that: a finger waits for up to two frames. Here the sleep is SDL's own
wait, which ends with the next event, and the events are taken in after it. Nothing has to be done
in most frames of a kiosk that nobody touches: then the sleep lasts until the clock has something
to do, and not until the next frame.

What to check at an upgrade of Kivy or SDL: ``Clock.idle`` and ``Clock.tick_draw`` have to be looked
up at each frame, and ``idle`` has to do no more than wait, set ``_dt`` and ``_last_tick``, and
return the time; ``_max_fps``, ``_process_events`` and ``get_min_timeout`` (when the next event of
the clock is due, or 0 for the next frame) have to mean what they do, and the providers of input
that hear of the window's own events have to bear those names. The library is that
of SDL 2 with its names, the one that Kivy's window has loaded, and an event fits 64 bytes.
``bench/tap.py`` and ``bench/start.py`` measure what it is for; ``tests/gui/test_kiosk_process.py``
clicks on it.
"""

import ctypes
import gc
import math
from typing import Any

from kivy.base import EventLoop as Kivy
from kivy.clock import Clock
from kivy.core.window import Window, _window_sdl2

SHORTEST_S = 0.008
"""Between two frames, however many events there are: a mouse may send a thousand a second."""
EXPECTED_S = 0.02
"""A frame waits at most this long for a commit; most are there by then, and it shows the thanks."""
RESTS_S = 0.5
"""The longest that nothing is looked at, for what might have come in silence."""
STARTED_S = 3.0
"""When all that stays has been built."""

# The library that Kivy itself has loaded, wherever it came from.
_sdl = ctypes.CDLL(_window_sdl2.__file__)
_EVENT_BYTES = 64
_OF_WINDOW = {"MouseMotionEventProvider", "SDL2MotionEventProvider"}
"""Input that comes as events of the window; any other may come between two frames, unheard."""


class EventLoop:
    """Takes the place of the sleep between Kivy's frames."""

    def __init__(self) -> None:
        self._call = ctypes.create_string_buffer(_EVENT_BYTES)
        ctypes.c_uint32.from_buffer(self._call).value = _sdl.SDL_RegisterEvents(1)
        self._called = False
        self._expected = False
        self._tick_draw = Clock.tick_draw

    def begin(self) -> None:
        """From now on frames are begun as described."""
        Clock.idle, Clock.tick_draw = self._wait, self._wait_before_drawing
        # Looking through all that stays for garbage, again and again, would take 50 ms each time.
        Clock.schedule_once(lambda *_args: gc.freeze(), STARTED_S)

    def wake(self) -> None:
        """Begins the next frame now; any thread may call it."""
        self._called = True
        _sdl.SDL_PushEvent(self._call)

    def expect(self) -> None:
        """Another thread will :meth:`wake` the loop soon, with what this frame had better show."""
        self._called, self._expected = False, True

    def _wait(self) -> float:
        # The same as ClockBaseBehavior.idle() but for how it waits, and the events.
        clock: Any = Clock
        begun = clock._last_tick  # noqa: SLF001
        due = begun + 1 / clock._max_fps  # noqa: SLF001
        if self._may_rest():
            due = max(due, min(clock.get_min_timeout(), begun + RESTS_S))
        self._until(due, wakeable=True)
        self._until(begun + SHORTEST_S, wakeable=False)
        Window.mainloop()
        now: float = clock.time()
        clock._dt, clock._last_tick = now - begun, now  # noqa: SLF001
        return now

    @staticmethod
    def _may_rest() -> bool:
        """Whether whatever happens wakes it: a frame, a thread, an event of the window."""
        providers = {type(provider).__name__ for provider in Kivy.input_providers}
        return providers <= _OF_WINDOW and not Window.canvas.needs_redraw

    def _wait_before_drawing(self) -> None:
        clock: Any = Clock
        if self._expected:
            self._expected = False
            due = clock.time() + EXPECTED_S
            while not self._called and self._until(due, wakeable=True):
                Window.mainloop()
            clock._process_events()  # noqa: SLF001 - what the thread has scheduled
        self._tick_draw()

    @staticmethod
    def _until(due: float, *, wakeable: bool) -> bool:
        """Waits; whether an event ended it before it was due."""
        while (left_ms := math.ceil((due - Clock.time()) * 1000)) > 0:
            if not wakeable:
                _sdl.SDL_Delay(left_ms)
            elif _sdl.SDL_WaitEventTimeout(None, left_ms):
                return True
        return False
