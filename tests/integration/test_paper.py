"""What stands on a printed page only: whose it is, and of when."""

import pytest
from django.test import Client
from django.utils import translation
from office import Device, answer

from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst() -> Client:
    """Somebody who sees everything."""
    client = Client()
    client.force_login(create_user("reader", "puolukka-77x", role=Role.ANALYST))
    return client


@pytest.mark.parametrize(
    ("shops", "heading"),
    [
        (("Chain / North / Till", "Chain / South / Till"), "Hymio · Chain ·"),
        (("Chain / Till", "Other / Till"), "Hymio ·"),
    ],
)
def test_results_on_paper_say_whose_they_are_and_of_when(
    analyst: Client, shops: tuple[str, ...], heading: str
) -> None:
    for shop in shops:
        device = Device.enrolled(shop)
        device.define()
        device.deliver(answer(1))
    with translation.override("en"):
        page = analyst.get("/results/").content.decode()
    results = page[page.index('id="results"') :]
    printed = results[results.index('<p class="printed') :].partition("</p>")[0]
    words = " ".join(printed.replace("</span>", "").split(">", 1)[1].split())
    assert words.replace('<span translate="no">', "").startswith(f"{heading} As of ")
    assert 1 == page.count('class="printed'), "what is swapped brings its own"


def test_every_other_page_says_of_when_it_is(analyst: Client) -> None:
    with translation.override("en"):
        assert "As of " in analyst.get("/").content.decode()
