"""Nights, and the account at their end.

Each kind of trouble is met on one of the engines, in turn; HYMIO_OPERATIONS=both meets it on both.
"""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from operations.night import Entry, Night, account

BOTH = os.environ.get("HYMIO_OPERATIONS") == "both"
_entries = pytest.StashKey[list[Entry]]()


@pytest.fixture(scope="session")
def entries(pytestconfig: pytest.Config) -> list[Entry]:
    """All that happened, for the account."""
    return pytestconfig.stash.setdefault(_entries, [])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the engines."""
    if "night" not in metafunc.fixturenames:
        return
    engines = ["sqlite", "postgres"]
    if not BOTH:
        engines = [engines[zlib.crc32(metafunc.function.__name__.encode()) % 2]]
    metafunc.parametrize("night", engines, indirect=True)


@pytest.fixture
def night(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Night]:
    """A head office on either engine, with two kiosks that have delivered."""
    server = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    night = Night(tmp_path, server)
    yield night
    night.close()


@pytest.fixture
def entry(night: Night, request: pytest.FixtureRequest, entries: list[Entry]) -> Entry:
    """The line of the account for this test: its sentence, and the engine."""
    name = request.function.__name__.removeprefix("test_").replace("_", " ")
    entries.append(Entry(name, night.engine))
    return entries[-1]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Draw up the account."""
    if done := config.stash.get(_entries, []):
        terminalreporter.write_line(f"\n== Operations\n{account(done)}")
        if file := os.environ.get("HYMIO_OPERATIONS_ACCOUNT"):
            Path(file).write_text(account(done) + "\n")
