"""The writer: the one thread that owns the outbox and puts answers on the disk."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.errors import WriterStoppedError
from sync import contact_sealing
from sync.messages import Body, Message, Moment
from sync.outbox.protocol import AnswerLog, Outbox, StateStore

log = logging.getLogger(__name__)


class WriterOutbox(AnswerLog, StateStore, Protocol):
    """What the writer itself needs of an outbox."""


class WriterListener(Protocol):
    """Whom the writer tells, always from its own thread."""

    def on_open(self, outbox: Outbox) -> None:
        """The outbox is there; whoever started the writer closes it after :meth:`Writer.stop`."""
        ...

    def on_commit(self, ticket: int, messages: tuple[Message, ...]) -> None:
        """Everything under this ticket is committed."""
        ...

    def on_store_failure(self, ticket: int, error: Exception) -> None:
        """Nothing under this ticket is known to be committed; it may be submitted again."""
        ...

    def on_storage_unavailable(self, error: Exception) -> None:
        """The outbox could not be opened at start; each later submission tries again."""
        ...


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

    def __init__(self, open_outbox: Callable[[], Outbox]) -> None:
        self._open_outbox = open_outbox
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._outbox: WriterOutbox | None = None
        self._stopping = False
        self._lock = threading.Lock()
        # A daemon: a disk that hangs for ever must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self, listener: WriterListener) -> None:
        """Begins; the outbox is opened in the background."""
        self._listener = listener
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
            self._listener.on_storage_unavailable(error)
        while (job := self._jobs.get()) is not None:
            self._do(job)

    def _do(self, job: _Job) -> None:
        try:
            outbox = self._open()
            bodies = contact_sealing.seal_bodies(outbox, job.bodies)
            messages = outbox.append(bodies, job.moment) if bodies else ()
        except Exception as error:  # as above; the answer was not thanked
            log.exception("An answer can't be stored and was not thanked.")
            self._listener.on_store_failure(job.ticket, error)
        else:
            self._listener.on_commit(job.ticket, messages)

    def _open(self) -> WriterOutbox:
        if self._outbox is None:
            self._outbox = outbox = self._open_outbox()
            self._listener.on_open(outbox)
        return self._outbox
