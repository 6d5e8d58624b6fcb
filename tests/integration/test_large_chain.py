"""A chain too large to be overlooked: pages of kiosks, a search, short lists of places."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils.html import escape
from office import Device, answer

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.fleet.models import Alarm, Assignment, ExperiencePoint, Group, Kiosk
from headoffice.results.places import Directory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
COUNTRIES, SHOPS, SPOTS = ("Finland", "Sweden", "Italy"), 25, ("Checkout", "Exit", "Café <1>")


@pytest.fixture
def kiosks() -> list[Kiosk]:
    """225 of them: three in each of 75 shops in three countries."""
    top = Group.objects.create(name="Chain")
    points: list[ExperiencePoint] = []
    for country in COUNTRIES:
        under = Group.objects.create(name=country, parent=top)
        for shop in range(1, SHOPS + 1):
            group = Group.objects.create(name=f"{country} {shop}", parent=under)
            points += [
                ExperiencePoint(group=group, name=spot, time_zone="Europe/Helsinki")
                for spot in SPOTS
            ]
    ExperiencePoint.objects.bulk_create(points)
    made = Kiosk.objects.bulk_create(
        Kiosk(heartbeat_at=clock.now(), version="1.0", waiting=0, quarantined=0, state="open")
        for _point in points
    )
    Assignment.objects.bulk_create(
        Assignment(kiosk=kiosk, point=point, since_ms=0)
        for kiosk, point in zip(made, points, strict=True)
    )
    return made


@pytest.fixture
def analyst() -> Client:
    client = Client()
    client.force_login(create_user("ana", "puolukka-77x", role=Role.ANALYST))
    return client


def get(client: Client, address: str) -> str:
    reply = client.get(address)
    assert 200 == reply.status_code, address
    return reply.content.decode()


def cards(page: str) -> list[str]:
    return re.findall(r'<li id="part-kiosk-(\d+)"', page)


def listed(page: str) -> list[str]:
    """Numbers of kiosks in the table, as they stand there."""
    return re.findall(r'<span class="sub">Kiosk (\d+)</span></th>', page)


def numbers(kiosks: list[Kiosk]) -> set[str]:
    return {str(kiosk.pk) for kiosk in kiosks}


def all_pages(client: Client, address: str) -> Iterator[str]:
    """The page and those behind it, by its own links."""
    page = get(client, address)
    yield page
    while found := re.search(r'rel="next" href="([^"]+)"', page):
        link = found[1].replace("&amp;", "&")
        page = get(client, link if link.startswith("/") else f"/kiosks/{link}")
        yield page


def test_today_shows_every_kiosk_once_those_in_trouble_first(
    kiosks: list[Kiosk], analyst: Client
) -> None:
    silent, cloned = kiosks[-1], kiosks[100]
    long_ago = clock.now() - dt.timedelta(hours=2)
    Kiosk.objects.filter(pk=silent.pk).update(heartbeat_at=long_ago)
    Alarm.objects.create(
        kiosk=cloned,
        installation="01890000-0000-7000-8000-000000000001",
        kind=Alarm.Kind.CLONE,
        first_at=long_ago,
        last_at=long_ago,
    )
    pages = [cards(page) for page in all_pages(analyst, "/")]
    assert [60, 60, 60, 45] == [len(page) for page in pages]
    assert {str(silent.pk), str(cloned.pk)} == set(pages[0][:2])
    everyone = [number for page in pages for number in page]
    assert numbers(kiosks) == set(everyone)
    assert len(everyone) == len(set(everyone))
    first, folded = get(analyst, "/").split('<details class="others">')
    assert {str(silent.pk), str(cloned.pk)} == set(cards(first))
    assert "223 kiosks without trouble" in folded


def test_a_kiosk_is_found_on_the_page_of_today_and_lives_there(
    kiosks: list[Kiosk], analyst: Client
) -> None:
    wanted = kiosks[7]
    page = get(analyst, f"/?q={wanted.pk}+finland")
    assert str(wanted.pk) == cards(page)[0]
    assert '<details class="others" open>' in page
    assert f'hx-get="/live?page=1&amp;q={wanted.pk}%20finland"' in page
    marks = ".".join(re.findall(r'data-mark="(\w+)"', page))
    assert 204 == analyst.get(f"/live?page=1&q={wanted.pk}+finland&seen={marks}").status_code
    nothing = get(analyst, "/?q=nowhere+at+all")
    assert [] == cards(nothing)
    assert "Nothing matches." in nothing
    assert "Add the first kiosk" not in nothing


@pytest.mark.parametrize(("asked", "shown"), [("x", 1), ("0", 4), ("4", 4), ("99", 4), ("-1", 4)])
def test_a_page_of_today_that_is_not_there_is_the_first_or_the_last(
    kiosks: list[Kiosk], analyst: Client, asked: str, shown: int
) -> None:
    assert kiosks
    found = cards(get(analyst, f"/?page={asked}"))
    assert found
    assert cards(get(analyst, f"/?page={shown}")) == found


def test_the_list_of_kiosks_has_pages_too(kiosks: list[Kiosk], analyst: Client) -> None:
    pages = [listed(page) for page in all_pages(analyst, "/kiosks/")]
    assert [50, 50, 50, 50, 25] == [len(page) for page in pages]
    assert numbers(kiosks) == {number for page in pages for number in page}


def test_a_kiosk_is_found_by_its_number_its_place_and_its_silence(
    kiosks: list[Kiosk], analyst: Client
) -> None:
    wanted = kiosks[7]
    assert str(wanted.pk) == listed(get(analyst, f"/kiosks/?q={wanted.pk}"))[0]
    finland = [kiosk for nth, kiosk in enumerate(kiosks) if nth < 3 * SHOPS]
    exits = {str(kiosk.pk) for kiosk in finland[1::3]}
    assert exits == set(listed(get(analyst, "/kiosks/?q=exit+FINLAND")))
    Kiosk.objects.filter(pk__in=[k.pk for k in kiosks[:2]]).update(
        heartbeat_at=clock.now() - dt.timedelta(hours=1)
    )
    assert numbers(kiosks[:2]) == set(listed(get(analyst, "/kiosks/?view=offline")))
    assert numbers(kiosks[:1]) == set(listed(get(analyst, "/kiosks/?view=offline&q=checkout")))


def test_what_is_searched_stays_from_page_to_page(kiosks: list[Kiosk], analyst: Client) -> None:
    assert kiosks
    pages = list(all_pages(analyst, "/kiosks/?q=1.0"))
    assert [50, 50, 50, 50, 25] == [len(listed(page)) for page in pages]
    assert all('value="1.0"' in page for page in pages)


def test_a_search_that_finds_nothing_says_so_and_shows_the_way_back(
    kiosks: list[Kiosk], analyst: Client
) -> None:
    assert kiosks
    page = get(analyst, "/kiosks/?q=%3Cscript%3E")
    assert [] == listed(page)
    assert "Nothing matches." in page
    assert 'href="/kiosks/"' in page
    assert f'value="{escape("<script>")}"' in page


def test_a_list_of_places_offers_the_upper_levels_and_what_is_near_the_chosen(
    kiosks: list[Kiosk],
) -> None:
    assert kiosks
    directory = Directory.of(create_user("ana", "puolukka-77x", role=Role.ANALYST))
    groups = 1 + len(COUNTRIES) * (1 + SHOPS)
    assert groups + 225 == len(directory.groups_and_points)
    assert ["group"] * groups == [place.kind for place in directory.choices()]
    point = next(p for p in directory.places.values() if p.kind == "point")
    offered = directory.choices([point])
    near = [place for place in offered if place.kind == "point"]
    # The three of the shop that it is in, at their place in the tree.
    assert 3 == len(near)
    assert {point.parent} == {place.parent for place in near}
    at = [place.key for place in offered].index(str(point.parent))
    assert near == offered[at + 1 : at + 4]


def test_a_manager_is_offered_all_of_a_small_part(kiosks: list[Kiosk]) -> None:
    assert kiosks
    finland = Group.objects.get(name="Finland")
    user = create_user("mia", "puolukka-77x", role=Role.MANAGER, group=finland)
    directory = Directory.of(user)
    assert 1 + SHOPS + 3 * SHOPS == len(directory.choices())
    assert directory.groups_and_points == directory.choices()


BIG = "ingest_storedmessage|m|results_(hourly|daily|monthly|late|areaday|areahour)"
PAGES = (
    "/",
    "/results/?period=year",
    "/results/?period=28-days&language=en&test=1&misuse=1",
    "/results/place?place=g1&period=year",
    "/results/place?place=p{point}&period=year",
    "/results/place?place=k{kiosk}&period=12-weeks",
    "/results/compare?period=year",
    "/results/compare?place=p{point}&place=g2&period=year",
    "/results/questions?period=year",
    "/results/comments?period=year",
    "/results/comments?period=year&q=bread&mood=0-of-3",
    "/results/comments?period=year&reach=1&mood=0-of-3",
    "/results/comments?place=p{point}&period=28-days",
    "/wall",
    "/wall?place=p{point}",
    "/kiosks/",
    "/structure/",
)


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL walks through tables as small as these"
)
@pytest.mark.parametrize("address", PAGES)
def test_no_page_walks_through_a_big_table(
    kiosks: list[Kiosk], analyst: Client, address: str
) -> None:
    device = Device.enrolled("Chain / Italy / Exit")
    device.define()
    device.deliver(*(answer(seq, 2) for seq in range(1, 10)), answer(10, "Good bread"))
    point = device.row.assignments.get().point_id
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        asked.append((sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(note):
        get(analyst, address.format(point=point, kiosk=kiosks[0].pk))
    with connection.cursor() as cursor:
        for sql, values in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
            for *_numbers, step in cursor.fetchall():
                assert not re.match(rf"SCAN ({BIG})\b", step), sql
