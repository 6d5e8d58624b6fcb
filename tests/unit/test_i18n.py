"""The words of the screens: complete, current and drawable in every language."""

import json
import string
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path

import catalogues
import msgspec
import name_languages
import pytest
from babel.numbers import format_decimal
from catalogues import KIOSK, Book
from msgspec import structs

from config.loader import load_questionnaire, shipped_questionnaires
from kiosk.i18n import LANGUAGES as COMPLETE
from kiosk.i18n import is_right_to_left, native_name, translator
from kiosk.staff.texts import megabytes, number

ROOT = Path(str(resources.files("assets"))).parent

LANGUAGES = ("fi", "sv", "de", "it", "hu", "pl")


def test_every_language_of_the_kiosk_has_a_catalogue() -> None:
    assert sorted([*LANGUAGES, "en"]) == list(COMPLETE)
    assert set(LANGUAGES) == set(catalogues.LANGUAGES)


def test_every_text_is_translated_and_none_is_left_over() -> None:
    assert [] == catalogues.check(KIOSK), "run scripts/translate, and translate what is new"


@pytest.fixture
def copy(tmp_path: Path) -> Book:
    """Catalogues of the test, empty."""
    book = replace(KIOSK, locale=tmp_path)
    catalogues.update(book)
    return book


def complaints_after(copy: Book, before: str, after: str) -> list[str]:
    text = copy.text("fi").read_text()
    assert before in text
    copy.text("fi").write_text(text.replace(before, after, 1))
    return [found for found in catalogues.check(copy) if found.startswith("fi: ")]


THANKS = 'msgid "Thank you!"\nmsgstr ""'


def test_missing_translation_is_reported(copy: Book) -> None:
    assert "fi: no translation of 'Thank you!'" in catalogues.check(copy)


def test_translation_that_someone_has_to_look_at_is_reported(copy: Book) -> None:
    fuzzy = '#, fuzzy\nmsgid "Thank you!"\nmsgstr "Kiitos!"'
    assert "fi: no translation of 'Thank you!'" in complaints_after(copy, THANKS, fuzzy)


def test_text_that_is_no_longer_in_use_is_reported(copy: Book) -> None:
    old = 'msgid "Farewell!"\nmsgstr "Näkemiin!"\n\n' + THANKS
    assert "fi: 'Farewell!' is not in use" in complaints_after(copy, THANKS, old)


def test_new_text_is_reported(copy: Book) -> None:
    found = complaints_after(copy, THANKS, 'msgid "Farewell!"\nmsgstr "Näkemiin!"')
    assert "fi: 'Thank you!' is not in the catalogue" in found


def test_translation_that_is_not_compiled_is_reported(copy: Book) -> None:
    found = complaints_after(copy, THANKS, 'msgid "Thank you!"\nmsgstr "Kiitos!"')
    assert "fi: the compiled catalogue is not made from the text" in found


def test_update_keeps_translations_and_drops_what_is_not_in_use(copy: Book) -> None:
    complaints_after(
        copy, THANKS, 'msgid "Farewell!"\nmsgstr "Näkemiin!"\n\n' + THANKS[:-2] + '"Kiitos!"'
    )
    catalogues.update(copy)
    kept = copy.text("fi").read_text()
    assert 'msgstr "Kiitos!"' in kept
    assert "Farewell" not in kept
    assert b"Kiitos!" in copy.compiled("fi").read_bytes()
    catalogues.update(copy)
    assert kept == copy.text("fi").read_text()


def test_catalogue_is_compiled_when_that_is_missing_or_out_of_date(copy: Book) -> None:
    copy.compiled("de").unlink()
    complaints_after(copy, THANKS, 'msgid "Thank you!"\nmsgstr "Kiitos!"')
    untouched = copy.compiled("sv").stat().st_mtime_ns
    catalogues.compile_stale([copy])
    assert copy.compiled("de").exists()
    assert b"Kiitos!" in copy.compiled("fi").read_bytes()
    assert untouched == copy.compiled("sv").stat().st_mtime_ns


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_gaps_of_their_texts(language: str) -> None:
    """A name in braces that is missing or misspelt would break a screen."""
    for message in catalogues.read(KIOSK.text(language), language):
        if message.id:
            assert gaps(str(message.id)) == gaps(str(message.string)), message.id


def gaps(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_text_appears_in_the_shoppers_language() -> None:
    assert "Kiitos!" == translator("fi")("Thank you!")
    assert "Kiitos!" == translator("fi-FI")("Thank you!")


def test_language_without_a_catalogue_reads_english() -> None:
    assert "Thank you!" == translator("en")("Thank you!")
    assert "Thank you!" == translator("et")("Thank you!")


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("fi", "Suomi"),
        ("sv-FI", "Svenska"),
        ("et", "Eesti"),
        ("uk-UA", "Українська"),
        ("vi", "Tiếng Việt"),
        ("ar", "العربية"),
        ("iw", "עברית"),
        ("zz", "ZZ"),
    ],
)
def test_language_goes_by_the_name_its_speakers_use(tag: str, name: str) -> None:
    assert name == native_name(tag)


def test_names_of_languages_are_those_of_the_cldr() -> None:
    file = name_languages.FILE
    assert name_languages.languages() == json.loads(file.read_text(encoding="utf-8"))


def test_pages_of_some_languages_are_laid_out_from_the_right() -> None:
    assert all(map(is_right_to_left, ("ar", "ar-EG", "he", "iw", "fa", "ur", "yi")))
    assert not any(map(is_right_to_left, ("fi", "ru", "el", "vi", "zz")))


def shown_texts() -> set[str]:
    shown = set(map(native_name, COMPLETE))
    for language in LANGUAGES:
        for message in catalogues.read(KIOSK.text(language), language):
            shown |= {str(message.id), str(message.string)} if message.id else set()
    for name in shipped_questionnaires():
        shown |= set(words(structs.asdict(load_questionnaire(name))))
    return shown


def words(part: object) -> Iterator[str]:
    """Every text of a questionnaire, wherever it stands."""
    match part:
        case str():
            yield part
        case dict():
            yield from (word for value in part.values() for word in words(value))
        case tuple():
            yield from (word for value in part for word in words(value))
        case msgspec.Struct():
            yield from words(structs.asdict(part))


@pytest.mark.parametrize("font", ["Figtree-Medium.ttf", "Figtree-SemiBold.ttf"])
def test_font_has_a_glyph_for_every_letter_shown(font: str) -> None:
    glyphs = characters(ROOT / "assets" / "fonts" / font)
    letters = {letter for text in shown_texts() for letter in text if letter.isprintable()}
    alphabets = "åäöÅÄÖéüÜßàèìòùÀÈÌÒÙáíóőúűÁÍÓŐÚŰąćęłńśźżĄĆĘŁŃŚŹŻ€–—…’“”„«»"
    assert set() == (letters | set(alphabets)) - glyphs


def test_font_lacks_what_it_lacks() -> None:
    assert "漢" not in characters(ROOT / "assets" / "fonts" / "Figtree-Medium.ttf")


def characters(font: Path) -> set[str]:
    """What the font's character map (format 4 of the OpenType ``cmap`` table) covers."""
    data = font.read_bytes()

    def number(at: int, size: int = 2) -> int:
        return int.from_bytes(data[at : at + size], "big")

    tables = {data[12 + 16 * i : 16 + 16 * i]: 12 + 16 * i for i in range(number(4))}
    cmap = number(tables[b"cmap"] + 8, 4)
    subtables = [cmap + number(cmap + 8 + 8 * i, 4) for i in range(number(cmap + 2))]
    table = next(at for at in subtables if number(at) == 4)
    count = number(table + 6) // 2
    found: set[str] = set()
    for i in range(count):
        end = number(table + 14 + 2 * i)
        start = number(table + 16 + 2 * count + 2 * i)
        delta = number(table + 16 + 4 * count + 2 * i)
        offset_at = table + 16 + 6 * count + 2 * i
        offset = number(offset_at)
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = number(offset_at + offset + 2 * (code - start)) if offset else code
            if glyph and (glyph + delta) % 65536:
                found.add(chr(code))
    return found


@pytest.mark.parametrize("language", COMPLETE)
def test_numbers_are_written_as_in_the_language(language: str) -> None:
    _ = translator(language)
    assert format_decimal(1234567.8, locale=language) == number(1234567.8, _, 1)
    assert format_decimal(1234567, locale=language) == number(1234567, _)
    assert "999" == number(999, _)
    unit = "Gt" if language == "fi" else "GB"
    assert f"{format_decimal(1.5, locale=language)} {unit}" == megabytes(1_500_000_000, _)
