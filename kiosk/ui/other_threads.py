"""How other threads reach the window."""

from collections.abc import Callable
from contextlib import suppress

from kivy.clock import Clock

from kiosk.conductor import Conductor
from kiosk.ui.app import KioskApp
from kiosk.ui.loop import Loop


class OtherThreads:
    """The one way from other threads to the UI thread, which is woken for it."""

    def __init__(self, app: KioskApp, conductor: Conductor, loop: Loop) -> None:
        self._app = app
        self._conductor = conductor
        self._loop = loop

    def stored(self, ticket: int) -> None:
        """See :meth:`Conductor.stored`."""
        self._do(lambda: self._conductor.stored(ticket))

    def store_failed(self, ticket: int) -> None:
        """See :meth:`Conductor.store_failed`."""
        self._do(lambda: self._conductor.store_failed(ticket))

    def storage_unavailable(self) -> None:
        """See :meth:`Conductor.storage_unavailable`."""
        self._do(self._conductor.storage_unavailable)

    def stop(self) -> None:
        """Ends the app."""
        self._do(self._stop)

    def _do(self, work: Callable[[], None]) -> None:
        Clock.schedule_once(lambda *_args: work(), 0)
        self._loop.wake()

    def _stop(self) -> None:
        with suppress(Exception):
            self._app.stop()
