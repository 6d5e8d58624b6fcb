"""Brings what the head office wants into force, between sessions only, and follows how it fares.

A new configuration comes into force by a restart of the program, so that what runs is always what
a start would run. A questionnaire whose time begins or ends changes in the running program, as one
does that staff choose.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiosk.configuration.effect import Effect
from kiosk.configuration.keeper import StoredConfigurations
from kiosk.overrides import QuestionnaireInUse
from sync.clock import Clock
from sync.errors import SyncError
from sync.messages import AnswerBody, Message

log = logging.getLogger(__name__)

QUIET_MS = 10_000
"""So long nobody has touched the screen before the program restarts."""
_LOOK_S = 2.0
_RETRY_MS = 30_000
"""A restart that was asked for and did not come is asked for again."""


@dataclass(frozen=True)
class ConfigurationPorts:
    """What the service can do to the kiosk; from its own thread."""

    assign: Callable[[QuestionnaireInUse | None], None]
    """Have this asked, where staff have not chosen; None: what the kiosk's files say."""
    remember: Callable[[QuestionnaireInUse], None]
    """Before any answer can refer to it. Raises SyncError."""
    switch: Callable[[], None]
    """Restart, if nobody is there."""
    wall_ms: Callable[[], int]
    """By the head office's clock, as far as that is known."""


class ConfigurationService:
    """Looks every other second, in a thread of its own."""

    def __init__(
        self,
        keeper: StoredConfigurations,
        effect: Effect,
        assignment: QuestionnaireInUse | None,
        clock: Clock,
        ports: ConfigurationPorts,
    ) -> None:
        """``assignment``: what the start has found to be due."""
        self._keeper = keeper
        self._effect = effect
        self._assignment = assignment
        self._clock = clock
        self._ports = ports
        self._touched_ms = clock.mono_ms()
        self._switched_ms: int | None = None
        self._is_shown = self._is_proven = False
        self._woken = threading.Event()
        self._is_asked = False
        """Whether the head office asks for a restart."""

    def begin(self) -> None:
        """From now on."""
        threading.Thread(target=self._work, name="configuration", daemon=True).start()

    def note_touch(self, *_args: object) -> None:
        """A finger came down; on any thread."""
        self._touched_ms = self._clock.mono_ms()

    def note_faces(self) -> None:
        """The faces were drawn; on any thread."""
        if not self._is_shown:
            self._is_shown = True
            self._woken.set()

    def note_answers(self, messages: Sequence[Message]) -> None:
        """These were stored; on any thread."""
        if self._is_shown and not self._is_proven and any(map(_is_answer, messages)):
            self._is_proven = True
            self._woken.set()

    def ask_restart(self) -> None:
        """Begin the program anew once nobody is there; on any thread."""
        self._is_asked = True
        self._woken.set()

    def end(self) -> None:
        """The program ends in good order; waits for the disk."""
        self._keeper.end()

    def look(self) -> None:
        """Does what is due."""
        due = self._effect.due(self._ports.wall_ms())
        if due != self._assignment:
            self._assign(due)
        now = self._clock.mono_ms()
        is_quiet = now - self._touched_ms >= QUIET_MS
        before = self._switched_ms
        is_due = self._keeper.is_waiting or self._is_asked
        if is_due and is_quiet and (before is None or now - before >= _RETRY_MS):
            self._switched_ms = now
            self._ports.switch()

    def _assign(self, due: QuestionnaireInUse | None) -> None:
        try:
            if due is not None:
                self._ports.remember(due)
        except SyncError as error:
            log.warning("The questionnaire that is due is not asked yet: %s", error)
            return
        self._assignment = due
        self._ports.assign(due)

    def _work(self) -> None:
        shown = proven = False
        while True:
            self._woken.wait(_LOOK_S)
            self._woken.clear()
            if self._is_shown and not shown:
                shown = True
                self._keeper.show()
            if self._is_proven and not proven:
                proven = True
                self._keeper.prove()
            self.look()


def _is_answer(message: Message) -> bool:
    """Whether a shopper gave it."""
    return isinstance(message.body, AnswerBody) and not message.body.test
