"""The stage of the attacks, and the account at their end.

HYMIO_ATTACK_SECONDS repeats each attack with further seeds for its share of that time;
HYMIO_ATTACK_SEED chooses the first one; HYMIO_ATTACK_POSTGRES=1 attacks a head office on
PostgreSQL.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from attack.account import Tally, table
from attack.stage import Stage

POSTGRES = os.environ.get("HYMIO_ATTACK_POSTGRES") == "1"
_tallies = pytest.StashKey[list[Tally]]()


@pytest.fixture(scope="session")
def tallies(pytestconfig: pytest.Config) -> list[Tally]:
    """All that was tried, for the account."""
    return pytestconfig.stash.setdefault(_tallies, [])


@contextmanager
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty PostgreSQL database; empty for SQLite."""
    if not POSTGRES:
        yield ""
        return
    server, name = request.getfixturevalue("postgres_url"), f"attack_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as keeper:
        keeper.execute(f"CREATE DATABASE {name}".encode())
        yield f"{server.rpartition('/')[0]}/{name}"
        keeper.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="module")
def stages(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Stage]]:
    """One head office for all attacks of a module, and another one after it was broken."""
    now: list[Stage] = []
    with ExitStack() as stack:

        def stage(*options: str) -> Stage:
            if not now or now[0].is_broken:
                now.clear()
                stack.close()
                url = stack.enter_context(database(request))
                now.append(Stage(tmp_path_factory.mktemp("attacked"), url, options))
                stack.callback(now[0].close)
            return now[0]

        yield stage


@pytest.fixture
def stage(stages: Callable[..., Stage]) -> Stage:
    """A head office that no attack has broken so far."""
    return stages()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Draw up the account."""
    if done := config.stash.get(_tallies, []):
        account = table(done, "PostgreSQL" if POSTGRES else "SQLite")
        terminalreporter.write_line(f"\n== Attacks\n{account}")
        if file := os.environ.get("HYMIO_ATTACK_ACCOUNT"):
            Path(file).write_text(account + "\n")
