"""The conductor: gives events to the session and does what it decides."""

import logging
from collections.abc import Callable
from typing import Protocol

from kiosk import session
from kiosk.session_events import (
    BackChosen,
    Drafted,
    Event,
    Ignore,
    InvitationAnswered,
    LanguageChosen,
    LeaveChosen,
    SkipChosen,
    Stirred,
    Stopped,
    StorageUnavailable,
    Store,
    Stored,
    StoreFailed,
    Tick,
    Touched,
)
from kiosk.session_state import Idle, Rules, State
from kiosk.views import View, view
from sync.clock import Clock
from sync.messages import Body, Moment, Value

log = logging.getLogger(__name__)


class Stage(Protocol):
    """Where the conductor's work is seen: the window, or a test's notebook."""

    def show(self, view: View) -> None:
        """Draws this view from the next frame on."""
        ...

    def wake_in(self, delay_ms: int | None) -> None:
        """Calls :meth:`Conductor.tick` after this time, instead of any earlier request."""
        ...


class Conductor:
    """Lives on the UI thread: every method returns at once and none may block."""

    def __init__(
        self,
        *,
        rules: Rules,
        clock: Clock,
        store: Callable[[int, tuple[Body, ...], Moment], None],
        new_response: Callable[[], str],
    ) -> None:
        self._rules = rules
        self._next_rules: Rules | None = None
        self._clock = clock
        self._store = store
        self._new_response = new_response
        self._stage: Stage | None = None
        self._state: State | None = None
        self._shown: View | None = None

    @property
    def state(self) -> State:
        """Where the session is; RuntimeError before :meth:`start`."""
        if self._state is None:
            raise RuntimeError("the conductor has not been started")
        return self._state

    @property
    def rules(self) -> Rules:
        """What holds for the session on the screen."""
        return self._rules

    def start(self, stage: Stage) -> None:
        """Shows the first screen."""
        self._stage = stage
        if self._next_rules is not None:
            self._rules, self._next_rules = self._next_rules, None
        self._state = session.begin(self._rules, self._clock.mono_ms())
        self._show()

    def use(self, rules: Rules) -> None:
        """Other rules from the next session on; at once where nobody is in one."""
        self._next_rules = rules
        if self._state is not None:
            self._change_rules()
            self._show()

    # --- what a shopper does ---

    def touched(self, question: str, value: Value, held_ms: int = 0) -> None:
        """An answer was given."""
        response = self._new_response()
        self._happened(Touched(self._clock.moment(), question, value, response, held_ms))

    def drafted(self, question: str, draft: Value | None) -> None:
        """An answer is being put together."""
        self._happened(Drafted(self._clock.moment(), question, draft))

    def skipped(self, question: str) -> None:
        """The question is passed over."""
        self._happened(SkipChosen(self._clock.moment(), question))

    def back(self) -> None:
        """To the question before."""
        self._happened(BackChosen(self._clock.moment()))

    def left(self) -> None:
        """Enough for today."""
        self._happened(LeaveChosen(self._clock.moment()))

    def invitation_answered(self, *, accepted: bool) -> None:
        """Tell more, or not."""
        self._happened(InvitationAnswered(self._clock.moment(), accepted))

    def language_chosen(self, language: str) -> None:
        """A language button was pressed and let go."""
        self._happened(LanguageChosen(self._clock.moment(), language))

    def stirred(self) -> None:
        """A finger came down anywhere, or a key was pressed."""
        self._happened(Stirred(self._clock.moment()))

    # --- what the machine does ---

    def tick(self) -> None:
        """The time asked for with ``wake_in`` has come."""
        self._happened(Tick(self._clock.moment()))

    def stopped(self) -> None:
        """The kiosk is being switched off in good order."""
        if self._state is None:
            return  # before it had begun
        self._happened(Stopped(self._clock.moment()))

    def stored(self, ticket: int) -> None:
        """The writer has committed this ticket."""
        self._happened(Stored(self._clock.moment(), ticket))

    def store_failed(self, ticket: int) -> None:
        """The writer could not commit this ticket."""
        self._happened(StoreFailed(self._clock.moment(), ticket))

    def storage_unavailable(self) -> None:
        """The writer can't open the outbox."""
        self._happened(StorageUnavailable(self._clock.moment()))

    def _happened(self, event: Event) -> None:
        step = session.step(self.state, event, self._rules)
        self._state = step.state
        # First what has to be stored: the disk works while the screen is drawn.
        for effect in step.effects:
            match effect:
                case Store(ticket, bodies, moment):
                    self._store(ticket, bodies, moment)
                case Ignore(reason):
                    log.debug("%s ignored: %s", type(event).__name__, reason)
        self._change_rules()
        self._show()

    def _change_rules(self) -> None:
        if self._next_rules is None or self._state is None:
            return
        if isinstance(self._state.phase, Idle):
            self._rules, self._next_rules = self._next_rules, None
            self._state = session.afresh(self._state, self._rules, self._clock.mono_ms())

    def _show(self) -> None:
        if self._stage is None:
            raise RuntimeError("the conductor has no stage to show anything on")
        seen = view(self.state, self._rules)
        if seen != self._shown:
            self._shown = seen
            self._stage.show(seen)
        due = session.deadline(self.state, self._rules)
        self._stage.wake_in(None if due is None else max(0, due - self._clock.mono_ms()))
