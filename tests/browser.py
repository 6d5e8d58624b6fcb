"""Eyes on the head office's pages: headless Chromium, driven by Playwright."""

import os
import shutil
from pathlib import Path
from typing import Self

from playwright.sync_api import Browser, Page, Playwright, Request, Response, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from processes import StepError

ARGUMENTS = ["--disable-gpu", "--disable-dev-shm-usage"]
COUNTED = """([place, value, count]) => {
    const kiosk = [...document.querySelectorAll('[data-place]')]
        .find(element => element.dataset.place === place);
    const cell = kiosk?.querySelector(`[data-value="${value}"]`);
    return cell?.dataset.count === String(count);
}"""


class LivePage:
    """Someone who has logged in and looks at today's page."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.troubles: list[str] = []
        """What the browser complained about: script errors, refused resources, failed loads."""
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._page: Page | None = None

    @property
    def page(self) -> Page:
        """The page in the browser."""
        if self._page is None:
            raise StepError("The browser is not open.")
        return self._page

    def open(self) -> Self:
        """Open the browser."""
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        if chromium is None:
            raise StepError("Chromium is not installed.")
        # Its sandbox does not work for root; what is looked at here is our own.
        arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=chromium, args=arguments)
        self._page = self._browser.new_page(viewport={"width": 1280, "height": 800})
        self._page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self._page.on("requestfailed", self._note_failure)
        self._page.on("response", self._note_response)
        return self

    def log_in(self, name: str, password: str) -> None:
        """Go to the front page, log in where it leads to, and end up on today's page."""
        self.page.goto(self.url)
        self.page.fill("input[name=username]", name)
        self.page.fill("input[name=password]", password)
        self.page.click("form:has(input[name=password]) button[type=submit]")
        self.page.wait_for_selector("[data-place], [data-empty]", timeout=10_000)

    def wait_for_count(self, place: str, value: int, count: int, *, seconds: float = 10) -> None:
        """Wait until the page counts so many answers of a value at a place, without a reload."""
        try:
            self.page.wait_for_function(
                COUNTED, arg=[place, value, count], timeout=seconds * 1000, polling=20
            )
        except PlaywrightTimeoutError:
            raise StepError(
                f"Waited {seconds:g} s in vain for the page to count {count} of value {value} at"
                f" {place}. It shows:\n{self.page.inner_text('main')}\n" + "\n".join(self.troubles)
            ) from None

    def counts(self, place: str) -> dict[int, int]:
        """What the page counts at a place, by value."""
        cells = self.page.locator(f'[data-place="{place}"] [data-value]')
        return {
            int(cell.get_attribute("data-value") or -1): int(cell.get_attribute("data-count") or -1)
            for cell in cells.all()
        }

    def picture(self, path: Path) -> None:
        """Keep what it shows as a PNG."""
        self.page.screenshot(path=path, full_page=True)

    def close(self) -> None:
        """Close the browser."""
        if self._browser is not None:
            self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()
        self._page = self._browser = self._playwright = None

    def _note_failure(self, request: Request) -> None:
        self.troubles.append(f"{request.method} {request.url}: {request.failure}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.request.method} {response.url}: {response.status}")

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_exception: object) -> None:
        self.close()
