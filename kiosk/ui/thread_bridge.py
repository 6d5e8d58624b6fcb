"""How the window and the other threads reach each other."""

from collections.abc import Callable
from contextlib import suppress

from kivy.clock import Clock

from kiosk.session.controller import SessionController
from kiosk.ui.app import KioskApp
from kiosk.ui.platform.event_loop import EventLoop
from kiosk.writer import Writer
from sync.messages import Body, Moment


class WriterBridge:
    """The way from the UI thread to the writer."""

    def __init__(self, writer: Writer, loop: EventLoop) -> None:
        self._writer = writer
        self._loop = loop

    def submit(self, ticket: int, bodies: tuple[Body, ...], moment: Moment) -> None:
        """Has it stored; the frame under way waits a moment for the commit."""
        self._loop.expect()
        self._writer.submit(ticket, bodies, moment)


class ThreadBridge:
    """The one way from other threads to the UI thread, which is woken for it."""

    def __init__(self, app: KioskApp, session: SessionController, loop: EventLoop) -> None:
        self._app = app
        self._session = session
        self._loop = loop

    def on_commit(self, ticket: int) -> None:
        """This ticket is committed."""
        self.run(lambda: self._session.on_commit(ticket))

    def on_store_failure(self, ticket: int) -> None:
        """This ticket could not be committed."""
        self.run(lambda: self._session.on_store_failure(ticket))

    def on_storage_unavailable(self) -> None:
        """The outbox can't be opened."""
        self.run(self._session.on_storage_unavailable)

    def stop(self) -> None:
        """Ends the app."""
        self.run(self._stop)

    def run(self, work: Callable[[], None]) -> None:
        """Does this on the UI thread, soon."""
        Clock.schedule_once(lambda *_args: work(), 0)
        self._loop.wake()

    def _stop(self) -> None:
        with suppress(Exception):
            self._app.stop()
