"""The layer over the shopper's screens, in a real window."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.settings import WEEKDAYS, Hours, Screen, Settings
from config.settings import Staff as StaffSettings
from kiosk.overrides import Overrides, OverridesStore, SavedOverrides
from kiosk.staff.controller import StaffController, StaffPorts
from kiosk.staff.pages import test_mode
from kiosk.staff.pin import PinRight
from kiosk.staff.results import (
    PinChecked,
    PinState,
)  # fmt: skip
from kiosk.staff.state import StaffPage
from kiosk.staff.tasks import CheckPin, Task
from kiosk.staff.views import PausedView
from sync.clock import SystemClock

pytestmark = pytest.mark.gui

Open = Callable[..., Any]
CLOSED = Settings(hours=Hours(**dict.fromkeys(WEEKDAYS, ())), staff=StaffSettings(hold=1))


class Room:
    """A window with the layer over it; its background work is only noted."""

    def __init__(self, window: Any, settings: Settings, overrides: Overrides) -> None:
        from kiosk.ui.layers.staff_layer import StaffLayer

        self.window = window
        self.tasks: list[Task] = []
        ports = StaffPorts(
            run=self.tasks.append,
            set_test_mode=self._set_test_mode,
            restart=lambda: None,
            quit=lambda: None,
            is_idle=lambda: True,
            clock_offset_ms=lambda: 0,
        )
        questionnaire = window.session.rules.questionnaire
        store = OverridesStore(Path(), settings, SavedOverrides(overrides), questionnaire)
        self.controller = StaffController(store, SystemClock(), ports)
        self.layer = StaffLayer(
            self.controller, settings.staff, Screen(pixel_shift=0), window.trace
        )
        self.layer.open()
        window.frames(3)

    def _set_test_mode(self, test: bool) -> None:
        self.window.session.change_rules(replace(self.window.session.rules, test=test))

    def finger(self, x: float, y: float) -> Any:
        from kivy.tests.common import UnitTestTouch

        return UnitTestTouch(x, y)

    def in_corner(self) -> Any:
        return self.finger(10, self.window.kivy.height - 10)

    def tap(self, control: str) -> None:
        widget = self.layer.targets()[control]
        finger = self.finger(*widget.to_window(*widget.center))
        finger.touch_down()
        finger.touch_up()
        self.window.frames(2)

    def show(self, page: StaffPage[Any]) -> None:
        self.controller._state = replace(
            self.controller._state, page=page, touched_ms=SystemClock().mono_ms()
        )
        self.controller.refresh()
        self.window.frames(3)

    def enter(self) -> None:
        self.controller.corner_held()
        self.controller.receive(PinState(is_set=True))
        self.window.frames(2)


@pytest.fixture
def open_room(open_window: Open) -> Iterator[Callable[..., Room]]:
    rooms: list[Room] = []

    def open_one(
        settings: Settings | None = None, overrides: Overrides | None = None, *window: Any
    ) -> Room:
        settings = settings or Settings(staff=StaffSettings(hold=1))
        rooms.append(Room(open_window(*window), settings, overrides or Overrides()))
        return rooms[-1]

    yield open_one
    for room in rooms:
        room.layer.close()


def covers(room: Room) -> list[str]:
    return [s for s in room.window.shown() if s.startswith("staff") or s in ("closed", "paused")]


def test_finger_held_in_the_corner_brings_the_pin(open_room: Callable[..., Room]) -> None:
    room = open_room()
    finger = room.in_corner()
    finger.touch_down()
    room.window.until(lambda: covers(room), "the PIN")
    finger.touch_up()
    assert ["staff_pin"] == covers(room)


@pytest.mark.parametrize("how", ["short", "sliding", "elsewhere"])
def test_other_touches_bring_nothing(open_room: Callable[..., Room], how: str) -> None:
    room = open_room()
    finger = room.in_corner() if how != "elsewhere" else room.finger(640, 700)
    finger.touch_down()
    if how == "short":
        room.window.frames(2)
        finger.touch_up()
    if how == "sliding":
        finger.touch_move(400, 700)
    ended = SystemClock().mono_ms() + 1200
    room.window.until(lambda: SystemClock().mono_ms() > ended, "more than the hold")
    assert [] == covers(room)


def test_finger_on_a_face_while_another_opens_the_door_answers_nothing(
    open_room: Callable[..., Room],
) -> None:
    room = open_room()
    face = room.window.finger("face-2")
    face.touch_down()
    room.enter()
    face.touch_up()
    room.window.frames(2)
    assert [] == room.window.answers()
    assert not room.window.target("face-2").is_pressed


def test_nothing_below_a_staff_page_can_be_touched(open_room: Callable[..., Room]) -> None:
    room = open_room()
    room.enter()
    for value in range(3):
        room.window.tap(f"face-{value}")
    assert [] == room.window.answers()
    room.tap("leave")
    room.window.tap("face-2")
    assert [2] == [answer.value for answer in room.window.answers()]


def test_pin_by_finger_leads_to_the_menu(open_room: Callable[..., Room]) -> None:
    room = open_room()
    room.enter()
    for digit in "2580":
        room.tap(f"digit:{digit}")
    room.tap("confirm")
    assert CheckPin("2580") == room.tasks[-1]
    room.controller.receive(PinChecked(PinRight()))
    room.window.frames(3)
    assert "staff_menu" == covers(room)[-1]


def test_quick_fingers_lose_no_digit_before_the_next_frame(open_room: Callable[..., Room]) -> None:
    room = open_room()
    room.enter()
    places = [room.layer.targets()[f"digit:{d}"].center for d in "2580"]
    for place in places:
        finger = room.finger(*place)
        finger.touch_down()
        finger.touch_up()
    assert "••••" == room.layer._view.entry


def test_pin_by_keys_and_no_key_reaches_the_shopper(open_room: Callable[..., Room]) -> None:
    room = open_room()
    room.enter()
    for key in (50, 53, 56, 266 - 10):
        room.window.kivy.dispatch("on_key_down", key, 0, "", [])
    room.window.kivy.dispatch("on_key_down", 13, 0, "", [])
    assert CheckPin("2580") == room.tasks[-1]
    room.window.kivy.dispatch("on_key_down", 27, 0, "", [])
    room.window.frames(2)
    assert room.layer._view is None
    assert [] == room.window.answers()


def test_closed_shop_is_black_and_wakes_for_staff(open_room: Callable[..., Room]) -> None:
    room = open_room(CLOSED)
    assert (0, 0, 0) == room.window.pixel(640, 400)
    room.window.tap("face-1")
    assert [] == room.window.answers()
    finger = room.in_corner()
    finger.touch_down()
    room.window.until(lambda: "staff_pin" in covers(room), "the PIN")
    finger.touch_up()
    assert (0, 0, 0) != room.window.pixel(640, 20)


def test_pause_says_back_soon(open_room: Callable[..., Room]) -> None:
    room = open_room(None, Overrides(paused=True))
    assert isinstance(room.layer._view, PausedView)
    assert "Back soon" == room.layer._quiet.ids.heading.text
    assert (0, 0, 0) != room.window.pixel(20, 20)


def test_test_mode_is_seen_and_lets_shoppers_screens_be_touched(
    open_room: Callable[..., Room],
) -> None:
    room = open_room()
    before = room.window.pixel(20, room.window.kivy.height - 8)
    room.show(test_mode.TestPage())
    room.tap("start_test")
    assert before != room.window.pixel(20, room.window.kivy.height - 8)
    assert "Test: answers are not counted" == room.layer._band.text
    room.window.tap("face-1")
    assert room.window.answers()[0].test


def test_page_takes_the_colours_of_another_theme(open_room: Callable[..., Room]) -> None:
    room = open_room()
    room.enter()
    before = room.window.pixel(20, 20)
    room.window.app.stage._access._switch("high_contrast")
    room.window.frames(3)
    assert before != room.window.pixel(20, 20)
    assert (0, 0, 0) == room.window.pixel(20, 20)
    room.tap("leave")
    assert room.layer._view is None


def test_picture_moves_a_little_against_burn_in(open_window: Open) -> None:
    from kiosk.ui.layers.staff_layer import SHIFTS, StaffLayer

    window = open_window()
    room = Room(window, Settings(), Overrides())
    room.layer.close()
    layer = StaffLayer(room.controller, StaffSettings(), Screen(pixel_shift=0.05), window.trace)
    layer.open()
    try:
        face = window.target("face-1")
        edge = [(face.center_x + dx, face.center_y) for dx in range(-200, 201, 1)]
        seen = set()

        def moved() -> bool:
            seen.add(tuple(window.pixel(*place) for place in edge))
            return len(seen) >= 2

        window.until(moved, "the picture to move")
        assert max(abs(step) for place in SHIFTS for step in place) <= 2
    finally:
        layer.close()


def test_error_of_the_screen_shows_a_calm_page_and_starts_anew(
    open_room: Callable[..., Room],
) -> None:
    from kivy.base import ExceptionManager

    from kiosk.ui import crash_page

    room = open_room()
    began: list[bool] = []
    handler = crash_page.watch(
        lambda: PausedView("Back in a moment", "We will be right back."),
        0.05,
        lambda: began.append(True),
    )
    children = list(room.window.kivy.children)
    try:
        assert ExceptionManager.PASS == ExceptionManager.handle_exception(ValueError("made up"))
        (page,) = room.window.kivy.children
        assert "Back in a moment" == page.ids.heading.text
        room.window.until(lambda: began, "the new beginning")
        assert ExceptionManager.PASS == ExceptionManager.handle_exception(ValueError("again"))
        assert ExceptionManager.RAISE == handler.handle_exception(KeyboardInterrupt())
    finally:
        ExceptionManager.remove_handler(handler)
        handler.let_go()
        room.window.kivy.remove_widget(page)
        for child in reversed(children):
            room.window.kivy.add_widget(child)
