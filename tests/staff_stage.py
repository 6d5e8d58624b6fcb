"""Staff without a window: tasks are done by the test, or by the real worker in its own thread."""

import itertools
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fakes import FakeClock
from processes import wait_until

from config.loader import load_questionnaire
from config.questionnaire import Questionnaire
from config.settings import Settings, Timing
from config.values import Value
from kiosk.overrides import (
    ActiveConfig,
    Overrides,
    OverridesStore,
    QuestionnaireInUse,
    SavedOverrides,
)
from kiosk.session.controller import SessionController
from kiosk.session.state import Rules
from kiosk.session.views import View
from kiosk.staff.controller import Cover, StaffController, StaffPorts
from kiosk.staff.controls import control_id
from kiosk.staff.results import Result
from kiosk.staff.tasks import Task
from kiosk.staff.views import StaffView
from sync.messages import Body, Moment

FORM = load_questionnaire("demonstration")
NOWHERE = Path("/nowhere")
"""The folder of staff whose changes are saved by nobody."""


def session_rules(config: ActiveConfig, *, test: bool = False) -> Rules:
    """What a session goes by while this holds."""
    in_use = config.in_use
    return Rules(in_use.questionnaire, in_use.digest, config.language, Timing(), test=test)


class Notebook:
    """A :class:`kiosk.staff.controller.CoverStage` that keeps what was shown."""

    def __init__(self, clock: FakeClock) -> None:
        self.covers: list[Cover] = []
        self.test = self.corner = ""
        self.due: int | None = None
        self._clock = clock

    def cover(self, view: Cover) -> None:
        self.covers.append(view)

    def mark_corner(self, text: str) -> None:
        self.corner = text

    def mark_test(self, text: str) -> None:
        self.test = text

    def wake_in(self, delay_ms: int | None) -> None:
        self.due = None if delay_ms is None else self._clock.mono_ms() + delay_ms


class Shopper:
    """Somebody in a session of the same kiosk, whose answers are noted and at once on the disk."""

    def __init__(self, clock: FakeClock, rules: Rules) -> None:
        self.bodies: list[Body] = []
        self._responses = map(str, itertools.count())
        self.session = SessionController(
            rules=rules, clock=clock, store=self._store, new_response=lambda: next(self._responses)
        )
        self._clock = clock
        self.session.start(self)

    def show(self, view: View) -> None:
        """Nobody looks."""

    def wake_in(self, delay_ms: int | None) -> None:
        """Nobody waits."""

    def _store(self, ticket: int, bodies: tuple[Body, ...], _moment: Moment) -> None:
        self.bodies += bodies
        self._ticket = ticket

    def answer(self, question: str, value: Value) -> Body:
        """What is stored when this is touched."""
        self._clock.advance(1000)
        self.session.answer(question, value)
        self.session.on_commit(self._ticket)
        return self.bodies[-1]

    def leave(self) -> Body:
        """What is stored when nothing more is said."""
        # The thanks have had their moment, then the follow-up has been there for one.
        self._clock.advance(1000)
        self.session.tick()
        self._clock.advance(1000)
        self.session.leave()
        self.session.on_commit(self._ticket)
        return self.bodies[-1]


class Staff:
    """Somebody of the staff in front of a controller."""

    def __init__(
        self,
        clock: FakeClock,
        settings: Settings | None = None,
        overrides: Overrides | None = None,
        *,
        store: OverridesStore | None = None,
        run: Callable[[Task], None] | None = None,
        is_new: bool = False,
    ) -> None:
        saved = SavedOverrides(overrides or Overrides())
        self.store = store or OverridesStore(NOWHERE, settings or Settings(), saved, FORM)
        self.store.subscribe(self._on_change)
        self._changed = threading.Event()
        self.clock = clock
        self.notes = Notebook(clock)
        self.tasks: list[Task] = []
        self.in_force: list[Settings] = []
        self.ended: list[str] = []
        self.idle = True
        self.shopper = Shopper(clock, session_rules(self.store.config))
        self.results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        ports = StaffPorts(
            run=run or self.tasks.append,
            set_test_mode=lambda _on: self._apply(),
            restart=lambda: self.ended.append("restart"),
            quit=lambda: self.ended.append("quit"),
            is_idle=lambda: self.idle,
            clock_offset_ms=lambda: 0,
            is_new=is_new,
        )
        self.controller = StaffController(self.store, clock, ports)
        self.controller.start(self.notes)

    def _on_change(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            self._changed.set()
            return
        self.in_force.append(self.store.config.settings)
        self._apply()
        self.controller.refresh()

    def _apply(self) -> None:
        rules = session_rules(self.store.config, test=self.controller.is_testing)
        self.shopper.session.change_rules(rules)

    @property
    def seen(self) -> Cover:
        return self.notes.covers[-1]

    @property
    def page(self) -> StaffView:
        assert isinstance(self.seen, StaffView), self.seen
        return self.seen

    def at(self) -> str:
        return self.seen.name if isinstance(self.seen, StaffView) else type(self.seen).__name__

    def words(self) -> str:
        return "\n".join(f"{line.sign} {line.text} {line.detail}" for line in self.page.lines)

    def controls(self) -> dict[str, Any]:
        page = self.page
        return {control_id(control): key for control, key in page.controls().items()}

    def press(self, *controls: str) -> None:
        """Only what is really there and can be pressed."""
        for control in controls:
            key = self.controls()[control]
            assert key.enabled, control
            self.controller.press(key.control)

    def type_pin(self, pin: str) -> None:
        self.press(*(f"digit:{digit}" for digit in pin), "confirm")

    def use_questionnaire(self, name: str, questionnaire: Questionnaire) -> None:
        """The worker has checked it and could save the choice."""
        with TemporaryDirectory() as folder:
            self.store._folder = Path(folder)
            self.store.use_questionnaire(name, QuestionnaireInUse.of(questionnaire))

    def tell(self, *results: Result) -> None:
        for result in results:
            self.controller.receive(result)

    def wait(self, ms: int) -> None:
        """Time passes, with every tick that the controller asked for."""
        until = self.clock.mono + ms
        while self.notes.due is not None and self.notes.due <= until:
            self.clock.advance(self.notes.due - self.clock.mono)
            self.controller.tick()
        self.clock.advance(until - self.clock.mono)

    def until(self, true: Callable[[], object], what: str, seconds: float = 20) -> None:
        """Takes in what the real work tells until something is true."""

        def seek() -> bool:
            if self._changed.is_set():
                self._changed.clear()
                self._on_change()
            while not self.results.empty():
                self.controller.receive(self.results.get())
            return bool(true())

        wait_until(seek, what, seconds=seconds)
