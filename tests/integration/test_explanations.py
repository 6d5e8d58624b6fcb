"""Every figure says what it means where it stands, without a program in the page."""

import re

import pytest
from django.conf import settings
from django.test import Client

from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.results.explanations import _groups, explanations

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def analyst() -> Client:
    client = Client()
    client.force_login(create_user("ana", "puolukka-77x", role=Role.ANALYST))
    return client


def test_the_page_of_all_has_each_at_the_place_that_links_name(analyst: Client) -> None:
    page = analyst.get("/results/help").content.decode()
    for one in explanations():
        part = re.search(rf'id="{one.key}">(.*?)</div>', page, re.DOTALL)
        assert part is not None, one.key
        assert one.sentence.split(",")[0].split("'")[0] in part[1]


@pytest.mark.parametrize("language", ["en", "fi", "de", "pl"])
def test_help_is_in_the_language_of_the_page(analyst: Client, language: str) -> None:
    analyst.cookies["hymio_language"] = language
    page = analyst.get("/results/help").content.decode()
    expected = {"en": "What", "fi": "Mitä luvut", "de": "Was die Werte", "pl": "Co oznaczają"}
    assert f"<h1>{expected[language]}" in page


def test_every_group_that_a_template_asks_for_exists() -> None:
    asked = {
        name
        for file in (settings.BASE / "templates").rglob("*.html")
        for name in re.findall(r"explained\.(\w+)", file.read_text("utf-8"))
    }
    assert asked
    assert asked <= _groups().keys()


def test_the_number_of_answers_that_is_named_is_the_privacy_minimum(
    analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PRIVACY_MINIMUM", 12)
    assert "below 12 answers" in analyst.get("/results/help").content.decode()
