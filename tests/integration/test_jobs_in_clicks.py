"""What an analyst comes for, counted in clicks from the overview: each of the mouse is one.

A drop-down costs two: it is opened, and something in it is chosen. Typing is not needed.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from office import ServedOffice
from playwright.sync_api import Browser, Locator, Page
from test_pages_results import browser, log_in, wait_for_charts

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
__all__ = ["browser"]
HERE = Path(__file__).parent


class Hand:
    """Does what a person does with a mouse, and counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, there: Locator) -> None:
        """Once."""
        there.click()
        self.clicks += 1

    def choose(self, field: str, value: str) -> None:
        """From a drop-down."""
        self.page.locator(field).select_option(value)
        self.clicks += 2
        self.page.locator("#results:not(.htmx-request)").wait_for()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOffice]:
    """The made-up chain, in which a shop lacks staff in the evenings since eight weeks."""
    folder = tmp_path_factory.mktemp("jobs") / "office"
    with ServedOffice(folder) as served:
        environment = os.environ | {"HYMIO_TIME_ZONE": "Europe/Helsinki"}
        program = [
            sys.executable,
            "-c",
            "import sys; from headoffice.cli import main; sys.exit(main())",
        ]
        subprocess.run(
            [*program, "seed-demo", "--small", "--data", str(folder)],
            check=True,
            cwd="/",
            env=environment,
            capture_output=True,
        )
        yield served


@pytest.fixture
def hand(browser: Browser, office: ServedOffice) -> Iterator[Hand]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        base_url=office.url,
        reduced_motion="reduce",
        locale="en",
    )
    page = context.new_page()
    log_in(page, "admin", office.password)
    page.goto("/results/")
    yield Hand(page)
    context.close()


def drawn(page: Page, kind: str) -> dict[str, Any]:
    """What a chart on the page draws."""
    wait_for_charts(page)
    found: dict[str, Any] = page.evaluate(
        "kind => JSON.parse(document.getElementById(`data-${kind}`).textContent)", kind
    )
    return found


def test_two_regions_over_a_year_with_lines(hand: Hand) -> None:
    page = hand.page
    hand.click(page.locator("[data-chooser]"))
    tree = page.locator("#chooser")
    hand.click(tree.get_by_role("checkbox", name="Finland"))
    hand.click(tree.get_by_role("checkbox", name="Sweden"))
    hand.click(tree.get_by_role("button", name="Compare them"))
    page.wait_for_url("**/results/compare?*")
    hand.choose("#f-period", "year")
    page.wait_for_url("**period=year*")
    lines = drawn(page, "lines")
    assert {"Finland", "Sweden"} == {line["name"] for line in lines["series"][:2]}
    assert all(sum(v is not None for v in line["value"]) > 3 for line in lines["series"])
    rows = page.locator("tr[data-place]")
    assert {"Finland", "Sweden"} == set(rows.locator("th").all_inner_texts())
    assert 6 >= hand.clicks


def test_which_shop_fell_when_at_which_hours_and_why(hand: Hand) -> None:
    page = hand.page
    # The shop that is worst by its change, without knowing where to look.
    hand.choose("#f-period", "12-weeks")
    page.wait_for_url("**period=12-weeks*")
    hand.click(page.locator(".movers a, [aria-labelledby=worst-title] .standings a").first)
    page.wait_for_url("**/results/place?*")
    assert page.locator("h1").inner_text().startswith("Helsinki, Market square")
    # When: the line, week by week. At which hours: the map. Why: what they say, beside the chain.
    values = [v for v in drawn(page, "trend")["value"] if v is not None]
    assert 8 <= len(values)
    evenings = page.locator(
        ".heat tbody tr", has=page.locator("th", has_text=re.compile("^1[789]"))
    )
    # Of a small chain each hour alone may be chance, and is pale; all of them point the same way.
    below, above = "[class^=shade-m]", "[class^=shade-p]"
    assert evenings.locator(below).count() > evenings.locator(above).count()
    staff = page.locator(".reasons tr", has_text="Staff").first.locator("td")
    own, *_before, everywhere = (int(cell.split("%")[0]) for cell in staff.all_inner_texts())
    assert own > everywhere
    assert 6 >= hand.clicks


def test_evening_complaints_of_last_month(hand: Hand) -> None:
    page = hand.page
    hand.choose("#f-period", "last-month")
    page.wait_for_url("**period=last-month*")
    hand.click(page.locator(".hero [data-face='0'] a"))
    page.wait_for_url("**/results/comments?*")
    hand.click(page.get_by_role("link", name="Evening", exact=True))
    page.wait_for_url("**from_hour=17*")
    assert {"period=last-month", "mood=0-of-3", "from_hour=17"} <= set(
        page.url.partition("?")[2].split("&")
    )
    faces = page.locator(".remarks img").evaluate_all("all => all.map((face) => face.alt)")
    assert faces
    assert {"Sad"} == set(faces)
    hours = [
        int(t)
        for t in re.findall(
            r"(\d\d):\d\d", " ".join(page.locator(".remarks time").all_inner_texts())
        )
    ]
    assert hours
    assert min(hours) >= 17
    assert 4 >= hand.clicks
