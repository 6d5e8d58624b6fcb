"""When a frame is really on the display.

What to check at an upgrade of Kivy or SDL: the window's ``flip`` is replaced, because Kivy
dispatches ``on_flip`` before the frame is on the display. It has to be what swaps the buffers
still, called once for each frame that is drawn and looked up at each call; ``bench/tap.py`` and the
kiosk's trace would tell too early or nothing at all.
"""

from collections.abc import Callable

from kivy.core.window import Window


class Frames:
    """Does what waits for the next frame as soon as that has been shown."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def watch(self) -> None:
        """From the next frame on."""
        flip = Window.flip

        def flip_and_tell() -> None:
            flip()
            due, self._waiting = self._waiting, []
            for work in due:
                work()

        Window.flip = flip_and_tell

    def after_next(self, work: Callable[[], None]) -> None:
        """Does this when the next frame is seen."""
        self._waiting.append(work)
