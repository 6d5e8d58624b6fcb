"""No figure of a page, and no difference of two of them, is that of fewer than five people."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.plugin import DjangoDbBlocker
from result_pages import ResultPage
from results_data import FIVE, SECOND, Chain, Shop, planted
from results_oracle import Days, Oracle, Question

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.results.ratings import withhold

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SHOPS = (
    Shop("Small / Alone", "Europe/Helsinki", (SECOND,), (0, 0, 1), 4),
    Shop("Small / Some", "Europe/Helsinki", (SECOND,), (1, 1, 6), 14),
    Shop("Small / More", "Europe/Helsinki", (SECOND,), (1, 1, 2), 40),
    Shop("Small / Other", "Europe/Rome", (FIVE,), (1, 1, 2, 3, 4), 60),
)


@pytest.fixture(scope="module", params=range(4))
def chain(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Chain]:
    del django_db_setup
    with django_db_blocker.unblock(), planted(SHOPS, seed=request.param, days=80) as chain:
        yield chain


@pytest.fixture
def analyst(chain: Chain) -> Client:
    del chain
    client = Client()
    client.force_login(create_user("analyst", "puolukka-77x", role=Role.ANALYST))
    return client


def read(client: Client, path: str, point: int) -> ResultPage:
    query = {"place": f"p{point}", "period": "12-weeks"}
    return ResultPage(client.get(path, query).content.decode())


def rated(chain: Chain, name: str) -> int:
    today = clock.now().date()
    days = Days(today.replace(year=today.year - 1), today.replace(year=today.year + 1))
    return len(Oracle(chain).ratings(Question(frozenset({chain.points[name]}), days)))


@given(st.dictionaries(st.integers(), st.integers(0, 40)), st.integers(0, 30))
def test_what_is_left_of_a_whole_is_nobody_or_enough(parts: dict[int, int], least: int) -> None:
    hidden = withhold(parts, least)
    assert all(n >= max(5, least) for key, n in parts.items() if key not in hidden)
    rest = sum(parts[key] for key in hidden)
    assert rest == 0 or rest >= 5 or hidden == set(parts)


@given(st.dictionaries(st.integers(), st.integers(5, 40)))
def test_nothing_is_withheld_without_need(parts: dict[int, int]) -> None:
    assert frozenset() == withhold(parts)


def test_of_too_few_who_were_asked_not_even_the_noughts_are_shown(
    chain: Chain, analyst: Client
) -> None:
    assert 0 < rated(chain, "Alone") < 5
    page = read(analyst, "/results/questions", chain.points["Alone"])
    assert "data-question" not in page.source
    assert "data-count" not in page.source
    assert "Too few answers to show" in page.source


def test_how_a_few_went_on_after_a_question_is_not_told(chain: Chain, analyst: Client) -> None:
    page = read(analyst, "/results/questions", chain.points["Some"])
    counted = re.findall(r'data-count="(\w+)">(.*?)<', page.source)
    questions = [dict(counted[at : at + 4]) for at in range(0, len(counted), 4)]
    assert questions
    thin = [q for q in questions if 0 < int(q["asked"]) < 5]
    assert all({"–"} == {q["answered"], q["skipped"], q["left"]} for q in thin)
    others = [q for q in questions if q not in thin]
    assert all(
        int(q["asked"]) == int(q["answered"]) + int(q["skipped"]) + int(q["left"]) for q in others
    )


@pytest.mark.parametrize("name", ["Some", "More"])
def test_languages_less_each_other_point_at_nobody(
    chain: Chain, analyst: Client, name: str
) -> None:
    page = read(analyst, "/results/place", chain.points[name])
    whole = page.number(r'data-figure="n">(.*?)<')
    rows = re.findall(r"<tr data-language.*?</tr>", page.source, re.DOTALL)
    told = [int(n) for row in rows for n in re.findall(r"<td>(\d+)</td>\s*</tr>", row)]
    assert whole is not None
    assert not rows or whole - sum(told) == 0 or whole - sum(told) >= 5


def test_places_less_their_sum_point_at_nobody(chain: Chain, analyst: Client) -> None:
    query = {"period": "12-weeks", "place": [f"p{point}" for point in chain.points.values()]}
    page = ResultPage(analyst.get("/results/", query).content.decode())
    whole = page.number(r'data-figure="n">(.*?)<')
    told = re.findall(r'<li data-place="p\d+">.*?n = (\d+)', page.source, re.DOTALL)
    assert whole is not None
    assert whole - sum(map(int, told)) == 0 or whole - sum(map(int, told)) >= 5
