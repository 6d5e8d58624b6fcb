"""Notes: who writes them, where they stand, and that a text is a text."""

import json
import re
from collections.abc import Iterator

import pytest
from big_chain import BigChain, plant_big
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.fleet.models import Group
from headoffice.notes.models import Note

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(scope="module")
def chain(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[BigChain]:
    """Two regions; the manager looks after the first one."""
    del django_db_setup
    with django_db_blocker.unblock(), transaction.atomic():
        made = plant_big(2, 3, 20)
        region = Group.objects.get(pk=made.regions[0])
        create_user("mia", "puolukka-77x", role=Role.MANAGER, group=region)
        create_user("root", "puolukka-77x", role=Role.ADMINISTRATOR)
        create_user("ana", "puolukka-77x", role=Role.ANALYST)
        yield made
        transaction.set_rollback(True)


def client(name: str) -> Client:
    found = Client()
    found.force_login(User.objects.get(username=name))
    return found


def write(name: str, text: str, *places: str, **days: str) -> int:
    """Post the form; the status."""
    query = "&".join(f"place={place}" for place in places)
    today = clock.now().date().isoformat()
    form = {"first": today, "last": "", "text": text} | days
    return client(name).post(f"/results/notes/new?{query}", form).status_code


def trend(name: str, address: str) -> str:
    page = client(name).get(address).content.decode()
    return page.partition('aria-labelledby="title-trend"')[2].partition("</section>")[0]


def test_a_note_stands_on_every_chart_of_its_places_and_on_no_other(chain: BigChain) -> None:
    shop, other = (f"p{shops[0]}" for shops in chain.shops)
    assert 302 == write("mia", "New <tills> & tea", shop)
    assert 302 == write("root", "Strike", f"g{chain.regions[1]}")
    assert 302 == write("root", "New prices")
    here = trend("mia", f"/results/place?place={shop}&period=7-days")
    assert "New &lt;tills&gt; &amp; tea" in here
    assert "New prices" in here
    assert "Strike" not in here
    spec = json.loads(re.findall(r'application/json">(.*?)</script>', here)[0])
    assert [{"at": 6, "mark": "1"}, {"at": 6, "mark": "2"}] == spec["notes"]
    table = here.partition("<tbody>")[2]
    assert "New &lt;tills&gt; &amp; tea; New prices" in table
    assert "Strike" in trend("root", f"/results/place?place={other}&period=7-days")
    everywhere = trend("root", "/results/?period=7-days")
    assert "New prices" in everywhere
    assert "Strike" not in everywhere, "one region's note is not the chain's"
    lines = client("root").get(f"/results/compare?place={shop}&place={other}&period=7-days")
    assert "Strike" in lines.content.decode()
    before = trend("root", "/results/?period=yesterday")
    assert "New prices" not in before


def test_who_may_write_change_and_remove(chain: BigChain) -> None:
    mine, theirs = (f"p{shops[0]}" for shops in chain.shops)
    assert 404 == write("ana", "No", mine)
    assert 404 == write("mia", "No", theirs)
    assert 302 == write("mia", "No")
    assert 0 == Note.objects.count(), "a manager writes about a place, never about all"
    assert 404 == write("root", "No", mine, "t-nothing")
    assert 302 == write("mia", "Mine", mine)
    assert 302 == write("root", "Theirs", theirs)
    assert 2 == Note.objects.count()
    own, foreign = Note.objects.get(text="Mine"), Note.objects.get(text="Theirs")
    assert 404 == client("mia").get(f"/results/notes/{foreign.pk}").status_code
    assert 404 == client("mia").post(f"/results/notes/{foreign.pk}/remove").status_code
    assert 404 == client("ana").get(f"/results/notes/{own.pk}").status_code
    changed = {"first": own.first, "last": own.last, "text": "Better"}
    reply = client("mia").post(f"/results/notes/{own.pk}", changed)
    assert 302 == reply.status_code
    assert reply["Location"].startswith("/results/notes?")
    assert "Better" == Note.objects.get(pk=own.pk).text
    listed = client("mia").get("/results/notes").content.decode()
    assert "Better" in listed
    assert "Theirs" not in listed
    assert 405 == client("mia").get(f"/results/notes/{own.pk}/remove").status_code
    assert 302 == client("mia").post(f"/results/notes/{own.pk}/remove").status_code
    assert [foreign.pk] == list(Note.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": ""},
        {"first": "yesterday"},
        {"text": ""},
        {"text": "x" * 201},
        {"last": "2020-01-01"},
    ],
    ids=str,
)
def test_a_form_with_a_mistake_says_so_and_keeps_nothing(
    chain: BigChain, wrong: dict[str, str]
) -> None:
    today = clock.now().date().isoformat()
    form = {"first": today, "last": "", "text": "Strike"} | wrong
    reply = client("root").post(f"/results/notes/new?place=p{chain.shops[0][0]}", form)
    assert 422 == reply.status_code
    assert 'class="wrong"' in reply.content.decode()
    assert 0 == Note.objects.count()


def test_a_foreign_site_can_t_write_notes(chain: BigChain) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="root"))
    assert chain
    assert (
        403 == strict.post("/results/notes/new", {"first": "2026-01-01", "text": "x"}).status_code
    )


def test_the_database_keeps_days_in_order_and_one_place_a_note(chain: BigChain) -> None:
    today = clock.now().date()
    for wrong in (
        {"first": today, "last": today.replace(year=today.year - 1)},
        {"first": today, "last": today, "group_id": chain.regions[0], "point_id": 1},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Note.objects.create(text="x", **wrong)
