"""My shop: this week against usual, the worst hours, reasons and comments, on one phone screen."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from results_data import SHOPS, plant

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.results.shop import USUAL_WEEKS
from headoffice.rollups.models import Daily

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PASSWORD = "puolukka-77x"


@pytest.fixture
def shop() -> ExperiencePoint:
    """The first of two shops, each with three months of answers."""
    plant(SHOPS[:2], days=90)
    return ExperiencePoint.objects.order_by("pk")[0]


def manager(**what: Any) -> Client:
    client = Client()
    client.force_login(create_user("mia", PASSWORD, role=Role.MANAGER, **what))
    return client


def test_a_manager_begins_with_the_own_shop(shop: ExperiencePoint) -> None:
    create_user("mia", PASSWORD, role=Role.MANAGER, points=[shop.pk])
    create_user("ann", PASSWORD, role=Role.ANALYST)
    for name, first in (("mia", "/shop/"), ("ann", "/")):
        said = {"username": name, "password": PASSWORD}
        assert first == Client().post("/login", said)["Location"]
        # A page that was asked for comes first.
        asked = Client().post("/login", {**said, "next": "/results/?period=year"})
        assert "/results/?period=year" == asked["Location"]


def test_usual_is_the_same_weekdays_of_the_weeks_before(shop: ExperiencePoint) -> None:
    week = manager(points=[shop.pk]).get("/shop/").context["week"]
    zone = clock.zone_of(shop.time_zone)
    today = clock.now().astimezone(zone).date()
    monday = today - dt.timedelta(days=today.weekday())
    days = [monday + dt.timedelta(days=n) for n in range(today.weekday() + 1)]
    if week.title == "Last week":
        days = [monday + dt.timedelta(days=n - 7) for n in range(7)]
    before = {day - dt.timedelta(weeks=n) for day in days for n in range(1, USUAL_WEEKS + 1)}

    def n(of: set[dt.date]) -> int:
        rows = Daily.objects.filter(
            point=shop.pk, day__in=of, question="mood", test=False, misuse=""
        )
        return sum(rows.values_list("count", flat=True))

    assert n(before)
    assert str(n(before)) == week.usual_figure.n.replace("\u202f", "").replace(",", "")
    assert str(n(set(days))) == week.figure.n.replace("\u202f", "").replace(",", "")


def test_of_several_shops_one_is_chosen(shop: ExperiencePoint) -> None:
    other = ExperiencePoint.objects.exclude(pk=shop.pk)[0]
    client = manager(points=[shop.pk, other.pk])
    page = client.get("/shop/")
    assert None is page.context["here"]
    assert {f"p{shop.pk}", f"p{other.pk}"} == {place.key for place in page.context["shops"]}
    assert f"p{other.pk}" == client.get("/shop/", {"place": f"p{other.pk}"}).context["here"].key


def test_nobody_sees_or_sets_what_belongs_to_another(shop: ExperiencePoint) -> None:
    other = ExperiencePoint.objects.exclude(pk=shop.pk)[0]
    client = manager(points=[shop.pk])
    for key in (f"p{other.pk}", f"g{other.group_id}", "p999999", "k1", "x"):
        assert 404 == client.get("/shop/", {"place": key}).status_code
        assert 404 == client.post("/shop/goal", {"place": key, "goal": "1"}).status_code
    other.refresh_from_db()
    assert None is other.goal


def test_a_goal_is_told_apart_from_chance(shop: ExperiencePoint) -> None:
    client = manager(points=[shop.pk])
    key = f"p{shop.pk}"
    for goal, mood in (("0", "better"), ("100", "worse")):
        page = client.post("/shop/goal", {"place": key, "goal": goal}, follow=True)
        assert mood == page.context["week"].goal.mood
    index = round(float(page.context["week"].figure.value))
    page = client.post("/shop/goal", {"place": key, "goal": str(index)}, follow=True)
    assert "same" == page.context["week"].goal.mood
    for wrong in ("101", "-1", "x"):
        page = client.post("/shop/goal", {"place": key, "goal": wrong}, follow=True)
        assert "whole number from 0 to 100" in page.content.decode()
        assert index == page.context["week"].goal.goal
    page = client.post("/shop/goal", {"place": key, "goal": ""}, follow=True)
    assert None is page.context["week"].goal


def test_too_few_answers_say_nothing() -> None:
    group = Group.objects.create(name="North")
    point = ExperiencePoint.objects.create(group=group, name="Empty")
    week = manager(points=[point.pk]).get("/shop/").context["week"]
    assert week.few
    assert "" == week.figure.value == week.usual_figure.value
    assert () == week.worst == week.reasons == week.comments


def test_an_administrator_sets_a_goal_in_the_tree(shop: ExperiencePoint) -> None:
    boss = Client()
    boss.force_login(create_user("boss", PASSWORD, role=Role.ADMINISTRATOR))
    said = {"name": "North", "group": "", "goal": "80"}
    boss.post("/structure/group", said)
    assert 80 == Group.objects.get(name="North", parent=None).goal
    assert 404 == boss.get("/shop/").status_code, "it is the page of managers"
    del shop
