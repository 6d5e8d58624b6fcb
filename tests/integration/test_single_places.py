"""Managers look after several groups and single places, and see exactly those, everywhere."""

import csv
import io
import json
import threading

import pytest
from django.test import Client
from office import Device, answer

from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.api import live
from headoffice.errors import HeadOfficeError
from headoffice.fleet import visibility
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.results.places import Directory

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PASSWORD = "puolukka-77x"
OWN = ("Turku Till", "Oulu Till", "Malmö Exit")
HIDDEN = ("Malmö Till", "Lund Till")
PAGES = (
    "/", "/live", "/kiosks/?view=all", "/structure/", "/structure/places.csv", "/results/",
    "/results/place", "/results/compare", "/results/questions", "/results/comments", "/wall",
    "/export/",
)  # fmt: skip


@pytest.fixture
def mia() -> User:
    """Who looks after Finland, and after one of the two places of Malmö."""
    for path in (
        "Finland / Turku / Turku Till", "Finland / Oulu / Oulu Till",
        "Sweden / Malmö / Malmö Exit", "Sweden / Malmö / Malmö Till", "Sweden / Lund / Lund Till",
    ):  # fmt: skip
        device = Device.enrolled(path)
        device.define()
        device.deliver(*(answer(seq, seq % 3) for seq in range(1, 8)))
    finland = Group.objects.get(name="Finland")
    exit_ = ExperiencePoint.objects.get(name="Malmö Exit")
    return create_user("mia", PASSWORD, role=Role.MANAGER, groups=[finland.pk], points=[exit_.pk])


@pytest.fixture
def client(mia: User) -> Client:
    client = Client()
    client.force_login(mia)
    return client


def test_the_parts_add_up_to_what_is_seen(mia: User) -> None:
    names = ExperiencePoint.objects.filter(pk__in=visibility.visible_points(mia))
    assert set(OWN) == set(names.values_list("name", flat=True))
    groups = Group.objects.filter(pk__in=visibility.visible_groups(mia))
    assert {"Finland", "Turku", "Oulu"} == set(groups.values_list("name", flat=True))
    assert 3 == len(visibility.visible_kiosks(mia))
    directory = Directory.of(mia)
    assert not directory.complete
    single = ExperiencePoint.objects.get(name="Malmö Exit")
    place = directory.places[f"p{single.pk}"]
    assert ("Sweden / Malmö", 0, None) == (place.path, place.depth, place.parent)
    assert not any("Malmö" == other.name for other in directory.places.values())


@pytest.mark.parametrize("path", PAGES)
def test_every_page_shows_the_own_places_and_no_others(path: str, client: Client) -> None:
    response = client.get(path)
    assert 200 == response.status_code
    text = response.content.decode()
    for name in HIDDEN:
        assert name not in text
    if path in ("/", "/live", "/kiosks/?view=all", "/structure/", "/structure/places.csv"):
        for name in OWN:
            assert name in text


def test_figures_are_those_of_the_own_places(client: Client) -> None:
    figure = '<span data-figure="n">%d</span>'
    assert figure % 21 in client.get("/results/?period=today").content.decode()
    hidden = ExperiencePoint.objects.get(name="Malmö Till")
    malmo = hidden.group
    own = ExperiencePoint.objects.get(name="Malmö Exit")
    assert figure % 7 in client.get(f"/results/place?period=today&place=p{own.pk}").content.decode()
    for key in (f"p{hidden.pk}", f"g{malmo.pk}"):
        assert 404 == client.get(f"/results/place?period=today&place={key}").status_code


def test_the_tree_and_the_file_of_it_leave_out_what_stands_beside(client: Client) -> None:
    text = client.get("/structure/places.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert ["Finland", "Oulu", "Oulu Till", "Turku", "Turku Till", "Malmö Exit"] == [
        row["name"] for row in rows
    ]


def test_the_live_stream_tells_of_the_own_places_alone(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without a free slot it tells what is new, and ends.
    monkeypatch.setattr(live, "_slots", threading.Semaphore(0))
    response = client.get("/live/events", {"last_event_id": live.cursor_of((0, 0, 0, 0))})
    lines = b"".join(response).decode().splitlines()
    told = [json.loads(line[6:])["place"] for line in lines if line.startswith("data: ")]
    names = ExperiencePoint.objects.filter(pk__in=told).values_list("name", flat=True)
    assert set(OWN) == set(names)


def test_who_looks_after_nothing_any_more_sees_nothing(mia: User, client: Client) -> None:
    mia.responsibilities.all().delete()
    for path in PAGES:
        text = client.get(path).content.decode()
        for name in (*OWN, *HIDDEN):
            assert name not in text


def test_an_administrator_says_what_somebody_looks_after(mia: User) -> None:
    boss = Client()
    boss.force_login(create_user("boss", PASSWORD, role=Role.ADMINISTRATOR))
    lund, till = Group.objects.get(name="Lund"), ExperiencePoint.objects.get(name="Turku Till")
    page = boss.get(f"/people/{mia.pk}").content.decode()
    assert 2 == page.count(" checked")
    said = {"role": "manager", "group": [lund.pk], "point": [till.pk, 2**40]}
    boss.post(f"/people/{mia.pk}", said)
    seen = ExperiencePoint.objects.filter(pk__in=visibility.visible_points(mia))
    assert {"Lund Till", "Turku Till"} == set(seen.values_list("name", flat=True))
    assert "Sweden / Lund<br>Finland / Turku / Turku Till" in boss.get("/people/").content.decode()
    boss.post(f"/people/{mia.pk}", {"role": "analyst", "group": [lund.pk]})
    assert not mia.responsibilities.exists()
    with pytest.raises(HeadOfficeError):
        create_user("ann", PASSWORD, role=Role.MANAGER)


def test_a_place_or_group_that_somebody_looks_after_stays(mia: User) -> None:
    boss = Client()
    boss.force_login(create_user("boss", PASSWORD, role=Role.ADMINISTRATOR))
    empty = ExperiencePoint.objects.create(group=Group.objects.get(name="Lund"), name="New")
    mia.responsibilities.create(point=empty)
    page = boss.post(f"/structure/place/{empty.pk}", {"remove": "sure"}, follow=True)
    words = " ".join(page.content.decode().split())
    assert 'class="banner error" role="alert">Only a location' in words
    assert ExperiencePoint.objects.filter(pk=empty.pk).exists()


def test_an_account_can_be_removed(mia: User) -> None:
    boss = Client()
    boss.force_login(create_user("boss", PASSWORD, role=Role.ADMINISTRATOR))
    assert "Remove the account mia?" in boss.get(f"/people/{mia.pk}/remove").content.decode()
    boss.post(f"/people/{mia.pk}/remove")
    assert not User.objects.filter(username="mia").exists()
