"""Putting a copy back, as docs/operations.md says: by one command, on either engine."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from office import Device, ServedOffice, answer, new_id, served_on

from config.values import ContactDetails
from headoffice.messages.contacts import ERASED
from headoffice.server.folder_use import own_folder

ENGINES = ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])]


@pytest.fixture(params=ENGINES)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServedOffice]:
    on_postgres = request.param == "postgres"
    server = request.getfixturevalue("postgres_url") if on_postgres else ""
    with served_on(request.param, tmp_path / "office", server) as office:
        yield office


def execute(office: ServedOffice, statement: str) -> list[tuple[object, ...]]:
    if office.database:
        with psycopg.connect(office.database) as server:
            cursor = server.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
    with closing(sqlite3.connect(office.folder / "headoffice.sqlite3")) as file:
        found = file.execute(statement).fetchall()
        file.commit()
        return found


def deliver(office: ServedOffice, device: Device, *messages: object) -> dict[str, object]:
    bearer = {"Authorization": f"Bearer {device.credential}"}
    status, receipt = office.send("batches", device.batch(*messages), **bearer)  # type: ignore[arg-type]
    assert 200 == status, receipt
    return dict(receipt)


def test_a_copy_is_put_back_and_what_has_to_be_done_again_is_listed(
    office: ServedOffice, tmp_path: Path
) -> None:
    device, copy = office.enrol("Main street"), tmp_path / "copy"
    shopper = new_id()
    details = ContactDetails(True, "Ann", "ann@example.org")
    said = [answer(1), answer(2, details, question="who", response=shopper)]
    deliver(office, device, *said)
    made = office.run("backup", str(copy), "--no-verify")
    assert 0 == made.returncode, made.stderr

    said += [answer(seq) for seq in range(3, 9)]
    deliver(office, device, *said)
    joined = office.enrol("Side street, exit")
    deliver(office, joined, answer(1))
    office.run("create-user", "eve", "--role", "administrator")
    office.run("revoke", "1")
    erased = f"UPDATE ingest_storedmessage SET value = '{ERASED}' WHERE question = 'who'"  # noqa: S608
    execute(office, erased)

    running = office.run("restore", str(copy))
    assert 1 == running.returncode
    assert "is in use, by `serve` or by another command" in running.stderr
    office.stop()
    done = office.run("restore", str(copy))
    assert 0 == done.returncode, done.stderr
    for words in (
        f"Put back: {copy}, with 1 kiosk, 2 answers",
        "What was there before is kept: ",
        "accounts to make again: eve\n",
        "places to make again: Places / Side street, exit\n",
        "kiosks to shut out again: Places / Main street (",
        "contact details to erase again, which can be read until then (Comments): given at kiosk 1",
        "sudo hymio-headoffice create-code --place 'Places / Side street, exit'\n",
    ):
        assert words in done.stdout
    assert "tokens" not in done.stdout

    office.start()
    bearer = {"Authorization": f"Bearer {joined.credential}"}
    assert 401 == office.send("batches", joined.batch(answer(1)), **bearer)[0]
    # It hears how far the head office has got, and sends the rest again.
    assert 2 == deliver(office, device)["stored_up_to"]
    deliver(office, device, *said[2:])
    proof = office.run("rebuild-rollups", "--check")
    assert 0 == proof.returncode, proof.stdout
    assert [(8,)] == execute(office, "SELECT count(*) FROM ingest_storedmessage")
    check_kept(office, done.stdout)


def check_kept(office: ServedOffice, told: str) -> None:
    """What was there before is where it was said to be, whole."""
    kept = told.partition("is kept: ")[2].partition(". Remove it")[0]
    if office.database:
        schema = kept.removeprefix("the schema ").removesuffix(" of the database")
        counted = f"SELECT count(*) FROM {schema}.ingest_storedmessage"  # noqa: S608 - as it said
        assert [(9,)] == execute(office, counted)
        return
    with closing(sqlite3.connect(kept)) as before:
        assert [(9,)] == before.execute("SELECT count(*) FROM ingest_storedmessage").fetchall()
    assert 0o600 == Path(kept).stat().st_mode & 0o777


def test_a_copy_that_is_not_right_is_refused_and_nothing_is_changed(
    office: ServedOffice, tmp_path: Path
) -> None:
    deliver(office, office.enrol("Main street"), answer(1))
    office.run("backup", str(tmp_path / "copy"), "--no-verify")
    office.stop()
    before = execute(office, "SELECT uuid FROM fleet_headoffice")
    damaged = bytearray((tmp_path / "copy").read_bytes())
    damaged[len(damaged) // 2] ^= 4
    (tmp_path / "damaged").write_bytes(damaged)
    for file, told in (
        ("damaged", "its bytes are not those that were written"),
        ("none", "No such file"),
    ):
        refused = office.run("restore", str(tmp_path / file))
        assert (1, True) == (refused.returncode, told in refused.stderr)
    (office.folder / "secret-key").rename(tmp_path / "secret-key")
    keyless = office.run("restore", str(tmp_path / "copy"))
    assert (1, True) == (keyless.returncode, "there is no secret-key in" in keyless.stderr)
    (tmp_path / "secret-key").rename(office.folder / "secret-key")
    assert before == execute(office, "SELECT uuid FROM fleet_headoffice")
    office.start()


# --- what disasters leave -----------------------------------------------------------------


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder ``office`` of a head office, not running, and a copy of it in ``copy``."""
    folder = tmp_path_factory.mktemp("template")
    office = ServedOffice(folder / "office")
    with office:
        deliver(office, office.enrol("Main street"), answer(1))
    made = office.run("backup", str(folder / "copy"), "--no-verify")
    assert 0 == made.returncode, made.stderr
    return folder


@pytest.fixture
def copied(tmp_path: Path, template: Path) -> ServedOffice:
    """A head office on SQLite, not running, with a copy of it in the file ``copy``."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return ServedOffice(tmp_path / "office")


def test_a_new_machine_needs_the_copy_and_the_key(copied: ServedOffice, tmp_path: Path) -> None:
    anew = ServedOffice(tmp_path / "anew")
    anew.folder.mkdir(mode=0o700)
    refused = anew.run("restore", str(tmp_path / "copy"))
    assert (1, True) == (refused.returncode, "there is no secret-key in" in refused.stderr)
    shutil.copy(copied.folder / "secret-key", anew.folder)
    done = anew.run("restore", str(tmp_path / "copy"))
    assert 0 == done.returncode, done.stderr
    assert "so that this can't be listed: accounts, tokens, places" in done.stdout
    listed = anew.run("kiosks")
    assert (0, True) == (listed.returncode, "Main street" in listed.stdout)


@pytest.mark.parametrize("state", ["gone", "empty", "garbage", "half"])
def test_a_database_that_can_not_be_read_is_put_aside(
    copied: ServedOffice, tmp_path: Path, state: str
) -> None:
    live = copied.folder / "headoffice.sqlite3"
    content = live.read_bytes()
    live.unlink()
    if state != "gone":
        there = {"empty": b"", "garbage": b"x" * 9000, "half": content[: len(content) // 2]}
        live.write_bytes(there[state])
        live.with_name(f"{live.name}-wal").write_bytes(b"y" * 5000)
    done = copied.run("restore", str(tmp_path / "copy"))
    assert 0 == done.returncode, done.stderr
    assert ("is kept: " in done.stdout) == (state != "gone")
    assert 0 == copied.run("rebuild-rollups", "--check").returncode
    assert [(1,)] == execute(copied, "SELECT count(*) FROM ingest_storedmessage")


def test_another_head_offices_copy_is_refused_unless_it_is_meant(
    copied: ServedOffice, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "copy")) as other:
        other.execute("UPDATE fleet_headoffice SET uuid = '0123456789abcdef0123456789abcdef'")
        other.execute("PRAGMA application_id = 0")
        other.commit()
    refused = copied.run("restore", str(tmp_path / "copy"))
    assert (1, True) == (refused.returncode, "it is of another head office" in refused.stderr)
    assert 0 == copied.run("restore", str(tmp_path / "copy"), "--anyway").returncode
    still = copied.run("kiosks")
    assert (1, True) == (still.returncode, "is another, 01234567" in still.stderr)
    assert 0 == copied.run("accept", "--yes").returncode


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize("calls", ["link,linkat", "rename,renameat,renameat2"])
def test_a_restore_that_is_killed_leaves_one_database_or_the_other(
    copied: ServedOffice, tmp_path: Path, calls: str
) -> None:
    subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}",
         "-e", f"inject={calls}:signal=SIGKILL:when=1", *copied._program(),
         "restore", str(tmp_path / "copy"), "--data", str(copied.folder)],
        env=copied._environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    assert 0 == copied.run("rebuild-rollups", "--check").returncode
    assert 0 == copied.run("restore", str(tmp_path / "copy")).returncode
    assert [] == list(copied.folder.glob(".*.unfinished*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root acts for others")
def test_what_root_puts_back_belongs_to_the_folders_user(
    copied: ServedOffice, tmp_path: Path
) -> None:
    for file in (copied.folder, *copied.folder.iterdir()):
        os.chown(file, 12345, 12346)
    assert 0 == copied.run("restore", str(tmp_path / "copy")).returncode
    assert {12345} == {file.stat().st_uid for file in copied.folder.iterdir()}


def test_nobody_uses_a_head_office_while_it_is_restored(
    copied: ServedOffice, tmp_path: Path
) -> None:
    with own_folder(copied.folder):
        for command in (["kiosks"], ["serve", "--port", "0"], ["restore", str(tmp_path / "copy")]):
            refused = copied.run(*command)
            assert 1 == refused.returncode
            assert "is being restored or moved" in refused.stderr or "is in use" in refused.stderr
    assert 0 == copied.run("kiosks").returncode
