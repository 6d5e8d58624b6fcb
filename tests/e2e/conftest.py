"""A head office, kiosks and a page, as real programs."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from browser import LivePage, open_browser
from journey import PLACE, HeadOffice, Kiosk
from playwright.sync_api import Browser
from processes import VirtualScreen

USER, PASSWORD = "analyst", "correct horse battery"
# Thanks as short as a test likes them, and news to the head office without long waits. A robot's
# finger is faster than any shopper's, and means what it touches.
QUICK = """
[timing]
thanks = 0.2
invitation = 0.3
[misuse]
enabled = false
[sync]
every = 1.0
heartbeat = 1.0
"""


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is entered here is ended after the test, the last first."""
    with ExitStack() as entered:
        yield entered


@pytest.fixture(scope="session")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualScreen]:
    """A screen of its own, so that no other window is in the way of a click."""
    log = tmp_path_factory.mktemp("screen") / "screen.log"
    with VirtualScreen(log).start() as started:
        yield started


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a head office on SQLite with one user: making it takes longest."""
    office = HeadOffice(tmp_path_factory.mktemp("prepared"))
    office.create_user(USER, PASSWORD)
    return office.data


@pytest.fixture
def new_head_office(tmp_path: Path, prepared: Path, stack: ExitStack) -> Callable[..., HeadOffice]:
    """Starts a head office with one user."""

    def make(database_url: str = "") -> HeadOffice:
        office = HeadOffice(tmp_path, database_url=database_url)
        if database_url:
            office.create_user(USER, PASSWORD)
        else:
            shutil.copytree(prepared, office.data, dirs_exist_ok=True)
        return stack.enter_context(office.start())

    return make


@pytest.fixture
def head_office(new_head_office: Callable[..., HeadOffice]) -> HeadOffice:
    """A running head office on SQLite, with one user."""
    return new_head_office()


@pytest.fixture
def new_kiosk(tmp_path: Path, screen: VirtualScreen, stack: ExitStack) -> Callable[..., Kiosk]:
    """Enrols a kiosk at a head office and starts it."""

    def make(office: HeadOffice, url: str = "", settings: str = QUICK) -> Kiosk:
        kiosk = Kiosk(tmp_path, screen.display, settings=settings)
        kiosk.enrol(office.enrolment_code(PLACE), url or office.url)
        return stack.enter_context(kiosk.start())

    return make


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all; each page has cookies and a cache of its own."""
    with open_browser() as opened:
        yield opened


@pytest.fixture
def look(browser: Browser, stack: ExitStack) -> Callable[[HeadOffice], LivePage]:
    """Logs in at a head office and looks at the live page."""

    def open_page(office: HeadOffice) -> LivePage:
        page = stack.enter_context(LivePage(office.url, browser))
        page.log_in(USER, PASSWORD)
        return page

    return open_page
