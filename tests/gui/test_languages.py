"""Another language on the way: behind the globe of every screen after the rating."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from config.settings import QuestionRoute, Timing
from kiosk.session.appearance import Appearance

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("unpainted")]

Open = Callable[..., Any]
TAB, ENTER, ESCAPE = 9, 13, 27


@pytest.fixture
def window(open_window: Open) -> Any:
    timing = Timing(thanks=60, invitation=60, question=60, still_there=10)
    return open_window("demonstration", (800, 480), 154.0, timing=timing, way=QuestionRoute())


def rate(window: Any, face: int) -> None:
    window.tap(f"face-{face}")
    window.commit_all()
    window.settle()


def touch(window: Any, control: Any) -> None:
    from kivy.tests.common import UnitTestTouch

    finger = UnitTestTouch(*control.to_window(*control.center))
    finger.touch_down()
    finger.touch_up()
    window.settle()


def choose(window: Any, tag: str) -> None:
    touch(window, window.target("languages"))
    touch(window, window.app.stage._languages.targets()[f"language-{tag}"])


def on(window: Any, question: str) -> bool:
    return bool(getattr(window.session.state.phase, "question", "") == question)


def key(window: Any, code: int) -> None:
    window.kivy.dispatch("on_key_down", code, 0, "", [])
    window.frames(1)


def test_language_chosen_below_the_thanks_lasts_for_this_session(window: Any) -> None:
    rate(window, 0)
    assert "What could be better?" == window.screen._words.text
    choose(window, "fi")
    assert window.app.stage._languages is None
    assert "Mitä voisimme parantaa?" == window.screen._words.text
    window.tap("option-queue")
    window.tap("done")
    window.commit_all()
    window.settle()
    assert "Haluaisitko kertoa lisää?" == window.screen._question.text
    assert ["en", "fi"] == [answer.language for answer in window.answers()]
    choose(window, "pl")
    assert "Nie, dziękuję" == window.target("decline").text
    window.tap("decline")
    window.commit_all()
    assert "How was your visit today?" == window.screen.ids.question.text


def test_what_was_written_stays_and_the_keyboard_speaks_the_new_language(window: Any) -> None:
    rate(window, 2)
    while not on(window, "comment"):
        window.tap("accept" if "accept" in window.screen.targets() else "skip")
        window.commit_all()
        window.settle()
    window.tap("key-T")
    choose(window, "de")
    assert "T" == window.screen._area.active.text
    assert "key-ß" in window.screen.targets()


def test_touch_beside_the_languages_closes_them_and_hits_nothing(window: Any) -> None:
    rate(window, 0)
    touch(window, window.target("languages"))
    prices = window.target("option-prices")
    touch(window, prices)
    assert window.app.stage._languages is None
    assert not prices.is_selected


def test_languages_by_keys_alone(window: Any) -> None:
    rate(window, 0)
    while not window.target("languages").has_focus:
        key(window, TAB)
    key(window, ENTER)
    menu = window.app.stage._languages
    assert menu.targets()["language-en"].has_focus
    key(window, ESCAPE)
    assert window.app.stage._languages is None
    assert "better" == window.session.state.phase.question
    while not window.target("languages").has_focus:
        key(window, TAB)
    key(window, ENTER)
    key(window, TAB)
    window.settle()
    key(window, ENTER)
    assert "Mitä voisimme parantaa?" == window.screen._words.text


def test_open_languages_go_when_the_time_is_over(window: Any) -> None:
    rate(window, 0)
    touch(window, window.target("languages"))
    window.pass_time(55)
    assert "thanks" == window.shown()[-1]
    window.pass_time(11)
    assert "rating" == window.shown()[-1]
    assert window.app.stage._languages is None


def test_languages_that_need_two_rows_are_folded_into_one_button(window: Any) -> None:
    assert "languages" in window.screen.targets()
    assert "language-fi" not in window.screen.targets()
    choose(window, "fi")
    assert "Millainen käyntisi oli tänään?" == window.screen.ids.question.text
    assert "English" in window.target("languages").text
    assert "Suomi" not in window.target("languages").text


def test_languages_that_nobody_chose_are_put_away(open_window: Open) -> None:
    window = open_window("demonstration", (800, 480), 154.0, timing=Timing(language=0.3))
    touch(window, window.target("languages"))
    assert window.app.stage._languages is not None
    window.until(lambda: window.app.stage._languages is None, "the menu to go")


def test_languages_of_a_larger_panel_stand_side_by_side(open_window: Open) -> None:
    window = open_window("demonstration", (1280, 800), 217.0)
    assert "languages" not in window.screen.targets()
    assert "language-fi" in window.screen.targets()


@pytest.mark.parametrize(
    ("size", "width_mm"), [((800, 480), 154.0), ((720, 1280), 88.0), ((1280, 800), 217.0)]
)
def test_large_letters_make_no_face_smaller(
    open_window: Open, size: tuple[int, int], width_mm: float
) -> None:
    window = open_window("demonstration", size, width_mm)
    window.frames(3)
    usual = window.target("face-0").width
    window.app.stage._access._state = replace(
        window.app.stage._access._state, appearance=Appearance(large_text=True)
    )
    window.app._restyle()
    window.frames(5)
    assert usual * 0.99 <= window.target("face-0").width
