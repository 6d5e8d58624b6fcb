"""One real window for all tests of a process: Kivy has no second one."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.loader import load_questionnaire
from config.questionnaire import Questionnaire, canonical, digest
from config.settings import Brand, QuestionRoute, Screen, Timing
from kiosk.session.controller import SessionController
from kiosk.session.state import Rules, Thanking
from kiosk.ui.environment import Surface, prepare
from sync.clock import SystemClock
from sync.messages import AnswerBody, Body, Moment

PATIENCE_FRAMES = 600
RASTERIZER_DISCARD = 0x8C89
"""Of OpenGL 3; Kivy does not name it."""
RATING_ALONE = QuestionRoute(follow_up=False, invite=False)
WHOLE_WAY = QuestionRoute()


class NoteTrace:
    """Keeps what was noted."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, dict[str, Any]]] = []

    def note(self, event: str, **facts: object) -> None:
        self.notes.append((event, facts))


class LeapingClock(SystemClock):
    """The machine's clock, which a test may put forward."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead_ms = 0
        self._stands_at: int | None = None

    def stop(self) -> None:
        """Only what the test adds passes from now on."""
        self._stands_at = super().mono_ms()

    def mono_ms(self) -> int:
        now = super().mono_ms() if self._stands_at is None else self._stands_at
        return now + self.ahead_ms


class Window:
    """The kiosk's own app in a real window, a frame at a time, with a disk that the test plays."""

    def __init__(
        self,
        questionnaire: Questionnaire,
        screen: Screen,
        timing: Timing,
        way: QuestionRoute,
        brand: Brand | None = None,
    ) -> None:
        from kivy.base import EventLoop, runTouchApp
        from kivy.core.window import Window as KivyWindow

        from kiosk.ui.app import KioskApp

        self.kivy = KivyWindow
        self.loop = EventLoop
        self.submitted: list[tuple[int, tuple[Body, ...], Moment]] = []
        self.trace = NoteTrace()
        self._responses = iter(range(1, 1_000_000))
        self.clock = LeapingClock()
        first = "en" if "en" in questionnaire.languages else questionnaire.languages[0]
        rules = Rules(questionnaire, digest(canonical(questionnaire)), first, timing, way)
        self.session = SessionController(
            rules=rules,
            clock=self.clock,
            store=lambda *job: self.submitted.append(job),
            new_response=lambda: f"01900000-0000-7000-8000-{next(self._responses):012x}",
        )
        if not KivyWindow.initialized:
            KivyWindow.create_window()
        self.resize(screen.width, screen.height)
        self.app = KioskApp(self.session, screen, self.trace, closable=False, brand=brand)
        self.app._run_prepare()
        if self.loop.status != "started":
            runTouchApp(embedded=True)
        self.frames(3)

    def resize(self, width: int, height: int) -> None:
        if tuple(self.kivy.system_size) != (width, height):
            resized: list[object] = []
            self.kivy.bind(on_resize=lambda *size: resized.append(size))
            self.kivy.size = (width, height)
            self.until(lambda: resized, "the window to take its new size")

    def frames(self, count: int = 1) -> None:
        for _ in range(count):
            self.loop.idle()

    def until(self, seek: Callable[[], object], what: str) -> None:
        for _ in range(PATIENCE_FRAMES):
            if seek():
                return
            self.frames()
        pytest.fail(f"waited {PATIENCE_FRAMES} frames in vain for {what}")

    @property
    def screen(self) -> Any:
        return self.app.stage._page.children[0]

    def shown(self) -> list[str]:
        return [str(facts["screen"]) for event, facts in self.trace.notes if event == "shown"]

    def target(self, name: str) -> Any:
        return self.screen.targets()[name]

    def finger(self, name: str) -> Any:
        """A finger above a control; ``touch_down`` and ``touch_up`` as Kivy's own tests do."""
        from kivy.tests.common import UnitTestTouch

        control = self.target(name)
        return UnitTestTouch(*control.to_window(*control.center))

    def tap(self, name: str) -> None:
        finger = self.finger(name)
        finger.touch_down()
        finger.touch_up()

    def answers(self) -> list[AnswerBody]:
        return [b for _t, bodies, _m in self.submitted for b in bodies if isinstance(b, AnswerBody)]

    def commit(self) -> None:
        self.session.on_commit(self.submitted[-1][0])

    def commit_all(self) -> None:
        """The disk has caught up."""
        while (attempt := self.session.state.attempt) is not None:
            self.session.on_commit(attempt.ticket)
        self.frames(2)

    def pass_moment(self) -> None:
        """The first thanks have stood for their moment, if they are on the screen."""
        phase = self.session.state.phase
        if isinstance(phase, Thanking) and phase.goes_on:
            self.pass_time(self.session.rules.timing.moment)

    def settle(self) -> None:
        """Time enough has passed for a touch to be meant for what is on the screen."""
        self.pass_moment()
        self.clock.ahead_ms += 1000
        self.frames(2)

    def pass_time(self, seconds: float) -> None:
        """Nobody touches anything for so long."""
        self.clock.ahead_ms += round(seconds * 1000)
        self.session.tick()
        self.frames(2)

    def pixel(self, x: float, y: float) -> tuple[int, ...]:
        """The colour really on the display, counted from the bottom left."""
        from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels

        return tuple(glReadPixels(int(x), int(y), 1, 1, GL_RGBA, GL_UNSIGNED_BYTE)[:3])

    def close(self) -> None:
        from kivy.app import App

        self.conductor_sleeps()
        for child in self.kivy.children[:]:
            self.kivy.remove_widget(child)
        self.kivy.unbind(
            on_request_close=self.app._close_requested, on_resize=self.app._resized,
            on_restore=self.app._redraw, on_focus=self.app._redraw,
            on_minimize=self.app._come_back, on_hide=self.app._come_back,
            on_touch_down=self.app._finger_down, on_key_down=self.app._key_down,
            on_textinput=self.app._text_typed,
        )  # fmt: skip
        del self.kivy.flip
        self.app.dispatch("on_stop")  # lets the kv language forget this app
        App._running_app = None

    def conductor_sleeps(self) -> None:
        self.app.wake_in(None)


@pytest.fixture(scope="session")
def _kivy() -> None:
    if not os.environ.get("DISPLAY"):
        pytest.fail("these tests need a display; scripts/test starts a virtual one")
    home = Path(tempfile.mkdtemp(prefix="hymio-kivy-"))
    prepare(home, Surface(False, 1280, 800, 60))


@pytest.fixture
def unpainted(_kivy: None) -> Iterator[None]:
    """Nobody looks at a pixel here, so the painting is left out.

    All is laid out, drawn and shown as ever, but for what OpenGL does with it, which without a
    graphics card takes two thirds of a frame.
    """
    from kivy.core.window import Window as KivyWindow
    from kivy.graphics.opengl import glDisable, glEnable

    if not KivyWindow.initialized:
        KivyWindow.create_window()
    glEnable(RASTERIZER_DISCARD)
    yield
    glDisable(RASTERIZER_DISCARD)


@pytest.fixture
def no_waiting(unpainted: None) -> Iterator[None]:
    """Nor for a display: frames follow each other at once."""
    from kivy.clock import Clock

    del unpainted
    before, Clock._max_fps = Clock._max_fps, 0
    yield
    Clock._max_fps = before


@pytest.fixture
def open_window(_kivy: None) -> Iterator[Callable[..., Window]]:
    opened: list[Window] = []

    def open_one(
        form: str | Questionnaire = "checkout",
        size: tuple[int, int] = (1280, 800),
        width_mm: float = 217.0,
        timing: Timing | None = None,
        way: QuestionRoute = RATING_ALONE,
        *,
        brand: Brand | None = None,
    ) -> Window:
        screen = Screen(fullscreen=False, width=size[0], height=size[1], width_mm=width_mm)
        timing = timing or Timing(thanks=0.3)
        questionnaire = load_questionnaire(form) if isinstance(form, str) else form
        opened.append(Window(questionnaire, screen, timing, way, brand))
        return opened[-1]

    yield open_one
    for window in opened:
        window.close()
