"""How other threads reach the window."""

from contextlib import suppress

from kivy.clock import mainthread

from kiosk.conductor import Conductor
from kiosk.ui.app import KioskApp


class OtherThreads:
    """The one way from other threads to the UI thread."""

    def __init__(self, app: KioskApp, conductor: Conductor) -> None:
        self._app = app
        self._conductor = conductor

    @mainthread
    def stored(self, ticket: int) -> None:
        """See :meth:`Conductor.stored`."""
        self._conductor.stored(ticket)

    @mainthread
    def store_failed(self, ticket: int) -> None:
        """See :meth:`Conductor.store_failed`."""
        self._conductor.store_failed(ticket)

    @mainthread
    def storage_unavailable(self) -> None:
        """See :meth:`Conductor.storage_unavailable`."""
        self._conductor.storage_unavailable()

    @mainthread
    def stop(self) -> None:
        """Ends the app."""
        with suppress(Exception):
            self._app.stop()
