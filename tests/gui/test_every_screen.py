"""Walks the screens as scripts/screens does, and shows that the walk sees what is wrong."""

import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from config.loader import load_questionnaire
from kiosk.session.question_view import Area
from kiosk.session.views import View

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, str(ROOT / "scripts" / "render_screens.py")]
pytestmark = pytest.mark.gui


def test_every_view_and_every_part_of_a_question_is_among_those_shown() -> None:
    from gallery_views import views

    seen = [view for _name, view in views(load_questionnaire("demonstration"), "en")]
    assert set(get_args(View)) == {type(view) for view in seen}
    assert set(get_args(Area)) == {type(view.area) for view in seen if hasattr(view, "area")}


def test_every_page_of_the_staff_is_among_those_shown() -> None:
    from gallery_staff import PAGES

    from kiosk.staff import machine

    assert set(machine.PAGES) == {type(page) for page in PAGES.values()}


def test_longer_texts_are_longer_and_nothing_else_changes() -> None:
    from gallery_views import grown, views

    for _name, view in views(load_questionnaire("demonstration"), "en"):
        longer = grown(view)
        assert type(longer) is type(view)
        if hasattr(view, "text"):
            assert 1.3 <= len(longer.text) / len(view.text) <= 1.6
            assert view.question_id == longer.question_id


@pytest.mark.parametrize("panel", ["7 inch", "upright"])
def test_screens_suit_a_finger_and_an_eye(panel: str, tmp_path: Path) -> None:
    wanted = ["--panel", panel, "--language", "longer", "--only", "rating", "--only", "better"]
    wanted += ["--only", "languages", "--only", "staff, status, troubles", "--sheets"]
    done = subprocess.run(
        [*PROGRAM, *wanted, "--to", str(tmp_path)], capture_output=True, text=True,
        check=False, timeout=100,
    )  # fmt: skip
    assert 0 == done.returncode, done.stdout + done.stderr
    # Seven looks of nine of the shopper's screens, four of the staff's page; a sheet for each.
    assert 9 * 7 + 4 + 10 == len(list(tmp_path.rglob("*.png")))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_every_screen_has_room_for_the_longest_texts_and_the_largest_letters() -> None:
    """The hardest part of what ``scripts/screens`` walks through: the smallest, the narrowest."""
    wanted = ["--panel", "7 inch", "--panel", "upright", "--language", "longer"]
    wanted += ["--language", "hu", "--look", "large text", "--look", "low reach", "--no-pictures"]
    done = subprocess.run(
        [*PROGRAM, *wanted], capture_output=True, text=True, check=False, timeout=350
    )
    assert 0 == done.returncode, done.stdout + done.stderr


def widget(kind: Any, **properties: Any) -> Any:
    made = kind(size_hint=(None, None), **properties)
    made.size = properties.get("size", made.size)
    return made


@pytest.fixture
def walk(open_window: Any) -> Any:
    """The faults of some widgets on a page of 1000 pixels and 100 mm."""
    open_window()
    from gallery_checks import Box, faults
    from kivy.uix.floatlayout import FloatLayout

    def walked(*widgets: Any, reach: float = 1000) -> list[str]:
        root = FloatLayout(size=(1000, 1000))
        for each in widgets:
            root.add_widget(each)
        root.do_layout()
        return faults((root,), Box(0, 0, 1000, 1000), 10, reach=reach)

    return walked


def button(**properties: Any) -> Any:
    from kiosk.ui.widgets.buttons import WordButton

    return widget(WordButton, **{"size": (150, 150), "pos": (100, 100)} | properties)


def words(text: str, **properties: Any) -> Any:
    from kivy.uix.label import Label

    label = widget(Label, text=text, **{"size": (300, 60), "pos": (100, 600)} | properties)
    label.texture_update()
    return label


def test_what_is_right_is_not_reported(walk: Any) -> None:
    assert [] == walk(button(), button(pos=(300, 100)), words("Thank you"))


def test_small_control_is_seen(walk: Any) -> None:
    [found] = walk(button(size=(150, 100)))
    assert "10.0 mm small, not 12" in found


def test_keys_may_be_smaller_and_closer_up_to_their_own_limits(walk: Any) -> None:
    from kiosk.ui.widgets.buttons import KeyboardKey

    def key(side: float, left: float) -> Any:
        return widget(KeyboardKey, size=(side, 95), pos=(left, 100))

    # This page of 100 mm is narrower than ten keys.
    assert [] == walk(key(70, 100), key(70, 190))
    [found] = walk(key(60, 100))
    assert "not 9" in found
    [found] = walk(key(70, 100), key(70, 180))
    assert "1.0 mm apart" in found


def test_controls_too_close_are_seen(walk: Any) -> None:
    [found] = walk(button(), button(pos=(270, 100)))
    assert "2.0 mm apart" in found


def test_control_out_of_the_screen_or_out_of_reach_is_seen(walk: Any) -> None:
    assert any("sticks out" in found for found in walk(button(pos=(900, 100))))
    assert any("out of reach" in found for found in walk(button(pos=(100, 600)), reach=500))


def test_text_on_a_control_or_on_a_text_is_seen(walk: Any) -> None:
    assert any("lies on" in found for found in walk(button(), words("Hello", pos=(50, 140))))
    both = walk(words("Hello"), words("World", pos=(110, 610)))
    assert any("lies on" in found for found in both)


def test_text_that_is_clipped_or_torn_is_seen(walk: Any) -> None:
    assert any("clipped" in found for found in walk(words("Hello", pos=(900, 600))))
    torn = words("Hello", text_size=(10, None))
    assert any("broken" in found for found in walk(torn))


def test_only_the_layer_on_top_is_looked_at(walk: Any) -> None:
    from kivy.uix.floatlayout import FloatLayout

    layer = FloatLayout(size_hint=(1, 1))
    layer.is_layer = True
    layer.add_widget(button())
    assert [] == walk(button(size=(150, 20)), layer)


def test_pale_text_is_seen(open_window: Any) -> None:
    open_window()
    from gallery_checks import Box, Picture, pale
    from kivy.uix.floatlayout import FloatLayout

    white = Picture(b"\xff" * (200 * 200 * 4), 200, 200)
    root = FloatLayout(size=(200, 200))
    grey, black = words("Grey", pos=(20, 20)), words("Black", pos=(20, 100))
    grey.color, black.color = (0.6, 0.6, 0.6, 1), (0, 0, 0, 1)
    for label in (grey, black):
        label.size = (100, 40)
        root.add_widget(label)
    [found] = pale((root,), Box(0, 0, 200, 200), white)
    assert "Grey" in found
