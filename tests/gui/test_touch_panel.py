"""A touch panel that is missing, is plugged in, goes away or ends: there is always one touch."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from journey import HAPPY, SAD, Finger, Kiosk
from processes import VirtualScreen, wait_until
from touch_panel import TouchPanel

pytestmark = [pytest.mark.gui]


class Bench:
    """A panel that a test plugs in and out, in the real loop of Kivy."""

    def __init__(self) -> None:
        from kivy.input.factory import MotionEventFactory
        from kivy.input.provider import MotionEventProvider

        from kiosk.ui.touch_panel import TouchPanel

        bench = self
        self.said: list[str] = []
        self.device: tuple[int, ...] | None = None
        self.started: list[Any] = []

        class FakePanel(MotionEventProvider):
            """A provider that reads its device in a thread, as Kivy's do."""

            def start(self) -> None:
                self.end = threading.Event()
                self.thread = threading.Thread(target=self.end.wait, daemon=True)
                self.thread.start()
                bench.started.append(self)

            def stop(self) -> None:
                self.end.set()

        MotionEventFactory.register("hidinput", FakePanel)
        self.panel = TouchPanel("hidinput,/dev/input/fake", self.said.append, self._identify)

    def _identify(self, path: str) -> tuple[int, ...]:
        assert "/dev/input/fake" == path
        if self.device is None:
            raise FileNotFoundError(2, "No such file or directory")
        return self.device

    @property
    def heard(self) -> list[str]:
        """The names of the providers that are heard."""
        from kivy.base import EventLoop

        return [provider.device for provider in EventLoop.input_providers]


@pytest.fixture
def bench(open_window: Callable[..., Any]) -> Iterator[Bench]:
    from kivy.input.factory import MotionEventFactory

    window = open_window()
    before = MotionEventFactory.get("hidinput")
    bench = Bench()
    bench.window = window  # type: ignore[attr-defined]
    yield bench
    bench.device = None
    bench.panel.look()
    MotionEventFactory.register("hidinput", before)
    assert ["sdl", "window"] == bench.heard


def test_a_missing_panel_leaves_the_windows_touch_and_is_looked_for(bench: Bench) -> None:
    bench.panel.look()
    assert ["sdl", "window"] == bench.heard
    assert ["hidinput,/dev/input/fake (No such file or directory)"] == bench.said
    bench.device = (1,)
    bench.panel.look()
    assert ["panel"] == bench.heard
    assert "" == bench.said[-1]


def test_a_panel_that_goes_away_gives_way_and_comes_back(bench: Bench) -> None:
    bench.device = (1,)
    bench.panel.look()
    bench.device = None
    bench.panel.look()
    assert ["sdl", "window"] == bench.heard
    assert bench.said[-1]
    bench.device = (2,)
    bench.panel.look()
    assert ["panel"] == bench.heard
    assert 2 == len(bench.started)


def test_another_device_under_the_same_name_is_read_anew(bench: Bench) -> None:
    bench.device = (1,)
    bench.panel.look()
    bench.device = (2,)
    bench.panel.look()
    bench.panel.look()
    assert ["panel"] == bench.heard
    assert not bench.started[0].thread.is_alive() or bench.started[0].end.is_set()


def test_a_panel_that_ends_by_itself_is_not_tried_at_every_look(bench: Bench) -> None:
    bench.device = (1,)
    bench.panel.look()
    bench.started[-1].end.set()
    bench.started[-1].thread.join()
    for _ in range(5):
        bench.panel.look()
    assert ["sdl", "window"] == bench.heard
    assert "can't be read" in bench.said[-1]
    bench.device = (2,)  # plugged in again
    bench.panel.look()
    assert ["panel"] == bench.heard


def test_nothing_is_asked_until_some_touch_is_heard(open_window: Callable[..., Any]) -> None:
    window = open_window()
    face = window.finger(HAPPY)

    def hear(*, is_heard: bool) -> str:
        window.app.hear_panel(is_heard=is_heard)
        window.frames(2)
        return str(window.shown()[-1])

    assert "out_of_order" == hear(is_heard=False)
    face.touch_down()
    face.touch_up()
    window.frames(2)
    assert ("rating", []) == (window.shown()[-1], window.answers())
    # It is told with every look.
    assert "rating" == hear(is_heard=False)
    assert "rating" == hear(is_heard=True)
    assert "out_of_order" == hear(is_heard=False)
    assert "rating" == hear(is_heard=True)


def test_a_finger_that_was_down_when_the_panel_went_answers_nothing(bench: Bench) -> None:
    window: Any = bench.window  # type: ignore[attr-defined]
    from kivy.base import EventLoop

    bench.device = (1,)
    bench.panel.look()
    finger = window.finger(HAPPY)
    EventLoop.post_dispatch_input("begin", finger)
    assert window.target(HAPPY).is_pressed
    bench.device = None
    bench.panel.look()
    assert not window.target(HAPPY).is_pressed
    assert [] == EventLoop.touches
    assert [] == window.answers()


@pytest.mark.e2e
@pytest.mark.parametrize("name", ["missing", "no device"])
def test_a_kiosk_without_its_panel_takes_touches_and_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "no device").write_bytes(os.urandom(100))
    setting = f'[screen]\ntouch = "hidinput,{tmp_path / name}"\n'
    screen = VirtualScreen(tmp_path / "screen.log", "1280x800", memory=tmp_path).start()
    kiosk = Kiosk(tmp_path, screen.display, settings=setting)
    with screen, kiosk.start(), Finger(kiosk) as finger:
        # Nothing is asked before a touch has shown that it is heard, and that one answers nothing.
        targets = kiosk.trace.wait("shown", screen="rating")["targets"]
        kiosk.trace.wait("shown", screen="out_of_order")
        mark = kiosk.trace.mark()
        finger.point_at(SAD, targets)
        finger.tap()
        kiosk.trace.wait("shown", since=mark, screen="rating")
        assert 2 == finger.answer(HAPPY).stored["value"]
        assert 1 == len(kiosk.trace.all("stored"))
        said = "The touch panel is missing, the window's own touch is used"
        wait_until(lambda: said in kiosk.said(), "the log", seconds=10, watched=(kiosk,))


@pytest.mark.e2e
def test_while_the_panel_is_heard_the_window_is_not(tmp_path: Path) -> None:
    panel = TouchPanel(1280, 800)
    setting = f'[screen]\ntouch = "{panel.setting}"\n'
    screen = VirtualScreen(tmp_path / "screen.log", "1280x800", memory=tmp_path).start()
    kiosk = Kiosk(tmp_path, screen.display, settings=setting)
    with closing(panel), screen, kiosk.start(), Finger(kiosk) as finger:
        targets = kiosk.trace.wait("shown", screen="rating")["targets"]
        said = "The touch panel is heard"
        wait_until(lambda: said in kiosk.said(), "the panel", seconds=10, watched=(kiosk,))
        finger.point_at(SAD, targets)
        finger.tap()
        left, top, width, height = targets[HAPPY]
        panel.press({1: (left + width / 2, top + height / 2)})
        panel.release()
        assert 2 == kiosk.trace.wait("stored")["value"]
    assert 1 == len(kiosk.trace.all("pressed"))
