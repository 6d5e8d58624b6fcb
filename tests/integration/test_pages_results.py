"""The pages of results in a real browser: reachable, readable, quiet, on every width."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from office import ServedOffice, answer
from playwright.sync_api import Browser, Page, sync_playwright
from results_data import BOOT, FIVE

from config.questionnaire import canonical, digest
from headoffice import clock
from sync.messages import Moment

HERE = Path(__file__).parent
pytestmark = [pytest.mark.e2e, pytest.mark.slow]
AXE = (HERE.parent / "vendor" / "axe-core-4.14.1.min.js").read_text()
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
PAGES = (
    "/",
    "/results/",
    "/results/?period=year",
    "/results/?period=today&place=p5",
    "/results/?from=2026-05-02&to=2026-05-01",
    "/results/?test=1&misuse=1&language=fi",
    "/results/place",
    "/results/place?place=p1&period=12-weeks",
    "/results/place?place=k3&period=12-weeks",
    "/results/compare?period=12-weeks",
    "/results/compare?period=7-days&least=300",
    "/results/questions?period=year",
    "/results/comments?period=12-weeks",
    "/results/comments?period=12-weeks&q=nobody+wrote+this",
    "/wall",
    "/no/such/page",
)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOffice]:
    """A head office with the results of a small chain."""
    folder = tmp_path_factory.mktemp("results") / "office"
    with ServedOffice(folder) as office:
        subprocess.run([sys.executable, HERE / "plant_results.py", folder], check=True)
        yield office


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, planted: ServedOffice, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that tolerates no console message, script error or request to elsewhere."""
    width, scheme = getattr(request, "param", (1280, "light"))
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        base_url=planted.url,
        reduced_motion="reduce",
    )
    page = context.new_page()
    wrong: list[str] = []
    # Chromium reports the answer 404 by itself, on the page that is not there.
    page.on("console", lambda m: None if "404" in m.text else wrong.append(m.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(planted.url) else wrong.append(r.url))
    yield page
    context.close()
    assert wrong == []


def log_in(
    page: Page,
    name: str = "analyst",
    password: str = "puolukka-77x",  # noqa: S107 - made up
) -> None:
    page.goto("/login")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(password)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "login" not in url)


def wait_for_charts(page: Page) -> None:
    for box in page.locator("[data-chart]").all():
        box.and_(page.locator("[data-drawn]")).wait_for(timeout=5000)


def violations(page: Page) -> list[str]:
    # Given to the page by the browser itself, past the policy that forbids foreign scripts.
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate("axe.run().then((r) => r.violations)")
    return [f"{v['id']}: {v['help']} at {[n['target'] for n in v['nodes']][:3]}" for v in found]


@pytest.mark.parametrize(
    "page",
    [(390, "light"), (1280, "dark"), (1920, "light")],
    indirect=True,
    ids=str,
)
def test_every_page_fits_and_stays_at_home(page: Page) -> None:
    log_in(page)
    for address in PAGES:
        page.goto(address)
        wait_for_charts(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert page.evaluate("document.fonts.check('16px Figtree')"), address


@pytest.mark.parametrize("page", [(390, "light"), (1280, "dark")], indirect=True, ids=str)
@pytest.mark.parametrize("part", [0, 1, 2, 3])
def test_axe_finds_no_violation(page: Page, part: int) -> None:
    log_in(page)
    for address in PAGES[part::4]:
        page.goto(address)
        wait_for_charts(page)
        assert [] == violations(page), address


def test_charts_are_drawn_and_say_what_the_table_says(page: Page) -> None:
    log_in(page)
    page.goto("/results/?period=12-weeks")
    wait_for_charts(page)
    colours = page.evaluate(
        """() => [...document.querySelectorAll("[data-chart] canvas")].map((canvas) => {
          const all = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          const seen = new Set();
          for (let i = 0; i < all.length; i += 4) {
            if (all[i + 3]) seen.add(`${all[i] >> 5} ${all[i + 1] >> 5} ${all[i + 2] >> 5}`);
          }
          return seen.size;
        })"""
    )
    assert len(colours) == 3
    assert min(colours) > 3
    page.get_by_text("As a table").first.click()
    table = page.get_by_role("region", name="Happiness index over time").locator("tbody tr")
    shown = page.evaluate("JSON.parse(document.getElementById('data-trend').textContent).value")
    for value, row in zip(shown, table.all(), strict=True):
        text = row.locator("td").first.inner_text()
        assert text == "–" if value is None else abs(value - float(text)) < 0.06


def test_a_filter_changes_the_figures_and_the_address_without_a_new_page(page: Page) -> None:
    log_in(page)
    page.goto("/results/")
    wait_for_charts(page)
    everyone = page.locator("[data-figure=n]").inner_text()
    page.evaluate("window.same = true")
    page.locator("#f-place").select_option("p1")
    page.wait_for_url("**place=p1*")
    page.locator("h1", has_text="Kamppi").wait_for()
    wait_for_charts(page)
    assert page.evaluate("window.same")
    here = page.locator("[data-figure=n]").inner_text()
    assert everyone != here
    page.reload()
    assert here == page.locator("[data-figure=n]").inner_text()
    page.go_back()
    page.locator("h1", has_text="Overview").wait_for()
    assert everyone == page.locator("[data-figure=n]").inner_text()


def test_own_days_are_chosen_by_giving_them(page: Page) -> None:
    log_in(page)
    page.goto("/results/")
    page.get_by_text("More filters").click()
    page.get_by_role("textbox", name="From").fill("2026-01-01")
    page.wait_for_url("**from=2026-01-01*")
    page.locator(".headline", has_text="1 January").wait_for()
    assert "" == page.locator("#f-period").input_value()


def test_a_manager_sees_their_part_and_no_other_place(page: Page) -> None:
    log_in(page, "manager")
    page.goto("/results/compare?period=12-weeks")
    text = page.content()
    assert "Kamppi" in text
    for other in ("Roma", "Budapest", "Genova", "South"):
        assert other not in text
    for address in ("/results/?place=p3", "/results/place?place=k3", "/wall?place=p3"):
        response = page.goto(address)
        assert response is not None
        assert response.status == 404


def test_a_manager_reads_comments_without_personal_data(page: Page) -> None:
    log_in(page, "manager")
    page.goto("/results/comments?period=12-weeks&q=write")
    assert "Write to me at ▇▇▇ or ▇▇▇" in page.content()
    page.goto("/results/comments?period=12-weeks")
    assert "example.org" not in page.content()


def test_an_analyst_sees_contact_details_given_with_consent(page: Page) -> None:
    log_in(page)
    page.goto("/results/comments?period=12-weeks")
    assert "anna@example.org" in page.content()


def test_a_tap_reaches_the_wall_within_two_seconds(page: Page, planted: ServedOffice) -> None:
    device = planted.enrol("Nordic / Finland / Kamppi")
    bearer: Any = {"Authorization": f"Bearer {device.credential}"}
    definition = canonical(FIVE)
    planted.send(f"questionnaires/{digest(definition)}", definition, "PUT", **bearer)
    log_in(page)
    page.goto("/wall?place=p1")
    page.get_by_text("Kamppi").wait_for()
    taps = page.locator(".latest li").count()
    tap = answer(1, 4, at=Moment(0, BOOT, 1000), question="face", questionnaire=digest(definition))
    began = clock.mono()
    status, _receipt = planted.send(
        "batches", device.batch(tap, sent=Moment(0, BOOT, 1000)), **bearer
    )
    assert status == 200
    page.locator(".latest li img[src*='4-of-5']").first.wait_for(timeout=5000)
    assert clock.mono() - began < 2
    assert min(12, taps + 1) == page.locator(".latest li").count()


def test_a_page_without_scripts_does_the_same(browser: Browser, planted: ServedOffice) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=planted.url)
    page = context.new_page()
    log_in(page)
    page.goto("/results/")
    page.locator("#f-period").select_option("12-weeks")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**period=12-weeks*")
    assert page.locator("[data-figure=index]").inner_text()
    context.close()


def test_the_first_login_finds_words_instead_of_empty_charts(
    browser: Browser, tmp_path: Path
) -> None:
    with ServedOffice(tmp_path / "empty") as office:
        context = browser.new_context(base_url=office.url)
        page = context.new_page()
        log_in(page, "admin", office.password)
        for address in ("/results/", "/results/place", "/results/compare", "/results/comments"):
            page.goto(address)
            page.get_by_role("heading", name="No places yet").wait_for()
            assert [] == violations(page), address
        context.close()
