"""The pages in a real browser: nothing from elsewhere, nothing unsafe, live within 2 s."""

from collections.abc import Iterator
from typing import Any

import pytest
from office import DEFINITION, DIGEST, ServedOffice, answer
from playwright.sync_api import Browser, Page, Response, sync_playwright
from slowness import limit_s

from headoffice import clock

pytestmark = [pytest.mark.e2e]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, served: ServedOffice, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that tolerates no console message, script error or request to elsewhere."""
    width, scheme = getattr(request, "param", (1280, "light"))
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, base_url=served.url
    )
    page = context.new_page()
    wrong: list[str] = []
    # Chromium itself reports a form that is asked about.
    page.on("console", lambda m: None if "status of 422" in m.text else wrong.append(m.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(served.url) else wrong.append(r.url))
    yield page
    context.close()
    assert wrong == []


def log_in(page: Page, served: ServedOffice) -> None:
    page.goto("/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(served.password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Today").wait_for()


def count(page: Page, face: int) -> str:
    return page.locator(f".kiosk [data-face='{face}'] .count").inner_text()


@pytest.mark.parametrize(
    "served", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_a_tap_is_on_the_page_within_two_seconds(page: Page, served: ServedOffice) -> None:
    device = served.enrol("Main street")
    bearer: dict[str, Any] = {"Authorization": f"Bearer {device.credential}"}
    log_in(page, served)
    served.send(f"questionnaires/{DIGEST}", DEFINITION, "PUT", **bearer)
    page.get_by_text("No answers yet today.").wait_for(state="attached")
    status, _receipt = served.send("batches", device.batch(answer(1, 2)), **bearer)
    began = clock.mono()
    assert status == 200
    page.locator(".kiosk [data-face='2'] .count", has_text="1").wait_for(timeout=5000)
    assert clock.mono() - began < limit_s(1)
    assert ("0", "0", "1") == (count(page, 0), count(page, 1), count(page, 2))
    assert "n = 1" in page.locator(".kiosk .index").inner_text()
    assert "1 answer today" in page.locator("#spoken").inner_text()


def test_without_a_login_every_page_leads_to_it(page: Page, served: ServedOffice) -> None:
    for address in ("/", "/live", "/kiosks/", "/kiosks/1/revoke"):
        page.goto(address)
        assert page.url.startswith(f"{served.url}/login")


@pytest.mark.parametrize("page", [(390, "light"), (1280, "dark"), (1920, "light")], indirect=True)
def test_a_person_enrols_a_kiosk_and_shuts_it_out_without_a_shell(
    page: Page, served: ServedOffice
) -> None:
    log_in(page, served)
    page.get_by_role("link", name="Create registration code").click()
    page.get_by_label("Location", exact=True).fill("Harbour & <Sons>")
    page.get_by_role("button", name="Make codes").click()
    page.get_by_label("Yes, this is a new location").check()
    page.get_by_role("button", name="Make codes").click()
    code = page.locator("#code").inner_text()
    assert len(code) == 9
    served.enrol("Main street")
    page.goto("/kiosks/?view=all")
    page.get_by_role("link", name="Main street").click()
    page.get_by_role("link", name="Block").click()
    page.get_by_role("button", name="Block").click()
    assert "blocked" in page.get_by_role("status").inner_text()
    page.get_by_text("Blocked", exact=True).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")


def test_pages_carry_a_strict_policy(page: Page, served: ServedOffice) -> None:
    del served
    response = page.goto("/")
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_only_what_changed_is_sent_and_nothing_else_is_touched(
    page: Page, served: ServedOffice
) -> None:
    """The page is read with the keyboard while one of its kiosks gets an answer."""
    devices = [served.enrol(f"Shop {n}") for n in range(3)]
    bearer: dict[str, Any] = {"Authorization": f"Bearer {devices[0].credential}"}
    served.send(f"questionnaires/{DIGEST}", DEFINITION, "PUT", **bearer)
    log_in(page, served)
    kiosk = page.locator(".kiosk", has=page.get_by_role("heading", name="Shop 0", exact=True))
    kiosk.wait_for()
    page.locator(".total summary").focus()
    page.evaluate("document.getSelection().selectAllChildren(document.querySelector('h1'))")
    page.locator(".kiosk").nth(2).evaluate("(card) => { card.kept = true; }")
    page.locator(".total details").evaluate("(details) => { details.open = true; }")
    replies: list[bytes] = []

    def keep(reply: Response) -> None:
        if 200 == reply.status and "/live?" in reply.url:
            replies.append(reply.body())

    page.on("response", keep)
    assert 200 == served.send("batches", devices[0].batch(answer(1, 2)), **bearer)[0]
    kiosk.locator("[data-face='2'] .count", has_text="1").wait_for(timeout=5000)
    assert "SUMMARY" == page.evaluate("document.activeElement.tagName")
    assert "Today" == page.evaluate("String(document.getSelection())")
    assert page.locator(".kiosk").nth(2).evaluate("(card) => card.kept === true")
    assert page.locator(".total details").evaluate("(details) => details.open")
    assert 3 == page.locator(".kiosk").count()
    (changed,) = replies
    assert 1 == changed.count(b'class="card kiosk"')
    assert len(changed) < 6000


def test_another_kiosk_comes_onto_the_page_without_a_reload(
    page: Page, served: ServedOffice
) -> None:
    log_in(page, served)
    page.get_by_role("heading", name="Add the first kiosk").wait_for()
    served.enrol("Main street")
    page.locator(".kiosk").wait_for(timeout=5000)
    served.enrol("Harbour")
    page.locator(".kiosk").nth(1).wait_for(timeout=5000)
    assert 1 == page.locator("#board").count()


def test_a_wall_is_sent_what_changed(page: Page, served: ServedOffice) -> None:
    device = served.enrol("Main street")
    bearer: dict[str, Any] = {"Authorization": f"Bearer {device.credential}"}
    served.send(f"questionnaires/{DIGEST}", DEFINITION, "PUT", **bearer)
    log_in(page, served)
    page.goto("/wall")
    page.locator("h1").evaluate("(title) => { title.kept = true; }")
    for seq, face in ((1, 2), (2, 0)):
        assert 200 == served.send("batches", device.batch(answer(seq, face)), **bearer)[0]
        page.locator(f"[data-face='{face}'] .count", has_text="1").wait_for(timeout=5000)
        assert seq == page.locator(".latest li").count()
    assert page.locator("h1").evaluate("(title) => title.kept === true")


def test_a_screen_goes_dark_when_its_link_is_withdrawn(page: Page, served: ServedOffice) -> None:
    log_in(page, served)
    page.goto("/wall")
    page.get_by_role("button", name="Make a link").click()
    # One whose browser says in its console that the wall is not there.
    context = page.context.browser.new_context()  # type: ignore[union-attr]
    screen = context.new_page()
    screen.goto(page.locator("#link").inner_text())
    wall = screen.get_by_role("heading", name="All locations")
    wall.wait_for()
    page.get_by_role("link", name="Withdraw").click()
    page.get_by_role("button", name="Withdraw").click()
    wall.wait_for(state="detached")
    assert 0 == screen.locator("#wall").count()
    context.close()
