"""A wall's own link opens that wall for whoever has it, and nothing else, until it is withdrawn."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from office import Device, answer

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.walls.models import WallLink

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PASSWORD = "puolukka-77x"


@pytest.fixture
def chain() -> dict[str, ExperiencePoint]:
    """Three places, each with six happy people today."""
    for path in ("Finland / Turku Till", "Finland / Oulu Till", "Sweden / Malmö Till"):
        device = Device.enrolled(path)
        device.define()
        device.deliver(*(answer(seq, 2) for seq in range(1, 7)))
    return {point.name: point for point in ExperiencePoint.objects.all()}


def person(name: str, role: Role = Role.ANALYST, **what: Any) -> Client:
    client = Client()
    client.force_login(create_user(name, PASSWORD, role=role, **what))
    return client


def link_of(client: Client, query: str = "") -> str:
    """The path of a new link, as its maker reads it."""
    page = client.post("/walls/make", {"query": query}, follow=True).content.decode()
    found = re.search(r'id="link"[^>]*>http://testserver(/w/[\w-]{43})<', page)
    assert found is not None
    return found[1]


def smiles(page: str) -> int:
    found = re.search(r"(\d+) (?:person|people) left with a smile", page)
    return int(found[1]) if found else 0


def test_a_link_shows_its_wall_without_a_login(chain: dict[str, ExperiencePoint]) -> None:
    maker = person("ann")
    path = link_of(maker, f"?place=p{chain['Turku Till'].pk}")
    stranger = Client()
    page = stranger.get(path).content.decode()
    assert "Turku Till" in page
    assert 6 == smiles(page)
    assert f'hx-get="{path}/now"' in page
    # The page's script adds the marks of what is shown.
    seen = ".".join(re.findall(r'data-mark="(\w+)"', page))
    assert 204 == stranger.get(f"{path}/now?seen={seen}").status_code
    assert 6 == smiles(stranger.get(f"{path}/now?seen=x").content.decode())
    # Whatever is added to the address shows no other place.
    other = f"{path}?place=p{chain['Oulu Till'].pk}&place=p{chain['Malmö Till'].pk}"
    assert 6 == smiles(stranger.get(other).content.decode())


def test_it_leads_nowhere_sets_no_cookie_and_tells_nobody_its_address(
    chain: dict[str, ExperiencePoint],
) -> None:
    del chain
    path = link_of(person("ann"))
    stranger = Client()
    for address in (path, f"{path}/now"):
        response = stranger.get(address)
        assert not response.cookies
        assert "no-referrer" == response["Referrer-Policy"]
        assert "noindex, nofollow" == response["X-Robots-Tag"]
        assert "no-store" == response["Cache-Control"]
        page = response.content.decode()
        assert {"#main"} >= set(re.findall(r'<a [^>]*href="([^"]*)"', page))
        assert "<form" not in page
    for address in ("/", "/wall", "/results/", "/kiosks/", "/live/events"):
        assert stranger.get(address)["Location"].startswith("/login")
    assert 405 == stranger.post(path).status_code


def test_guesses_find_nothing() -> None:
    link_of(person("ann"))
    for secret in ("", "x", "A" * 43, "é" * 10, "%00"):
        assert 404 == Client().get(f"/w/{secret}").status_code
        assert 404 == Client().get(f"/w/{secret}/now").status_code
    secret = link_of(person("bob")).removeprefix("/w/")
    stored = str(list(WallLink.objects.values_list()))
    assert secret not in stored


def test_a_withdrawn_link_shows_nothing_any_more(chain: dict[str, ExperiencePoint]) -> None:
    del chain
    maker = person("ann")
    path = link_of(maker)
    address = f"/walls/{WallLink.objects.get().pk}/withdraw"
    assert "Withdraw the link" in maker.get(address).content.decode()
    assert 200 == Client().get(path).status_code, "asking withdraws nothing"
    maker.post(address)
    assert [404, 404] == [Client().get(p).status_code for p in (path, f"{path}/now")]
    assert "true" == Client().get(f"{path}/now")["HX-Refresh"], "the screen has to be told"


def test_a_screen_of_an_earlier_version_loads_itself_anew(
    chain: dict[str, ExperiencePoint],
) -> None:
    del chain
    maker = person("ann")
    for address in ("/live", "/wall/now", f"{link_of(maker)}/now"):
        reply = maker.get(address, {"seen": "0" * 32}, headers={"HX-Request": "true"})
        assert (200, "true") == (reply.status_code, reply["HX-Refresh"])
        # It would put whatever came in the place of everything.
        assert b"" == reply.content
        assert "HX-Refresh" not in maker.get(address)


def test_a_wall_of_a_place_that_has_gone_loads_itself_anew(
    chain: dict[str, ExperiencePoint],
) -> None:
    del chain
    reply = person("ann").get("/wall/now", {"place": "p999999"})
    assert (404, "true") == (reply.status_code, reply["HX-Refresh"])


def test_it_goes_on_for_ever_also_when_its_maker_has_gone(
    chain: dict[str, ExperiencePoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    finland = Group.objects.get(name="Finland")
    path = link_of(person("mia", Role.MANAGER, groups=[finland.pk]))
    assert 12 == smiles(Client().get(path).content.decode())
    User.objects.get(username="mia").delete()
    assert 12 == smiles(Client().get(path).content.decode())
    # What its maker could not see it does not show, whoever looks.
    assert 12 == smiles(person("boss", Role.ADMINISTRATOR).get(path).content.decode())
    later = clock.now_ms() + 3 * 365 * 24 * 3600 * 1000
    monkeypatch.setattr(clock, "now_ms", lambda: later)
    assert 200 == Client().get(path).status_code
    del chain


def test_links_are_listed_with_maker_and_last_use() -> None:
    mia = person("mia", Role.MANAGER, groups=[Group.objects.create(name="North").pk])
    link_of(mia)
    boss = person("boss", Role.ADMINISTRATOR)
    link_of(boss)
    assert 1 == len(mia.get("/walls/").context["rows"])
    rows = {row.maker: row for row in boss.get("/walls/").context["rows"]}
    assert {"mia", "boss"} == rows.keys()
    assert 404 == mia.get(f"/walls/{rows['boss'].pk}/withdraw").status_code
    assert {None} == {row.last_used_at for row in rows.values()}


def test_the_last_use_is_noted_once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    path = link_of(person("ann"))
    used = []
    for minutes in (0, 59, 61):
        at = clock.now_ms()
        with monkeypatch.context() as patch:
            patch.setattr(clock, "now_ms", lambda at=at, m=minutes: at + m * 60_000)
            Client().get(f"{path}/now")
        used.append(WallLink.objects.get().last_used_at)
    assert used[0] == used[1]
    assert dt.timedelta(minutes=60) < used[2] - used[0]


def test_it_speaks_the_language_in_which_it_was_made(chain: dict[str, ExperiencePoint]) -> None:
    del chain
    maker = person("ann")
    maker.cookies["hymio_language"] = "fi"
    path = link_of(maker)
    page = Client(headers={"Accept-Language": "de"}).get(path).content.decode()
    assert '<html lang="fi">' in page


def test_a_wall_of_what_one_may_not_see_gets_no_link(chain: dict[str, ExperiencePoint]) -> None:
    mia = person("mia", Role.MANAGER, points=[chain["Turku Till"].pk])
    query = f"?place=p{chain['Malmö Till'].pk}"
    assert 404 == mia.post("/walls/make", {"query": query}).status_code
    assert not WallLink.objects.exists()
