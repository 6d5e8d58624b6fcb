"""What tests in several folders need: compiled catalogues, a screen, a PostgreSQL server."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scripts")]

from catalogues import compile_stale  # noqa: E402 - found by the line above
from prepare import find_initdb  # noqa: E402 - found by the line above
from processes import PostgresServer, VirtualScreen  # noqa: E402

_screen = pytest.StashKey[VirtualScreen]()


def pytest_configure(config: pytest.Config) -> None:
    """Compile changed catalogues; start a screen unless there is one: Kivy looks for it early."""
    compile_stale()
    if os.environ.get("DISPLAY") or shutil.which("Xvfb") is None:
        return
    log = Path(tempfile.gettempdir()) / f"hymio-test-screen-{os.getpid()}.log"
    screen = VirtualScreen(log).start()
    os.environ["DISPLAY"] = screen.display
    config.stash[_screen] = screen


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the virtual screen away again."""
    screen = config.stash.get(_screen, None)
    if screen is not None:
        screen.stop()
        screen.log.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server: the one of scripts/test, or a private one."""
    if given := os.environ.get("HYMIO_TEST_POSTGRES_URL"):
        yield given
        return
    initdb = find_initdb()
    if initdb is None:
        pytest.fail("PostgreSQL is not installed; scripts/test installs it")
    # Not in pytest's own folder, which PostgreSQL's user may not enter.
    with tempfile.TemporaryDirectory(prefix="hymio-postgres-") as folder:
        Path(folder).chmod(0o755)
        with PostgresServer(initdb, Path(folder) / "server").start() as server:
            yield server.url
