"""What a kiosk can't show is refused before a shopper sees it."""

from pathlib import Path

import pytest

from assets.fonts import TYPEFACES
from config.errors import InvalidFileError
from config.loader import load_questionnaire, load_settings, shipped_questionnaires
from config.settings import Screen
from kiosk.commands.check import check_file
from kiosk.suitability import (
    UnsuitableQuestionnaireError,
    check_suitability,
    width_notes,
)

QUESTIONNAIRE = """id = "q"
title = "x"
languages = ["{language}"]
[[questions]]
id = "mood"
kind = "smiley"
text = {{ {language} = "{text}" }}
"""


def questionnaire(folder: Path, language: str, text: str) -> Path:
    file = folder / "own.toml"
    file.write_text(QUESTIONNAIRE.format(language=language, text=text), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("language", "text", "letters"),
    [
        ("zh", "您今天的购物体验如何？", "您 (U+60A8)"),
        ("th", "วันนี้เป็นอย่างไรบ้าง", "ว (U+0E27)"),
        ("bn", "আজ কেমন ছিল?", "আ (U+0986)"),
        ("en", "How was it? 😀", "😀 (U+1F600)"),
    ],
)
def test_letters_that_no_font_has_are_named(
    tmp_path: Path, language: str, text: str, letters: str
) -> None:
    file = questionnaire(tmp_path, language, text)
    with pytest.raises(UnsuitableQuestionnaireError) as caught:
        check_file(file)
    told = str(caught.value)
    assert f"questions[0].text.{language}: found letters that no font has: {letters}" in told
    assert str(file) in told


@pytest.mark.parametrize(
    ("language", "text"),
    [("uk", "Як пройшов ваш візит?"), ("el", "Πώς ήταν;"), ("ar", "كيف كانت زيارتك؟"),
     ("he", "איך היה?"), ("vi", "Bạn thấy thế nào?"), ("en", "Was the self\u2011service easy?")],
)  # fmt: skip
def test_scripts_with_a_bundled_font_pass(tmp_path: Path, language: str, text: str) -> None:
    assert "is a valid questionnaire" in check_file(questionnaire(tmp_path, language, text))


@pytest.mark.parametrize("name", shipped_questionnaires())
def test_every_shipped_questionnaire_can_be_shown(name: str) -> None:
    check_suitability(name, load_questionnaire(name), Screen())


def test_settings_are_checked_with_their_questionnaire(tmp_path: Path) -> None:
    questionnaire(tmp_path, "th", "สวัสดี")
    settings = tmp_path / "kiosk.toml"
    settings.write_text('questionnaire = "own.toml"\n')
    with pytest.raises(UnsuitableQuestionnaireError, match=r"own\.toml"):
        check_file(settings)


def test_font_of_the_settings_is_one_and_its_path_is_relative_to_them(tmp_path: Path) -> None:
    (tmp_path / "own.ttf").write_bytes(TYPEFACES[1].regular.read_bytes())
    settings = tmp_path / "kiosk.toml"
    settings.write_text('[screen]\nfonts = ["own.ttf"]\n')
    assert (str(tmp_path / "own.ttf"),) == load_settings(settings).screen.fonts
    settings.write_text('[screen]\nfonts = ["own.ttf", "kiosk.toml"]\n')
    with pytest.raises(InvalidFileError, match=r"screen.fonts\[1\]: found 'kiosk.toml' \(it is no"):
        load_settings(settings)


def options(folder: Path, count: int) -> Path:
    file = questionnaire(folder, "en", "How was it?")
    texts = ", ".join(f'{{ id = "o{n}", text = {{ en = "Option {n}" }} }}' for n in range(count))
    file.write_text(
        file.read_text()
        + f"""[[questions]]
id = "why"
kind = "single_choice"
other = true
text = {{ en = "Why?" }}
options = [{texts}]
"""
    )
    return file


def screen(width: int, height: int, width_mm: float) -> Screen:
    return Screen(fullscreen=False, width=width, height=height, width_mm=width_mm)


@pytest.mark.parametrize(
    ("panel", "most"),
    [
        (screen(800, 480, 154), 12),
        (screen(720, 1280, 88), 12),
        (screen(480, 800, 86), 11),
        (screen(800, 480, 108), 12),
        (screen(1920, 360, 300), 11),
    ],
)
def test_options_that_do_not_fit_the_panel_are_refused(
    tmp_path: Path, panel: Screen, most: int
) -> None:
    fits = load_questionnaire(str(options(tmp_path, most)))
    check_suitability("own", fits, panel)
    if most < 12:
        more = load_questionnaire(str(options(tmp_path, most + 1)))
        with pytest.raises(UnsuitableQuestionnaireError, match=r"questions\[1\]: found controls"):
            check_suitability("own", more, panel)


def test_panel_that_is_too_low_for_anything_is_refused(tmp_path: Path) -> None:
    file = load_questionnaire(str(questionnaire(tmp_path, "en", "How was it?")))
    with pytest.raises(UnsuitableQuestionnaireError, match="a larger panel"):
        check_suitability("own", file, screen(1920, 480, 100))


def test_size_of_the_panel_itself_counts_where_the_window_fills_it(tmp_path: Path) -> None:
    many = load_questionnaire(str(options(tmp_path, 12)))
    check_suitability("own", many, Screen())
    check_suitability("own", many, Screen(), (344, 194))
    with pytest.raises(UnsuitableQuestionnaireError):
        check_suitability("own", many, Screen(), (300, 56))
    # Turned: as wide as the panel is high.
    check_suitability("own", many, Screen(width_mm=194), (344, 194))


@pytest.mark.parametrize(
    ("width", "panel", "said"),
    [
        (None, None, "217 mm is taken"),
        (None, (344, 194), "344 x 194 mm"),
        (217.0, (154, 86), "measure it"),
        (344.0, (344, 194), ""),
        (195.0, (344, 194), ""),
        (217.0, None, ""),
    ],
)
def test_width_that_cannot_be_right_is_said(
    width: float | None, panel: tuple[int, int] | None, said: str
) -> None:
    assert said in "".join(width_notes(Screen(width_mm=width), panel))
    assert bool(said) == bool(width_notes(Screen(width_mm=width), panel))
