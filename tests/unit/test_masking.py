"""Which parts of a text are hidden from those who may not know how to reach people."""

import re
import sys

import pytest
from masked_texts import HARMLESS, PERSONAL

from headoffice.results.masking import MASK, OTHER_DIGITS, mask_personal


@pytest.mark.parametrize("text", PERSONAL)
def test_what_tells_how_to_reach_somebody_is_hidden(text: str) -> None:
    masked = mask_personal(f"Please {text}, thanks")
    assert MASK in masked
    assert not any(sign.isdigit() for sign in masked)
    assert "firma" not in masked
    assert masked.startswith("Please ")
    assert masked.endswith("thanks")


@pytest.mark.parametrize("text", HARMLESS)
def test_times_prices_and_minutes_are_left_alone(text: str) -> None:
    assert text == mask_personal(text)


def test_a_long_text_takes_no_longer_than_it_is_long() -> None:
    assert "a" * 100_000 == mask_personal("a" * 100_000)
    assert "1 a " * 50_000 == mask_personal("1 a " * 50_000)


def test_the_digits_of_all_scripts_are_known() -> None:
    digit = re.compile(f"[{OTHER_DIGITS}]")
    everywhere = [chr(code) for code in range(128, sys.maxunicode + 1) if chr(code).isdecimal()]
    assert len(everywhere) > 500
    assert [] == [sign for sign in everywhere if not digit.fullmatch(sign)]
    other = (chr(code) for code in range(sys.maxunicode + 1) if not chr(code).isdecimal())
    assert [] == [sign for sign in other if digit.match(sign)]
