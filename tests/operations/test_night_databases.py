"""The wrong database, the wrong key, another version: each is told, and costs no answer."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import psycopg
import pytest
from operations.night import Entry, Night
from processes import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]
COMMANDS = (["kiosks"], ["rebuild-rollups", "--check"], ["create-code", "--place", "Till 1"])


def test_a_fail_over_to_an_empty_database(night: Night, entry: Entry) -> None:
    """First under the running server, then with a start; the right one comes back at the end."""
    away = night.data.with_name("away")
    if night.server:
        right, empty = night.url, night.new_database()
        night.end()
        night.url = empty
    else:
        night.end()
        away.mkdir()
        for file in night.data.glob("headoffice.sqlite3*"):
            file.rename(away / file.name)
    for _ in range(2):
        night.fails_to_serve(entry, "no head office in")
        for command in COMMANDS:
            night.refused(entry, *command, because="no head office in")
        night.try_to_deliver()
    if night.server:
        entry.check(_tables(night, empty) == 0, "tables were made in the empty database")
        night.url = right
    else:
        entry.check(not list(night.data.glob("headoffice.sqlite3*")), "a database was made")
        for file in away.iterdir():
            file.rename(night.data / file.name)
    night.settle(entry)


def _tables(night: Night, url: str) -> int:
    right, night.url = night.url, url
    found = night.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    night.url = right
    return int(str(found[0][0]))


def test_a_fail_over_to_another_head_office(night: Night, entry: Entry) -> None:
    night.end()
    other = Night(night.folder / "other", night.server)
    other.end()
    before = len(other.ask("SELECT id FROM fleet_kiosk"))
    mine = night.url
    if night.server:
        night.url = other.url
    else:
        for file in ("headoffice.sqlite3", "headoffice.sqlite3-wal", "headoffice.sqlite3-shm"):
            if (night.data / file).exists():
                (night.data / file).rename(night.folder / file)
            if (other.data / file).exists():
                shutil.copy(other.data / file, night.data / file)
    night.fails_to_serve(entry, "is another")
    for command in COMMANDS:
        night.refused(entry, *command, because="is another")
    night.try_to_deliver()
    entry.check(len(other.ask("SELECT id FROM fleet_kiosk")) == before, "the other was changed")
    if night.server:
        night.url = mine
    else:
        for file in night.data.glob("headoffice.sqlite3*"):
            file.unlink()
        for file in night.folder.glob("headoffice.sqlite3*"):
            file.rename(night.data / file.name)
    other.close()
    night.settle(entry)


def test_a_forgotten_database_address(night: Night, entry: Entry) -> None:
    if not night.server:
        pytest.skip("SQLite has none")
    right = night.office.env.pop("HYMIO_DATABASE_URL")
    for command in (["serve", "--port", "0"], *COMMANDS, ["backup", str(night.folder / "copy")]):
        night.refused(entry, *command, because="HYMIO_DATABASE_URL is not set")
    entry.check(not (night.data / "headoffice.sqlite3").exists(), "a SQLite was made")
    entry.check(not (night.folder / "copy").exists(), "nothing was copied")
    night.url = right
    night.settle(entry)


def test_different_keys_behind_a_balancer(night: Night, entry: Entry) -> None:
    """A second machine is set up without the first one's key, then with it."""
    second = Night.__new__(Night)
    second.folder, second.server, second.kiosks, second.databases = (
        night.folder / "second", night.server, [], []
    )  # fmt: skip
    second.office = type(night.office)(second.folder, database_url=night.url)
    if not night.server:
        night.end()
        for file in night.data.glob("headoffice.sqlite3*"):
            shutil.copy(file, second.data / file.name)
    second.fails_to_serve(entry, "has no secret-key")
    (second.data / "secret-key").write_text("another key, as long as it has to be")
    second.fails_to_serve(entry, "is another")
    shutil.copy(night.data / "secret-key", second.data / "secret-key")
    second.begin()
    entry.check(second.office.is_running(), "the right key is refused")
    if night.server:
        # Both serve one head office: answers go to one and to the other.
        for kiosk in night.kiosks:
            entry.check(kiosk.deliver(), "the first can't take answers beside the second")
    second.office.stop()
    night.settle(entry)


def test_a_database_of_a_newer_version(night: Night, entry: Entry) -> None:
    night.end()
    _execute(night, "INSERT INTO django_migrations (app, name, applied) "
                    "VALUES ('fleet', '9999_from_tomorrow', '2031-01-01')")  # fmt: skip
    night.fails_to_serve(entry, "this is")
    for command in COMMANDS:
        night.refused(entry, *command, because="doesn't know fleet.9999_from_tomorrow")
    night.try_to_deliver()
    _execute(night, "DELETE FROM django_migrations WHERE name = '9999_from_tomorrow'")
    night.settle(entry)


def test_an_upgrade_with_answers_waiting(night: Night, entry: Entry) -> None:
    """The database is as an earlier version left it, and the new program finds it."""
    night.end()
    night.try_to_deliver()
    of = {"DJANGO_SETTINGS_MODULE": "headoffice.settings", "HYMIO_DATA": str(night.data)}
    back = [sys.executable, "-m", "django", "migrate", "fleet", "0006"]
    subprocess.run(back, cwd=ROOT, env=night.office.env | of, check=True)
    (night.data / "head-office.json").unlink()
    for command in COMMANDS:
        night.refused(entry, *command, because="of an earlier version")
    night.settle(entry)


def _execute(night: Night, statement: str) -> None:
    if night.server:
        with psycopg.connect(night.url, autocommit=True) as server:
            server.execute(statement.encode())
        return
    with closing(sqlite3.connect(night.data / "headoffice.sqlite3")) as file, file:
        file.execute(statement)
