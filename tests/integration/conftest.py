"""The head office in the tests' own process, and as the real program.

Database tests run on SQLite; with HYMIO_DATABASE_URL set, the same ones on that PostgreSQL.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

_folder = tempfile.TemporaryDirectory(prefix="hymio-tests-")
os.environ["HYMIO_DATA"] = _folder.name
# A file, so that the threads of the concurrency tests meet in one database.
os.environ["HYMIO_TEST_SQLITE"] = str(Path(_folder.name) / "tests.sqlite3")
os.environ["HYMIO_TIME_ZONE"] = "Europe/Helsinki"
os.environ["DJANGO_SETTINGS_MODULE"] = "headoffice.settings"

import django  # noqa: E402 - settings read the environment above

django.setup()

from office import Device, ServedOffice, other_database  # noqa: E402 - needs Django


@pytest.fixture
def device(db: None) -> Device:
    """An enrolled kiosk that talks to the head office in this process."""
    del db
    return Device.enrolled("Main street")


@pytest.fixture
def served(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ServedOffice]:
    """A real `hymio-headoffice serve` with an empty database; by parameter on PostgreSQL."""
    with ExitStack() as stack:
        url = ""
        if getattr(request, "param", "sqlite") == "postgres":
            url = stack.enter_context(other_database(request.getfixturevalue("postgres_url")))
        yield stack.enter_context(ServedOffice(tmp_path / "office", database=url))
