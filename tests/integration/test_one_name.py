"""One group, place or tag, however a keyboard, a telephone or a spreadsheet writes its name."""

import unicodedata

import pytest
from django.test import Client

from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.fleet import places
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.fleet.tree import Tree
from headoffice.results.places import Directory
from headoffice.structure import csv_file, csv_import

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PATH = "Zürich / Café"
WAYS = (
    unicodedata.normalize("NFD", PATH),
    PATH.upper(),
    "Ｚürich / Ｃafé",
    "  Zürich  /  Café ",
    "Zürich\N{ZERO WIDTH SPACE} / Ca\N{SOFT HYPHEN}fé",
)


@pytest.fixture(autouse=True)
def place() -> ExperiencePoint:
    return places.get_or_create_point(PATH, "Europe/Zurich")


@pytest.mark.parametrize("way", WAYS)
def test_a_code_is_for_the_place_that_there_is(place: ExperiencePoint, way: str) -> None:
    assert place == places.get_or_create_point(way, "UTC")
    assert place == places.get_or_create_point(way.partition("/")[2], "UTC")
    assert place.group == Tree.load().find(places.split_path(way)[:1])
    assert (1, 1) == (Group.objects.count(), ExperiencePoint.objects.count())


@pytest.mark.parametrize("way", WAYS)
def test_a_file_is_about_the_place_that_there_is(way: str) -> None:
    group, _, name = way.partition(" / ")
    plan = csv_import.plan_import(*csv_file.read_lines(f"group,name\n{group},{name}\n"))
    assert ((), (), 1) == (plan.changes, plan.groups_without_line, plan.unchanged)


@pytest.mark.parametrize("way", WAYS)
def test_a_form_says_that_the_name_is_taken(place: ExperiencePoint, way: str) -> None:
    client = Client()
    client.force_login(create_user("ada", "long enough 17", role=Role.ADMINISTRATOR))
    group, _, name = way.partition("/")
    said = {"name": name, "group": place.group_id, "time_zone": "UTC"}
    assert "of this name" in client.post("/structure/place", said).content.decode()
    reply = client.post("/structure/group", {"name": group, "group": ""})
    assert "of this name" in reply.content.decode()


def test_places_with_one_tag_are_found_together(place: ExperiencePoint) -> None:
    other = places.get_or_create_point("Zürich / Kiosk", "UTC")
    ExperiencePoint.objects.filter(pk=place.pk).update(tags=["Flughafen Süd"])
    tag = unicodedata.normalize("NFD", "flughafen süd")
    ExperiencePoint.objects.filter(pk=other.pk).update(tags=[tag])
    found = Directory.of(create_user("ana", "long enough 17", role=Role.ANALYST)).tags
    assert [frozenset({place.pk, other.pk})] == list(found.values())
