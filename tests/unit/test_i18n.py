"""The words of the screens: complete, current and drawable in every language."""

import io
from importlib import resources
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from config.loader import load_questionnaire, shipped_questionnaires
from kiosk.i18n import DOMAIN, NATIVE_NAMES, native_name, translator

ROOT = Path(str(resources.files("assets"))).parent
LOCALE = ROOT / "assets" / "locale"
CATALOGUES = sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
MAKE = (
    "run: pybabel extract -k _ --no-location --sort-output -o assets/locale/hymio.pot kiosk; "
    "pybabel update -D hymio -i assets/locale/hymio.pot -d assets/locale; "
    "translate; pybabel compile -D hymio -d assets/locale"
)


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def texts(catalogue: Catalog) -> set[str]:
    return {str(message.id) for message in catalogue if message.id}


def used() -> set[str]:
    found = extract_from_dir(ROOT / "kiosk", keywords={"_": None})
    return {str(message) for _file, _line, message, _comments, _context in found}


def test_finnish_is_among_the_catalogues() -> None:
    assert "fi" in [path.parent.parent.name for path in CATALOGUES]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: p.parent.parent.name)
def test_every_text_is_translated_and_none_is_left_over(path: Path) -> None:
    catalogue = read(path)
    assert used() == texts(catalogue), MAKE
    assert [] == [m.id for m in catalogue if m.id and (not m.string or m.fuzzy)]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: p.parent.parent.name)
def test_compiled_catalogue_is_made_from_this_text(path: Path) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, read(path))
    assert compiled.getvalue() == path.with_suffix(".mo").read_bytes(), MAKE


def test_template_holds_exactly_the_texts_in_use() -> None:
    assert used() == texts(read_template()), MAKE


def read_template() -> Catalog:
    with (LOCALE / f"{DOMAIN}.pot").open("rb") as file:
        return read_po(file)


def test_text_appears_in_the_shoppers_language() -> None:
    assert "Kiitos!" == translator("fi")("Thank you!")
    assert "Kiitos!" == translator("fi-FI")("Thank you!")


def test_language_without_a_catalogue_reads_english() -> None:
    assert "Thank you!" == translator("en")("Thank you!")
    assert "Thank you!" == translator("et")("Thank you!")


@pytest.mark.parametrize(
    ("tag", "name"), [("fi", "Suomi"), ("de-AT", "Deutsch"), ("et", "ET"), ("hu", "Magyar")]
)
def test_language_goes_by_the_name_its_speakers_use(tag: str, name: str) -> None:
    assert name == native_name(tag)


def shown_texts() -> set[str]:
    shown = set(NATIVE_NAMES.values()) | used()
    for path in CATALOGUES:
        shown |= {str(message.string) for message in read(path)}
    for name in shipped_questionnaires():
        for question in load_questionnaire(name).questions:
            shown |= set(question.text.values())
            for labels in getattr(question, "labels", ()):
                shown |= set(labels.values())
    return shown


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
