"""What is known of back-ups, whatever became of the file."""

import datetime as dt
from pathlib import Path

import pytest

from headoffice.db.backup_record import (
    NAME,
    BackupRecord,
    read_record,
    record_failure,
    write_record,
)

AT = dt.datetime(2026, 11, 23, 2, 20, 5, tzinfo=dt.UTC)
GOOD = BackupRecord(at=AT, file="/backup/a.sqlite3", bytes=5, answers=3, verified=True)


def test_nothing_is_known_before_the_first_back_up(tmp_path: Path) -> None:
    assert read_record(tmp_path) is None


def test_a_failure_is_told_beside_the_last_good_copy_and_taken_back_by_the_next(
    tmp_path: Path,
) -> None:
    write_record(tmp_path, GOOD)
    record_failure(tmp_path, "the disk is full")
    failed = read_record(tmp_path)
    assert failed is not None
    assert (AT, 3, "the disk is full") == (failed.at, failed.answers, failed.reason)
    assert failed.failed_at is not None
    write_record(tmp_path, GOOD)
    assert GOOD == read_record(tmp_path)


def test_the_first_back_up_may_fail(tmp_path: Path) -> None:
    record_failure(tmp_path, "no disk")
    known = read_record(tmp_path)
    assert known is not None
    assert (None, "no disk") == (known.at, known.reason)
    assert 0o600 == (tmp_path / NAME).stat().st_mode & 0o777


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"at": "yesterday"}', b'{"bytes": -1e99}', b"null",
     b'{"at": "2026-11-23T02:20:05"}'],
)  # fmt: skip
def test_a_file_that_says_nothing_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    assert read_record(tmp_path) is None


def test_what_a_later_version_adds_does_not_disturb(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'{"answers": 7, "where": "moon"}')
    assert BackupRecord(answers=7) == read_record(tmp_path)
