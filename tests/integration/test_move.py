"""A head office moves to another database with all that it has, and its kiosks go on."""

import json
import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from fakes import answer as tap
from office import ServedOffice, answer, other_database
from processes import free_port

from config.settings import Sync
from config.values import ContactDetails
from headoffice.commands.moving import _target
from headoffice.errors import HeadOfficeError
from sync.clock import SystemClock
from sync.enrolment import enrol
from sync.outbox.sqlite import SqliteOutbox
from sync.relay import Relay
from sync.transport import HttpTransport

pytestmark = [pytest.mark.postgres]
SEED = 20261130
ODD = "tab\tnew\nline\rback\\slash \\N \\. quote\" ' bell\b\v\f ä 中 🙂 \x7f \\t"


@pytest.fixture
def empty(postgres_url: str) -> Iterator[str]:
    """The address of an empty PostgreSQL."""
    with other_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a head office on SQLite, not running, with something of everything."""
    office = ServedOffice(tmp_path_factory.mktemp("template") / "office")
    with office:
        device = office.enrol("Helsinki / Main street, exit")
        bearer = {"Authorization": f"Bearer {device.credential}"}
        details = ContactDetails(True, "Ann", "ann@example.org")
        said = [answer(1, details, question="who"), answer(2, "“ä”\t\\", question="words")]
        said += [answer(seq, seq % 3) for seq in range(3, 30)]
        assert 200 == office.send("batches", device.batch(*said), **bearer)[0]
        office.enrol("Turku / Harbour")
    office.run("create-user", "zoë", "--role", "analyst")
    with closing(sqlite3.connect(office.folder / "headoffice.sqlite3")) as file:
        tags = json.dumps({"aä": [1.5, None, True], "mon": [["09:00", "21:00"]]})
        file.execute("UPDATE fleet_experiencepoint SET opening_hours = ? WHERE id = 1", [tags])
        # A kiosk that is gone: its number is never given again.
        unstored = [1, 1, 99, "duplicate", ODD, 5]
        file.execute("INSERT INTO ingest_unstored VALUES (?, ?, ?, ?, ?, ?)", unstored)
        file.execute("UPDATE fleet_group SET name = ? WHERE name = 'Turku'", [ODD])
        file.execute("UPDATE sqlite_sequence SET seq = 41 WHERE name = 'fleet_kiosk'")
        file.commit()
    return office.folder


@pytest.fixture
def office(template: Path, tmp_path: Path) -> ServedOffice:
    shutil.copytree(template, tmp_path / "office")
    return ServedOffice(tmp_path / "office")


@contextmanager
def on_postgres(office: ServedOffice, url: str) -> Iterator[None]:
    """With the address in its environment, as after a move."""
    office.database = url
    try:
        yield
    finally:
        office.database = ""


def content(file: Path) -> dict[str, list[str]]:
    """Every cell of every table, with its type."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as db:
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        kept = [name for (name,) in tables if name not in ("sqlite_stat1", "django_migrations")]
        found = {name: sorted(map(repr, db.execute(f'SELECT * FROM "{name}"'))) for name in kept}  # noqa: S608
    # Tables that had rows once, and those that never had: the next number is 1 in both.
    found["sqlite_sequence"] = [row for row in found["sqlite_sequence"] if ", 0)" not in row]
    return found


def ask(url: str, statement: str) -> None:
    with psycopg.connect(url) as server:
        server.execute(statement.encode())


def moved(office: ServedOffice, *where: str) -> str:
    done = office.run("move", *where)
    assert 0 == done.returncode, done.stderr
    assert "Each table is the same there, in number and content." in done.stdout
    return done.stdout


def test_all_of_it_moves_to_postgresql_and_back(office: ServedOffice, empty: str) -> None:
    before = content(office.folder / "headoffice.sqlite3")
    told = moved(office, "--to", empty)
    assert "HYMIO_DATABASE_URL=the address that was given here" in told
    # Without the address, or on what it left, nothing opens it any more.
    forgotten = office.run("kiosks")
    assert (1, True) == (forgotten.returncode, "HYMIO_DATABASE_URL is not set" in forgotten.stderr)
    with on_postgres(office, empty):
        assert 0 == office.run("rebuild-rollups", "--check").returncode
        assert "Main street, exit" in office.run("kiosks").stdout
        with psycopg.connect(empty, autocommit=True) as server:
            assert (ODD,) == server.execute("SELECT detail FROM ingest_unstored").fetchone()
            last = "SELECT nextval(pg_get_serial_sequence('fleet_kiosk', 'id'))"
            assert (42,) == server.execute(last).fetchone()
            server.execute("SELECT setval(pg_get_serial_sequence('fleet_kiosk', 'id'), 41)")
            indexes = "SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'message\\_%'"
            assert (7,) == server.execute(indexes).fetchone()
        told = moved(office, "--to", "sqlite")
        assert "take HYMIO_DATABASE_URL out of /etc/hymio/headoffice.env" in told
        left = office.run("kiosks")
        assert (1, True) == (left.returncode, "which it was moved from" in left.stderr)
    after = content(office.folder / "headoffice.sqlite3")
    assert before.keys() == after.keys()
    assert [] == [name for name in before if before[name] != after[name]]
    assert 0 == office.run("rebuild-rollups", "--check").returncode


@pytest.mark.slow
def test_a_kiosk_delivers_before_and_after_and_notices_nothing(tmp_path: Path, empty: str) -> None:
    clock, quick = SystemClock(), Sync(connect_timeout=5, read_timeout=20, batch_messages=10)
    office = ServedOffice(tmp_path / "office")
    office.options = ["--port", str(free_port())]
    with SqliteOutbox.open(tmp_path / "kiosk") as outbox, office:
        code = office.run("create-code", "--place", "Till").stdout.split()[-1]
        identity = enrol(code, office.url, installation=outbox.position().installation, version="1")
        relay = Relay(outbox, HttpTransport(identity, clock, quick), clock, quick)

        def deliver(total: int) -> None:
            assert relay.run(now=True) is None
            counts = outbox.counts()
            assert (total, 0, ()) == (counts.last_seq, counts.waiting, outbox.quarantine())

        outbox.append([tap() for _ in range(25)], clock.moment())
        deliver(25)
        running = office.run("move", "--to", empty)
        assert (1, True) == (running.returncode, "is in use, by `serve`" in running.stderr)
        office.stop()
        # Tapped while nobody answers.
        outbox.append([tap()], clock.moment())
        assert relay.run(now=True) is not None
        moved(office, "--to", empty)
        with on_postgres(office, empty):
            office.start()
            deliver(26)
            office.stop()
            moved(office, "--to", "sqlite")
        office.start()
        outbox.append([tap()], clock.moment())
        deliver(27)
    with closing(sqlite3.connect(office.folder / "headoffice.sqlite3")) as db:
        stored = "SELECT count(*), count(DISTINCT seq), max(seq) FROM ingest_storedmessage"
        assert (27, 27, 27) == db.execute(stored).fetchone()
    assert 0 == office.run("rebuild-rollups", "--check").returncode


@pytest.mark.slow
def test_a_move_that_is_killed_at_any_point_leaves_the_old_one_in_force(
    office: ServedOffice, empty: str
) -> None:
    rng = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    before = content(office.folder / "headoffice.sqlite3")
    environment = office._environment()
    for _ in range(3):
        killed = subprocess.Popen(
            [*office._program(), "move", "--to", empty, "--data", str(office.folder)],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(rng.uniform(0.3, 3))
        killed.kill()
        killed.wait()
        if not (office.folder / "headoffice.sqlite3").exists():
            break
        assert before == content(office.folder / "headoffice.sqlite3")
        assert 0 == office.run("kiosks").returncode
    else:
        moved(office, "--to", empty)
    with on_postgres(office, empty):
        assert 0 == office.run("rebuild-rollups", "--check").returncode
        moved(office, "--to", "sqlite")
    assert before == content(office.folder / "headoffice.sqlite3")


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize("back", [False, True])
def test_a_move_that_is_killed_right_before_its_last_step_is_finished_by_the_next(
    office: ServedOffice, empty: str, *, back: bool
) -> None:
    """Killed when the record would name the new database, which is whole by then."""
    where = empty
    if back:
        moved(office, "--to", empty)
        office.database, where = empty, "sqlite"
    subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=rename",
         "-e", "inject=rename:error=EIO:signal=SIGKILL", *office._program(),
         "move", "--to", where, "--data", str(office.folder)],
        env=office._environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    assert 0 == office.run("kiosks").returncode
    told = moved(office, "--to", where)
    office.database = "" if back else empty
    assert 0 == office.run("rebuild-rollups", "--check").returncode
    assert ("is kept in" in told) is not back


@pytest.mark.parametrize("url", ["gopher://db/hymio", "hymio", "mysql://db/hymio", "sqlite:///a"])
def test_what_is_no_address_of_a_postgresql_is_told(tmp_path: Path, url: str) -> None:
    with pytest.raises(HeadOfficeError, match="like postgresql://hymio@db/hymio, or to “sqlite”"):
        _target(url, tmp_path)


def test_what_can_not_be_moved_there_is_told_and_nothing_changes(
    office: ServedOffice, empty: str
) -> None:
    before = content(office.folder / "headoffice.sqlite3")

    def refused(told: str, *where: str) -> None:
        done = office.run("move", *where)
        assert (1, True) == (done.returncode, told in done.stderr), done.stderr
        assert "Traceback" not in done.stderr

    refused("on that engine already", "--to", "sqlite")
    refused("no address in the variable HYMIO_NOWHERE", "--to-env", "HYMIO_NOWHERE")
    ask(empty, "CREATE TABLE songs (title text)")
    refused("that database is not empty: it has 1 tables, like songs", "--to", empty)
    ask(empty, "DROP TABLE songs; CREATE TABLE hymio_unfinished_move (identity text)")
    ask(empty, "INSERT INTO hymio_unfinished_move VALUES ('another')")
    refused("another head office is being moved to this database", "--to", empty)
    ask(empty, "DROP TABLE hymio_unfinished_move")
    with psycopg.connect(empty):
        refused("1 other connections use this database", "--to", empty)
    # SQLite keeps texts that are longer than their columns say.
    with closing(sqlite3.connect(office.folder / "headoffice.sqlite3")) as file:
        file.execute("UPDATE ingest_storedmessage SET question = ? WHERE seq = 3", ["q" * 50])
        file.commit()
    refused("a row of ingest_storedmessage can't be kept there", "--to", empty)
    with closing(sqlite3.connect(office.folder / "headoffice.sqlite3")) as file:
        file.execute("UPDATE ingest_storedmessage SET question = 'mood' WHERE seq = 3")
        file.commit()
    assert before == content(office.folder / "headoffice.sqlite3")
    office_url = office._environment() | {"HYMIO_MOVE_TO": empty}
    done = subprocess.run(
        [*office._program(), "move", "--to-env", "HYMIO_MOVE_TO", "--data", str(office.folder)],
        env=office_url, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (0, False) == (done.returncode, "read the password" in done.stderr)
