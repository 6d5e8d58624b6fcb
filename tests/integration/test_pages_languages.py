"""The words of the pages: complete, current and compiled in every language; dates likewise."""

import datetime as dt
import re

import catalogues
import pytest
from catalogues import HEAD_OFFICE, forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.results import texts
from headoffice.rollups.periods import Span
from headoffice.structure import validation

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
PASSWORD = "puolukka-77x"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z.0-9]*[sdf]")


def test_every_text_is_translated_and_none_is_left_over() -> None:
    assert [] == catalogues.check(HEAD_OFFICE), "run scripts/translate, translate what is new"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_their_placeholders(language: str) -> None:
    for message in catalogues.read(HEAD_OFFICE.text(language), language):
        wanted = {tuple(sorted(PLACEHOLDER.findall(text))) for text in forms(message.id)}
        for text in forms(message.string) if message.id else ():
            assert tuple(sorted(PLACEHOLDER.findall(text))) in wanted, message.id


@pytest.mark.parametrize(
    ("language", "span", "monday_first", "thousand"),
    [
        ("en", "27 October – 23 November 2026", True, "1,234.5"),
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
            r"[\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}]", " ", texts.number_text(1234.5, 1)
        )
        assert thousand == plain


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("fi", "Yleiskuva"), ("pl", "Przegląd")])
def test_a_page_speaks_the_language_of_the_browser_until_another_is_chosen(
    language: str, word: str
) -> None:
    client = Client()
    client.force_login(create_user("reader", PASSWORD, role=Role.ANALYST))
    page = client.get("/results/", headers={"Accept-Language": language}).content.decode()
    assert f'<html lang="{language}">' in page
    assert word in page
    chosen = client.post("/language", {"language": "de", "next": "/results/?period=year"})
    assert "/results/?period=year" == chosen["Location"]
    page = client.get("/results/", headers={"Accept-Language": language}).content.decode()
    assert "Überblick" in page


@pytest.mark.django_db
def test_a_chosen_language_follows_its_person_to_other_browsers() -> None:
    user = create_user("reader", PASSWORD, role=Role.ANALYST)
    here, there = Client(), Client()
    here.force_login(user)
    here.post("/language", {"language": "hu", "next": "/"})
    here.post("/language", {"language": "klingon", "next": "/"})
    there.post("/login", {"username": "reader", "password": PASSWORD})
    assert '<html lang="hu">' in there.get("/", headers={"Accept-Language": "pl"}).content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wrong_with_a_password_is_told_in_every_language(language: str) -> None:
    def told() -> list[str]:
        found = []
        for password in ("12", "password1", "reader-9", " " * 9):
            with pytest.raises(ValidationError) as wrong:
                validate_password(password, User(username="reader-99"))
            found += wrong.value.messages
        return found

    with translation.override("en"):
        english = told()
    with translation.override(language):
        assert not set(english) & set(told())


@pytest.mark.parametrize(
    ("language", "text"),
    [("fi", "Ma-Pe 09:00-21:00; La 10:00-18:00"), ("pl", "Pon-Pt 09:00-21:00; So 10:00-18:00")],
)
def test_opening_hours_name_the_days_as_the_page_does_and_as_files_do(
    language: str, text: str
) -> None:
    hours = validation.hours("Mon-Fri 9:00-21:00; Sat 10:00-18:00")
    with translation.override(language):
        assert text == validation.hours_text(hours, validation.short_weekdays())
        assert hours == validation.hours(text)
        assert hours == validation.hours("mon-fri 9.00-21.00; sat 10.00-18.00")
