"""Eyes on the head office's pages: headless Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from playwright.sync_api import Browser, Page, Request, Response, sync_playwright
from processes import StepError, wait_until

ARGUMENTS = ["--disable-gpu", "--disable-dev-shm-usage"]
COUNTS = """place => {
    const kiosks = [...document.querySelectorAll('#board .kiosk')];
    const cards = kiosks.filter(card => card.querySelector('h2').textContent.trim() === place);
    const counts = {};
    for (const card of cards)
        for (const face of card.querySelectorAll('[data-face]'))
            counts[face.dataset.face] = (counts[face.dataset.face] ?? 0)
                + Number(face.querySelector('.count').textContent.replace(/\\D/g, ''));
    return counts;
}"""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Chromium; StepError if there is none."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise StepError("Chromium is not installed.")
    # Its sandbox does not work for root; only pages of this project are looked at.
    arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


class LivePage:
    """Someone who has logged in and looks at today's page, in a browser that others may share."""

    def __init__(self, url: str, browser: Browser | None = None) -> None:
        self.url = url
        self.troubles: list[str] = []
        """What the browser complained about: script errors, refused resources, failed loads."""
        self._browser = browser
        self._stack = ExitStack()
        self._page: Page | None = None

    @property
    def page(self) -> Page:
        """The page in the browser."""
        if self._page is None:
            raise StepError("The browser is not open.")
        return self._page

    def open(self) -> Self:
        """Open the page, and the browser unless it was given."""
        browser = self._browser or self._stack.enter_context(open_browser())
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        self._stack.callback(context.close)
        self._page = context.new_page()
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
        self.page.wait_for_selector("#board", timeout=10_000)

    def wait_for_count(self, place: str, face: int, count: int, *, seconds: float = 10) -> None:
        """Wait until the page counts so many taps of a face at a place, without a reload."""
        # Asked from here again and again: a wait inside the page would need what its content
        # security policy forbids.
        try:
            wait_until(
                lambda: self.counts(place).get(face, 0) == count,
                f"the page to count {count} of face {face} at {place}",
                seconds=seconds,
            )
        except StepError as error:
            shown = "\n".join([self.page.inner_text("main"), *self.troubles])
            raise StepError(f"{error} It shows:\n{shown}") from None

    def counts(self, place: str) -> dict[int, int]:
        """What the page counts at a place, by face; 0 is the most negative one."""
        found: dict[str, int] = self.page.evaluate(COUNTS, place)
        return {int(face): count for face, count in found.items()}

    def picture(self, path: Path) -> None:
        """Keep what it shows as a PNG."""
        self.page.screenshot(path=path, full_page=True)

    def close(self) -> None:
        """Close what was opened."""
        self._stack.close()
        self._page = None

    def _note_failure(self, request: Request) -> None:
        self.troubles.append(f"{request.method} {request.url}: {request.failure}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.request.method} {response.url}: {response.status}")

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_exception: object) -> None:
        self.close()
