"""A copy that is called good can be put back; whatever is wrong with one is said, never raised."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import schemas
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from office import Device, answer, other_database

from headoffice.copies import dump_file
from headoffice.copies.checks import LiveOffice
from headoffice.copies.report import Report
from headoffice.copies.verification import verify_copy
from headoffice.db.backup import back_up
from headoffice.db.seals import SealState, check_seal
from headoffice.db.stand_in import private_file, stand_in
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import HeadOffice
from headoffice.messages import contacts
from headoffice.server.secret_key import fingerprint

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
SEED = 20261130


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Of a head office to which one kiosk has delivered."""
    HeadOffice.identity()
    device = Device.enrolled("Main street")
    device.deliver(*(answer(seq, seq % 3) for seq in range(1, 41)))
    contacts.kiosk_sealing_key()
    return back_up(tmp_path / "copy").file


def verified(file: Path, live: LiveOffice | None = None, scratch: str = "") -> Report:
    return verify_copy(file, live, fingerprint(settings.SECRET_KEY), scratch)


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def unsealed(copy: Path) -> Path:
    """The same without its checksum, as another program would have made it."""
    content = copy.read_bytes()
    if content.startswith(b"PGDMP"):
        content = content[: content.rindex(b"\nHymio CRC32 ")]
    else:
        content = content[:60] + bytes(12) + content[72:]
    plain = copy.with_name("plain")
    plain.write_bytes(content)
    assert SealState.NONE == check_seal(plain)
    return plain


@contextmanager
def no_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a machine that has PostgreSQL's client alone."""

    @contextmanager
    def private_server() -> Iterator[dict[str, str]]:
        raise HeadOfficeError("there is no PostgreSQL server on this machine")
        yield {}

    with monkeypatch.context() as patch:
        patch.setattr(dump_file, "private_server", private_server)
        yield


def test_a_good_copy_is_called_one_and_how_old_and_complete_it_is(copy: Path) -> None:
    Device.enrolled("Side street").deliver(answer(1), answer(2))
    live = LiveOffice.read()
    report = verified(copy, live)
    assert ([], []) == (report.wrong, report.unchecked)
    text = "\n".join(report.lines())
    assert "it holds 1 kiosk, 40 answers; the newest came at " in text
    assert "2 messages came since" in text
    assert "the counts of 1 kiosks are what their messages say" in text
    assert f"it is of this head office, {live.identity}" in text
    assert "This copy can be put back." == report.verdict
    # Nothing of the check stays, and the database in use is the one it was.
    assert [] == list(settings.DATA.glob("unfinished-*"))
    assert live == LiveOffice.read()


def test_every_bit_that_flips_is_noticed(copy: Path) -> None:
    rng = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    content = copy.read_bytes()
    for _ in range(60):
        at, bit = rng.randrange(100, len(content) - 30), 1 << rng.randrange(8)
        copy.write_bytes(content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :])
        report = verified(copy)
        assert report.wrong, f"byte {at}, bit {bit}"
        assert "Don't rely on this copy: it is damaged" in report.verdict
    for _ in range(20):
        copy.write_bytes(content[: rng.randrange(1, len(content) - 30)])
        # Of a dump what is missing is found by reading it, which is tried below.
        if is_sqlite():
            assert verified(copy).wrong


def test_damage_of_a_copy_without_a_checksum_is_told_in_words(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    plain = unsealed(copy)
    content = plain.read_bytes()
    with no_server(monkeypatch):
        assert verified(plain).wrong == []
        assert "it has no checksum at its place" in verified(plain).unchecked[0]
        for round_ in range(120 if is_sqlite() else 8):
            at = rng.randrange(len(content))
            damaged = bytearray(content)
            damaged[at : at + 1 + round_ % 9] = rng.randbytes(1 + round_ % 9)
            plain.write_bytes(damaged)
            report = verified(plain)
            assert all("\n" not in line for line in report.lines()), at
        for _ in range(10 if is_sqlite() else 4):
            plain.write_bytes(content[: rng.randrange(len(content) - 200)])
            assert verified(plain).wrong


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (b"\0" * 50_000, "it is no copy of a head office"),
        (b"-- PostgreSQL database dump\n", "it is no copy of a head office"),
        (b"SQLite format 3\0", "its end is cut off"),
        (b"SQLite format 3\0" + bytes(4080), "it is damaged"),
        (b"PGDMP", "it is damaged"),
    ],
)
def test_what_is_no_copy_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "copy").write_bytes(content)
    assert told in verified(tmp_path / "copy").verdict


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "it can't be read: No such file" in verified(tmp_path / "none").verdict
    assert "it can't be read: Is a directory" in verified(tmp_path).verdict


def test_another_programs_database_is_told(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other")) as other:
        other.execute("CREATE TABLE songs (title)")
        other.commit()
    report = verified(tmp_path / "other")
    assert "there are no tables of a head office in it" in report.verdict


def test_a_copy_of_another_head_office_is_told(copy: Path) -> None:
    live = LiveOffice.read()._replace(identity=str(uuid4()))
    assert "it is of another head office" in verified(copy, live).verdict


def test_a_copy_that_another_secret_key_belongs_to_is_told(copy: Path, settings: Any) -> None:
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another one"
    assert "the secret-key here doesn't open 1 of its 1 keys" in verified(copy).verdict
    HeadOffice.objects.update(key_fingerprint=fingerprint(before))
    sealed = back_up(copy.with_name("sealed")).file
    assert "it belongs to another secret-key" in verified(sealed).verdict
    elsewhere = verify_copy(copy, None, None)
    assert [] == elsewhere.wrong
    assert 2 == len(elsewhere.unchecked)


def test_a_copy_that_is_ahead_of_its_head_office_is_told(copy: Path) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ingest_installation SET stored_up_to = 7")
        live = LiveOffice.read()
        transaction.set_rollback(True)
    assert "an older copy was put back since" in verified(copy, live).verdict


def test_counts_that_are_not_what_the_messages_say_are_told(tmp_path: Path) -> None:
    HeadOffice.identity()
    Device.enrolled("Main street").deliver(answer(1), answer(2))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE results_daily SET count = count + 1")
    report = verified(back_up(tmp_path / "copy").file)
    assert "1 counts are not what the messages say" in report.verdict


def test_a_copy_of_a_newer_version_is_told(tmp_path: Path) -> None:
    HeadOffice.identity()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('fleet', '0999_moon', '2027-01-01 00:00:00')"
        )
    try:
        report = verified(back_up(tmp_path / "copy").file)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '0999_moon'")
    assert "it is of a newer version: this is Hymio" in report.verdict
    assert "fleet.0999_moon" in report.verdict


def test_a_copy_of_an_earlier_version_is_tried_with_this_one(tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.sqlite3"
    with stand_in(private_file(earlier)) as database:
        executor = MigrationExecutor(database)
        first = schemas.first_of_all(executor.loader.graph)
        executor.migrate(first)
        written = schemas.Written()
        # It writes by the name of a connection of its own in another test.
        with other_name(database):
            written.fill(executor.loader.project_state(first).apps)
    before = earlier.read_bytes()
    report = verified(earlier)
    assert "its tables are of an earlier version; this one can use them" in report.right
    assert before == earlier.read_bytes()


@contextmanager
def other_name(database: object) -> Iterator[None]:
    from django.db import connections

    connections["old"] = database  # type: ignore[assignment]  # the wrapper that stands in
    try:
        yield
    finally:
        del connections["old"]


# --- dumps --------------------------------------------------------------------------------


@pytest.mark.postgres
def test_a_dump_is_tried_on_the_server_that_is_named_and_nothing_stays_there(
    copy: Path, postgres_url: str
) -> None:
    if is_sqlite():
        pytest.skip("the copy is a file of SQLite")
    with other_database(postgres_url) as url:
        with psycopg.connect(url, autocommit=True) as server:
            # Of a check that was killed.
            server.execute("CREATE DATABASE hymio_verify_0123456789abcdef")
        report = verified(copy, LiveOffice.read(), scratch=url)
        assert ([], []) == (report.wrong, report.unchecked)
        with psycopg.connect(url) as server:
            left = server.execute("SELECT FROM pg_database WHERE datname LIKE 'hymio_verify_%'")
            assert [] == left.fetchall()
    with pytest.raises(HeadOfficeError, match="no database can be made for the check"):
        verified(copy, scratch=url)


@pytest.mark.postgres
def test_without_a_server_the_rows_of_a_dump_are_checked_all_the_same(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_sqlite():
        pytest.skip("the copy is a file of SQLite")
    live = LiveOffice.read()
    with no_server(monkeypatch):
        report = verified(copy, live)
        assert [] == report.wrong
        (unchecked,) = report.unchecked
        assert "that PostgreSQL takes it back: there is no PostgreSQL server" in unchecked
        assert "the counts of 1 kiosks are what their messages say" in report.right
        assert f"it is of this head office, {live.identity}" in report.right


def test_what_is_checked_is_never_the_database_in_use(copy: Path, tmp_path: Path) -> None:
    """A copy stands in its place for as long as the check lasts, and is not written to."""
    if not is_sqlite():
        pytest.skip("dumps are tried in databases that are made for that")
    read_only = tmp_path / "read only"
    shutil.copy(copy, read_only)
    read_only.chmod(0o400)
    before = read_only.read_bytes(), read_only.stat().st_mtime_ns
    assert [] == verified(read_only).wrong
    assert before == (read_only.read_bytes(), read_only.stat().st_mtime_ns)
    assert {"copy", "read only"} == {file.name for file in tmp_path.iterdir()}
