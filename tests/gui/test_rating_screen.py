"""The rating screen in a real window."""

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from config.settings import Timing

pytestmark = pytest.mark.gui

Open = Callable[..., Any]
SIZES = [
    pytest.param((800, 480), 154.0, id="7 inch"),
    pytest.param((1280, 800), 217.0, id="10 inch"),
    pytest.param((1080, 1920), 340.0, id="upright"),
    pytest.param((3840, 2160), 600.0, id="4K"),
]


def test_touch_is_thanked_only_after_the_commit(open_window: Open) -> None:
    window = open_window()
    window.tap("face-2")
    window.frames(10)
    assert [2] == [answer.value for answer in window.answers()]
    assert "thanks" not in window.shown()
    window.commit()
    window.frames(2)
    assert ["rating", "storing", "thanks"] == window.shown()
    assert "Thank you!" == window.screen.ids.heading.text


def test_kiosk_is_idle_again_by_itself(open_window: Open) -> None:
    window = open_window(timing=Timing(thanks=0.2))
    window.tap("face-0")
    window.commit()
    window.until(lambda: window.shown().count("rating") == 2, "the rating screen")
    assert not any(button.is_selected for button in window.screen.ids.faces.children)
    assert [1, 1, 1] == [button.opacity for button in window.screen.ids.faces.children]


def test_second_finger_does_not_count(open_window: Open) -> None:
    window = open_window()
    happy, sad = window.finger("face-2"), window.finger("face-0")
    happy.touch_down()
    sad.touch_down()
    sad.touch_up()
    happy.touch_up()
    window.frames(3)
    assert [0] == [answer.value for answer in window.answers()]
    assert "several" in window.answers()[0].misuse


def test_finger_that_was_lifted_before_is_no_second_one(open_window: Open) -> None:
    window = open_window()
    away, happy = window.finger("face-0"), window.finger("face-2")
    away.touch_down()
    away.touch_move(1, 1)
    away.touch_up()
    happy.touch_down()
    happy.touch_up()
    assert [2] == [answer.value for answer in window.answers()]
    assert "several" not in window.answers()[0].misuse


def test_touch_tells_where_it_was_in_millimetres(open_window: Open) -> None:
    window = open_window()
    window.tap("face-2")
    (rated,) = window.session.state.history.ratings
    face = window.target("face-2")
    assert pytest.approx(face.center_x * 217 / 1280) == rated.spot.x_mm
    assert pytest.approx(face.center_y * 217 / 1280) == rated.spot.y_mm
    assert pytest.approx(face.width * 217 / 1280) == rated.spot.side_mm


def test_ten_fingers_on_one_face_are_one_answer(open_window: Open) -> None:
    window = open_window()
    fingers = [window.finger("face-1") for _ in range(10)]
    for finger in fingers:
        finger.touch_down()
    for finger in fingers:
        finger.touch_up()
    assert [1] == [answer.value for answer in window.answers()]


def test_press_that_ends_elsewhere_means_nothing(open_window: Open) -> None:
    window = open_window()
    finger, other = window.finger("face-0"), window.target("face-2")
    finger.touch_down()
    finger.touch_move(*other.center)
    finger.touch_up()
    window.frames(2)
    assert [] == window.answers()
    assert not window.target("face-0").is_pressed
    assert not other.is_pressed


def test_press_is_seen_on_the_very_next_frame(open_window: Open) -> None:
    window = open_window()
    face = window.target("face-1")
    halo = (face.center_x, face.top + face.width * 0.02)
    before = window.pixel(*halo)
    finger = window.finger("face-1")
    finger.touch_down()
    window.frames(1)
    assert before != window.pixel(*halo)
    finger.touch_move(1, 1)
    window.frames(1)
    assert before == window.pixel(*halo)
    finger.touch_up()


def test_language_changes_the_question_and_its_answer(open_window: Open) -> None:
    window = open_window()
    english = window.screen.ids.question.text
    window.tap("language-fi")
    window.frames(2)
    assert english != window.screen.ids.question.text
    window.tap("face-2")
    window.commit()
    window.frames(2)
    assert "Kiitos!" == window.screen.ids.heading.text
    assert "fi" == window.answers()[0].language


def test_failed_store_shows_closed_and_recovers(open_window: Open) -> None:
    window = open_window()
    window.tap("face-2")
    window.session.on_store_failure(window.submitted[-1][0])
    window.frames(2)
    assert "out_of_order" == window.shown()[-1]
    window.until(lambda: len(window.submitted) == 2, "another attempt")
    window.commit()
    window.frames(2)
    assert ["rating", "storing", "out_of_order", "rating"] == window.shown()


def test_slow_disk_neither_freezes_nor_doubles(open_window: Open) -> None:
    window = open_window()
    window.tap("face-2")
    for _ in range(5):
        window.tap("face-0")
        window.frames(2)
    assert 1 == len(window.answers())
    assert window.target("face-2").is_selected
    assert window.target("face-0").opacity < 0.5


def test_finger_on_a_screen_that_goes_away_answers_nothing(open_window: Open) -> None:
    window = open_window(timing=Timing(thanks=0.1))
    late = window.finger("face-0")
    late.touch_down()
    window.tap("face-2")
    window.commit()
    window.frames(2)
    late.touch_up()
    window.until(lambda: window.shown().count("rating") == 2, "the rating screen")
    assert [2] == [answer.value for answer in window.answers()]
    assert not window.target("face-0").is_pressed


@pytest.mark.parametrize("key", [27, 282, 13, 32])
def test_keys_lead_nowhere(open_window: Open, key: int) -> None:
    window = open_window()
    window.kivy.dispatch("on_key_down", key, 0, "", [])
    window.kivy.dispatch("on_keyboard", key, 0, "", [])
    window.frames(3)
    assert not window.loop.quit
    assert ["rating"] == window.shown()


def test_traced_targets_are_where_the_controls_are(open_window: Open) -> None:
    window = open_window()
    targets = dict(next(facts for event, facts in window.trace.notes if event == "shown"))
    left, top, width, height = targets["targets"]["face-1"]
    face = window.target("face-1")
    assert [face.center_x, 800 - face.center_y] == pytest.approx(
        [left + width / 2, top + height / 2], abs=1
    )


def test_first_frame_is_noted_before_anything_is_shown(open_window: Open) -> None:
    assert ["first_frame", "shown"] == [event for event, _ in open_window().trace.notes]


@pytest.mark.parametrize(("size", "width_mm"), SIZES)
@pytest.mark.parametrize("name", ["checkout", "demonstration"])
def test_everything_fits_and_suits_a_finger(
    open_window: Open, name: str, size: tuple[int, int], width_mm: float
) -> None:
    window = open_window(name, size, width_mm)
    languages = [t for t in window.screen.targets() if t.startswith("language-")]
    for language in languages:
        window.tap(language)
        window.frames(3)
        check_layout(window, size, size[0] / width_mm)


@pytest.mark.parametrize(("size", "width_mm"), SIZES)
def test_long_question_and_five_labels_of_two_lines_fit(
    open_window: Open, tmp_path: Path, size: tuple[int, int], width_mm: float
) -> None:
    file = tmp_path / "long.toml"
    file.write_text(FIVE_FACES)
    window = open_window(str(file), size, width_mm)
    check_layout(window, size, size[0] / width_mm)
    pictures = [button.ids.picture for button in window.screen.ids.faces.children]
    assert 1 == len({round(picture.center_y) for picture in pictures})


FIVE_FACES = """
id = "long"
title = "Long"
languages = ["en"]
[[questions]]
id = "rating"
kind = "smiley"
faces = 5
text = { en = "How easy was it to find what you came to look for in our shop today?" }
labels = [
    { en = "Extremely difficult" },
    { en = "Difficult" },
    { en = "So so" },
    { en = "Easy" },
    { en = "Surprisingly easy" },
]
"""


def check_layout(window: Any, size: tuple[int, int], mm: float) -> None:
    screen = window.screen
    controls = {name: box(control) for name, control in screen.targets().items()}
    texts = {"question": text_box(screen.ids.question)}
    for button in screen.ids.faces.children:
        texts[f"label-{int(button.face)}"] = text_box(button.ids.label)
    for name, (left, bottom, right, top) in (controls | texts).items():
        assert 0 <= left < right <= size[0], name
        assert 0 <= bottom < top <= size[1], name
    for name, (left, bottom, right, top) in controls.items():
        least = 20 if name.startswith("face-") else 12
        assert min(right - left, top - bottom) >= least * mm - 1, name
    for one, other in combinations(controls, 2):
        assert distance(controls[one], controls[other]) >= 3 * mm - 1.5, (one, other)
    labels = {name: text for name, text in texts.items() if name != "question"}
    for one, other in combinations(labels, 2):
        assert distance(labels[one], labels[other]) > 0, (one, other)
    for name, control in controls.items():
        assert distance(texts["question"], control) > 0, name


Box = tuple[float, float, float, float]


def box(widget: Any) -> Box:
    left, bottom = widget.to_window(widget.x, widget.y)
    return (left, bottom, left + widget.width, bottom + widget.height)


def text_box(label: Any) -> Box:
    """What the letters cover; the texture is as wide as the line may be."""
    middle_x, middle_y = label.to_window(*label.center)
    width, height = label.texture_size
    return (
        middle_x - width / 2,
        middle_y - height / 2,
        middle_x + width / 2,
        middle_y + height / 2,
    )


def distance(one: Box, other: Box) -> float:
    across = max(one[0] - other[2], other[0] - one[2])
    along = max(one[1] - other[3], other[1] - one[3])
    return max(across, along)
