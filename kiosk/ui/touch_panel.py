"""The panel that the settings name, or the window's own touch for as long as it is not there.

A panel that is missing, may not be read or is unplugged must not leave a deaf kiosk: the window's
touch takes over, which whatever drives the display feeds, and the panel is looked for again. At
any time exactly one of the two is heard, as one finger would arrive twice.

Of Kivy it takes that providers are looked up in ``MotionEventFactory`` and made of a name and
their arguments, that ``start`` may be called while the loop runs, those that read a device do
so in a ``thread`` that ends when it is gone, and ``EventLoop.touches`` are the fingers that are
down. SDL's own provider keeps its fingers in ``q``. ``tests/gui/test_touch_panel.py`` plugs a
panel in and out.
"""

import fcntl
import logging
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.input.factory import MotionEventFactory

from config.rules import TOUCH_DEVICE_PROVIDERS

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""How often a panel is looked for, and looked at."""
AGAIN_S = 60.0
"""How long a panel that ended by itself, and is still there, is left alone."""
_NAME_OF_INPUT_DEVICE = 0x81004506  # EVIOCGNAME(256)

Identity = tuple[int, ...]


def device_identity(path: str) -> Identity:
    """Which device a path means now; OSError with the reason if it can't be read."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(handle)
        if not stat.S_ISCHR(found.st_mode):
            raise OSError(0, "it is no input device")
        fcntl.ioctl(handle, _NAME_OF_INPUT_DEVICE, bytes(256))
        return found.st_dev, found.st_ino, found.st_rdev
    finally:
        os.close(handle)


class TouchPanel:
    """Swaps the window's touch for the panel's and back; on the UI thread."""

    def __init__(
        self,
        setting: str,
        report: Callable[[str], None],
        identify: Callable[[str], Identity] = device_identity,
    ) -> None:
        """``report`` is told why the panel is not heard; or an empty text, when it is."""
        self._setting = setting
        self._provider_id, _comma, self._arguments = setting.partition(",")
        self._report = report
        self._identify = identify
        self._panel: Any = None
        self._identity: Identity = ()
        self._put_aside: list[Any] = []
        """The window's own providers, while the panel is heard."""
        self._left_alone: tuple[Identity, float] = ((), 0.0)

    def begin(self) -> None:
        """Looks for the panel with the first frame, and from time to time.

        Before that Kivy has not begun the window's own providers, and would begin this one again.
        """
        if self._setting:
            Clock.schedule_once(lambda *_args: self.look(), 0)
            Clock.schedule_interval(lambda *_args: self.look(), LOOK_S)

    def look(self) -> None:
        """Takes the panel if it is there, and the window's touch if it is not."""
        try:
            identity = self._find()
            if self._panel is None:
                self._take(identity)
            else:
                self._insist(identity)
                self._forget_unheard()
        except OSError as error:
            self._lose()
            self._report(f"{self._setting} ({error.strerror or error})")

    def _find(self) -> Identity:
        if self._provider_id not in TOUCH_DEVICE_PROVIDERS:
            return ()
        return self._identify(self._arguments.partition(",")[0])

    def _insist(self, identity: Identity) -> None:
        """OSError if the panel that is heard is not this one, or ended."""
        if identity != self._identity:
            raise OSError(0, "another device is in its place")
        thread = getattr(self._panel, "thread", None)
        if thread is not None and not thread.is_alive():
            self._left_alone = identity, Clock.get_boottime() + AGAIN_S
            raise OSError(0, "it can't be read any more")

    def _take(self, identity: Identity) -> None:
        bad, until = self._left_alone
        if identity == bad and Clock.get_boottime() < until:
            return
        provider = MotionEventFactory.get(self._provider_id)
        if provider is None:
            raise OSError(0, f"this machine has no {self._provider_id}")
        panel = provider("panel", self._arguments)
        try:
            panel.start()
        except Exception as error:
            raise OSError(0, str(error)) from error
        self._put_aside = [p for p in EventLoop.input_providers if p is not panel]
        for each in self._put_aside:
            self._remove(each)
        EventLoop.add_input_provider(panel, True)
        self._panel, self._identity = panel, identity
        log.info("The touch panel is heard: %s.", self._setting)
        self._report("")

    def _lose(self) -> None:
        if self._panel is None:
            return
        panel, self._panel = self._panel, None
        self._remove(panel)
        _lift_fingers()
        self._forget_unheard()
        for each in self._put_aside:
            each.start()
            EventLoop.add_input_provider(each, True)
        self._put_aside = []

    def _forget_unheard(self) -> None:
        """SDL's fingers queue up while nobody asks for them."""
        for each in self._put_aside:
            if (queue := getattr(each, "q", None)) is not None:
                queue.clear()

    @staticmethod
    def _remove(provider: Any) -> None:
        with suppress(Exception):  # a panel that is gone may fail at anything
            provider.stop()
        EventLoop.remove_input_provider(provider)


def _lift_fingers() -> None:
    """Those that were down won't come up any more; beside everything, so that they mean nothing."""
    for touch in EventLoop.touches[:]:
        touch.sx = touch.sy = -1.0
        EventLoop.post_dispatch_input("update", touch)
        EventLoop.post_dispatch_input("end", touch)
