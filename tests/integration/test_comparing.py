"""What stands side by side, in which order, and which places moved against all others."""

import datetime as dt
import math
import re
from collections.abc import Iterator

import pytest
from big_chain import FALLEN, BigChain, plant_big
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.results import comparison, sorting
from headoffice.results.catalogue import Catalogue
from headoffice.results.filters import Selection
from headoffice.results.levels import candidates, level_asked, levels
from headoffice.results.places import Directory
from headoffice.results.query import parse_filters
from headoffice.results.statistics import Difference, Index, Interval, contrast, difference, share

pytestmark = [pytest.mark.django_db, pytest.mark.database]
REGIONS, SHOPS = 3, 70


@pytest.fixture(scope="module")
def chain(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[BigChain]:
    """Regions of more shops than are compared at once; one shop fell two weeks ago."""
    del django_db_setup
    with django_db_blocker.unblock(), transaction.atomic():
        made = plant_big(REGIONS, SHOPS, 30)
        create_user("ana", "puolukka-77x", role=Role.ANALYST)
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def client(chain: BigChain) -> Client:
    assert chain
    client = Client()
    client.force_login(User.objects.get(username="ana"))
    return client


def asked(query: str) -> tuple[Selection, Directory]:
    directory = Directory.of(User.objects.get(username="ana"))
    return parse_filters(QueryDict(query), directory, Catalogue.load()), directory


def ranked(page: str) -> list[str]:
    """The keys of the rows of the ranking, from top to bottom."""
    return re.findall(r'<tr data-place="([^"]+)"', page)


def test_a_region_of_many_shops_is_ranked_by_its_shops(chain: BigChain, client: Client) -> None:
    page = client.get(f"/results/compare?place=g{chain.regions[1]}&period=7-days").content.decode()
    assert {f"p{shop}" for shop in chain.shops[1]} == set(ranked(page))
    overview = client.get(f"/results/?place=g{chain.regions[1]}&period=7-days").content.decode()
    assert "Top locations" in overview


def test_levels_are_not_mixed_and_every_point_is_on_one(chain: BigChain) -> None:
    top = Group.objects.get(name="Chain")
    alone = ExperiencePoint.objects.create(group=top, name="Head office café", time_zone="UTC")
    selection, directory = asked("")
    found = levels(selection, directory)
    # The café has no region: it stands beside the regions, and among the shops of all.
    assert [REGIONS + 1, REGIONS * SHOPS + 1] == [len(level.places) for level in found]
    assert {"point"} == {place.kind for place in found[-1].places}
    assert f"p{alone.pk}" in {place.key for place in found[-1].places}
    assert found[0] == level_asked("", found), "all at once would be too many"
    assert found[1] == level_asked("2", found)
    assert found[0] == level_asked("no such", found)
    chosen, _directory = asked(f"place=g{chain.regions[0]}&place=g{chain.regions[1]}")
    assert [] == levels(chosen, directory)
    assert [f"g{pk}" for pk in chain.regions[:2]] == [p.key for p in candidates(chosen, directory)]


def test_every_column_sorts_and_its_link_turns_it_round(client: Client) -> None:
    address = "/results/compare?period=7-days&level=2"
    page = client.get(f"{address}&sort=-index").content.decode()
    links = dict(re.findall(r'id="sort-([^"]+)"\s+href="([^"]+)"', page))
    assert {"place", "index", "n", "sad", "rest", "change-0", "change-1", "relative"} == set(links)
    by_index = ranked(page)
    turned = client.get("/results/compare" + links["index"].replace("&amp;", "&")).content.decode()
    assert by_index != ranked(turned)
    assert set(by_index) == set(ranked(turned))
    assert 'aria-sort="descending"' in page
    assert 'aria-sort="ascending"' in turned
    for name in links:
        found = client.get(f"{address}&sort={name}").content.decode()
        assert sorted(by_index) == sorted(ranked(found)), name


def test_rows_are_in_the_order_of_their_values(chain: BigChain) -> None:
    selection, directory = asked(f"place=g{chain.regions[0]}&period=7-days")
    places = candidates(selection, directory)
    everything, _directory = asked("period=7-days")
    found = comparison.compare_places(selection, Catalogue.load(), places, chain=everything)
    assert SHOPS == len(found.rows)
    for name, value in (
        ("n", lambda row: row.exact.n),
        ("sad", lambda row: row.sad_share),
        ("relative", lambda row: row.relative.difference.value),
        ("change-0", lambda row: row.changes[0].difference.value),
    ):
        order, rows = sorting.sorted_rows(found, f"-{name}")
        assert f"-{name}" == order
        values = [value(row) for row in rows]
        assert sorted(values, reverse=True) == values
        assert values[::-1] == [value(row) for row in sorting.sorted_rows(found, name)[1]]


def test_the_shop_that_fell_is_first_by_change_and_on_the_overview(
    chain: BigChain, client: Client
) -> None:
    fallen = f"p{chain.shops[0][FALLEN - 1]}"
    last = asked("period=7-days")[0].period.span.last
    # Two weeks against the two before them: the fall lies in between.
    two_weeks = f"from={last - dt.timedelta(days=13)}&to={last}"
    sorted_page = client.get(
        f"/results/compare?{two_weeks}&place=g{chain.regions[0]}&sort=relative"
    ).content.decode()
    assert fallen == ranked(sorted_page)[0]
    overview = client.get(f"/results/?{two_weeks}&place=g{chain.regions[0]}").content.decode()
    moved = overview.partition('class="movers"')[2].partition("</ul>")[0]
    assert [fallen] == re.findall(r'data-place="([^"]+)"', moved)


def test_tags_are_compared_as_places_are(chain: BigChain, client: Client) -> None:
    for tag, shops in (("airport", chain.shops[0][:9]), ("station", chain.shops[1][:9])):
        ExperiencePoint.objects.filter(pk__in=shops).update(tags=[tag])
    page = client.get("/results/compare?period=7-days&tags=1").content.decode()
    assert {"t-airport", "t-station"} == set(ranked(page))
    mixed = f"place=t-airport&place=g{chain.regions[1]}&place=p{chain.shops[2][0]}"
    page = client.get(f"/results/compare?period=7-days&{mixed}").content.decode()
    assert {"t-airport", f"g{chain.regions[1]}", f"p{chain.shops[2][0]}"} == set(ranked(page))
    assert 1 == page.count('data-chart="data-lines"')


def test_a_contrast_is_the_difference_of_two_differences() -> None:
    def at(hits: int, n: int) -> Index:
        found = share(hits, n)
        assert found is not None
        return found

    own, others = difference(at(40, 100), at(60, 100)), difference(at(590, 1000), at(600, 1000))
    gap = contrast(own, others)
    assert math.isclose(-19, gap.value)
    assert gap.interval.low < gap.value < gap.interval.high < 0
    assert gap.clear
    # Nothing is certain of the others: as wide as the own change.
    still = Difference(0.0, Interval(0.0, 0.0), 0.0, clear=False)
    assert own.interval == pytest.approx(contrast(own, still).interval)
    assert not contrast(own, own).clear


def test_a_group_and_a_point_of_it_are_not_counted_twice(chain: BigChain) -> None:
    region = f"g{chain.regions[0]}"
    selection, directory = asked(f"place={region}&place=p{chain.shops[0][0]}&period=7-days")
    places = candidates(selection, directory)
    found = comparison.compare_places(selection, Catalogue.load(), places)
    apart = {row.part.key: row.apart for row in found.rows}
    assert apart.pop(region) is None, "there is nothing beside the region"
    assert [True] == [gap is not None for gap in apart.values()]


def test_more_places_take_no_more_statements(
    chain: BigChain, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def statements(shops: list[int]) -> int:
        chosen = "".join(f"&place=p{shop}" for shop in shops)
        with django_assert_max_num_queries(99) as seen:
            page = client.get(f"/results/compare?period=28-days{chosen}").content.decode()
        assert len(shops) == len(ranked(page))
        return len(seen)

    assert statements(chain.shops[0][:2]) == statements(chain.shops[0][:6])
