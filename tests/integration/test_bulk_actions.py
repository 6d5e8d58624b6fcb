"""Many kiosks at once: chosen or found, shown before anything is done, and taken back."""

import re

import pytest
from django.test import Client
from office import Device

from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.fleet.models import Kiosk
from headoffice.health.pages import PER_PAGE

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def boss(client: Client) -> Client:
    create_user("boss", "four quiet otters", role=Role.ADMINISTRATOR)
    assert client.login(username="boss", password="four quiet otters")
    return client


def blocked() -> set[int]:
    return set(Kiosk.objects.exclude(revoked_at=None).values_list("pk", flat=True))


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(action|kiosks)" value="([^"]*)"', page))


def test_the_ticked_ones_are_blocked_and_let_in_again(boss: Client) -> None:
    rows = [Device.enrolled(f"Shop {n}").row.pk for n in range(4)]
    page = boss.get("/kiosks/bulk", {"action": "block", "kiosk": rows[:2]}).content.decode()
    assert "Shop 0" in page
    assert "Shop 2" not in page
    assert blocked() == set()
    done = boss.post("/kiosks/bulk", hidden(page), follow=True)
    assert blocked() == set(rows[:2])
    assert "Done for 2 kiosks." in done.content.decode()
    boss.post("/kiosks/bulk", hidden(done.content.decode()))
    assert blocked() == set()


def test_all_that_a_search_found_are_chosen_beyond_the_page(boss: Client) -> None:
    for n in range(PER_PAGE + 3):
        Device.enrolled(f"Shop {n}")
    other = Device.enrolled("Elsewhere").row.pk
    asked = {"action": "block", "all": "1", "view": "all", "q": "shop"}
    page = boss.get("/kiosks/bulk", asked).content.decode()
    assert f"{PER_PAGE + 3} kiosks?" in " ".join(page.split())
    boss.post("/kiosks/bulk", hidden(page))
    assert PER_PAGE + 3 == len(blocked())
    assert other not in blocked()


def test_who_needs_nothing_is_left_alone_and_said(boss: Client) -> None:
    one, two = (Device.enrolled(name).row for name in ("One", "Two"))
    boss.post("/kiosks/bulk", {"action": "block", "kiosks": str(one.pk)})
    page = boss.get("/kiosks/bulk", {"action": "block", "kiosk": [one.pk, two.pk]})
    assert "1 of the chosen needs nothing." in " ".join(page.content.decode().split())
    assert str(two.pk) == hidden(page.content.decode())["kiosks"]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"action": "block"},
        {"action": "destroy", "kiosk": "1"},
        {"action": "block", "kiosk": "x"},
    ],
)
def test_a_choice_of_nothing_leads_back_with_a_word(boss: Client, asked: dict[str, str]) -> None:
    Device.enrolled("One")
    for page in (boss.get("/kiosks/bulk", asked), boss.post("/kiosks/bulk", asked)):
        assert "/kiosks/" == page["Location"]
    assert "role=" in boss.get("/kiosks/").content.decode()
    assert blocked() == set()


def test_only_administrators_choose(client: Client) -> None:
    row = Device.enrolled("One").row
    create_user("ana", "four quiet otters", role=Role.ANALYST)
    assert client.login(username="ana", password="four quiet otters")
    assert 'name="kiosk"' not in client.get("/kiosks/").content.decode()
    assert (
        404 == client.post("/kiosks/bulk", {"action": "block", "kiosks": str(row.pk)}).status_code
    )
    assert blocked() == set()
