"""The pages of results in a real browser: reachable, readable, quiet, on every width."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from addresses import routes
from choosing import choose_places
from django.urls import resolve
from office import ServedOffice, answer
from playwright.sync_api import Browser, Page, sync_playwright
from results_data import BOOT, FIVE

from config.questionnaire import canonical, digest
from headoffice import clock
from headoffice.accounts.models import Role
from sync.messages import Moment

HERE = Path(__file__).parent
pytestmark = [pytest.mark.e2e, pytest.mark.slow]
AXE = (HERE.parent / "vendor" / "axe-core-4.14.1.min.js").read_text()
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
REFUSED = re.compile("status of (404|422)")
PAGES = (
    "/",
    "/results/",
    "/results/help",
    "/results/?period=year",
    "/results/?period=today&place=p5",
    "/results/?from=2026-05-02&to=2026-05-01",
    "/results/?test=1&misuse=1&language=fi",
    "/results/?tag=airport",
    "/results/place",
    "/results/place?find=kamp",
    "/results/notes?place=p1",
    "/results/choose?to=compare&period=12-weeks",
    "/results/choose?find=kamp&place=p1&place=g2",
    "/results/place?place=p1&period=12-weeks",
    "/results/place?place=k3&period=12-weeks",
    "/results/compare?period=12-weeks",
    "/results/compare?period=7-days&least=300&since=2026-05-01&until=2026-05-31",
    "/results/questions?period=year",
    "/results/comments?period=12-weeks",
    "/results/comments?period=12-weeks&q=nobody+wrote+this",
    "/results/comments?period=12-weeks&reach=1",
    "/wall",
    "/walls/",
    "/no/such/page",
    "/kiosks/",
    "/kiosks/?q=Kamppi",
    "/kiosks/?q=nothing+like+this&view=offline",
    "/kiosks/1",
    "/kiosks/code",
    "/kiosks/1/move",
    "/kiosks/1/pin",
    "/kiosks/1/revoke",
    "/kiosks/1/replace",
    "/kiosks/1/restore",
    "/kiosks/bulk?action=block&kiosk=1",
    "/settings/g1",
    "/settings/p1",
    "/settings/k1",
    "/roll-outs/",
    "/structure/",
    "/structure/group",
    "/structure/group/1",
    "/structure/place",
    "/structure/place/1",
    "/structure/import",
    "/questionnaires/",
    "/questionnaires/new",
    "/questionnaires/import",
    "/questionnaires/compare?old=1&new=2",
    "/questionnaires/drafts/1",
    "/questionnaires/drafts/1?question=liked",
    "/questionnaires/drafts/1?question=contact",
    "/questionnaires/drafts/1/basics",
    "/questionnaires/drafts/1/publish",
    "/questionnaires/drafts/1/remove",
    "/questionnaires/versions/1",
    "/people/",
    "/people/2",
    "/people/2/deactivate",
    "/people/2/remove",
    "/password",
    "/export/?place=p1",
    "/api/v1/",
    "/tokens/",
)
NARROW_AND_WIDE = ((390, "light", "en"), (1280, "dark", "en"))
ELSEWHERE = {
    "login", "export", "erase-contact", "code-sheet", "withdraw-codes", "linked-wall",
    "withdraw-wall-link", "revoke-token", "edit-note", "bulk-action-result", "roll-out",
}  # fmt: skip
"""Pages that other tests here come by."""
NO_PAGES = {
    "logout", "set-language", "live", "live-events", "wall-now", "place-tree", "metrics",
    "structure-csv", "structure-carry-out", "api-live", "api-document", "export-progress",
    "export-cancel", "export-file", "code-csv", "code-setup", "make-wall-link", "linked-wall-now",
    "set-goal", "add-note", "remove-note", "arrange-draft", "version-draft",
    "draft-file", "version-file", "release", "undo-roll-out", "resume-roll-out",
    "hasten-roll-out", "kiosk-command",
}  # fmt: skip
"""Addresses that answer with something else than a whole page."""


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
    width, scheme, language = getattr(request, "param", (1280, "light", "en"))
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        base_url=planted.url,
        reduced_motion="reduce",
        locale=language,
    )
    page = context.new_page()
    wrong: list[str] = []
    # Chromium itself reports what is not there and forms with mistakes.
    page.on("console", lambda m: None if REFUSED.search(m.text) else wrong.append(m.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(planted.url) else wrong.append(r.url))
    yield page
    context.close()
    assert wrong == []


STAY = ("analyst", "manager")
"""Nobody of this name logs out here."""
_sessions: dict[tuple[str, str, str], Any] = {}


def log_in(
    page: Page,
    name: str = "analyst",
    password: str = "puolukka-77x",  # noqa: S107 - made up
) -> None:
    """With the form, or as who has done so already in another test."""
    page.goto("/login")
    known = (page.url, name, password)
    if known in _sessions:
        page.context.add_cookies(_sessions[known])
        return
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(password)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "login" not in url)
    if name in STAY:
        _sessions[known] = page.context.cookies()


def wait_for_charts(page: Page) -> None:
    for box in page.locator("[data-chart]").all():
        box.and_(page.locator("[data-drawn]")).wait_for(timeout=5000)


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds, of these rules alone if any are named."""
    # Given to the page by the browser itself, past the policy that forbids foreign scripts.
    page.evaluate(f"window.axe || (() => {{ {AXE} }})()")
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found: list[dict[str, Any]] = page.evaluate(
        "options => axe.run(options).then((r) => r.violations)", options
    )
    return [f"{v['id']}: {v['help']} at {[n['target'] for n in v['nodes']][:3]}" for v in found]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("page", "judged"),
    [
        ((390, "light", "hu"), True),
        # The same boxes with other words.
        ((390, "dark", "pl"), False),
        ((1440, "light", "de"), True),
        ((1920, "light", "fi"), False),
    ],
    indirect=["page"],
    ids=str,
)
def test_every_page_fits_stays_at_home_and_satisfies_axe(
    page: Page, planted: ServedOffice, judged: bool
) -> None:
    page.goto("/login")
    assert [] == violations(page)
    log_in(page, "admin", planted.password)
    for address in PAGES:
        page.goto(address)
        wait_for_charts(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert page.evaluate("document.fonts.check('16px Figtree')"), address
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        if judged:
            assert [] == violations(page), address
            # In the dark the same elements have other colours.
            page.emulate_media(color_scheme="dark")
            assert [] == violations(page, "color-contrast"), address
            page.emulate_media(color_scheme="light")


def test_no_page_is_forgotten_here() -> None:
    known = {
        resolve(urlsplit(address).path).url_name for address in PAGES if "no/such" not in address
    }
    named = {route.name for route in routes() if route.name and Role.ADMINISTRATOR in route.admits}
    assert named == known | (ELSEWHERE | NO_PAGES) & named


def test_an_administrator_sets_up_a_chain_and_lets_people_in(
    page: Page, planted: ServedOffice
) -> None:
    log_in(page, "admin", planted.password)
    page.goto("/structure/group")
    page.get_by_label("Name").fill("East")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("status").get_by_text("East has been saved.").wait_for()
    page.get_by_role("link", name="Add a location East").click()
    page.get_by_label("Name").fill("Tartu")
    page.get_by_label("Opening hours").fill("on weekdays")
    page.get_by_role("button", name="Save").click()
    assert "is not like" in page.locator(".wrong").inner_text()
    assert [] == violations(page)
    page.get_by_label("Opening hours").fill("Mon-Fri 9:00-21:00")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Tartu", exact=True).wait_for()
    page.goto("/people/")
    page.get_by_label("Username").fill("east")
    page.get_by_label("Role").select_option("manager")
    page.get_by_text("What a manager looks after").first.click()
    page.get_by_role("checkbox", name="East").check()
    page.get_by_role("button", name="Create account").click()
    password = page.locator("#password").inner_text()
    assert [] == violations(page)
    page.get_by_role("button", name="Log out").click()
    log_in(page, "east", password)
    assert "/password" == urlsplit(page.url).path
    new = "five loud herons"
    for field, text in (("Old", password), ("New password", new), ("confirmation", new)):
        page.get_by_label(field).first.fill(text)
    page.get_by_label("New password confirmation").fill(new)
    page.get_by_role("button", name="Change password").click()
    page.wait_for_url("**/shop/")
    page.get_by_role("heading", name="East").wait_for()
    page.get_by_role("button", name="suomi").click()
    page.get_by_role("link", name="Paikat").click()
    page.wait_for_url("**/results/place")
    assert ["East", "Tartu"] == page.locator(".place-list th a").all_inner_texts()


def test_a_file_is_taken_away_whole(page: Page) -> None:
    log_in(page)
    page.goto("/results/?period=7-days&place=p1")
    page.get_by_role("link", name="Export data").click()
    page.get_by_text("Only from: Kamppi.").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert download.value.path().read_text("utf-8-sig").startswith('"place",')
    page.get_by_text("Complete", exact=True).wait_for()
    assert [] == violations(page)


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


@pytest.mark.parametrize("page", [(1280, "dark", "en")], indirect=True, ids=str)
def test_what_is_printed_is_drawn_for_white_paper(page: Page) -> None:
    log_in(page)
    page.goto("/results/?period=12-weeks")
    wait_for_charts(page)
    look = """() => [
      getComputedStyle(document.documentElement).getPropertyValue("--ink"),
      document.querySelector("[data-chart] canvas").toDataURL(),
    ]"""
    ink, picture = page.evaluate(look)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    printed_ink, printed_picture = page.evaluate(look)
    assert ("#eceae4", "#22282e") == (ink, printed_ink)
    assert picture != printed_picture
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert ink == page.evaluate(look)[0]


@pytest.mark.parametrize("page", NARROW_AND_WIDE, indirect=True, ids=str)
def test_a_filter_changes_the_figures_and_the_address_without_a_new_page(page: Page) -> None:
    log_in(page)
    page.goto("/results/")
    wait_for_charts(page)
    everyone = page.locator("[data-figure=n]").inner_text()
    page.evaluate("window.same = true")
    choose_places(page, "p1")
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


def test_three_changes_show_what_a_page_of_that_address_shows(page: Page) -> None:
    """Also after going back, and where the page leads: files, other languages."""
    log_in(page)

    def choose(field: str, value: str, address: re.Pattern[str]) -> str:
        if field == "#f-place":
            choose_places(page, *filter(None, [value]))
        else:
            page.locator(field).select_option(value)
        page.wait_for_url(address)
        page.locator("#results:not(.htmx-request)").wait_for()
        swapped = page.locator("[data-figure=n]").inner_text()
        fresh = page.context.new_page()
        fresh.goto(page.url)
        assert fresh.locator("[data-figure=n]").inner_text() == swapped
        assert (
            fresh.locator(".headline h1").inner_text() == page.locator(".headline h1").inner_text()
        )
        for link in ("footer nav a", "footer [name=next]", "#main a"):
            assert addresses(fresh, link) == addresses(page, link)
        assert value == chosen(field)
        fresh.close()
        return swapped

    def chosen(field: str) -> str:
        if field != "#f-place":
            return page.locator(field).input_value()
        places = page.locator(".filters [name=place]").evaluate_all(
            "all => all.map((f) => f.value)"
        )
        return " ".join(places)

    page.goto("/results/")
    region = choose("#f-place", "g2", re.compile(r"[?]place=g2&period=28-days$"))
    shop = choose("#f-place", "p1", re.compile(r"[?]place=p1&period=28-days$"))
    year = choose("#f-period", "year", re.compile(r"[?]place=p1&period=year$"))
    everyone = choose("#f-place", "", re.compile(r"/[?]period=year$"))
    assert 4 == len({region, shop, year, everyone})
    page.go_back()
    page.wait_for_url("**/?place=p1&period=year")
    page.locator("[data-figure=n]", has_text=re.compile(f"^{re.escape(year)}$")).wait_for()
    assert ("p1", "year") == tuple(map(chosen, ("#f-place", "#f-period")))
    page.get_by_role("button", name="suomi").click()
    page.locator("html[lang=fi]").wait_for()
    assert page.url.endswith("?place=p1&period=year")
    assert year == page.locator("[data-figure=n]").inner_text()
    page.locator("footer a[href^='/export/']").click()
    assert "p1" == page.locator("[name=place]").first.input_value()


def addresses(page: Page, links: str) -> list[str]:
    """Where they lead."""
    said = "all => all.map((one) => one.getAttribute('href') || one.value)"
    return list(page.locator(links).evaluate_all(said))


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


@pytest.mark.parametrize("page", NARROW_AND_WIDE, indirect=True, ids=str)
def test_an_analyst_reads_contact_details_and_erases_them(page: Page) -> None:
    log_in(page)
    page.goto("/results/comments?period=12-weeks")
    assert "anna@example.org" in page.content()
    page.get_by_label("Show comments").select_option("Who left contact details")
    page.get_by_role("button", name="Search").click()
    links = page.get_by_role("link", name=re.compile(r"^Erase.*anna@example\.org"))
    links.first.wait_for()
    before = links.count()
    links.first.click()
    page.get_by_role("heading", name="Erase these contact details?").wait_for()
    assert [] == violations(page)
    page.get_by_role("link", name="Keep them").click()
    page.goto("/results/comments?period=12-weeks&reach=1")
    assert before == links.count()
    links.first.click()
    page.get_by_role("button", name="Erase").click()
    page.get_by_role("status").get_by_text("The contact details are erased.").wait_for()
    page.goto("/results/comments?period=12-weeks&reach=1")
    assert before - 1 == links.count()
    assert [] == violations(page)


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
            page.get_by_role("heading", name="No locations yet").wait_for()
            assert [] == violations(page), address
        context.close()


def test_filters_stay_over_pages_that_have_none_and_go_with_who_chose_them(page: Page) -> None:
    log_in(page)
    page.goto("/results/?period=year&place=p1")
    for name in ("Today", "Kiosks"):
        page.locator("#pages").get_by_role("link", name=name, exact=True).click()
        page.get_by_role("heading", name=name, exact=True).wait_for()
    page.locator("#pages").get_by_role("link", name="Comments").click()
    page.get_by_role("heading", name="Comments", exact=True).wait_for()
    assert page.url.endswith("/results/comments?period=year&place=p1")
    page.goto("/walls")
    assert "?period=year&place=p1" == query_of_link(page, "Overview")
    page.goto("/results/")
    page.locator("#pages").get_by_role("link", name="Today", exact=True).click()
    page.get_by_role("heading", name="Today", exact=True).wait_for()
    assert "?period=28-days" == query_of_link(page, "Overview")
    page.goto("/results/?period=year&place=p1")
    page.context.clear_cookies()
    page.reload()
    page.get_by_role("heading", name="Hymio head office").wait_for()
    log_in(page)
    page.goto("/")
    assert "" == query_of_link(page, "Overview")


def query_of_link(page: Page, name: str) -> str:
    """What the link to a page takes along."""
    link = page.locator("#pages").get_by_role("link", name=name)
    return str(link.evaluate("(link) => link.search"))
