"""The on-screen keyboard: letters of every language, and what keys do."""

from itertools import chain

import pytest

from kiosk.i18n import LANGUAGES
from kiosk.session.keyboard import (
    BACKSPACE,
    COMMANDS,
    NEXT,
    SHIFT,
    SPACE,
    SYMBOLS,
    Layer,
    next_layer,
    rows,
    write,
)
from kiosk.session.layouts import letters_of

LETTERS = {
    "en": "",
    "fi": "åäö",
    "sv": "åäö",
    "de": "äöüß",
    "it": "àèéìòù",
    "hu": "áéíóöőúüű",
    "pl": "ąćęłńóśźż",
}
ABC = "abcdefghijklmnopqrstuvwxyz"


def keys(language: str, layer: Layer, columns: int) -> list[str]:
    return list(chain.from_iterable(rows(language, layer, columns)))


@pytest.mark.parametrize("columns", [10, 11, 13, 20])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_of_the_language_is_there_once(language: str, columns: int) -> None:
    small = keys(language, Layer(), columns)
    assert sorted(ABC + LETTERS[language]) == sorted(
        k for k in small if k.isalpha() and len(k) == 1
    )
    large = keys(language, Layer(is_shifted=True), columns)
    assert [k if k == "ß" or k in COMMANDS else k.upper() for k in small] == large


@pytest.mark.parametrize("columns", [10, 11, 12, 16])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_row_is_wider_than_the_panel(language: str, columns: int) -> None:
    for layer in (Layer(), Layer(is_shifted=True), Layer(symbols=True)):
        for row in rows(language, layer, columns):
            letters = sum(1 for key in row if key not in COMMANDS)
            assert letters + 1.5 * (len(row) - letters) <= columns


@pytest.mark.parametrize("language", ["ru", "uk", "el", "he", "ar", "fa", "vi", "tr", "sr"])
@pytest.mark.parametrize("columns", [10, 14])
def test_other_scripts_have_all_their_letters_once(language: str, columns: int) -> None:
    shared, own = letters_of(language)
    letters = sorted("".join((*shared, *own)))
    assert len(letters) == len(set(letters))
    assert letters == sorted(key for key in keys(language, Layer(), columns) if key in letters)
    assert all(len(row) <= columns for row in rows(language, Layer(), columns))


def test_letters_without_capitals_need_no_key_for_them() -> None:
    assert SHIFT not in keys("he", Layer(), 14)
    assert SHIFT not in keys("ar-EG", Layer(), 10)
    assert SHIFT in keys("ru", Layer(), 14)


def test_turkish_keeps_its_two_letters_apart() -> None:
    capitals = keys("tr", Layer(is_shifted=True), 14)
    assert {"İ", "I"} <= set(capitals)


def test_language_without_keys_of_its_own_has_those_of_english_or_of_a_relative() -> None:
    assert keys("en", Layer(), 14) == keys("th", Layer(), 14)
    assert keys("nb", Layer(), 14) == keys("no", Layer(), 14)


def test_german_and_hungarian_begin_as_their_keyboards_do() -> None:
    assert "qwertz" == "".join(rows("de", Layer(), 12)[0])[:6]
    assert "qwertz" == "".join(rows("hu-HU", Layer(), 14)[0])[:6]
    assert "qwertyuiopå" == "".join(rows("fi", Layer(), 12)[0])


def test_narrow_panel_gives_the_letters_of_the_language_a_row_of_their_own() -> None:
    assert "őúéáűíöüó" == "".join(rows("hu", Layer(), 10)[0])
    assert 5 == len(rows("hu", Layer(), 10))
    assert 4 == len(rows("hu", Layer(), 16))


def test_unknown_language_writes_english() -> None:
    assert rows("en", Layer(), 10) == rows("zz", Layer(), 10)


def test_an_address_can_be_written() -> None:
    assert {"@", "_", "-", "."} <= set(keys("en", Layer(symbols=True), 10))
    assert "@" in rows("en", Layer(), 10, "@")[-1]


def test_keys_write_and_take_back() -> None:
    text = ""
    for key in ("H", "e", SPACE, "x", BACKSPACE, "ä"):
        text = write(text, key, 50)
    assert "He ä" == text
    assert "" == write("", BACKSPACE, 50)


def test_text_ends_where_the_question_says() -> None:
    assert "abc" == write("abc", "d", 3)
    assert "ab" == write("abc", BACKSPACE, 3)


def test_shift_lasts_for_one_letter_and_symbols_until_taken_back() -> None:
    shifted = next_layer(Layer(), SHIFT)
    assert Layer(is_shifted=True) == shifted
    assert Layer() == next_layer(shifted, "A")
    assert Layer() == next_layer(shifted, SHIFT)
    assert shifted == next_layer(shifted, BACKSPACE) == next_layer(shifted, NEXT)
    symbols = next_layer(shifted, SYMBOLS)
    assert Layer(symbols=True) == symbols == next_layer(symbols, "1")
    assert Layer() == next_layer(symbols, SYMBOLS)
