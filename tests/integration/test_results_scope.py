"""Results stay within what a person may see, and addresses that make no sense are answered."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from office import Device, answer
from pytest_django.plugin import DjangoDbBlocker
from results_data import SHOPS, Chain, planted

from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.fleet.models import Group

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PAGES = (
    "/results/",
    "/results/place",
    "/results/compare",
    "/results/questions",
    "/results/comments",
    "/wall",
    "/wall/now",
)


@pytest.fixture(scope="module")
def chain(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Chain]:
    del django_db_setup
    with django_db_blocker.unblock(), planted(SHOPS[:3], days=60) as chain:
        yield chain


@pytest.fixture
def manager(chain: Chain) -> Client:
    del chain
    client = Client()
    group = Group.objects.get(name="Finland")
    client.force_login(create_user("manager", "puolukka-77x", role=Role.MANAGER, group=group))
    return client


def test_a_manager_finds_no_trace_of_other_places(manager: Client, chain: Chain) -> None:
    roma = chain.points["Roma"]
    south = Group.objects.get(name="South").pk
    kiosk = next(said.kiosk for said in chain.said if said.point == roma)
    for path in PAGES:
        page = manager.get(path, {"period": "12-weeks"}).content.decode()
        assert "Roma" not in page, path
        assert "South" not in page, path
        for place in (f"p{roma}", f"g{south}", f"k{kiosk}", "p999999", "x1"):
            assert manager.get(path, {"place": place}).status_code == 404, path


@pytest.mark.parametrize("path", [*PAGES[:5], "/structure/"])
def test_a_page_reads_the_tree_and_its_points_once(manager: Client, path: str) -> None:
    analyst = Client()
    analyst.force_login(create_user("analyst", "puolukka-77x", role=Role.ANALYST))
    for client in (manager, analyst):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        statements = [query["sql"] for query in queries]
        for table in ("fleet_group", "fleet_experiencepoint"):
            assert 1 == sum(f'FROM "{table}"' in statement for statement in statements), table


def test_what_a_manager_sees_of_everything_is_what_an_analyst_sees_of_their_part(
    manager: Client,
) -> None:
    analyst = Client()
    analyst.force_login(create_user("analyst", "puolukka-77x", role=Role.ANALYST))
    finland = f"g{Group.objects.get(name='Finland').pk}"

    def figures(page: bytes) -> str:
        # The links behind the figures stay in the part that was chosen.
        text = page.decode().replace(f"&amp;place={finland}", "")
        return text[text.index('class="card hero"') : text.index("</section>")]

    theirs = manager.get("/results/", {"period": "12-weeks"}).content
    part = analyst.get("/results/", {"period": "12-weeks", "place": finland}).content
    assert figures(part) == figures(theirs)
    assert b"data-figure" in theirs


def test_the_wall_is_drawn_anew_only_when_something_changed(manager: Client) -> None:
    page = manager.get("/wall").content.decode()
    seen = ".".join(re.findall(r'data-mark="(\w+)"', page))
    assert manager.get("/wall/now", {"seen": seen}).status_code == 204
    assert manager.get("/wall/now", {"seen": "another"}).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"period": "for ever"},
        {"from": "yesterday", "to": "2026-13-45"},
        {"from": "2026-05-02", "to": "2026-05-01"},
        {"questionnaire": "no-such", "version": "-1"},
        {"language": "x" * 500, "least": "9" * 50, "page": "-3", "mood": "🙂", "q": "%_'\\"},
        {"period": "\x00", "questionnaire": "\x00", "q": "\x00", "language": "\x00"},
    ],
    ids=["period", "dates", "backwards", "questionnaire", "odd", "nul"],
)
def test_an_address_that_makes_no_sense_is_answered_with_a_page(
    device: Device, query: dict[str, str]
) -> None:
    device.define()
    device.deliver(*(answer(seq) for seq in range(1, 9)))
    client = Client()
    client.force_login(create_user("analyst", "puolukka-77x", role=Role.ANALYST))
    for path in PAGES:
        assert client.get(path, query).status_code == 200, path
