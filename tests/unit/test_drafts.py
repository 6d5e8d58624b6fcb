"""Drafts of dead processes are removed, those of living ones are not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from headoffice.db.drafts import create_draft, draft_of, remove_dead_drafts

DIES = """
import os, sys
from pathlib import Path
from headoffice.db.drafts import create_draft, draft_of
target, data = map(Path, sys.argv[1:3])
with draft_of(target, data) as draft:
    if sys.argv[3] == "folder":
        draft.mkdir()
        (draft / "cluster").mkdir()
    else:
        create_draft(draft)
        draft.with_name(draft.name + "-journal").touch()
    if sys.argv[3] == "name":
        target.touch()
    os._exit(9)
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    folder = tmp_path / "copies"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def die(target: Path, data: Path, how: str) -> None:
    done = subprocess.run([sys.executable, "-c", DIES, str(target), str(data), how], check=False)
    assert 9 == done.returncode


@pytest.mark.parametrize("how", ["file", "folder", "name"])
def test_nothing_of_a_dead_process_stays(data: Path, copies: Path, how: str) -> None:
    die(copies / "copy", data, how)
    assert names(copies)
    remove_dead_drafts(data)
    assert ([], []) == (names(copies), names(data))


def test_a_draft_that_is_being_written_stays_and_so_does_its_note(data: Path, copies: Path) -> None:
    die(copies / "dead", data, "file")
    with draft_of(copies / "hymio-living.sqlite3", data) as draft:
        os.close(create_draft(draft))
        os.utime(draft, (0, 0))
        remove_dead_drafts(data, copies)
        assert [draft.name] == names(copies)
        assert 1 == len(names(data))
    assert ([], []) == (names(copies), names(data))


def test_a_copy_that_got_its_name_stays(data: Path, copies: Path) -> None:
    with draft_of(copies / "copy", data) as draft:
        os.close(create_draft(draft))
        draft.rename(copies / "copy")
    remove_dead_drafts(data, copies)
    assert ["copy"] == names(copies)


def test_notes_of_a_disk_that_is_away_disturb_nobody(data: Path, copies: Path) -> None:
    die(copies / "copy", data, "file")
    for file in copies.iterdir():
        file.unlink()
    copies.rmdir()
    remove_dead_drafts(data)
    assert [] == names(data)
