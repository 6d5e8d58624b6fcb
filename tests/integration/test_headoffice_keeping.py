"""The database over the years: copies that can be put back, and schemas that grow."""

import os
import shutil
import sqlite3
import subprocess
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Self

import citus
import dj_database_url
import psycopg
import pytest
import pytest_django
import schemas
from django.apps import apps
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from office import Device, ServedOffice, answer, other_database, server_tool
from processes import PROGRAMS, clean_environment, run_to_end, wait_until

from config.values import ContactDetails
from headoffice.messages import contacts
from headoffice.server import secret_key
from sync.messages import Message

FIRST_DISTRIBUTED = ("results", "0004_sums_of_areas")
"""The first migration after `distribute` had come: nobody has a distributed schema from before."""

# --- back-up ------------------------------------------------------------------------------


@pytest.mark.e2e
@pytest.mark.parametrize("served", ["sqlite", "postgres"], indirect=True)
def test_a_copy_made_while_a_kiosk_delivers_can_be_put_back(
    served: ServedOffice, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    device = served.enrol("Main street")
    if not served.database:
        # So large that the copy takes longer than a delivery.
        with closing(sqlite3.connect(served.folder / "headoffice.sqlite3")) as file:
            file.execute("CREATE TABLE ballast AS SELECT zeroblob(30000000) AS weight")
            file.commit()
    with Deliveries(served, device) as deliveries:
        deliveries.wait_for(3)
        copy = copy_of(served, tmp_path)
        during = deliveries.acknowledged
        deliveries.wait_for(during + 3)
    sent = deliveries.messages
    served.stop()
    with ExitStack() as stack:
        if served.database:
            served.database = stack.enter_context(
                other_database(request.getfixturevalue("postgres_url"))
            )
        put_back(served, copy)
        stack.callback(served.stop)
        served.start()
        # What a kiosk does: it hears how far the head office has got, and goes on from there.
        bearer = {"Authorization": f"Bearer {device.credential}"}
        status, receipt = served.send("batches", device.batch(sent[-1]), **bearer)
        assert (200, True) == (status, 3 <= receipt["stored_up_to"] <= during)
        rest = sent[receipt["stored_up_to"] :]
        for again in (rest, sent):
            status, receipt = served.send("batches", device.batch(*again), **bearer)
            assert (200, len(sent), []) == (
                status,
                receipt["stored_up_to"],
                receipt.get("refused", []),
            )
        proof = served.run("rebuild-rollups", "--check")
        assert proof.returncode == 0, proof.stdout
        for table, column in (
            ("ingest_storedmessage", "count(*)"),
            ("results_hourly", "sum(count)"),
            ("results_daily", "sum(count)"),
        ):
            counted = f"SELECT {column} FROM {table}"  # noqa: S608 - fixed names
            assert [(len(sent),)] == rows(served.database, served.folder, counted)


class Deliveries:
    """A kiosk that delivers one answer after the other until the block ends."""

    def __init__(self, office: ServedOffice, device: Device) -> None:
        self.office, self.device = office, device
        self.messages: list[Message] = []
        self.acknowledged = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._deliver)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def wait_for(self, number: int) -> None:
        wait_until(lambda: self.acknowledged >= number, "deliveries", seconds=30)

    def _deliver(self) -> None:
        bearer = {"Authorization": f"Bearer {self.device.credential}"}
        while not self._ended.is_set():
            self.messages.append(answer(len(self.messages) + 1))
            body = self.device.batch(self.messages[-1])
            _status, receipt = self.office.send("batches", body, **bearer)
            self.acknowledged = receipt["stored_up_to"]


NIGHTLY = str(Path(__file__).parents[2] / "deploy" / "hymio-headoffice-backup")


def nightly(office: ServedOffice, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """What deploy/hymio-headoffice-backup.service does every night."""
    programs = [str(PROGRAMS), str(Path(server_tool("pg_dump")).parent), os.environ["PATH"]]
    given = {
        "PATH": ":".join(programs),
        "HYMIO_DATA": str(office.folder),
        "HYMIO_BACKUP": str(folder),
        "HYMIO_DATABASE_URL": office.database,
    }
    return subprocess.run(
        [NIGHTLY], env=clean_environment() | given | more,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def copy_of(office: ServedOffice, folder: Path) -> Path:
    """A copy, made as every night."""
    made = nightly(office, folder)
    assert 0 == made.returncode, made.stderr
    (copy,) = (file for file in folder.iterdir() if file.is_file())
    assert f"Copied to {copy}\n" == made.stdout.splitlines(keepends=True)[-1]
    assert 0o600 == copy.stat().st_mode & 0o777
    return copy


def put_back(office: ServedOffice, copy: Path) -> None:
    """The copy in the place of what was there."""
    if office.database:
        run_to_end(
            [server_tool("pg_restore"), "--no-owner", f"--dbname={office.database}", str(copy)]
        )
        return
    for beside in office.folder.glob("headoffice.sqlite3*"):
        beside.unlink()
    shutil.copy(copy, office.folder / "headoffice.sqlite3")


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


@pytest.mark.e2e
@pytest.mark.parametrize("served", ["sqlite", "postgres"], indirect=True)
def test_old_copies_go_when_a_new_one_is_there_and_not_before(
    served: ServedOffice, tmp_path: Path
) -> None:
    def aged(name: str, days: float) -> Path:
        file = tmp_path / name
        file.write_text("a copy")
        os.utime(file, (time.time() - days * 86_400,) * 2)
        return file

    device = served.enrol("Main street")
    bearer = {"Authorization": f"Bearer {device.credential}"}
    assert 200 == served.send("batches", device.batch(answer(1)), **bearer)[0]
    old = [aged("hymio-a.sqlite3", 31.5), aged("hymio-b.dump", 400)]
    kept = [aged("hymio-c.sqlite3", 29), aged("mine.sqlite3", 400), aged("hymio-notes.txt", 400)]
    # The database can't be read, or there is no telling how long copies are wanted: all stay.
    away = {"HYMIO_DATABASE_URL": "postgresql://127.0.0.1:1/away?connect_timeout=2"}
    assert nightly(served, tmp_path, **away).returncode != 0
    unclear = nightly(served, tmp_path, HYMIO_BACKUP_DAYS="a month")
    assert (2, True) == (unclear.returncode, "not a number of days" in unclear.stderr)
    assert {*old, *kept} == {file for file in tmp_path.iterdir() if file.is_file()}
    assert 0 == nightly(served, tmp_path).returncode
    assert [] == [file for file in old if file.exists()]
    assert all(file.exists() for file in kept)
    # The disk for copies is not there: it is not filled into the folder that it is mounted on.
    nowhere = nightly(served, tmp_path / "not mounted")
    assert (1, True) == (nowhere.returncode, "is its disk there?" in nowhere.stderr)


@pytest.mark.e2e
def test_the_file_of_the_database_never_had_contact_details(served: ServedOffice) -> None:
    """Not even in pages that are free again, or in the log of writes."""
    device = served.enrol("Main street")
    bearer = {"Authorization": f"Bearer {device.credential}"}
    comment = answer(1, "The door was locked.", question="words", questionnaire="0" * 64)
    details = ContactDetails(True, "Ann", "ann@example.org")
    contact = answer(2, details, question="who", questionnaire="0" * 64)
    assert 200 == served.send("batches", device.batch(comment, contact), **bearer)[0]
    files = [file for file in served.folder.rglob("*") if file.is_file()]
    assert any(b"The door was locked." in file.read_bytes() for file in files)
    assert [] == [file for file in files if b"example.org" in file.read_bytes()]


# --- schemas ------------------------------------------------------------------------------


@pytest.mark.database
def test_rows_of_every_earlier_schema_reach_the_present_one(
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
    if citus.WORKERS:
        stack.enter_context(citus.workers_of(url))
    connections.databases["old"] = {**connections.databases["default"], **settings}
    with django_db_blocker.unblock():
        old = connections["old"]
        try:
            executor = MigrationExecutor(old)
            graph = executor.loader.graph
            first = schemas.first_of_all(graph)
            executor.migrate(first)
            written = schemas.Written()
            written.fill(executor.loader.project_state(first).apps)
            # One step after the other: each schema between is one that somebody may have. In each
            # of them something is written, by one more kiosk at one more place.
            done = list(MigrationExecutor(old).loader.applied_migrations)
            for node, _backwards in MigrationExecutor(old).migration_plan(
                executor.loader.graph.leaf_nodes()
            ):
                if citus.WORKERS and (node.app_label, node.name) == FIRST_DISTRIBUTED:
                    citus.distribute_tables(old)
                MigrationExecutor(old).migrate([(node.app_label, node.name)])
                done.append((node.app_label, node.name))
                if node.app_label in schemas.OURS:
                    written.fill(executor.loader.project_state(done).apps)
            changed = written.changed(executor.loader.project_state(done).apps)
        finally:
            old.close()
            del connections["old"], connections.databases["old"]
    assert [] == changed
    secret_key.ensure_key(tmp_path)
    if citus.WORKERS:
        assert "results_monthly: distributed" in program(url, tmp_path, "distribute")
    assert "what their messages say" in program(url, tmp_path, "rebuild-rollups", "--check")
    # Of every kiosk: an answer that was changed, one that stayed, a response that was left.
    counted = rows(
        url,
        tmp_path,
        "SELECT question, value, sum(count), sum(took_ms) FROM results_daily "
        "GROUP BY question, value ORDER BY question, value",
    )
    n = written.times
    before = check_sealed(url, tmp_path)
    assert [
        ("", "left:mood", n, 0),
        ("", "timed_out", n, 0),
        ("mood", "1", n, 900 * n),
        ("mood", "2", n, 900 * n),
        ("who", "consent", before, 900 * before),
        ("who", "declined", n - before, 900 * (n - before)),
    ] == counted
    flags = "SELECT seq, counts, count(*) FROM ingest_storedmessage GROUP BY 1, 2 ORDER BY 1"
    assert [(1, False, n), (2, True, n), (3, True, n), (4, True, n), (5, True, n)] == [
        (seq, bool(counts), times) for seq, counts, times in rows(url, tmp_path, flags)
    ]
    # What is new was filled in: the first account administrates, each place stands in a group.
    roles = rows(url, tmp_path, "SELECT role FROM accounts_user WHERE is_superuser ORDER BY id")
    assert ("administrator",) == roles[0]
    first_place = (
        "SELECT g.name, p.name FROM fleet_experiencepoint p JOIN fleet_group g "
        "ON g.id = p.group_id ORDER BY p.id"
    )
    assert ("Places", "name 1") == rows(url, tmp_path, first_place)[0]


def check_sealed(url: str, data: Path) -> int:
    """All contact details of earlier schemas are sealed, and can be read; how many there were."""
    values = rows(url, data, "SELECT value FROM ingest_storedmessage WHERE question = 'who'")
    found = [value for (value,) in values if value != schemas.REFUSED]
    ((key, locked),) = rows(url, data, "SELECT id, locked FROM ingest_contactkey WHERE id = 1")
    assert schemas.READABLE not in found
    for value in found:
        contact, private = contacts.StoredContact.of(value), contacts.unlock(locked)
        assert private is not None
        assert (key, "ann@example.org") == (contact.key, contacts.unseal(contact, private).email)
    return len(found)


def test_every_table_of_ours_is_thought_of_there() -> None:
    there = {m._meta.label for m in apps.get_models() if m._meta.app_label in schemas.OURS}
    assert there == there & {*schemas.PLAIN, *schemas.COUNTED, *schemas.MADE_ANEW}


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
    with closing(sqlite3.connect(data / "headoffice.sqlite3")) as file:
        return list(file.execute(statement))
