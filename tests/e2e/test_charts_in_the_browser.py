"""Charts in Chromium: what they print, where they lead, and how keys and fingers reach them."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from browser import open_browser
from playwright.sync_api import Page
from processes import Program, run_to_end, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
PASSWORD = "puolukka-77x"
PROGRAM = str(Path(sys.executable).parent / "hymio-headoffice")
DRAWN = "document.querySelector('[data-chart=data-trend]')?.dataset.drawn === 'trend'"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, Page]]:
    """A desk and a phone of somebody who is logged in; without what their browsers complain of."""
    folder = tmp_path_factory.mktemp("office")
    run_to_end([PROGRAM, "seed-demo", "--new", "--small", "--data", str(folder)])
    given = folder / "password"
    given.write_text(PASSWORD)
    add = f"{PROGRAM} create-user ana --password-stdin --data {folder} < {given}"
    run_to_end(["sh", "-c", add])
    office = Program(
        "head office",
        [PROGRAM, "serve", "--port", "0"],
        folder / "serve.log",
        env={"HYMIO_DATA": str(folder)},
    )
    with ExitStack() as stack:
        office.start()
        stack.callback(office.stop)
        url = wait_until(
            lambda: office.said().partition("ready at ")[2].split("\n")[0] or None,
            "the head office",
            seconds=60,
            watched=(office,),
        )
        browser = stack.enter_context(open_browser())
        troubles: list[str] = []
        found = []
        for size, touch in (((1440, 900), False), ((390, 844), True)):
            context = browser.new_context(
                base_url=url, viewport={"width": size[0], "height": size[1]}, has_touch=touch
            )
            page = context.new_page()
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.on("console", lambda said: said.type == "error" and troubles.append(said.text))
            page.goto("/login")
            page.fill("input[name=username]", "ana")
            page.fill("input[name=password]", PASSWORD)
            page.click("form:has(input[name=password]) button[type=submit]")
            page.wait_for_selector("#board")
            found.append(page)
        yield found[0], found[1]
        assert [] == troubles


def overview(page: Page) -> dict[str, list[object]]:
    page.goto("/results/?period=28-days")
    page.wait_for_function(DRAWN, polling=50)
    spec: dict[str, list[object]] = json.loads(page.text_content("#data-trend") or "")
    return spec


def days(page: Page) -> tuple[str, str]:
    query = parse_qs(urlsplit(page.url).query)
    return query["from"][0], query["to"][0]


def test_a_click_on_a_point_leads_to_its_days(pages: tuple[Page, Page]) -> None:
    desk, _phone = pages
    spec = overview(desk)
    box = desk.locator("[data-chart=data-trend]")
    size = box.bounding_box()
    assert size is not None
    with desk.expect_navigation():
        box.click(position={"x": size["width"] / 2, "y": size["height"] / 2})
    assert f"?{urlsplit(desk.url).query}" in spec["links"]


def test_the_first_touch_tells_and_the_second_leads(pages: tuple[Page, Page]) -> None:
    _desk, phone = pages
    overview(phone)
    before = phone.url
    box = phone.locator("[data-chart=data-trend]")
    box.scroll_into_view_if_needed()
    size = box.bounding_box()
    assert size is not None
    at = {"x": size["width"] / 2, "y": size["height"] / 2}
    box.tap(position=at)
    tip = phone.locator("[data-chart=data-trend] .tip")
    tip.wait_for()
    assert "n = " in tip.inner_text()
    assert "Figtree" in tip.evaluate("tip => getComputedStyle(tip).fontFamily")
    assert before == phone.url
    with phone.expect_navigation():
        box.tap(position=at)
    assert days(phone)[0] <= days(phone)[1]


def test_keys_pick_a_point_and_lead_to_it(pages: tuple[Page, Page]) -> None:
    desk, _phone = pages
    spec = overview(desk)
    box = desk.locator("[data-chart=data-trend]")
    box.focus()
    desk.keyboard.press("ArrowLeft")
    tip = desk.locator("[data-chart=data-trend] .tip")
    tip.wait_for()
    assert str(spec["labels"][-2]) in tip.inner_text()
    desk.keyboard.press("+")
    with desk.expect_navigation():
        desk.keyboard.press("Enter")
    assert f"?{urlsplit(desk.url).query}" == spec["links"][-2]


def test_an_hour_of_the_map_leads_to_its_answers(pages: tuple[Page, Page]) -> None:
    desk, _phone = pages
    desk.goto("/results/place?place=g1&period=28-days")
    cell = desk.locator(".heat td a").first
    n = cell.locator("small").inner_text().split()[-1]
    cell.click()
    desk.wait_for_selector("[data-figure=n]")
    query = parse_qs(urlsplit(desk.url).query)
    assert {"weekday", "from_hour", "to_hour"} <= query.keys()
    assert n == desk.text_content("[data-figure=n]")


def test_a_page_that_draws_nothing_fetches_nothing_to_draw_with(pages: tuple[Page, Page]) -> None:
    desk, _phone = pages
    desk.goto("/results/comments")
    assert not desk.evaluate("Boolean(window.echarts)")


def test_a_day_is_drawn_in_hours(pages: tuple[Page, Page]) -> None:
    desk, _phone = pages
    desk.goto("/results/?period=yesterday")
    desk.wait_for_function(DRAWN, polling=50)
    spec = json.loads(desk.text_content("#data-trend") or "")
    assert all(label.endswith(":00") for label in spec["labels"])
