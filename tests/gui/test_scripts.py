"""Scripts other than Latin in the real window: shaped, ordered, and laid out as they are read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.loader import load_questionnaire
from config.settings import QuestionRoute, Timing

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("unpainted")]

Open = Callable[..., Any]
QUESTIONNAIRE = str(Path(__file__).parents[1] / "scripts.toml")


@pytest.fixture
def window(open_window: Open) -> Any:
    timing = Timing(thanks=60, invitation=60, question=60, still_there=10)
    return open_window(load_questionnaire(QUESTIONNAIRE), timing=timing, way=QuestionRoute())


def drawn(text: str, **options: Any) -> Any:
    """What the provider of texts makes of a text, in white on nothing."""
    from kiosk.ui.platform.text_provider import ScriptLabel

    label = ScriptLabel(text=text, font_name="Figtree", font_size=40, **options)
    label.refresh()
    return label


def columns(label: Any) -> list[bytes]:
    """The ink of each column of pixels, from the left; empty ones at both ends left out."""
    width, height = label.texture.size
    alpha = bytes(label.texture.pixels)[3::4]
    found = [bytes(alpha[y * width + x] for y in range(height)) for x in range(width)]
    while found and not any(found[0]):
        del found[0]
    while found and not any(found[-1]):
        del found[-1]
    return found


@pytest.mark.usefixtures("window")
def test_hebrew_stands_in_the_order_of_its_readers() -> None:
    alef, shin = columns(drawn("א")), columns(drawn("ש"))
    both = columns(drawn("אש"))
    assert both[-len(alef) :] == alef
    assert both[: len(shin)] == shin


@pytest.mark.usefixtures("window")
def test_arabic_letters_join() -> None:
    joined = len(columns(drawn("كيف")))
    alone = sum(len(columns(drawn(letter))) for letter in "كيف")
    assert joined < 0.8 * alone


@pytest.mark.usefixtures("window")
def test_text_is_as_wide_as_it_was_measured_before_it_was_drawn() -> None:
    for text in ("كيف كانت زيارتك", "איך היה", "Як пройшов", "Ἑλλάς IKEA שלום"):
        label = drawn(text)
        measured = label.get_extents(text)[0]
        assert measured == label.texture.size[0]
        assert 0.9 * measured <= len(columns(label)) <= measured


@pytest.mark.usefixtures("window")
def test_number_within_hebrew_reads_from_the_left() -> None:
    begins = {number: columns(drawn(f"אב {number}"))[:8] for number in ("17", "14", "71")}
    assert begins["17"] == begins["14"]
    assert begins["17"] != begins["71"]


@pytest.mark.usefixtures("window")
def test_no_letter_of_the_scripts_is_the_box_of_a_missing_one() -> None:
    box = columns(drawn("\u4e00"))
    for text in ("Я", "Ї", "ώ", "ạ", "ش", "ץ", "₴"):
        assert box != columns(drawn(text))


def test_faces_begin_where_reading_begins(window: Any) -> None:
    assert window.target("face-0").x < window.target("face-2").x
    window.tap("language-ar")
    window.settle()
    assert window.target("face-0").x > window.target("face-2").x
    window.tap("face-2")
    window.commit_all()
    assert [2] == [answer.value for answer in window.answers()]


def test_questions_are_laid_out_from_the_right(window: Any) -> None:
    window.tap("language-he")
    window.settle()
    window.tap("face-0")
    window.commit_all()
    window.settle()
    window.tap("accept")
    window.settle()
    assert "מה נוכל לשפר בחנות Hymio?" == window.screen._words.text
    assert window.target("skip").x < window.target("leave").x
    option = window.target("option-queue")
    tick = next(child for child in option.children if type(child).__name__ == "TickBox")
    assert tick.x > option.ids.words.x
    window.tap("skip")
    window.settle()
    assert window.target("number-0").x > window.target("number-10").x
    assert window.target("back").right > window.target("skip").right
    assert "right" == window.screen._area._low.halign


def test_keyboard_has_the_letters_of_the_language(window: Any) -> None:
    window.tap("language-ru")
    window.settle()
    window.tap("face-0")
    window.commit_all()
    window.settle()
    window.tap("accept")
    for _skip in range(3):
        window.settle()
        window.tap("skip")
    window.settle()
    for letter in "Да":
        window.tap(f"key-{letter}")
        window.settle()
    assert "Да" == window.screen._area._entry.text
