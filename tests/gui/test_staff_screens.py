"""The layer over the shopper's screens, in a real window."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from config.settings import WEEKDAYS, Hours, Screen, Settings
from config.settings import Staff as StaffSettings
from kiosk import staff
from kiosk.desk import Desk, Doors
from kiosk.overlay import Overlay
from kiosk.pin import Right
from kiosk.staff_facts import (
    Choice,
    Choices,
    Exported,
    Exporting,
    Finding,
    Findings,
    Light,
    Media,
    Medium,
    PinJudged,
    PinState,
    QuarantineEntry,
    QuarantineList,
    Report,
)  # fmt: skip
from kiosk.staff_orders import JudgePin, Work
from kiosk.staff_views import PausedView
from sync.clock import SystemClock

pytestmark = pytest.mark.gui

Open = Callable[..., Any]
CLOSED = Settings(hours=Hours(**dict.fromkeys(WEEKDAYS, ())), staff=StaffSettings(hold=1))
SIZES = [
    pytest.param((800, 480), 154.0, id="7 inch"),
    pytest.param((1280, 800), 217.0, id="10 inch"),
    pytest.param((1080, 1920), 340.0, id="upright"),
    pytest.param((3840, 2160), 600.0, id="4K"),
]


class Room:
    """A window with the layer over it; its background work is only noted."""

    def __init__(self, window: Any, settings: Settings, overlay: Overlay) -> None:
        from kiosk.ui.staff_layer import StaffLayer

        self.window = window
        self.asked: list[Work] = []
        doors = Doors(
            work=self.asked.append,
            in_force=lambda _settings: None,
            restart=lambda: None,
            quit=lambda: None,
            is_idle=lambda: True,
            clock_offset_ms=lambda: 0,
        )
        self.desk = Desk(settings, overlay, SystemClock(), doors)
        self.layer = StaffLayer(self.desk, settings.staff, Screen(pixel_shift=0), window.trace)
        self.layer.open()
        window.frames(3)

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

    def show(self, page: staff.Page) -> None:
        self.desk._state = replace(self.desk._state, page=page, touched_ms=SystemClock().mono_ms())
        self.desk._show()
        self.window.frames(3)

    def enter(self) -> None:
        self.desk.held()
        self.desk.told(PinState(is_set=True))
        self.window.frames(2)


@pytest.fixture
def open_room(open_window: Open) -> Iterator[Callable[..., Room]]:
    rooms: list[Room] = []

    def open_one(
        settings: Settings | None = None, overlay: Overlay | None = None, *window: Any
    ) -> Room:
        settings = settings or Settings(staff=StaffSettings(hold=1))
        rooms.append(Room(open_window(*window), settings, overlay or Overlay()))
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
    assert not room.window.target("face-2").pressed


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
    room.tap("done")
    assert JudgePin("2580") == room.asked[-1]
    room.desk.told(PinJudged(Right()))
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
    assert "••••" == room.layer._view.typed


def test_pin_by_keys_and_no_key_reaches_the_shopper(open_room: Callable[..., Room]) -> None:
    room = open_room()
    room.enter()
    for key in (50, 53, 56, 266 - 10):
        room.window.kivy.dispatch("on_key_down", key, 0, "", [])
    room.window.kivy.dispatch("on_key_down", 13, 0, "", [])
    assert JudgePin("2580") == room.asked[-1]
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
    room = open_room(None, Overlay(paused=True))
    assert isinstance(room.layer._view, PausedView)
    assert "Back soon" == room.layer._quiet.ids.heading.text
    assert (0, 0, 0) != room.window.pixel(20, 20)


def test_test_mode_is_seen_and_lets_shoppers_screens_be_touched(
    open_room: Callable[..., Room],
) -> None:
    room = open_room()
    before = room.window.pixel(20, room.window.kivy.height - 8)
    room.show(staff.TestPage())
    room.tap("start")
    assert before != room.window.pixel(20, room.window.kivy.height - 8)
    assert "Test: taps are not counted" == room.layer._band.text
    room.window.tap("face-1")
    assert room.desk.marked(tuple(room.window.answers()))[0].test


def test_picture_moves_a_little_against_burn_in(open_window: Open) -> None:
    from kiosk.ui.staff_layer import SHIFTS, StaffLayer

    window = open_window()
    room = Room(window, Settings(), Overlay())
    room.layer.close()
    layer = StaffLayer(room.desk, StaffSettings(), Screen(pixel_shift=0.05), window.trace)
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

    from kiosk.ui import mishap

    room = open_room()
    began: list[bool] = []
    handler = mishap.watch(
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


REPORT = Report(
    "0.1.0", place="Hakaniemi, till 2", head_office="https://feedback.example.com", stored=12345,
    waiting=2345, oldest_waiting_ms=3 * 86_400_000, quarantined=2, last_contact_ms=42_000,
    clock_offset_ms=86_400_000, free_disk_bytes=50_000_000, has_pin=False,
    trouble=("/etc/hymio/own.toml has 1 mistake: questions[2].text.fi: found nothing",),
    paused="The head office refuses this kiosk's credential. Enrol it again.",
)  # fmt: skip
CHOICES = Choices(
    tuple(Choice(name, name.title()) for name in ("checkout", "demonstration", "summer.toml")),
    "checkout", ("en", "fi", "sv", "de", "it", "hu", "pl"), "en",
)  # fmt: skip
STICK = Media((Medium(Path("/media/A"), "A", 10**9, writable=True),))
PAGES = {
    "pin": staff.EnterPin(digits="25", waiting=False),
    "locked": staff.EnterPin(waiting=False, note="wrong", locked_until_ms=2**50),
    "choose": staff.ChoosePin(first_run=True),
    "menu": staff.Menu(),
    "status": staff.StatusPage(REPORT, 2**50),
    "quarantine": staff.QuarantinePage(
        QuarantineList(
            tuple(QuarantineEntry(n, n, "invalid", "$.value", 0, readable=True) for n in range(9)),
            12,
        )
    ),
    "test": staff.TestPage(),
    "questionnaires": staff.QuestionnairePage(
        CHOICES, refused="summer.toml", mistakes=("a: found b; allowed: c",) * 5
    ),
    "hours": staff.HoursPage(),
    "day": staff.DayPage(0),
    "sound": staff.SoundPage(Light(70)),
    "no light": staff.SoundPage(Light(None)),
    "connection": staff.ConnectionPage(
        Findings((Finding("network", "good"), Finding("tls", "bad", "certificate")), done=True)
    ),
    "code": staff.EnrolmentPage(url="https://feedback.example.com", code="FHKL", waiting=False),
    "address": staff.EnrolmentPage(url="https://feedback.ex", typing="url", waiting=False),
    "signs": staff.EnrolmentPage(url="https://h", typing="url", signs=True, waiting=False),
    "sticks": staff.ExportPage(
        Media((Medium(Path("/media/A"), "A", 10**9, writable=True),)), 2**50
    ),
    "exporting": staff.ExportPage(progress=Exporting(500, 1000)),
    "exported": staff.ExportPage(result=Exported(Path("/media/A/hymio-till"), 1000)),
    "leave": staff.LeavePage(),
}


@pytest.mark.slow
@pytest.mark.parametrize(("size", "width_mm"), SIZES)
@pytest.mark.parametrize("language", ["en", "fi"])
def test_every_page_fits_and_suits_a_finger(
    open_room: Callable[..., Room], size: tuple[int, int], width_mm: float, language: str
) -> None:
    hours = Hours(monday=("09:00-21:00",), friday=("09:00-12:00", "13:00-02:00"))
    room = open_room(Settings(hours=hours), None, "checkout", size, width_mm)
    room.desk.speak(language)
    for name, page in PAGES.items():
        room.show(page)
        check_page(room, name, size, size[0] / width_mm)


def check_page(room: Room, name: str, size: tuple[int, int], mm: float) -> None:
    boxes = {control: box(widget) for control, widget in room.layer.targets().items()}
    assert boxes, name
    for control, (left, bottom, right, top) in boxes.items():
        assert min(right - left, top - bottom) >= 12 * mm - 1, (name, control)
        assert -1 <= left < right <= size[0] + 1, (name, control)
        assert -1 <= bottom < top <= size[1] + 1, (name, control)
    for one, other in combinations(boxes, 2):
        a, b = boxes[one], boxes[other]
        apart = max(a[0] - b[2], b[0] - a[2], a[1] - b[3], b[1] - a[3])
        assert apart >= 3 * mm - 1.5, (name, one, other)
    for line in room.layer._page._lines:
        left, bottom, right, top = box(line.ids.words)
        if line.parent is None:
            continue
        assert bottom >= -1, (name, line.text)
        assert top <= size[1] + 1, (name, line.text)
        for control, other in boxes.items():
            apart = max(left - other[2], other[0] - right, bottom - other[3], other[1] - top)
            assert apart >= -1, (name, line.text, control)
    for widget in room.layer.targets().values():
        words = widget.ids.words
        assert words.texture_size[0] <= widget.width + 1, (name, widget.text)


def box(widget: Any) -> tuple[float, float, float, float]:
    left, bottom = widget.to_window(widget.x, widget.y)
    return (left, bottom, left + widget.width, bottom + widget.height)
