"""What a page weighs and how soon it stands, with an empty cache and on a slow line.

    python bench/weight.py [--small] [--only WORD]

The product: `hymio-headoffice serve` with the demonstration chain, in Chromium. Each page is opened
with an empty cache; then another page after it, for what it fetches beside its HTML; then with an
empty cache over 1.6 Mbit/s with 150 ms and a processor a quarter as fast. The peer: the same pages
before they were packed (findings of 2026-11-29, the whole chain). Ends with 1 if a page without a
chart takes more than 120 KiB or one with charts more than 320, if the next page is more than its
HTML, or if charts stand later than 2.5 s on the slow line.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from export import PASSWORD, Office
from figures import ROOT
from playwright.sync_api import Browser, Page

assert ROOT, "finds what tests share"

from browser import open_browser  # noqa: E402

KIB = 1024
BEFORE = {
    "today": (275, 2474),
    "overview": (926, 5974),
    "places": (913, 5386),
    "place": (921, 6363),
    "compare": (961, 5692),
    "questions": (903, 5754),
    "comments": (917, 5386),
    "kiosks": (198, 2027),
    "tree": (170, 1977),
    "people": (127, 1521),
    "export": (118, 1356),
    "api": (123, 1561),
    "tokens": (118, 1562),
    "wall": (177, 1633),
}
"""KiB, and ms until it stood on the slow line."""
PAGES = {
    "today": "/",
    "overview": "/results/",
    "places": "/results/place",
    "place": "/results/place?place=p1",
    "compare": "/results/compare",
    "questions": "/results/questions",
    "comments": "/results/comments",
    "kiosks": "/kiosks/",
    "tree": "/structure/",
    "people": "/people/",
    "export": "/export/",
    "api": "/api/v1/",
    "tokens": "/tokens/",
    "wall": "/wall",
}
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
"""1.6 Mbit/s down, as Lighthouse has it, in bytes a second."""
STANDS = """() => {
    const boxes = [...document.querySelectorAll('[data-chart]')];
    return document.readyState === 'complete' && boxes.every(box => box.dataset.drawn);
}"""
PROGRAM = str(Path(sys.executable).parent / "hymio-headoffice")


class Load(NamedTuple):
    """What one opening of a page took."""

    sizes: dict[str, int]
    """Bytes that travelled, heads among them, by address."""
    ms: float
    charts: int


def load(page: Page, url: str, *, slow: bool) -> Load:
    """Open a page and wait until it stands."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    if slow:
        session.send("Network.emulateNetworkConditions", SLOW)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    sizes: dict[str, int] = {}
    names: dict[str, str] = {}
    session.on(
        "Network.requestWillBeSent", lambda e: names.update({e["requestId"]: e["request"]["url"]})
    )
    session.on(
        "Network.loadingFinished",
        lambda e: sizes.update({names.get(e["requestId"], "?"): int(e["encodedDataLength"])}),
    )
    page.goto(url, wait_until="commit")
    page.wait_for_function(STANDS, polling=20, timeout=60_000)
    ms = page.evaluate("performance.now()")
    page.wait_for_timeout(150)
    charts = page.evaluate("document.querySelectorAll('[data-chart]').length")
    session.detach()
    return Load({name: size for name, size in sizes.items() if size}, ms, charts)


def fresh(browser: Browser, office: Office) -> Page:
    """A page with an empty cache, of somebody who is logged in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    session = next(cookie for cookie in office.jar if "session" in cookie.name)
    context.add_cookies([{"name": session.name, "value": str(session.value), "url": office.url}])
    return context.new_page()


def report(browser: Browser, office: Office, only: str) -> list[str]:
    """Print a row for each page; what is over its limit."""
    print(
        "| page | requests | cold KiB | before | next page, beside HTML | ms | slow ms | before |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    over = []
    for name, address in PAGES.items():
        if only not in name:
            continue
        url = office.url + address
        page = fresh(browser, office)
        cold = load(page, url, slow=False)
        again = load(
            page, office.url + PAGES["comments" if name != "comments" else "people"], slow=False
        )
        page.context.close()
        page = fresh(browser, office)
        slow = load(page, url, slow=True)
        page.context.close()
        size = sum(cold.sizes.values()) / KIB
        beside = {k: v for k, v in again.sizes.items() if "/static/" in k or "style." in k}
        later = {k for k in beside if k in cold.sizes}
        before, before_ms = BEFORE[name]
        print(
            f"| {name} | {len(cold.sizes)} | {size:.0f} | {before} | {len(later)} | {cold.ms:.0f} "
            f"| {slow.ms:.0f} | {before_ms:,} |",
            flush=True,
        )
        if size > (320 if cold.charts else 120):
            over.append(f"{name}: {size:.0f} KiB")
        if later:
            over.append(f"{name}: fetched again {later}")
        if slow.charts and slow.ms > 2500:
            over.append(f"{name}: charts after {slow.ms:.0f} ms")
    return over


def main() -> int:
    """Fill, look, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="six shops and ten weeks")
    parser.add_argument("--only", default="", help="pages whose name holds this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hymio-bench-") as name:
        folder = Path(name)
        small = ["--small"] if options.small else []
        subprocess.run([PROGRAM, "seed-demo", "--new", "--data", name, *small], check=True)
        person = ["create-user", "ana", "--role", "administrator", "--password-stdin"]
        subprocess.run([PROGRAM, *person, "--data", name], input=PASSWORD, text=True, check=True)
        with Office(folder, "") as office, open_browser() as browser:
            over = report(browser, office, options.only)
    print("\n".join(over) or "Everything is within its limit.")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
