"""Walks through the head office's pages and checks them. `scripts/pages` calls this.

    scripts/pages [--pictures FOLDER] [--places N] [--role NAME] [--width N] [--scheme NAME]
                  [--language TAG] [--only WORDS]
    scripts/pages --chosen

Makes head offices of no, 3, 40 and 1,000 locations, with kiosks in trouble, notes and codes, and
opens every page in Chromium as an administrator, an analyst, a manager of one location and one of
several: 320 to 1920 pixels wide, light and dark, in English, Finnish and German. On each: the page
fits its window; no text is cut, leaves its box, stands on another or is smaller than 12 pixels; a
list shows its choice; thousands have their sign; no text is the same in two languages; and, at the
narrowest, nothing is pale or too small to hit in either scheme (axe). Exits with 1 and a list if
anything is wrong. Each option may be given several times. Pictures are taken where they are asked
for: of all pages they are five thousand. --chosen only brings the pictures in docs/screens up to
date.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts")]

from browser import open_browser  # noqa: E402 - found by the line above
from journey import HeadOffice  # noqa: E402 - likewise
from page_offices import IMPORT, LONG, PASSWORD, SIZES, WRONG_IMPORT  # noqa: E402 - likewise
from playwright.sync_api import Browser, BrowserContext, Error, Page  # noqa: E402 - likewise

WIDTHS = (320, 390, 768, 1440, 1920)
SCHEMES = ("light", "dark")
LANGUAGES = ("en", "fi", "de")
FAULTS = (ROOT / "tests" / "page_faults.js").read_text()
WORDS = (ROOT / "tests" / "page_words.js").read_text()
AXE = (ROOT / "tests" / "vendor" / "axe-core-4.14.1.min.js").read_text()
RULES = ("color-contrast", "target-size")
NO_WORDS = re.compile(
    r"Hymio|API|CSV|OpenAPI|JSON|Parquet|Excel|QR|UTC|IANA|NPS|CES|CSAT|Token|Name|n|km|"
    r"English|suomi|svenska|Deutsch|CET|Administrator|Analyst|April|August|September|November|Code|Index|"
    r"Live|Net|Promoter|Score|Neutral|Offline|Online|Parameter|Version|Information|System"
)
"""The same in every language."""
STANDS = """() => document.readyState === 'complete'
    && [...document.querySelectorAll('[data-chart]')].every((box) => box.dataset.drawn)"""


class Chosen(NamedTuple):
    """A picture of docs/screens."""

    file: str
    page: str
    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"
    person: str = "aino.virtanen"


CHOSEN = (
    Chosen("today", "today", 1280, 800),
    Chosen("results-overview", "overview", 1100, 1290),
    Chosen("results-questions", "questions", 1100, 1200),
    Chosen("results-compare", "compare, regions", 1100, 1330),
    Chosen("results-place", "place", 1100, 2020),
    Chosen("results-comments", "comments", 1100, 850),
    Chosen("results-phone-dark", "place", 390, 844, "dark"),
    Chosen("results-shop", "shop", 390, 844, person="eero.laine"),
    Chosen("kiosks", "kiosks", 1100, 1000),
    Chosen("results-wall", "wall", 1280, 720),
)
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

Findings = dict[str, set[str]]


def main(words: list[str]) -> int:
    """0 if nothing is wrong, 1 if something is."""
    wanted = arguments(words)
    if wanted.chosen:
        keep_chosen()
        return 0
    begun, faults, count = time.monotonic(), defaultdict[str, set[str]](set), 0
    heights: dict[str, int] = {}
    with open_browser() as browser:
        for places in wanted.places or SIZES:
            with served(places) as office:
                for role in office.told["roles"]:
                    if not wanted.role or role in wanted.role:
                        walk = Walk(browser, office, role, wanted)
                        walk.run(faults, heights)
                        count += walk.count
                        print(f"{places} {role}: {walk.count} views", file=sys.stderr, flush=True)
    for fault, where in sorted(faults.items()):
        some = sorted(where)
        print(f"{fault}\n    {len(where)}: {'; '.join(some[:4])}")
    longest = sorted(heights.items(), key=lambda item: -item[1])[:5]
    print("Longest on a phone:", "; ".join(f"{name} {height} px" for name, height in longest))
    print(f"{count} views in {time.monotonic() - begun:.0f} s, {len(faults)} faults.")
    return 1 if faults else 0


def arguments(words: list[str]) -> argparse.Namespace:
    """What is wanted."""
    parser = argparse.ArgumentParser(
        prog="scripts/pages", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS,
    )  # fmt: skip
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    parser.add_argument("--chosen", action="store_true")
    parser.add_argument("--width", action="append", type=int, default=[])
    for name in ("places", "role", "scheme", "language", "only"):
        parser.add_argument(f"--{name}", action="append", default=[], metavar=name.upper())
    return parser.parse_args(words)


def keep_chosen() -> None:
    """Take the pictures that docs/screens shows of the head office."""
    with open_browser() as browser, served("40") as office:
        addresses = office.told["roles"]["manager"] | office.told["roles"]["admin"]
        for each in CHOSEN:
            context = browser.new_context(
                base_url=office.url, locale="en", reduced_motion="reduce",
                color_scheme=each.scheme, viewport={"width": each.width, "height": each.height},
            )  # fmt: skip
            page = context.new_page()
            log_in(page, each.person)
            page.goto(addresses[each.page])
            page.wait_for_function(STANDS, polling=50)
            page.evaluate(DRAWN)
            page.screenshot(path=ROOT / "docs" / "screens" / f"{each.file}.png")
            context.close()


@contextmanager
def served(places: str) -> Iterator["Office"]:
    """A head office of so many locations."""
    with tempfile.TemporaryDirectory(prefix="hymio-pages-") as name, ExitStack() as stack:
        office = HeadOffice(Path(name))
        office.create_user("admin", PASSWORD)
        log = stack.enter_context(Path(name, "filling.log").open("w"))
        filler = [sys.executable, ROOT / "tests" / "page_offices.py", office.data, places]
        subprocess.run(filler, check=True, stdout=subprocess.DEVNULL, stderr=log)
        office.env["HYMIO_TIME_ZONE"] = "Europe/Helsinki"
        stack.enter_context(office.start())
        told = json.loads((office.data / "pages.json").read_text())
        yield Office(places, office.url, told)


class Office(NamedTuple):
    """A head office that is served."""

    places: str
    """How many locations it has."""
    url: str
    told: dict[str, Any]
    """What page_offices.py says of it."""


class Walk:
    """One person's way through all pages of one head office."""

    def __init__(
        self, browser: Browser, office: Office, role: str, wanted: argparse.Namespace
    ) -> None:
        self.browser, self.url, self.told = browser, office.url, office.told
        self.role, self.wanted = role, wanted
        self.office = f"{office.places} {role}"
        self.count = 0
        told = [office.told["words"], office.told["definitions"]]
        self._data = json.dumps(told, ensure_ascii=False)

    def run(self, faults: Findings, heights: dict[str, int]) -> None:
        """Every page, in every language and size."""
        texts: dict[str, dict[str, set[str]]] = defaultdict(dict)
        cookies: list[Any] = []
        for language in self.wanted.language or LANGUAGES:
            with self._context(language, cookies) as (context, page):
                cookies = context.cookies()
                for name in [*self.told["roles"][self.role], *self._acts()]:
                    if self.wanted.only and name not in self.wanted.only:
                        continue
                    where = f"{self.office}, {name}, {language}"
                    try:
                        self._open(page, name)
                        page.wait_for_function(STANDS, polling=50, timeout=30_000)
                        texts[name][language] = set(page.evaluate(WORDS))
                        self._look(page, where, faults, heights)
                    except Error as error:
                        faults[f"does not stand: {error.message.splitlines()[0]}"].add(where)
        for name, by_language in texts.items():
            for language in by_language:
                for text in by_language.get("en", set()) & by_language[language]:
                    if language != "en" and self._is_english(text):
                        faults[f"English: “{text[:70]}”"].add(f"{self.office}, {name}, {language}")

    @contextmanager
    def _context(self, language: str, cookies: list[Any]) -> Iterator[tuple[BrowserContext, Page]]:
        context = self.browser.new_context(
            base_url=self.url, locale=language, reduced_motion="reduce", bypass_csp=True,
            viewport={"width": WIDTHS[0], "height": 900},
        )  # fmt: skip
        if cookies:
            context.add_cookies(cookies)
        page = context.new_page()
        if not cookies:
            log_in(page, self.role)
        yield context, page
        context.close()

    def _acts(self) -> list[str]:
        """What stands on no address of its own."""
        chooser = ["chooser"] if "place" in self.told["roles"][self.role] else []
        if self.role != "admin":
            return [*chooser, "sign-in"] if self.role == "analyst" else chooser
        return [*chooser, "import, planned", "import, wrong", "export, begun"]

    def _open(self, page: Page, name: str) -> None:
        page.set_viewport_size({"width": (self.wanted.width or WIDTHS)[0], "height": 900})
        if name not in self._acts():
            page.goto(self.told["roles"][self.role][name])
        elif name == "chooser":
            page.goto("/results/")
            page.locator("[data-chooser]").first.click()
            page.locator("#chooser .choices").first.wait_for()
        elif name == "export, begun":
            page.goto("/export/?period=12-weeks")
            with page.expect_download() as download:
                page.locator("main form button[type=submit]").last.click()
            download.value.path()
        elif name == "sign-in":
            # In a window of its own, since this one is logged in; what it shows is put here.
            page.context.clear_cookies()
            page.goto("/login")
        else:
            top = {"top": self.told["top"], "long": LONG}
            text = IMPORT.format(**top) if name == "import, planned" else WRONG_IMPORT
            page.goto("/structure/import")
            file = {"name": "places.csv", "mimeType": "text/csv", "buffer": text.encode()}
            page.locator("[type=file]").set_input_files(files=[file])  # type: ignore[list-item]
            page.locator("main form button[type=submit]").first.click()
            page.locator("#wrong-title, #plan-title").first.wait_for(timeout=5000)

    def _look(self, page: Page, where: str, faults: Findings, heights: dict[str, int]) -> None:
        widths, schemes = self.wanted.width or WIDTHS, self.wanted.scheme or SCHEMES
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(DRAWN)
            if width == 390:
                heights[where] = page.evaluate("document.documentElement.scrollHeight")
            for scheme in schemes:
                page.emulate_media(color_scheme=scheme)
                self.count += 1
                here = f"{where}, {width}, {scheme}"
                if self.wanted.pictures:
                    self.wanted.pictures.mkdir(parents=True, exist_ok=True)
                    path = self.wanted.pictures / f"{here.replace(', ', '-').replace(' ', '_')}.png"
                    page.screenshot(path=path, full_page=True)
                # The dark has the same boxes with other colours.
                found = page.evaluate(FAULTS) if scheme == schemes[0] else []
                for fault in [*found, *(judged(page) if width == widths[0] else [])]:
                    faults[fault].add(here)

    def _is_english(self, text: str) -> bool:
        if text.strip(" :·?") in self._data:
            return False
        left = text
        for known in self.told["words"]:
            left = left.replace(known, " ")
        left = re.sub(r"https?://\S+|hymio-\S+|\S+@\S+", " ", left)
        words = re.findall(r"[^\W\d_]{2,}", left)
        return any(len(word) > 2 and not NO_WORDS.fullmatch(word) for word in words)


def log_in(page: Page, name: str) -> None:
    """With the form."""
    page.goto("/login")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "login" not in url)


def judged(page: Page) -> list[str]:
    """What is pale or too small to hit."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE)
    options = {"runOnly": list(RULES), "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = page.evaluate(
        "options => axe.run(options).then((r) => r.violations)", options
    )
    return [f"{v['id']}: {node['target'][-1]}" for v in found for node in v["nodes"]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
