"""The on-screen keyboard: letters of every language, and what keys do."""

from itertools import chain

import pytest

from kiosk.i18n import NATIVE_NAMES
from kiosk.keyboard import (
    BACKSPACE,
    COMMANDS,
    NEXT,
    SHIFT,
    SPACE,
    SYMBOLS,
    Layer,
    after,
    rows,
    write,
)

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
@pytest.mark.parametrize("language", sorted(NATIVE_NAMES))
def test_every_letter_of_the_language_is_there_once(language: str, columns: int) -> None:
    small = keys(language, Layer(), columns)
    assert sorted(ABC + LETTERS[language]) == sorted(
        k for k in small if k.isalpha() and len(k) == 1
    )
    large = keys(language, Layer(shifted=True), columns)
    assert [k if k == "ß" or k in COMMANDS else k.upper() for k in small] == large


@pytest.mark.parametrize("columns", [10, 11, 12, 16])
@pytest.mark.parametrize("language", sorted(NATIVE_NAMES))
def test_no_row_is_wider_than_the_panel(language: str, columns: int) -> None:
    for layer in (Layer(), Layer(shifted=True), Layer(symbols=True)):
        for row in rows(language, layer, columns):
            letters = sum(1 for key in row if key not in COMMANDS)
            assert letters + 1.5 * (len(row) - letters) <= columns


def test_german_and_hungarian_begin_as_their_keyboards_do() -> None:
    assert "qwertz" == "".join(rows("de", Layer(), 12)[0])[:6]
    assert "qwertz" == "".join(rows("hu-HU", Layer(), 14)[0])[:6]
    assert "qwertyuiopå" == "".join(rows("fi", Layer(), 12)[0])


def test_narrow_panel_gives_the_letters_of_the_language_a_row_of_their_own() -> None:
    assert "őúéáűíöüó" == "".join(rows("hu", Layer(), 10)[0])
    assert 5 == len(rows("hu", Layer(), 10))
    assert 4 == len(rows("hu", Layer(), 16))


def test_unknown_language_writes_english() -> None:
    assert rows("en", Layer(), 10) == rows("et", Layer(), 10)


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
    shifted = after(Layer(), SHIFT)
    assert Layer(shifted=True) == shifted
    assert Layer() == after(shifted, "A")
    assert Layer() == after(shifted, SHIFT)
    assert shifted == after(shifted, BACKSPACE) == after(shifted, NEXT)
    symbols = after(shifted, SYMBOLS)
    assert Layer(symbols=True) == symbols == after(symbols, "1")
    assert Layer() == after(symbols, SYMBOLS)
