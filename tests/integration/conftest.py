"""The head office in the tests' own process, and as the real program.

Database tests run on SQLite; with HYMIO_DATABASE_URL set, the same ones on that PostgreSQL; with
HYMIO_TEST_CITUS set too, on a distributed installation (see docs/scaling.md).
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_django

_folder = tempfile.TemporaryDirectory(prefix="hymio-tests-")
os.environ["HYMIO_DATA"] = _folder.name
# A file, so that the threads of the concurrency tests meet in one database.
os.environ["HYMIO_TEST_SQLITE"] = str(Path(_folder.name) / "tests.sqlite3")
os.environ["HYMIO_TIME_ZONE"] = "Europe/Helsinki"
os.environ["DJANGO_SETTINGS_MODULE"] = "headoffice.settings"

import django  # noqa: E402 - settings read the environment above

django.setup()

import citus  # noqa: E402 - needs Django, as all below
from django.db import connection  # noqa: E402
from office import Device, ServedOffice, other_database  # noqa: E402

from headoffice import distribution  # noqa: E402


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    """The tests' database; distributed, if HYMIO_TEST_CITUS names workers for it."""
    del django_db_setup
    if not citus.WORKERS:
        yield
        return
    server = os.environ["HYMIO_DATABASE_URL"].rpartition("/")[0]
    with django_db_blocker.unblock():
        url = f"{server}/{connection.settings_dict['NAME']}"
        with citus.workers_of(url):
            distribution.distribute(lambda _text: None)
            yield
            connection.close()


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
