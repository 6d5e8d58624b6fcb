"""Gives what happens to the session and does what it decides."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from config.values import Value
from kiosk.session import machine
from kiosk.session.deadlines import deadline
from kiosk.session.events import (
    AnswerGiven,
    AnswersStored,
    BackChosen,
    DraftChanged,
    Event,
    Ignore,
    InvitationAnswered,
    KioskStopped,
    LanguageChosen,
    LeaveChosen,
    ScreenTouched,
    SkipChosen,
    StorageUnavailable,
    Store,
    StoreFailed,
    Tick,
)
from kiosk.session.state import Idle, Rules, State
from kiosk.session.touch import KEY, Touch
from kiosk.session.views import View, view
from sync.clock import Clock
from sync.messages import Body, Moment

log = logging.getLogger(__name__)


class Display(Protocol):
    """Where the session is seen: the window, or a test's notebook."""

    def show(self, view: View) -> None:
        """Draws this view from the next frame on."""
        ...

    def wake_in(self, delay_ms: int | None) -> None:
        """Calls :meth:`SessionController.tick` after this time, instead of any earlier request."""
        ...


class SessionController:
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
        self._display: Display | None = None
        self._state: State | None = None
        self._shown: View | None = None

    @property
    def state(self) -> State:
        """Where the session is; RuntimeError before :meth:`start`."""
        if self._state is None:
            raise RuntimeError("the session has not been started")
        return self._state

    @property
    def rules(self) -> Rules:
        """What holds for the session on the screen."""
        return self._rules

    def start(self, display: Display) -> None:
        """Shows the first screen."""
        self._display = display
        if self._next_rules is not None:
            self._rules, self._next_rules = self._next_rules, None
        self._state = machine.begin(self._rules, self._clock.mono_ms())
        self._show()

    def change_rules(self, rules: Rules) -> None:
        """Other rules from the next session on; at once where nobody is in one."""
        self._next_rules = rules
        if self._state is not None:
            self._change_rules()
            self._show()

    # --- what a shopper does ---

    def answer(self, question: str, value: Value, touch: Touch = KEY) -> None:
        """An answer was given."""
        response = self._new_response()
        self._handle(AnswerGiven(self._clock.moment(), question, value, response, touch))

    def draft(self, question: str, draft: Value | None) -> None:
        """An answer is being put together."""
        self._handle(DraftChanged(self._clock.moment(), question, draft))

    def skip(self, question: str) -> None:
        """The question is passed over."""
        self._handle(SkipChosen(self._clock.moment(), question))

    def go_back(self) -> None:
        """To the question before."""
        self._handle(BackChosen(self._clock.moment()))

    def leave(self) -> None:
        """Enough for today."""
        self._handle(LeaveChosen(self._clock.moment()))

    def answer_invitation(self, *, accepts: bool) -> None:
        """Tell more, or not."""
        self._handle(InvitationAnswered(self._clock.moment(), accepts))

    def choose_language(self, language: str) -> None:
        """A language button was pressed and let go."""
        self._handle(LanguageChosen(self._clock.moment(), language))

    def note_activity(self) -> None:
        """A finger came down anywhere, or a key was pressed."""
        self._handle(ScreenTouched(self._clock.moment()))

    # --- what the machine does ---

    def tick(self) -> None:
        """The time given to ``wake_in`` has come."""
        self._handle(Tick(self._clock.moment()))

    def stop(self) -> None:
        """The kiosk is being switched off in good order."""
        if self._state is None:
            return  # before it had begun
        self._handle(KioskStopped(self._clock.moment()))

    def on_commit(self, ticket: int) -> None:
        """The writer has committed this ticket."""
        self._handle(AnswersStored(self._clock.moment(), ticket))

    def on_store_failure(self, ticket: int) -> None:
        """The writer could not commit this ticket."""
        self._handle(StoreFailed(self._clock.moment(), ticket))

    def on_storage_unavailable(self) -> None:
        """The writer can't open the outbox."""
        self._handle(StorageUnavailable(self._clock.moment()))

    def _handle(self, event: Event) -> None:
        step = machine.step(self.state, event, self._rules)
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
            before, self._rules, self._next_rules = self._rules, self._next_rules, None
            # A language that was chosen on the screen outlives a test that begins or ends.
            if replace(before, test=self._rules.test) != self._rules:
                self._state = machine.reset(self._state, self._rules, self._clock.mono_ms())

    def _show(self) -> None:
        if self._display is None:
            raise RuntimeError("the session has no display to show anything on")
        seen = view(self.state, self._rules)
        if seen != self._shown:
            self._shown = seen
            self._display.show(seen)
        due = deadline(self.state, self._rules)
        self._display.wake_in(None if due is None else max(0, due - self._clock.mono_ms()))
