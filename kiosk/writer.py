"""The writer: the one thread that owns the outbox and puts answers on the disk."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.errors import WriterStoppedError
from sync import contacts
from sync.messages import Body, Message, Moment
from sync.outbox import Outbox

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reports:
    """What the writer calls, always from its own thread."""

    opened: Callable[[Outbox], None]
    """The outbox is there; whoever started the writer closes it after :meth:`Writer.stop`."""
    stored: Callable[[int, tuple[Message, ...]], None]
    """Everything under this ticket is committed."""
    failed: Callable[[int, Exception], None]
    """Nothing under this ticket is known to be committed; it may be submitted again."""
    unavailable: Callable[[Exception], None]
    """The outbox could not be opened at start; each later submission tries again."""


@dataclass(frozen=True)
class _Job:
    ticket: int
    bodies: tuple[Body, ...]
    moment: Moment


class Writer:
    """Appends what is submitted, in order, and reports each commit.

    ``open_outbox`` is called in the writer's thread. An error is reported and survived; an
    outbox that could not be opened is tried anew at the next submission.
    """

    def __init__(self, open_outbox: Callable[[], Outbox], reports: Reports) -> None:
        self._open_outbox = open_outbox
        self._reports = reports
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._outbox: Outbox | None = None
        self._stopping = False
        self._lock = threading.Lock()
        # A daemon: a disk that hangs for ever must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Begins; the outbox is opened in the background."""
        self._thread.start()

    def submit(self, ticket: int, bodies: tuple[Body, ...], moment: Moment) -> None:
        """Hands over; returns at once. Raises WriterStoppedError after :meth:`stop`."""
        with self._lock:
            if self._stopping:
                raise WriterStoppedError(
                    "The writer has been stopped, so this answer was not taken."
                )
            self._jobs.put(_Job(ticket, bodies, moment))

    def stop(self, timeout_s: float) -> bool:
        """Commits what was submitted and ends the thread; False if that took too long."""
        with self._lock:
            if not self._stopping:
                self._stopping = True
                self._jobs.put(None)
        if self._thread.ident is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._open()
        except Exception as error:  # whatever it is, the kiosk lives on and says so
            log.exception("The outbox can't be opened; nothing is asked until it can.")
            self._reports.unavailable(error)
        while (job := self._jobs.get()) is not None:
            self._do(job)

    def _do(self, job: _Job) -> None:
        try:
            outbox = self._open()
            bodies = contacts.sealed(outbox, job.bodies)
            messages = outbox.append(bodies, job.moment) if bodies else ()
        except Exception as error:  # as above; the answer was not thanked
            log.exception("An answer can't be stored and was not thanked.")
            self._reports.failed(job.ticket, error)
        else:
            self._reports.stored(job.ticket, messages)

    def _open(self) -> Outbox:
        if self._outbox is None:
            self._outbox = self._open_outbox()
            self._reports.opened(self._outbox)
        return self._outbox
