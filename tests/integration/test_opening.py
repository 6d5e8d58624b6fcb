"""Commands act on the head office that is there, on both engines; nothing else looks well."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from office import ServedOffice, other_database
from processes import ROOT, clean_environment

pytestmark = pytest.mark.e2e
LOOKING = (
    ["kiosks"],
    ["questionnaires"],
    ["rebuild-rollups", "--check"],
    ["rebuild-rollups"],
    ["create-code", "--place", "Till"],
    ["create-user", "ann"],
    ["seed-demo", "--small"],
    ["revoke", "1"],
    ["misuse", "1", "--since", "2026-11-23T14:00", "--until", "2026-11-23T15:00", "--clear"],
    ["distribute"],
    ["accept"],
)


FEW = (["kiosks"], ["create-code", "--place", "Till"])


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> ServedOffice:
    """A head office on SQLite with one kiosk in it, that is not served."""
    office = ServedOffice(tmp_path_factory.mktemp("template") / "office")
    make(office)
    return office


@pytest.fixture(scope="module")
def template_on_postgres(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> Iterator[ServedOffice]:
    """The like on PostgreSQL."""
    with other_database(postgres_url) as url:
        office = ServedOffice(tmp_path_factory.mktemp("template") / "office", database=url)
        make(office)
        yield office


@pytest.fixture(params=["template", "template_on_postgres"], ids=["sqlite", "postgres"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServedOffice]:
    """The like, for each test and engine."""
    template: ServedOffice = request.getfixturevalue(request.param)
    if not template.database:
        yield copied(template, tmp_path / "office")
        return
    server, _, name = template.database.rpartition("/")
    office = ServedOffice(shutil.copytree(template.folder, tmp_path / "office"))
    office.options = template.options
    with other_database(f"{server}/postgres", name) as url:
        office.database = url
        yield office


def copied(office: ServedOffice, folder: Path) -> ServedOffice:
    """The same head office in another folder."""
    shutil.copytree(office.folder, folder)
    (folder / "head-office.json").unlink(missing_ok=True)
    copy = ServedOffice(folder)
    copy.options = office.options
    return copy


def make(office: ServedOffice) -> None:
    office.options = ["--port", "0", "--workers", "1"]
    with office:
        office.enrol("Till")


def refused(office: ServedOffice, *command: str, because: str) -> None:
    done = office.run(*command)
    assert (1, "") == (done.returncode, done.stdout), (command, done.stderr)
    assert because in done.stderr, (command, done.stderr)
    assert "Traceback" not in done.stderr


def serve_refused(office: ServedOffice, because: str) -> None:
    refused(office, "serve", "--port", "0", because=because)


def execute(office: ServedOffice, statement: str) -> None:
    if office.database:
        with psycopg.connect(office.database, autocommit=True) as server:
            server.execute(statement)
        return
    with closing(sqlite3.connect(office.folder / "headoffice.sqlite3")) as file, file:
        file.execute(statement)


def kiosks(office: ServedOffice) -> int:
    listed = office.run("kiosks")
    assert 0 == listed.returncode, listed.stderr
    return len(listed.stdout.splitlines())


def test_no_command_makes_a_head_office_but_those_that_are_told_so(tmp_path: Path) -> None:
    office = ServedOffice(tmp_path / "nowhere")
    for command in (*LOOKING, ["backup", str(tmp_path / "copy")]):
        refused(office, *command, because=f"there is no head office in {office.folder}")
    assert not office.folder.exists()
    assert not (tmp_path / "copy").exists()
    assert 0 == office.run("create-user", "ann", "--new").returncode
    assert 0 == kiosks(office)


def test_every_command_names_its_database(office: ServedOffice) -> None:
    said = office.run("kiosks").stderr
    assert said.startswith(
        "hymio-headoffice: PostgreSQL hymio_" if office.database else "hymio-headoffice: SQLite /"
    )
    assert "postgres:" not in said
    assert 1 == kiosks(office)


def test_another_head_office_is_refused_until_somebody_says_yes(
    office: ServedOffice, tmp_path: Path, postgres_url: str
) -> None:
    other = ServedOffice(tmp_path / "other", database=office.database)
    if not office.database:
        assert 1 == kiosks(office)
        execute(office, "UPDATE fleet_headoffice SET uuid = '55555555555555555555555555555555'")
        check_refused_then_accepted(office)
        return
    with other_database(postgres_url) as url:
        other.database = url
        make(other)
        right, office.database = office.database, url
        shutil.copy(other.folder / "secret-key", tmp_path / "their-key")
        ours = (office.folder / "secret-key").read_bytes()
        shutil.copy(tmp_path / "their-key", office.folder / "secret-key")
        check_refused_then_accepted(office)
        # And back: the right one is refused now in its turn.
        office.database = right
        (office.folder / "secret-key").write_bytes(ours)
        check_refused_then_accepted(office)


def check_refused_then_accepted(office: ServedOffice) -> None:
    serve_refused(office, "is another")
    for command in FEW:
        refused(office, *command, because="is another")
    accepted = office.run("accept", "--yes")
    assert 0 == accepted.returncode, accepted.stderr
    assert "1 kiosks" in accepted.stdout
    assert 1 == kiosks(office)
    with office:
        pass


def test_an_empty_database_is_not_begun_anew_in_silence(
    office: ServedOffice, postgres_url: str
) -> None:
    assert 1 == kiosks(office)
    if not office.database:
        for file in office.folder.glob("headoffice.sqlite3*"):
            file.rename(file.with_name(f"away-{file.name}"))
        check_empty(office)
        for file in office.folder.glob("away-*"):
            file.rename(file.with_name(file.name.removeprefix("away-")))
        assert 1 == kiosks(office)
        return
    right = office.database
    with other_database(postgres_url) as url:
        office.database = url
        check_empty(office)
        # The right one is there again: everything goes on.
        office.database = right
        assert 1 == kiosks(office)


def check_empty(office: ServedOffice) -> None:
    serve_refused(office, "there is no head office in")
    for command in FEW:
        refused(office, *command, because="there is no head office in")


def test_a_forgotten_address_is_named(office: ServedOffice) -> None:
    if not office.database:
        pytest.skip("SQLite has no address")
    right, office.database = office.database, ""
    serve_refused(office, "HYMIO_DATABASE_URL is not set")
    for command in FEW:
        refused(office, *command, because="HYMIO_DATABASE_URL is not set")
    assert not (office.folder / "headoffice.sqlite3").exists()
    office.database = right
    assert 1 == kiosks(office)


def test_another_secret_key_is_refused(office: ServedOffice, tmp_path: Path) -> None:
    """Two machines behind a balancer, one without the other's key; then the file is lost."""
    second = ServedOffice(tmp_path / "second", database=office.database)
    key = (office.folder / "secret-key").read_bytes()
    if not office.database:
        copied(office, second.folder)
        (second.folder / "secret-key").unlink()
    serve_refused(second, "has no secret-key")
    assert not (second.folder / "secret-key").exists()
    (second.folder / "secret-key").write_text("x" * 86)
    serve_refused(second, "is another")
    (second.folder / "secret-key").write_bytes(key)
    assert 1 == kiosks(second)
    (office.folder / "secret-key").unlink()
    serve_refused(office, "has no secret-key")
    assert 0 == office.run("accept", "--yes").returncode
    assert key != (office.folder / "secret-key").read_bytes()
    assert 1 == kiosks(office)
    if office.database:
        # What was accepted at one machine is refused at the other.
        serve_refused(second, "is another")


def test_a_newer_schema_is_refused_and_left_alone(office: ServedOffice) -> None:
    execute(
        office,
        "INSERT INTO django_migrations (app, name, applied) "
        "VALUES ('fleet', '9999_from_tomorrow', '2031-01-01')",
    )
    execute(office, "UPDATE fleet_headoffice SET program = '9.1'")
    for command in (["serve", "--port", "0"], ["accept", "--yes"], *FEW):
        refused(office, *command, because="by Hymio 9.1, this is")
    execute(office, "DELETE FROM django_migrations WHERE name = '9999_from_tomorrow'")
    assert 1 == kiosks(office)


def test_an_older_schema_is_brought_up_by_serve_alone(office: ServedOffice) -> None:
    """As after an update of the program, while the earlier one still serves."""
    of = {"DJANGO_SETTINGS_MODULE": "headoffice.settings", "HYMIO_DATA": str(office.folder)}
    back = [sys.executable, "-m", "django", "migrate", "fleet", "0006"]
    env = clean_environment() | of | {"HYMIO_DATABASE_URL": office.database}
    subprocess.run(back, cwd=ROOT, env=env, check=True)
    # Nor did that version leave a record.
    (office.folder / "head-office.json").unlink(missing_ok=True)
    for command in FEW:
        refused(office, *command, because="of an earlier version")
    if not office.database:
        copied = office.run("backup", str(office.folder.parent / "copy"), "--allow-empty")
        assert 0 == copied.returncode, copied.stderr
    with office:
        pass
    assert 1 == kiosks(office)
    assert (office.folder / "head-office.json").exists()


def test_a_folder_record_that_is_no_record_is_explained(office: ServedOffice) -> None:
    file = office.folder / "head-office.json"
    if office.database:
        pytest.skip("the file is the same")
    assert 1 == kiosks(office)
    good = file.read_bytes()
    for bad in (b"", b"[]", b'{"identity": 1}', os.urandom(50)):
        file.write_bytes(bad)
        serve_refused(office, str(file))
    file.write_bytes(good)
    assert 1 == kiosks(office)
