"""A copy of the database opens nothing, and nobody sees the password while it is made."""

import datetime as dt
import os
import sqlite3
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dj_database_url
import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from office import ServedOffice, answer, served_on, server_tool
from processes import PROGRAMS, clean_environment, run_to_end
from psycopg.conninfo import conninfo_to_dict

from headoffice import clock
from headoffice.accounts import sessions
from headoffice.accounts.creation import create_user
from headoffice.db.backup import LEFT_OUT
from headoffice.db.postgres_tools import conninfo_of
from headoffice.db.stand_in import stand_in

PASSWORD = "four quiet otters"
NIGHTLY = Path(__file__).parents[2] / "deploy" / "hymio-headoffice-backup"


@pytest.mark.database
@pytest.mark.django_db
def test_a_session_is_found_by_its_key_and_by_nothing_in_the_table() -> None:
    create_user("ann", PASSWORD)
    client = Client()
    client.post("/login", {"username": "ann", "password": PASSWORD})
    assert client.get("/").status_code == 200
    key = client.cookies["hymio_session"].value
    kept = list(Session.objects.values_list("session_key", flat=True))
    assert key not in kept
    for stored in kept:
        thief = Client()
        thief.cookies["hymio_session"] = stored
        assert thief.get("/").status_code == 302
    # It goes on, changes its key at the next log-in, and ends.
    client.post("/language", {"language": "fi"})
    assert client.get("/").status_code == 200
    client.post("/logout")
    assert Session.objects.filter(session_key__in=kept).count() == 0
    again = Client()
    again.cookies["hymio_session"] = key
    assert again.get("/").status_code == 302


@pytest.mark.database
@pytest.mark.django_db
def test_sessions_that_are_over_are_removed_and_others_stay() -> None:
    create_user("ann", PASSWORD)
    client = Client()
    client.post("/login", {"username": "ann", "password": PASSWORD})
    over = clock.now() - dt.timedelta(seconds=1)
    Session.objects.create(session_key="x", session_data="", expire_date=over)
    sessions.remove_expired_sessions()
    assert Session.objects.count() == 1
    assert client.get("/").status_code == 200


@pytest.mark.database
@pytest.mark.django_db
def test_a_session_that_is_used_goes_on_and_is_written_once_a_day() -> None:
    create_user("ann", PASSWORD)
    client = Client()
    client.post("/login", {"username": "ann", "password": PASSWORD})
    made = Session.objects.get().expire_date
    assert "hymio_session" not in client.get("/wall/now").cookies
    assert made == Session.objects.get().expire_date
    soon = clock.now() + dt.timedelta(seconds=30)
    Session.objects.update(expire_date=soon)
    page = client.get("/wall/now")
    assert page.status_code in (200, 204)
    assert page.cookies["hymio_session"]["max-age"] == 14 * 24 * 3600
    assert Session.objects.get().expire_date >= made
    assert client.get("/wall/now").status_code in (200, 204)


@pytest.fixture(params=["sqlite", "postgres"])
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ServedOffice]:
    server = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    with served_on(request.param, tmp_path / "office", server) as office:
        yield office


def nightly(url: str, data: Path, folder: Path, programs: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    given = {"PATH": programs, "HYMIO_DATA": str(data), "HYMIO_BACKUP": str(folder),
             "HYMIO_DATABASE_URL": url}  # fmt: skip
    return subprocess.run(
        [str(NIGHTLY)], env=clean_environment() | given, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.e2e
def test_a_copy_opens_nothing(office: ServedOffice, tmp_path: Path) -> None:
    device = office.enrol("Main street")
    bearer = {"Authorization": f"Bearer {device.credential}"}
    assert 200 == office.send("batches", device.batch(answer(1)), **bearer)[0]
    logged_in = log_in(office)
    assert "/login" not in opened(office, logged_in)
    programs = f"{PROGRAMS}:{Path(server_tool('pg_dump')).parent}:{os.environ['PATH']}"
    made = nightly(office.database, office.folder, tmp_path / "copies", programs)
    assert 0 == made.returncode, made.stderr
    (copy,) = (tmp_path / "copies").iterdir()
    if office.database:
        plain = tmp_path / "plain.sql"
        run_to_end([server_tool("pg_restore"), f"--file={plain}", str(copy)])
        text = plain.read_text()
        rows = [text.partition(f"COPY public.{table} ")[2].partition("\n")[2] for table in LEFT_OUT]
        assert [""] * len(LEFT_OUT) == [row.partition("\\.")[0].strip() for row in rows]
        with psycopg.connect(office.database) as server:
            keys = [key for (key,) in server.execute("SELECT session_key FROM django_session")]
    else:
        with closing(sqlite3.connect(copy)) as file:
            for table in LEFT_OUT:
                assert [] == list(file.execute(f"SELECT * FROM {table}"))  # noqa: S608
        with closing(sqlite3.connect(office.folder / "headoffice.sqlite3")) as file:
            keys = [key for (key,) in file.execute("SELECT session_key FROM django_session")]
    assert keys
    for key in keys:
        assert key.encode() not in copy.read_bytes()
        assert "/login" in opened(office, key)
    assert logged_in.encode() not in copy.read_bytes()


def log_in(office: ServedOffice) -> str:
    """The session of the first account."""
    from http.cookiejar import CookieJar
    from urllib.parse import urlencode

    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.open(f"{office.url}/login", timeout=30).close()
    token = next(cookie.value for cookie in jar if "csrf" in cookie.name)
    said = {"username": "admin", "password": office.password, "csrfmiddlewaretoken": token}
    browser.open(f"{office.url}/login", urlencode(said).encode(), timeout=30).close()
    return next(str(cookie.value) for cookie in jar if "session" in cookie.name)


def opened(office: ServedOffice, key: str) -> str:
    """Where one ends up with this session."""
    headers = {"Cookie": f"hymio_session={key}"}
    asked = urllib.request.Request(f"{office.url}/people/", headers=headers)  # noqa: S310 - the test's
    with urllib.request.urlopen(asked, timeout=30) as reply:  # noqa: S310 - likewise
        return str(reply.url)


@pytest.mark.parametrize(
    ("url", "words", "password"),
    [
        ("postgresql://ann:pa55@db/hymio", {"host": "db", "dbname": "hymio"}, "pa55"),
        ("postgres://ann:p%40s%2Fs%25%c3%a4@db:5433/h?sslmode=require",
         {"port": "5433", "sslmode": "require"}, "p@s/s%ä"),
        ("postgresql://ann:a:b@db/h", {"user": "ann"}, "a:b"),
        ("postgresql://ann@db/h?password=s%20x", {"user": "ann", "host": "db"}, "s x"),
        ("postgresql://ann@db/h", {"user": "ann"}, None),
        ("postgresql://ann:x%5C%27%22%20$HOME*@[::1]:5432/h", {"host": "::1"}, "x\\'\" $HOME*"),
    ],
)  # fmt: skip
def test_programs_connect_as_the_head_office_does_and_read_the_password_elsewhere(
    url: str, words: dict[str, str], password: str | None
) -> None:
    with stand_in(dict(dj_database_url.parse(url))) as database:
        address, secret = conninfo_of(database.get_connection_params())
    found = conninfo_to_dict(address)
    assert words == {name: found[name] for name in words}
    assert "password" not in found
    assert ({"PGPASSWORD": password} if password else {}) == secret
