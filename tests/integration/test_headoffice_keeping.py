"""The database over the years: copies that can be put back, and schemas that grow."""

import os
import shutil
import sqlite3
import subprocess
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import dj_database_url
import psycopg
import pytest
import pytest_django
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from office import DEFINITION, DIGEST, ServedOffice, answer, other_database
from prepare import find_initdb
from processes import PROGRAMS, clean_environment, run_to_end

from headoffice.clock import now_ms
from headoffice.results.hours import local_hour

OURS = ("accounts", "fleet", "questionnaires", "ingest", "results")


# --- back-up ------------------------------------------------------------------------------


@pytest.mark.e2e
def test_a_copy_made_while_kiosks_deliver_can_be_put_back(
    served: ServedOffice, tmp_path: Path
) -> None:
    device = served.enrol("Main street")
    bearer = {"Authorization": f"Bearer {device.credential}"}
    messages = [answer(seq, seq % 3) for seq in range(1, 21)]
    served.send("batches", device.batch(*messages[:10]), **bearer)
    copy = tmp_path / "copy.sqlite3"
    made = served.run("backup", str(copy))
    assert made.returncode == 0, made.stderr
    assert [copy] == [file for file in tmp_path.iterdir() if file.is_file()]
    served.send("batches", device.batch(*messages), **bearer)
    served.stop()
    database = served.folder / "headoffice.sqlite3"
    for beside in served.folder.glob("headoffice.sqlite3*"):
        beside.unlink()
    shutil.copy(copy, database)
    served.start()
    status, receipt = served.send("batches", device.batch(messages[10]), **bearer)
    assert (200, 11) == (status, receipt["stored_up_to"])
    _status, receipt = served.send("batches", device.batch(*messages[5:]), **bearer)
    assert (20, []) == (receipt["stored_up_to"], receipt["refused"])
    proof = served.run("rebuild-rollups", "--check")
    assert proof.returncode == 0, proof.stdout
    with sqlite3.connect(database) as kept:
        assert kept.execute("SELECT count(*) FROM ingest_storedmessage").fetchone() == (20,)


@pytest.mark.e2e
def test_a_copy_never_overwrites_and_says_what_it_can_not_do(
    served: ServedOffice, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    there.write_text("precious")
    refused = served.run("backup", str(there))
    assert (1, True) == (refused.returncode, "exists already" in refused.stderr)
    assert there.read_text() == "precious"
    nowhere = served.run("backup", str(tmp_path / "no" / "such" / "folder"))
    assert (1, True) == (nowhere.returncode, "could not be made" in nowhere.stderr)


@pytest.mark.postgres
def test_a_dump_of_postgresql_can_be_put_back(postgres_url: str, tmp_path: Path) -> None:
    with other_database(postgres_url) as url, other_database(postgres_url) as empty:
        program(url, tmp_path, "seed-demo", "--small")
        refused = program(url, tmp_path, "backup", str(tmp_path / "x"), expected=1)
        assert "pg_dump" in refused
        dump = tmp_path / "dump"
        run_to_end([tool("pg_dump"), "--format=custom", f"--file={dump}", f"--dbname={url}"])
        run_to_end([tool("pg_restore"), "--no-owner", f"--dbname={empty}", str(dump)])
        assert "what their messages say" in program(empty, tmp_path, "rebuild-rollups", "--check")
        assert program(url, tmp_path, "kiosks") == program(empty, tmp_path, "kiosks")


# --- schemas ------------------------------------------------------------------------------


@pytest.mark.database
def test_data_of_the_first_schema_goes_through_every_later_one(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    django_db_blocker: pytest_django.DjangoDbBlocker,
) -> None:
    url = ""
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": tmp_path / "headoffice.sqlite3",
    }
    stack = ExitStack()
    request.addfinalizer(stack.close)
    if os.environ.get("HYMIO_DATABASE_URL"):
        url = stack.enter_context(other_database(request.getfixturevalue("postgres_url")))
        settings = dict(dj_database_url.parse(url))
    connections.databases["old"] = {**connections.databases["default"], **settings}
    with django_db_blocker.unblock():
        old = connections["old"]
        try:
            executor = MigrationExecutor(old)
            first = [(app, "0001_initial") for app in OURS]
            executor.migrate(first)
            fill(executor.loader.project_state(first).apps)
            # One step after the other: each schema between is one that somebody may have.
            for node, _backwards in MigrationExecutor(old).migration_plan(
                executor.loader.graph.leaf_nodes()
            ):
                MigrationExecutor(old).migrate([(node.app_label, node.name)])
        finally:
            old.close()
            del connections["old"], connections.databases["old"]
    assert "what their messages say" in program(url, tmp_path, "rebuild-rollups", "--check")
    assert "Main street" in program(url, tmp_path, "kiosks")
    counted = rows(
        url,
        tmp_path,
        "SELECT question, value, count, took_ms FROM results_daily ORDER BY question, value",
    )
    assert [
        ("", "left:mood", 1, 0),
        ("", "timed_out", 1, 0),
        ("mood", "1", 1, 900),
        ("mood", "2", 1, 900),
    ] == counted
    assert [(False,), (True,), (True,), (True,)] == [
        (bool(counts),)
        for (counts,) in rows(url, tmp_path, "SELECT counts FROM ingest_storedmessage ORDER BY seq")
    ]
    roles = rows(url, tmp_path, "SELECT username, role FROM accounts_user ORDER BY username")
    assert [("admin", "administrator"), ("ann", "analyst")] == roles
    places = (
        "SELECT g.name, p.name FROM fleet_experiencepoint p JOIN fleet_group g ON g.id = p.group_id"
    )
    assert [("Places", "Main street")] == rows(url, tmp_path, places)


def fill(apps: Any) -> None:
    """What the first schema held: an answer changed, one that stayed, a response left."""

    def table(app: str, model: str) -> Any:
        return apps.get_model(app, model).objects.using("old")

    for name, first in (("admin", True), ("ann", False)):
        table("accounts", "User").create(username=name, is_superuser=first)
    point = table("fleet", "ExperiencePoint").create(name="Main street", time_zone="Asia/Kolkata")
    kiosk = table("fleet", "Kiosk").create()
    table("fleet", "Assignment").create(kiosk=kiosk, point=point, since_ms=0)
    version = table("questionnaires", "Version").create(
        digest=DIGEST, definition=DEFINITION.decode(), first_kiosk=kiosk
    )
    installation = table("ingest", "Installation").create(
        kiosk=kiosk, uuid=uuid.uuid4(), stored_up_to=4, highest=4
    )
    happened = now_ms()
    hour_ms, day = local_hour(happened, "Asia/Kolkata")
    changed, stays, left = (uuid.uuid4() for _ in range(3))
    shared = {
        "kiosk": kiosk.pk, "installation": installation.pk, "version": version.pk,
        "point": point.pk, "language": "en", "test": False, "misuse": "",
    }  # fmt: skip
    for seq, response, kind, value, counts in (
        (1, changed, 1, "0", False),
        (2, changed, 1, "2", True),
        (3, stays, 1, "1", True),
        (4, left, 3, "timed_out", True),
    ):
        table("ingest", "StoredMessage").create(
            **shared, seq=seq, fingerprint=bytes([seq]) * 16, kind=kind, response=response,
            question="mood", value=value, took_ms=900 if kind == 1 else 0, wall_ms=happened,
            boot=uuid.uuid4(), mono_ms=0, happened_ms=happened, certain=True, received_ms=happened,
        )  # fmt: skip
        if counts:
            question = "mood" if kind == 1 else ""
            table("results", "LastWord").create(
                **shared, seq=seq, response=response, question=question, hour_ms=hour_ms, day=day,
                words=value,
            )  # fmt: skip
            of_kiosk = {k: v for k, v in shared.items() if k != "installation"}
            table("results", "Hourly").create(
                **of_kiosk, question=question, value=value, hour_ms=hour_ms, day=day, count=1
            )


# --- databases of their own ---------------------------------------------------------------


def program(url: str, data: Path, *arguments: str, expected: int = 0) -> str:
    """Run `hymio-headoffice` with a database of its own; what it said."""
    env = clean_environment() | ({"HYMIO_DATABASE_URL": url} if url else {})
    done = subprocess.run(
        [str(PROGRAMS / "hymio-headoffice"), *arguments, "--data", str(data)],
        env=env, capture_output=True, text=True, cwd="/", check=False,
    )  # fmt: skip
    assert expected == done.returncode, done.stdout + done.stderr
    return done.stdout + done.stderr


def rows(url: str, data: Path, statement: str) -> list[tuple[Any, ...]]:
    if url:
        with psycopg.connect(url) as server:
            return list(server.execute(statement))
    with sqlite3.connect(data / "headoffice.sqlite3") as file:
        return list(file.execute(statement))


def tool(name: str) -> str:
    """A program of the server's own version: its client may be installed in another one."""
    initdb = find_initdb()
    assert initdb is not None
    return str(initdb.resolve().with_name(name))
