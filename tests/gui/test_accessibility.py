"""The accessibility button in a real window: what it changes, and for how long."""

from collections.abc import Callable
from typing import Any

import pytest

from config.settings import Timing
from kiosk.session.appearance import Appearance, AppearanceState

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("unpainted")]

Open = Callable[..., Any]
ESCAPE, TAB, ENTER = 27, 9, 13


def touch(window: Any, control: Any) -> None:
    from kivy.tests.common import UnitTestTouch

    finger = UnitTestTouch(*control.to_window(*control.center))
    finger.touch_down()
    finger.touch_up()
    window.frames(3)


def open_menu(window: Any) -> Any:
    touch(window, window.app.stage._access.button)
    return window.app.stage._access.menu


def switch(window: Any, feature: str) -> None:
    touch(window, window.app.stage._access.menu.targets()[f"access-{feature}"])


def end_session(window: Any) -> None:
    window.tap("face-2")
    window.commit()
    window.until(lambda: "thanks" in window.shown(), "the thanks")
    assert window.app.stage._access.appearance.large_text
    window.until(lambda: window.shown()[-1] == "rating", "the rating screen")


def test_button_is_large_enough_and_on_the_screen(open_window: Open) -> None:
    window = open_window()
    button = window.app.stage._access.button
    assert min(button.size) >= 12 * window.app.theme.mm
    assert not button.active
    assert "access" in next(f for e, f in window.trace.notes if e == "shown")["targets"]


def test_large_text_is_seen_at_once_and_told_on_the_button(open_window: Open) -> None:
    window = open_window()
    before = window.app.theme.question_size
    open_menu(window)
    switch(window, "large_text")
    assert 1.35 == pytest.approx(window.app.theme.question_size / before)
    assert window.app.stage._access.button.active
    assert window.app.stage._access.menu is not None
    assert window.app.stage._access.menu.targets()["access-large_text"].on


def test_low_reach_brings_every_control_into_the_lower_half(open_window: Open) -> None:
    window = open_window()
    open_menu(window)
    switch(window, "low_reach")
    touch(window, window.app.stage._access.menu.targets()["access-done"])
    for name, control in window.screen.targets().items():
        assert control.to_window(*control.center)[1] + control.height / 2 <= 401, name


def test_high_contrast_and_stillness_take_over_the_theme(open_window: Open) -> None:
    window = open_window()
    open_menu(window)
    switch(window, "high_contrast")
    switch(window, "reduced_motion")
    assert (0.0, 0.0, 0.0, 1.0) == window.app.theme.colours.page
    assert 0.0 == window.app.theme.motion.appear


def test_next_shopper_finds_the_kiosk_as_the_shop_set_it_up(open_window: Open) -> None:
    window = open_window(timing=Timing(thanks=0.1, invitation=0.2))
    usual = window.app.theme
    open_menu(window)
    switch(window, "large_text")
    touch(window, window.app.stage._access.menu.targets()["access-done"])
    end_session(window)
    window.frames(3)
    assert usual == window.app.theme
    assert not window.app.stage._access.button.active


def test_who_leaves_without_an_answer_leaves_nothing_behind(open_window: Open) -> None:
    window = open_window(timing=Timing(language=2))
    open_menu(window)
    switch(window, "low_reach")
    window.until(lambda: not window.app.stage._access.appearance.low_reach, "the usual layout")
    assert window.app.stage._access.menu is None


def test_while_the_menu_is_open_no_face_can_be_touched(open_window: Open) -> None:
    window = open_window()
    open_menu(window)
    window.tap("face-2")
    window.frames(3)
    assert [] == window.answers()
    assert window.app.stage._access.menu is None


def test_menu_is_used_by_keys_alone(open_window: Open) -> None:
    window = open_window()

    def key(code: int) -> None:
        window.kivy.dispatch("on_key_down", code, 0, "", [])
        window.frames(2)

    for _ in range(40):
        if window.app.stage._access.button.has_focus:
            break
        key(TAB)
    key(ENTER)
    menu = window.app.stage._access.menu
    assert menu is not None
    while not menu.targets()["access-large_text"].has_focus:
        key(TAB)
    key(ENTER)
    assert window.app.stage._access.appearance.large_text
    assert window.app.stage._access.menu.targets()["access-large_text"].has_focus
    key(ESCAPE)
    assert window.app.stage._access.menu is None


@pytest.mark.parametrize("size", [((800, 480), 154.0), ((720, 1280), 88.0)])
def test_large_text_leaves_the_faces_as_large_as_they_are(
    open_window: Open, size: tuple[tuple[int, int], float]
) -> None:
    window = open_window("checkout", *size)
    window.frames(3)
    usual = window.target("face-0").width
    window.app.stage._access._state = AppearanceState(Appearance(large_text=True))
    window.app._restyle()
    window.frames(3)
    assert window.target("face-0").width >= usual
