"""The outbox of a running kiosk: opened by the writer, and what each commit leads to."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from kiosk.overrides import QuestionnaireInUse
from kiosk.startup import save_last_good
from kiosk.sync_service import SyncPorts, SyncService
from kiosk.trace import Trace
from kiosk.troubles import TroubleBoard, trouble
from kiosk.writer import Writer
from sync.errors import OutboxClosedError, OutboxInUseError
from sync.messages import AnswerBody, Message
from sync.outbox.protocol import Outbox

log = logging.getLogger(__name__)


class StoreDisplay(Protocol):
    """Where it is seen what became of an answer; called from the writer's thread."""

    def on_commit(self, ticket: int) -> None:
        """This ticket is committed."""
        ...

    def on_store_failure(self, ticket: int) -> None:
        """This ticket could not be committed."""
        ...

    def on_storage_unavailable(self) -> None:
        """The outbox can't be opened."""
        ...


class OutboxService:
    """A :class:`kiosk.writer.WriterListener`: tells window, trace and sync of each commit."""

    def __init__(
        self,
        folder: Path,
        questionnaire: Callable[[], QuestionnaireInUse],
        sync: SyncService,
        trace: Trace,
        troubles: TroubleBoard,
        *,
        reserve_mb: int,
        opened: Callable[[Outbox], None] = lambda _outbox: None,
        committed: Callable[[tuple[Message, ...]], None] = lambda _messages: None,
    ) -> None:
        """``reserve_mb``: set aside for a full disk; ``opened`` is told that answers can be stored,
        and ``committed`` what was, in the writer's thread."""
        self._folder = folder
        self._questionnaire = questionnaire
        self._sync = sync
        self._trace = trace
        self.troubles = troubles
        self._opened = opened
        self._committed = committed
        self._reserve_bytes = reserve_mb * 1_000_000
        self.writer = Writer(self._open)
        self.outbox: Outbox | None = None
        """None until the writer has opened it."""
        self.can_store = True
        """Whether the last attempt to store succeeded."""

    def start(
        self, display: StoreDisplay, ports: SyncPorts, abort: Callable[[Exception], None]
    ) -> None:
        """Opens the outbox in the background; ``abort`` if another kiosk holds it."""
        self._display = display
        self._ports = ports
        self._abort = abort
        self.writer.start(self)

    def stop(self) -> None:
        """Commits what was submitted, ends the sync and closes the outbox."""
        if not self.writer.stop(timeout_s=1.0):
            log.error("The disk did not answer in time; an answer not yet thanked may be lost.")
        self._sync.stop(seconds=0.5)
        if self.outbox is not None:
            self.outbox.close()

    def remember(self, in_use: QuestionnaireInUse) -> None:
        """Before any answer can refer to it; waits for the disk. Raises SyncError."""
        if self.outbox is None:
            raise OutboxClosedError
        self.outbox.remember_questionnaire(in_use.digest, in_use.definition)

    def acknowledge_damage(self) -> None:
        """Staff have seen what damaged files cost; waits for the disk."""
        from sync.outbox.salvage import acknowledge_salvages  # slow, see below

        if self.outbox is not None:
            acknowledge_salvages(self.outbox)
            self._report_damage(self.outbox)

    def _report_damage(self, outbox: Outbox) -> None:
        from sync.outbox.salvage import unseen_salvages  # slow, see below

        salvages = unseen_salvages(outbox)
        damaged = (trouble("outbox_damaged", each.file, each.lost) for each in salvages)
        self.troubles.report("outbox", *damaged)

    # --- the writer's thread ---

    def on_open(self, outbox: Outbox) -> None:
        """The sync begins."""
        self.outbox = outbox
        self._report_damage(outbox)
        self._sync.start(outbox, self._ports)

    def on_commit(self, ticket: int, messages: tuple[Message, ...]) -> None:
        """The shopper is thanked; the answers leave."""
        for message in messages:
            match message.body:
                case AnswerBody(response=response, question=question, value=value):
                    self._trace.note(
                        "stored",
                        seq=message.seq,
                        response=response,
                        question=question,
                        value=value,
                    )
        self._display.on_commit(ticket)
        self.can_store = True
        if any(isinstance(message.body, AnswerBody) for message in messages):
            # What else there is goes along with the next answer or sign of life.
            self._sync.wake()
            self._committed(messages)

    def on_store_failure(self, ticket: int, _error: Exception) -> None:
        """The shopper is not thanked."""
        self.can_store = False
        self._display.on_store_failure(ticket)

    def on_storage_unavailable(self, error: Exception) -> None:
        """Nothing is asked until something can be stored."""
        if isinstance(error, OutboxInUseError):
            # Another kiosk is running here; two of them would be worse than none.
            self._abort(error)
        else:
            self.can_store = False
            self._display.on_storage_unavailable()

    def _open(self) -> Outbox:
        from sync.outbox.sqlite import SqliteOutbox  # while the first frame is drawn

        outbox = SqliteOutbox.open(self._folder, reserve_bytes=self._reserve_bytes)
        in_use = self._questionnaire()
        outbox.remember_questionnaire(in_use.digest, in_use.definition)
        save_last_good(self._folder, in_use.definition)
        self._opened(outbox)
        return outbox
