"""Texts of any script: which font draws what, in which order, and what no font has."""

from itertools import pairwise
from pathlib import Path

import pytest

from assets.fonts import TYPEFACES
from assets.letters import Fonts
from config.font_file import UnusableFontError, letters_in
from kiosk.typesetting.bidi import levels, runs_from_right, visual_order
from kiosk.typesetting.runs import Run, runs

FONTS = Fonts()
FIGTREE, RUBIK, NOTO, NOTO_ARABIC = range(4)
TEXTS = {
    "uk": "Як пройшов ваш візит сьогодні? Їжа, ґанок, м’який знак – 50 ₴",
    "ru": "Как прошёл ваш визит? Объём, съёмка «вкусно» 100 ₽",
    "sr": "Како је прошла ваша посета? Љубазно, њихово, џеп",
    "el": "Πώς ήταν η επίσκεψή σας σήμερα; ΐ ΰ ϊ ϋ «καλή»",
    "vi": "Hôm nay bạn thấy thế nào? Ưỡn ẹo, Đặng Quỳnh, tuyệt vời",
    "ar": "كيف كانت زيارتك اليوم؟ رائع، شكرًا لكم ٣٫٥",
    "fa": "بازدید شما چطور بود؟ می‌خواهم، پژوهش، گچ ۱۲",
    "ur": "آپ کا دورہ کیسا رہا؟ بہت اچھا ٹھیک ڈاکٹر",
    "he": "איך היה הביקור שלך היום? ג׳ירפה, צה״ל, שָׁלוֹם",
    "yi": "ווי אַזוי איז געווען אײַער באַזוך?",
    "tr": "Bugünkü ziyaretiniz nasıldı? Işık, ağaç, 5 ₺",
    "en": "Was the self\u2011service till easy? e\u0301clair, soft\u00adhyphen, 5\u202f€",
}


@pytest.mark.parametrize("language", TEXTS)
def test_every_letter_of_the_promised_scripts_is_drawn(language: str) -> None:
    assert () == FONTS.missing(TEXTS[language])


def test_what_no_font_has_is_named_once_and_in_order() -> None:
    assert ("您", "好", "😀") == FONTS.missing("您好, 您 – ok 😀")
    assert ("ก",) == FONTS.missing("ก")


@pytest.mark.parametrize("typeface", TYPEFACES, ids=lambda face: face.name)
def test_both_weights_have_the_same_letters(typeface: object) -> None:
    assert letters_in(typeface.regular) == letters_in(typeface.bold)  # type: ignore[attr-defined]


def test_first_typeface_has_every_letter_of_latin_1() -> None:
    visible = {chr(code) for code in [*range(0x20, 0x7F), *range(0xA0, 0x100)]}
    assert all(FONTS.draws(FIGTREE, letter) for letter in visible)


@pytest.mark.parametrize(
    ("text", "typeface"),
    [("Hymio", FIGTREE), ("Žluťoučký kůň", FIGTREE), ("Київ Hymio", RUBIK), ("ABC שלום", RUBIK),
     ("Ελλάδα", NOTO), ("Tuyệt vời", NOTO), ("ٹھیک", NOTO_ARABIC)],
)  # fmt: skip
def test_one_typeface_draws_all_that_it_can(text: str, typeface: int) -> None:
    assert typeface == FONTS.best_for(text)
    assert {typeface} == {run.typeface for run in runs(text, text, FONTS)}


def shown(text: str) -> str:
    """What an eye reads from left to right."""
    found = levels(text, from_right=runs_from_right(text))
    return "".join(text[index] for index in visual_order(found))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("abc", "abc"),
        ("שלום", "םולש"),
        ("קנית ב-IKEA היום", "םויה IKEA-ב תינק"),
        ("בשעה 10:30 (תודה).", ".)הדות( 10:30 העשב"),
        ("Say שלום, please", "Say םולש, please"),
        ("25% הנחה", "החנה 25%"),
        ("مرحبا 3.5 abc", "abc 3.5 ابحرم"),
        ("abc א1 ", "abc 1א "),
    ],
)
def test_letters_stand_in_the_order_of_the_bidirectional_algorithm(text: str, seen: str) -> None:
    assert seen == shown(text)


def test_arabic_among_latin_is_three_runs_from_the_left() -> None:
    text = "Say مرحبا now"
    assert [
        ("Say ", False, "Latn"), ("مرحبا", True, "Arab"), (" now", False, "Latn"),
    ] == [(run.text, run.from_right, run.script) for run in runs(text, text, FONTS)]  # fmt: skip


def test_line_is_drawn_as_its_paragraph_runs() -> None:
    """A line that begins with Latin letters, within a Hebrew text."""
    whole = "קניתי היום ב IKEA Family כיסא"
    line = "IKEA כיסא"
    assert ["כיסא", "IKEA"] == [run.text.strip() for run in runs(line, whole, FONTS)]
    assert ["IKEA", "כיסא"] == [run.text.strip() for run in runs(line, line, FONTS)]


@pytest.mark.parametrize("language", TEXTS)
def test_runs_keep_every_letter_and_change_nothing(language: str) -> None:
    text = TEXTS[language]
    found = runs(text, text, FONTS)
    assert sorted(text) == sorted("".join(run.text for run in found))
    alike = [(a.typeface, a.script, a.from_right) for a in found if not a.from_right]
    assert all(before != after for before, after in pairwise(alike))


def test_marks_stay_with_their_letters() -> None:
    assert [Run("x\u0301", FIGTREE, False, "Latn")] == list(runs("x\u0301", "x\u0301", FONTS))


def test_file_named_in_the_settings_brings_its_letters(tmp_path: Path) -> None:
    file = tmp_path / "own.ttf"
    file.write_bytes(TYPEFACES[RUBIK].regular.read_bytes())
    only = Fonts((TYPEFACES[FIGTREE],))
    assert only.missing("Ї")
    assert () == Fonts((*only.typefaces, *Fonts.of([str(file)]).typefaces[-1:])).missing("Ї")


@pytest.mark.parametrize("size", [3, 100, 3000])
def test_damaged_font_is_refused(tmp_path: Path, size: int) -> None:
    file = tmp_path / "cut.ttf"
    file.write_bytes(TYPEFACES[FIGTREE].regular.read_bytes()[:size])
    with pytest.raises(UnusableFontError):
        letters_in(file)


def test_other_files_are_no_fonts(tmp_path: Path) -> None:
    with pytest.raises(UnusableFontError, match="No such file"):
        letters_in(tmp_path / "missing.ttf")
    file = tmp_path / "text.ttf"
    file.write_text("no font")
    with pytest.raises(UnusableFontError, match="no TrueType"):
        letters_in(file)
