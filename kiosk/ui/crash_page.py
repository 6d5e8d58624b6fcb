"""What shoppers see when the program has failed: a calm page, then the kiosk again."""

import logging
import sys
from collections.abc import Callable
from typing import Any

from kivy.base import ExceptionHandler, ExceptionManager
from kivy.clock import Clock
from kivy.core.window import Window

from kiosk.staff.views import PausedView
from kiosk.ui.screens.staff_page import QuietPage

log = logging.getLogger(__name__)

_EVENTS = ("on_touch_down", "on_touch_move", "on_touch_up", "on_key_down", "on_textinput")


class CrashHandler(ExceptionHandler):
    """Logs an error of the window's thread, covers everything, and starts anew after a while."""

    def __init__(
        self, words: Callable[[], PausedView], wait_s: float, start_anew: Callable[[], None]
    ) -> None:
        self._words = words
        self._wait_s = wait_s
        self._start_anew = start_anew
        self._happened = False

    def handle_exception(self, error: BaseException) -> Any:
        """Kivy asks what to do with an error; another one on the calm page ends the program."""
        if not isinstance(error, Exception):
            return ExceptionManager.RAISE
        log.critical("The screen failed; every thanked answer is stored.", exc_info=error)
        if self._happened:
            return ExceptionManager.PASS
        self._happened = True
        try:
            self._cover()
        except Exception:
            log.exception("Not even the calm page can be shown.")
            return ExceptionManager.RAISE
        Clock.schedule_once(lambda *_args: self._start_anew(), self._wait_s)
        return ExceptionManager.PASS

    def _cover(self) -> None:
        page = QuietPage()
        page.render(self._words())
        for child in list(Window.children):
            Window.remove_widget(child)
        Window.add_widget(page)
        Window.bind(**dict.fromkeys(_EVENTS, _swallow))

    def let_go(self) -> None:
        """Lets touches and keys through again."""
        Window.unbind(**dict.fromkeys(_EVENTS, _swallow))


def _swallow(*_args: object) -> bool:
    return True


def watch(
    words: Callable[[], PausedView], wait_s: float, start_anew: Callable[[], None]
) -> CrashHandler:
    """From now on errors of the window's thread lead to the calm page."""
    # A crash below Python leaves at least its stack in the log.
    if sys.stderr is not None:
        import faulthandler

        faulthandler.enable()
    handler = CrashHandler(words, wait_s, start_anew)
    ExceptionManager.add_handler(handler)
    return handler
