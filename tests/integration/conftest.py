"""The head office in the tests' own process, and as the real program.

Database tests run on SQLite; with HYMIO_DATABASE_URL set, the same ones on that PostgreSQL; with
HYMIO_TEST_CITUS set too, on a distributed installation (see docs/scaling.md).
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_django
from processes import quick_root

# In memory: what is tried here in one process outlives nothing, and waits for no disk.
_folder = tempfile.TemporaryDirectory(prefix="hymio-tests-", dir=quick_root())
os.environ["HYMIO_DATA"] = _folder.name
# A file, so that the threads of the concurrency tests meet in one database.
os.environ["HYMIO_TEST_SQLITE"] = str(Path(_folder.name) / "tests.sqlite3")
os.environ["HYMIO_TIME_ZONE"] = "Europe/Helsinki"
os.environ["DJANGO_SETTINGS_MODULE"] = "headoffice.settings"

import django  # noqa: E402 - settings read the environment above

from headoffice.server import folder_record, secret_key  # noqa: E402

secret_key.ensure_key(Path(_folder.name))

django.setup()

import citus  # noqa: E402 - needs Django, as all below
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import translation  # noqa: E402
from office import Device, ServedOffice, served_on  # noqa: E402

from headoffice.db import citus as distribution  # noqa: E402

# What guards real passwords takes half a second each; the programs that tests start go on with it.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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


@pytest.fixture(autouse=True)
def no_language_left() -> Iterator[None]:
    """Django's client leaves the language of its last request with the thread."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def forgotten_head_office() -> Iterator[None]:
    """Each test's database is another head office to the folder that they share."""
    yield
    (Path(_folder.name) / folder_record.NAME).unlink(missing_ok=True)


@pytest.fixture
def device(db: None) -> Device:
    """An enrolled kiosk that talks to the head office in this process."""
    del db
    return Device.enrolled("Main street")


@pytest.fixture
def served(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ServedOffice]:
    """A real `hymio-headoffice serve` with an empty database; by parameter on PostgreSQL."""
    engine = getattr(request, "param", "sqlite")
    server = request.getfixturevalue("postgres_url") if engine == "postgres" else ""
    with served_on(engine, tmp_path / "office", server) as office:
        yield office
