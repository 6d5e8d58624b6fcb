"""Who gets in where: every address of the site, by every kind of person."""

import uuid
from typing import Any

import pytest
from addresses import Route, routes
from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from office import DEFINITION, Device, answer

from config.values import ContactDetails
from headoffice import clock
from headoffice.accounts import access
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.api.models import Token
from headoffice.authoring import history
from headoffice.authoring.documents import new_document
from headoffice.configuration.models import RollOut
from headoffice.export.models import Export
from headoffice.fleet import enrolment, places, visibility
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.notes.models import Note
from headoffice.questionnaires.models import Version
from headoffice.rollups.models import Hourly
from headoffice.walls.links import create_link
from headoffice.walls.models import WallLink

pytestmark = pytest.mark.django_db
PASSWORD = "four quiet otters"
PEOPLE = ("nobody", *Role)
SOMEBODY_ELSES = {"export"}
"""Things that only one person ever sees, whatever the role."""
DECLARED = {access.PUBLIC, access.KIOSKS, access.TOKENS, *Role}


ROUTES = list(routes())
IDS = [route.pattern or "(front)" for route in ROUTES]


@pytest.fixture
def samples(db: None) -> dict[str, object]:
    """Things of another part of the tree than the manager's own, by argument name."""
    del db
    device = Device.enrolled("Sweden / Malmö / Exit")
    left = answer(2, ContactDetails(True, "Ann"), question="who", questionnaire="0" * 64)
    device.deliver(answer(1), left)
    point = ExperiencePoint.objects.get(name="Exit")
    other = User.objects.create(username="other")
    today = clock.now().date()
    return {
        "note": Note.objects.create(point=point, first=today, last=today, text="Strike").pk,
        "kiosk": device.row.pk,
        "secret": create_link(other, "Wall", "", "en"),
        "link": WallLink.objects.get().pk,
        "batch": enrolment.create_codes([point]).id,
        "point": point.pk,
        "scope": f"p{point.pk}",
        "roll_out": RollOut.objects.create(title="Louder").pk,
        "group": point.group_id,
        "person": other.pk,
        "digest": "0" * 64,
        "questionnaire": "checkout",
        "path": "x",
        "export": uuid.uuid4(),
        "response": left.body.response,
        "draft": history.begin(new_document("Draft", ["en"]), other).pk,
        "version": Version.objects.create(digest="1" * 64, definition=DEFINITION.decode()).pk,
        "token": Token.objects.create(name="nightly", hash=b"0" * 32, scopes="live").pk,
    }


def member(role: Role, group: Group | None = None) -> User:
    user = User.objects.create(username=f"some {role}", role=role)
    if group is not None:
        user.responsibilities.create(group=group)
    return user


def person(who: str) -> Client:
    client = Client()
    if who != "nobody":
        till = places.get_or_create_point("Finland / Turku / Till", "Europe/Helsinki")
        client.force_login(member(Role(who), till.group.parent if who == Role.MANAGER else None))
    return client


def visit(client: Client, address: str) -> Any:
    answers = (client.generic(method, address) for method in ("GET", "POST", "PUT", "DELETE"))
    return next(answer for answer in answers if answer.status_code != 405)


def led_to_login(response: HttpResponse) -> bool:
    target = response.get("Location", response.get("HX-Redirect", ""))
    return target.startswith("/login") and response.status_code in (302, 204)


@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_every_address_declares_whom_it_admits(route: Route) -> None:
    assert route.admits, f"{route.pattern}: declare it with a decorator of accounts/access.py"
    assert route.admits <= DECLARED


# Whom an address admits doesn't depend on the engine; its queries run on both further below.
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_only_those_get_in_whom_the_address_admits(
    route: Route, who: str, samples: dict[str, object]
) -> None:
    response = visit(person(who), route.address(samples))
    if access.PUBLIC in route.admits:
        assert response.status_code < 400
        assert not led_to_login(response) or "logout" in route.pattern
    elif route.admits & {access.KIOSKS, access.TOKENS}:
        # Neither a session nor its absence helps: it wants a credential or a code.
        assert response.status_code in (401, 415), response.content
    elif who == "nobody":
        assert led_to_login(response)
    elif who not in route.admits or route.arguments.keys() & SOMEBODY_ELSES:
        assert response.status_code == 404
    elif who == Role.MANAGER and route.arguments.keys() & {
        "kiosk",
        "point",
        "group",
        "person",
        "link",
        "note",
        "scope",
        "roll_out",
    }:
        assert response.status_code == 404, "a manager sees another part of the tree"
    else:
        assert response.status_code not in (403, 404, 405, 500)
        assert not led_to_login(response)


def stored() -> list[list[tuple[Any, ...]]]:
    """Every row of the head office, but for what counts who has been here."""
    names = (
        *("accounts", "fleet", "questionnaires", "configuration"),
        *("ingest", "results", "export", "api", "walls"),
    )
    models = [model for name in names for model in apps.get_app_config(name).get_models()]
    return [sorted(model.objects.values_list(), key=str) for model in models]


@pytest.mark.database
@pytest.mark.parametrize("route", ROUTES, ids=IDS)
def test_head_is_answered_as_get_is_and_changes_nothing(
    route: Route, samples: dict[str, object]
) -> None:
    """Monitors ask so, and what fetches pages ahead."""
    client = person(Role.ADMINISTRATOR)
    mine = User.objects.get(username=f"some {Role.ADMINISTRATOR}")
    export = Export.objects.create(user=mine, data="answers", format="csv", query="")
    address = route.address(samples | {"export": export.pk})
    before = stored()
    head = client.head(address)
    assert before == stored()
    get = client.get(address)
    assert (get.status_code, get.get("Location")) == (head.status_code, head.get("Location"))
    for name in ("Content-Type", "Content-Disposition"):
        assert get.get(name) == head.get(name)
    for response in (head, get):
        response.close()


@pytest.mark.database
def test_a_manager_sees_the_own_part_of_the_tree_and_nothing_of_others() -> None:
    here, there = (
        Device.enrolled("Finland / Turku / Till"),
        Device.enrolled("Sweden / Malmö / Exit"),
    )
    finland = Group.objects.get(name="Finland")
    user = member(Role.MANAGER, finland)
    assert {"Till"} == {p.name for p in points_of(user)}
    assert frozenset({here.row.pk}) == visibility.visible_kiosks(user)
    assert {"Finland", "Turku"} == {
        g.name for g in Group.objects.filter(pk__in=visibility.visible_groups(user))
    }
    client = Client()
    client.force_login(user)
    for address in ("/", "/live", "/kiosks/"):
        page = client.get(address).content.decode()
        assert "Till" in page
        assert "Exit" not in page
        assert f"Kiosk {there.row.pk}" not in page


@pytest.mark.database
def test_an_analyst_and_an_administrator_see_every_place() -> None:
    for path in ("Finland / Turku / Till", "Sweden / Malmö / Exit"):
        places.get_or_create_point(path, "UTC")
    for role in (Role.ANALYST, Role.ADMINISTRATOR):
        assert {"Till", "Exit"} == {p.name for p in points_of(member(role))}


@pytest.mark.database
def test_figures_of_a_kiosk_that_came_from_elsewhere_today_stay_with_the_other_place() -> None:
    device = Device.enrolled("Sweden / Malmö / Exit")
    device.define()
    device.deliver(answer(1, 2))
    here = places.get_or_create_point("Finland / Turku / Till", "Europe/Stockholm")
    Hourly.objects.update(point=ExperiencePoint.objects.get(name="Exit").pk)
    device.row.assignments.create(point=here, since_ms=device.row.assignments.get().since_ms + 1)
    user = member(Role.MANAGER, Group.objects.get(name="Finland"))
    client = Client()
    client.force_login(user)
    assert "No answers yet today" in client.get("/live").content.decode()


@pytest.mark.database
def test_a_password_given_by_somebody_else_is_changed_first() -> None:
    user = create_user("ann", PASSWORD, temporary=True)
    client = Client()
    client.force_login(user)
    assert "/password?next=%2F" == client.get("/")["Location"]
    weak = client.post(
        "/password", {"old_password": PASSWORD, "new_password1": "1", "new_password2": "1"}
    )
    assert weak.status_code == 422
    new = "five loud herons"
    client.post("/password", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert client.get("/").status_code == 200
    assert Client().login(username="ann", password=new)


def points_of(user: User) -> list[ExperiencePoint]:
    return list(ExperiencePoint.objects.filter(pk__in=visibility.visible_points(user)))
