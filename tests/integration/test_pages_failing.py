"""While results are on their way the page says so, and it stays when they don't come."""

import threading
from collections.abc import Iterator

import pytest
from choosing import choose_places
from office import ServedOffice
from playwright.sync_api import Browser, Page, Route
from test_pages_results import browser, log_in, planted, violations

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
__all__ = ["browser", "planted"]


@pytest.fixture
def page(browser: Browser, planted: ServedOffice) -> Iterator[Page]:
    """One whose browser may complain: what fails here is meant to."""
    context = browser.new_context(base_url=planted.url, reduced_motion="reduce", locale="en")
    yield context.new_page()
    context.close()


def test_loading_shows_and_what_came_is_said(page: Page) -> None:
    log_in(page)
    page.goto("/results/?period=12-weeks")
    held: list[Route] = []
    came = threading.Event()

    def hold(route: Route) -> None:
        held.append(route)
        came.set()

    page.route("**/results/?*period=year*", hold)
    page.locator("#f-period").select_option("year")
    page.locator("#results.htmx-request[aria-busy=true]").wait_for()
    assert came.is_set()
    held[0].continue_()
    page.locator("#results:not(.htmx-request)").wait_for()
    page.wait_for_url("**period=year*")
    news = page.locator("#news[role=status]").inner_text()
    assert page.locator("h1").inner_text() in news
    assert page.locator("[data-figure=n]").inner_text() in news


@pytest.mark.parametrize("how", ["offline", "503"])
def test_what_can_t_be_loaded_leaves_the_page_and_is_said(page: Page, how: str) -> None:
    log_in(page)
    page.goto("/results/?period=12-weeks")
    before = page.locator("[data-figure=n]").inner_text()
    address = page.url

    def fail(route: Route) -> None:
        if how == "offline":
            route.abort("internetdisconnected")
        else:
            route.fulfill(status=503, body="away")

    page.route("**/results/?*place=p1*", fail)
    choose_places(page, "p1")
    page.locator("#trouble:visible").wait_for()
    assert "from before" in page.locator("#trouble").inner_text()
    assert [address, before] == [page.url, page.locator("[data-figure=n]").inner_text()]
    # The filters say what is shown, and not what was wished for.
    assert "All locations" == page.locator(".picker").inner_text().strip()
    assert 0 == page.locator(".filters [name=place]").count()
    assert [] == violations(page)
    page.unroute("**/results/?*place=p1*")
    page.get_by_role("link", name="Try again").click()
    page.wait_for_url("**place=p1*")
    page.locator("h1", has_text="Kamppi").wait_for()
    assert not page.locator("#trouble").is_visible()
    assert before != page.locator("[data-figure=n]").inner_text()
