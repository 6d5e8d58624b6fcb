"""Small private files: whole or not at all, and for their user alone."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.private_file import create_private_file, write_private_file


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_written_file_is_its_users_alone_and_so_is_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "kiosk" / "pin.json"
    write_private_file(file, b"1")
    assert (0o600, 0o700) == (mode(file), mode(file.parent))


def test_a_file_that_others_could_read_is_private_once_it_is_written_anew(tmp_path: Path) -> None:
    file = tmp_path / "pin.json"
    file.write_bytes(b"1")
    file.chmod(0o644)
    write_private_file(file, b"2")
    assert (b"2", 0o600) == (file.read_bytes(), mode(file))


def test_what_a_power_cut_left_behind_does_not_stand_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "pin.json.new").write_bytes(b"hal")
    write_private_file(tmp_path / "pin.json", b"whole")
    assert {"pin.json": b"whole"} == {f.name: f.read_bytes() for f in tmp_path.iterdir()}


def test_a_disk_that_fails_in_the_middle_leaves_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pin.json"
    write_private_file(file, b"old")

    def fail(_handle: int) -> None:
        raise OSError("no space")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        write_private_file(file, b"new")
    assert b"old" == file.read_bytes()


def test_the_content_is_on_the_disk_before_its_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, synced = tmp_path / "pin.json", []
    fsync = os.fsync

    def note(handle: int) -> None:
        synced.append((stat.S_ISDIR(os.fstat(handle).st_mode), file.exists()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    write_private_file(file, b"1")
    assert [(False, False), (True, True)] == synced


def test_a_file_is_made_once_and_the_second_maker_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "data" / "secret-key"
    create_private_file(file, b"first")
    with pytest.raises(FileExistsError):
        create_private_file(file, b"second")
    assert {"secret-key": b"first"} == {f.name: f.read_bytes() for f in file.parent.iterdir()}
    assert 0o600 == mode(file)


NO_LINKS = "link,linkat:error=EPERM"
NO_RENAME = "renameat2:error=EINVAL"
MAKES_ONCE = """
import sys
from pathlib import Path
from config.private_file import create_private_file
file = Path(sys.argv[1])
create_private_file(file, b"first")
try:
    create_private_file(file, b"second")
except FileExistsError:
    print(file.read_bytes(), sorted(path.name for path in file.parent.iterdir()))
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize(
    "refused", [(NO_LINKS,), (NO_LINKS.replace("EPERM", "EOPNOTSUPP"), NO_RENAME)],
    ids=["no links, as on exFAT", "nor a rename that replaces nothing, as on some shares"],
)  # fmt: skip
def test_a_disk_without_hard_links_holds_it_too_and_nothing_is_replaced(
    tmp_path: Path, refused: tuple[str, ...]
) -> None:
    injected = [word for rule in refused for word in ("-e", f"inject={rule}")]
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=link,linkat,renameat2", *injected,
         sys.executable, "-c", MAKES_ONCE, str(tmp_path / "secret-key")],
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    assert ("b'first' ['secret-key']\n", "") == (done.stdout, done.stderr)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for others")
def test_what_root_makes_in_the_folder_of_another_user_is_that_users(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, 12345, 12346)
    write_private_file(folder / "a", b"")
    create_private_file(folder / "b", b"")
    assert [(12345, 12346)] * 2 == [(f.stat().st_uid, f.stat().st_gid) for f in folder.iterdir()]
