"""Places are chosen from a tree that serves a thousand: by name, by key, without a script."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from big_chain import plant_big
from choosing import choose_places
from django.test import Client
from office import ServedOffice
from playwright.sync_api import Browser, Page, sync_playwright
from test_pages_results import FLAGS, log_in, violations

from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.results.place_list import matches

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOffice]:
    """A head office of ten regions with a hundred shops each."""
    folder = tmp_path_factory.mktemp("big") / "office"
    with ServedOffice(folder) as office:
        subprocess.run(
            [sys.executable, HERE / "big_chain.py", folder, "10", "100", "7"], check=True
        )
        yield office


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, chain: ServedOffice, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, scripts = getattr(request, "param", (1280, True))
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        base_url=chain.url,
        reduced_motion="reduce",
        java_script_enabled=scripts,
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    log_in(page, "admin", chain.password)
    yield page
    context.close()
    assert wrong == []


def named(page: Page) -> list[str]:
    """The places in the address."""
    places = page.locator(".filters [name=place]").evaluate_all("all => all.map((f) => f.value)")
    return sorted(places)


@pytest.mark.e2e
@pytest.mark.slow
@pytest.mark.parametrize("page", [(390, True), (1280, True)], indirect=True, ids=str)
def test_several_of_a_thousand_are_ticked_and_none_before(page: Page) -> None:
    page.goto("/results/questions?period=7-days")
    assert [] == named(page)
    assert "Shop 05-050" not in page.content(), "no page carries the thousand along"
    page.locator("[data-chooser]").click()
    tree = page.locator("#chooser")
    tree.locator(".choices").wait_for()
    assert 0 == tree.locator(":checked").count()
    assert 11 == tree.locator("[type=checkbox]").count(), "what is closed is not drawn"
    assert [] == violations(page)
    tree.get_by_role("button", name="Open: Region 03").click()
    assert 111 == tree.locator("[type=checkbox]").count()
    tree.get_by_role("checkbox", name="Shop 03-002").check()
    tree.get_by_role("searchbox").fill("shop 07-01")
    assert "Found: 10" in tree.inner_text()
    tree.get_by_role("checkbox", name="Shop 07-015").check()
    assert ["Shop 03-002 ×", "Shop 07-015 ×"] == tree.locator(".ticked li").all_inner_texts()
    tree.get_by_role("button", name="Show").click()
    page.wait_for_url("**/questions?*place=p*&place=p*")
    page.locator(".picker", has_text="Shop 03-002, Shop 07-015").wait_for()
    assert 2 == len(named(page))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.e2e
@pytest.mark.slow
def test_one_place_is_found_by_keys_alone(page: Page) -> None:
    page.goto("/results/")
    page.locator("[data-chooser]").focus()
    page.keyboard.press("Enter")
    page.locator("#chooser .choices").wait_for()
    page.keyboard.type("04-077")
    page.keyboard.press("Enter")
    page.locator("h1", has_text="Shop 04-077").wait_for()
    page.locator("[data-chooser]").focus()
    page.keyboard.press("Enter")
    page.locator("#chooser .choices").wait_for()
    # Down to the chain, past it to the first region; closed groups are opened, others closed.
    for key in ("ArrowDown", "Home", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft", "Space"):
        page.keyboard.press(key)
    reached = page.locator("#chooser [type=checkbox]:focus")
    assert "Region 01" == reached.get_attribute("aria-label")
    assert reached.is_checked()
    page.keyboard.press("Escape")
    assert not page.locator("#chooser").is_visible()
    assert page.locator("h1", has_text="Shop 04-077").is_visible(), "nothing was chosen"
    choose_places(page)
    page.locator("h1", has_text="Overview").wait_for()


@pytest.mark.e2e
@pytest.mark.slow
def test_a_tree_that_does_not_come_is_said_and_asked_for_again(page: Page) -> None:
    page.goto("/results/")
    page.route("**/places.json", lambda route: route.abort())
    page.locator("[data-chooser]").click()
    page.locator("#chooser .banner", has_text="could not be loaded").wait_for()
    page.keyboard.press("Escape")
    page.unroute("**/places.json")
    choose_places(page, "g2")
    page.wait_for_url("**place=g2*")


@pytest.mark.e2e
@pytest.mark.slow
@pytest.mark.parametrize("page", [(1280, False)], indirect=True, ids=str)
def test_without_scripts_a_page_of_ticks_does_the_same(page: Page) -> None:
    page.goto("/results/?period=12-weeks")
    page.locator("[data-chooser]").click()
    page.get_by_role("searchbox").fill("Region 02")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("checkbox", name="Region 02").check()
    page.get_by_role("checkbox", name="Shop 02-001").check()
    page.get_by_role("button", name="Compare them").click()
    page.wait_for_url("**/results/compare?period=12-weeks&place=g3&place=p*")
    assert 2 == len(named(page))


def test_accents_and_order_don_t_matter_in_a_search() -> None:
    assert matches("Sweden / Malmö / Harbour", "harbour malmo")
    assert matches("Gdańsk", "GDAŃSK")
    assert not matches("Sweden / Malmö / Harbour", "malmo station")


@pytest.mark.django_db
@pytest.mark.database
def test_the_tree_holds_what_somebody_sees_and_tags_are_places() -> None:
    plant_big(2, 3, days=1)
    ExperiencePoint.objects.filter(name__endswith="-001").update(tags=["airport"])
    client = Client()
    region = Group.objects.get(name="Region 02")
    client.force_login(create_user("mia", "puolukka-77x", role=Role.MANAGER, group=region))
    tree = json.loads(client.get("/results/places.json").content)
    assert ["Region 02", "Shop 02-001", "Shop 02-002", "Shop 02-003"] == [
        name for _key, name, _depth, _n in tree["places"]
    ]
    assert [["t-airport", "airport", 0, 1]] == tree["tags"]
    page = client.get("/results/?period=7-days&place=t-airport").content.decode()
    assert "airport" in page
    assert 404 == client.get("/results/?place=t-harbour").status_code
    assert 404 == client.get(f"/results/choose?to=kiosks&place=g{region.pk}").status_code
