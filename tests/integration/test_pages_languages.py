"""The words of the pages: complete, current and compiled in every language; dates likewise."""

import datetime as dt
import io
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation.template import templatize

from headoffice.accounts.models import Role
from headoffice.accounts.people import create_user
from headoffice.results import texts
from headoffice.results.periods import Span

ROOT = Path(str(resources.files("headoffice")))
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
NOT_YET = {"accounts", "api", "export", "fleet", "telemetry"}
"""Folders whose pages are for administrators and still speak English only."""
MAKE = (
    "in the folder headoffice run: django-admin makemessages --all --no-location; translate what "
    "is empty or fuzzy; django-admin compilemessages"
)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z.0-9]*[sdf]")


def used() -> set[str]:
    """Every text of the programs and pages that is meant to be translated."""
    return {text for path in sources() for text in texts_in(path)}


def sources() -> Iterator[Path]:
    programs = (p for p in ROOT.rglob("*.py") if "migrations" not in p.parts)
    for path in sorted([*programs, *(ROOT / "templates").rglob("*.html")]):
        if not NOT_YET.intersection(path.relative_to(ROOT).parts[:-1]) or path.name == "login.html":
            yield path


def texts_in(path: Path) -> Iterator[str]:
    source = path.read_text()
    if path.suffix == ".html":
        # As Django prepares it for gettext; the indentation of a page is none of Python's.
        lines = templatize(source, origin=str(path)).splitlines()
        source = "\n".join(line.strip() for line in lines)
    file = io.BytesIO(source.encode())
    for _line, message, _comments, _context in extract("python", file, KEYWORDS):
        yield message[0] if isinstance(message, tuple) else message


def read(language: str) -> Catalog:
    with (ROOT / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def ids(catalogue: Catalog) -> set[str]:
    return {m.id[0] if isinstance(m.id, tuple) else str(m.id) for m in catalogue if m.id}


def forms(string: object) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, tuple | list) else (str(string),)


def contents(catalogue: Catalog) -> dict[object, tuple[str, ...]]:
    # Babel reads the context of a compiled text as bytes.
    def context(message: Message) -> str:
        found = message.context or ""
        return found.decode() if isinstance(found, bytes) else found

    return {(context(m), forms(m.id)): forms(m.string) for m in catalogue if m.id}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_none_is_left_over(language: str) -> None:
    catalogue = read(language)
    assert set() == used() ^ ids(catalogue), MAKE
    assert [] == [m.id for m in catalogue if m.id and (m.fuzzy or not all(forms(m.string)))], MAKE


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_their_placeholders(language: str) -> None:
    for message in read(language):
        wanted = {tuple(sorted(PLACEHOLDER.findall(text))) for text in forms(message.id)}
        for text in forms(message.string) if message.id else ():
            assert tuple(sorted(PLACEHOLDER.findall(text))) in wanted, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_made_from_this_text(language: str) -> None:
    with (ROOT / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = contents(read_mo(file))
    assert contents(read(language)) == compiled, MAKE


@pytest.mark.parametrize(
    ("language", "span", "monday_first", "thousand"),
    [
        ("en", "27 October – 23 November 2026", True, "1 234.5"),
        ("fi", "27. lokakuuta – 23. marraskuuta 2026", True, "1 234,5"),
        ("sv", "27 oktober – 23 november 2026", True, "1 234,5"),
        ("de", "27. Oktober – 23. November 2026", True, "1.234,5"),
        ("it", "27 ottobre – 23 novembre 2026", True, "1.234,5"),
        ("hu", "2026. október 27. – 2026. november 23.", True, "1 234,5"),
        ("pl", "27 października – 23 listopada 2026", True, "1 234,5"),
    ],
)
def test_dates_and_numbers_are_written_as_people_do(
    language: str, span: str, *, monday_first: bool, thousand: str
) -> None:
    with translation.override(language):
        days = texts.days(Span(dt.date(2026, 10, 27), dt.date(2026, 11, 23)))
        assert span == days
        assert monday_first == (texts.week()[0] == 1)
        plain = re.sub(
            r"[\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}]", " ", texts.number(1234.5, 1)
        )
        assert thousand == plain


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("fi", "Yleiskuva"), ("pl", "Przegląd")])
def test_a_page_speaks_the_language_of_the_browser_until_another_is_chosen(
    language: str, word: str
) -> None:
    client = Client()
    client.force_login(create_user("reader", "puolukka-77x", role=Role.ANALYST))
    page = client.get("/results/", headers={"Accept-Language": language}).content.decode()
    assert f'<html lang="{language}">' in page
    assert word in page
    chosen = client.post("/language", {"language": "de", "next": "/results/?period=year"})
    assert "/results/?period=year" == chosen["Location"]
    page = client.get("/results/", headers={"Accept-Language": language}).content.decode()
    assert "Überblick" in page
