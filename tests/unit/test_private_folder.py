"""Data folders that exist: private afterwards, refused or left alone, and never somebody else's."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.private_folder import SharedFolderError, claim_private_folder, hide_files
from sync.errors import OutboxUnwritableError
from sync.outbox.sqlite import SqliteOutbox

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may be another user")
NOBODY = 65534


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def is_known(name: str) -> bool:
    return name in ("kept", "link")


def test_a_new_folder_is_private_without_a_word(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert "" == claim_private_folder(folder, is_known)
    assert 0o700 == mode_of(folder)
    assert "" == claim_private_folder(folder, is_known)


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o711, 0o770, 0o701, 0o2755])
@pytest.mark.parametrize("files", [(), ("kept",)])
def test_an_open_one_becomes_private_and_that_is_told(
    tmp_path: Path, mode: int, files: tuple[str, ...]
) -> None:
    for name in files:
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o644)
    tmp_path.chmod(mode)
    assert f"was open to others (mode {mode:o})" in claim_private_folder(tmp_path, is_known)
    assert 0o700 == mode_of(tmp_path)
    assert [0o600] * len(files) == [mode_of(tmp_path / name) for name in files]


@pytest.mark.parametrize("mode", [0o1777, 0o1755, 0o777, 0o757, 0o1700])
def test_a_shared_one_is_refused_and_left_as_it_is(tmp_path: Path, mode: int) -> None:
    (tmp_path / "kept").write_text("x")
    tmp_path.chmod(mode)
    with pytest.raises(SharedFolderError, match="Nothing was changed"):
        claim_private_folder(tmp_path, is_known)
    with pytest.raises(OutboxUnwritableError, match="shared with other users"):
        SqliteOutbox.open(tmp_path)
    assert mode == mode_of(tmp_path)
    assert [tmp_path / "kept"] == list(tmp_path.iterdir())


def test_one_with_other_things_in_it_stays_open_but_the_files_do_not(tmp_path: Path) -> None:
    for name in ("kept", "holidays"):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o644)
    tmp_path.chmod(0o755)
    assert "holidays" in claim_private_folder(tmp_path, is_known)
    assert (0o755, 0o600, 0o644) == tuple(
        mode_of(tmp_path / name) for name in ("", "kept", "holidays")
    )


def test_a_link_leads_to_the_folder_but_never_to_a_file_elsewhere(tmp_path: Path) -> None:
    real, elsewhere = tmp_path / "real", tmp_path / "elsewhere"
    real.mkdir(mode=0o755)
    elsewhere.write_text("x")
    elsewhere.chmod(0o644)
    (real / "link").symlink_to(elsewhere)
    (tmp_path / "data").symlink_to(real)
    claim_private_folder(tmp_path / "data", is_known)
    assert (0o700, 0o644) == (mode_of(real), mode_of(elsewhere))


@AS_ROOT
def test_somebody_elses_is_never_changed(tmp_path: Path) -> None:
    for mode in (0o755, 0o700):
        tmp_path.chmod(mode)
        os.chown(tmp_path, NOBODY, NOBODY)
        told = claim_private_folder(tmp_path, is_known)
        assert ("belongs to another user" in told) == (mode == 0o755)
        assert (mode, NOBODY) == (mode_of(tmp_path), tmp_path.stat().st_uid)
    # What root makes there is its owner's, who has to open it.
    (tmp_path / "kept").write_text("x")
    hide_files(tmp_path, is_known)
    assert NOBODY == (tmp_path / "kept").stat().st_uid


def test_the_outbox_makes_an_open_folder_of_its_own_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "identity.json").write_text("{}")
    with SqliteOutbox.open(tmp_path):
        assert 0o700 == mode_of(tmp_path)
    tmp_path.chmod(0o755)
    (tmp_path / "photos").mkdir()
    with SqliteOutbox.open(tmp_path):
        assert 0o755 == mode_of(tmp_path)
        assert {0o600} == {mode_of(file) for file in tmp_path.glob("outbox.*")}


# --- the head office, and another user of its machine -----------------------------------------


@pytest.fixture
def open_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hymio-open-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path


MAKE = ("seed-demo", "--remove", "--new")
"""Makes an empty head office."""


def head_office(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from headoffice.cli import main; sys.exit(main())"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HYMIO_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments, "--data", str(folder)],
        env=kept, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip


@AS_ROOT
def test_another_user_can_neither_read_nor_hold_anything(open_folder: Path) -> None:
    # As an earlier version left it.
    for name in ("headoffice.sqlite3", "writing.lock", "waiting.lock", "jobs.lock"):
        (open_folder / name).touch(mode=0o644)
    made = head_office(open_folder, *MAKE)
    assert (0, True) == (made.returncode, "is private now (700)" in made.stderr), made.stderr
    again = head_office(open_folder, "kiosks")
    assert (0, "") == (again.returncode, again.stderr.partition("SQLite")[0].partition(": ")[2])
    files = sorted(open_folder.iterdir())
    assert {"headoffice.sqlite3", "secret-key", "migrating.lock"} <= {file.name for file in files}
    # Also if somebody opens the folder again.
    open_folder.chmod(0o755)
    for file in files:
        tried = subprocess.run(
            ["flock", "--nonblock", str(file), "cat", str(file)],
            user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, check=False,
        )  # fmt: skip
        assert tried.returncode != 0, file
        assert b"" == tried.stdout, file


def test_the_head_office_refuses_a_shared_folder_in_words(open_folder: Path) -> None:
    open_folder.chmod(0o1777)
    made = head_office(open_folder, *MAKE)
    assert (2, True) == (made.returncode, "choose a folder of its own with --data" in made.stderr)
    assert "Traceback" not in made.stderr
    assert ([], 0o1777) == (list(open_folder.iterdir()), mode_of(open_folder))


@AS_ROOT
def test_a_command_of_roots_leaves_nothing_that_the_owner_can_not_open(open_folder: Path) -> None:
    os.chown(open_folder, NOBODY, NOBODY)
    open_folder.chmod(0o700)
    assert 0 == head_office(open_folder, *MAKE).returncode
    owners = {file.name: file.stat().st_uid for file in open_folder.iterdir()}
    assert {NOBODY} == set(owners.values()), owners
