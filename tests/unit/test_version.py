"""What is built has a version that nothing else has."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from processes import ROOT

sys.path.insert(0, str(ROOT))

from hatch_version import RELEASE, version


def git(folder: Path, *words: str) -> None:
    given = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(folder)]
    subprocess.run([*given, *words], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository whose last commit set the release."""
    folder = tmp_path / "checkout"
    (folder / "config").mkdir(parents=True)
    git(folder, "init")
    commit(folder, "config/a.py", "a = 1\n")
    commit(folder, "hatch_version.py", 'RELEASE = "0.2.0"\n')
    return folder


def commit(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content)
    git(folder, "add", name)
    git(folder, "commit", "-m", f"Change {name}")


def test_the_commit_that_set_the_release_is_the_release(checkout: Path) -> None:
    assert "0.2.0" == version(checkout, "0.2.0")


def test_each_later_commit_counts(checkout: Path) -> None:
    found = []
    for number in range(3):
        commit(checkout, "config/a.py", f"a = {number + 2}\n")
        found.append(version(checkout, "0.2.0"))
    for number, text in enumerate(found, start=1):
        assert re.fullmatch(rf"0\.2\.0\+{number}\.g[0-9a-f]{{8}}", text)
    # The line that sets it may have moved; what it says has not changed.
    commit(checkout, "hatch_version.py", '# Of what is built.\nRELEASE = "0.2.0"\n')
    assert version(checkout, "0.2.0").startswith("0.2.0+4.g")
    commit(checkout, "hatch_version.py", 'RELEASE = "0.3.0"\n')
    assert "0.3.0" == version(checkout, "0.3.0")


def test_changes_that_are_not_committed_count_by_their_content(checkout: Path) -> None:
    (checkout / "config" / "a.py").write_text("a = 7\n")
    one = version(checkout, "0.2.0")
    (checkout / "config" / "new.py").write_text("")
    two = version(checkout, "0.2.0")
    assert re.fullmatch(r"0\.2\.0\+d[0-9a-f]{8}", one)
    assert one != two
    (checkout / "notes.txt").write_text("not built")
    assert two == version(checkout, "0.2.0")


def test_a_fresh_clone_has_the_same_also_a_shallow_one_has_its_own(
    checkout: Path, tmp_path: Path
) -> None:
    commit(checkout, "config/a.py", "a = 2\n")
    git(tmp_path, "clone", "checkout", "clone")
    assert version(checkout, "0.2.0") == version(tmp_path / "clone", "0.2.0")
    git(tmp_path, "clone", "--depth=1", f"file://{checkout}", "shallow")
    assert re.fullmatch(r"0\.2\.0\+g[0-9a-f]{8}", version(tmp_path / "shallow", "0.2.0"))


def test_files_without_a_history_are_known_by_their_content(checkout: Path) -> None:
    # It lies in another repository, whose history is not its own.
    inner = checkout / "inner"
    (inner / "config").mkdir(parents=True)
    (inner / "config" / "a.py").write_text("a = 1\n")
    one = version(inner, "0.2.0")
    assert re.fullmatch(r"0\.2\.0\+s[0-9a-f]{8}", one)
    (inner / "config" / "a.pyc").write_text("made of it")
    assert one == version(inner, "0.2.0")
    (inner / "config" / "a.py").write_text("a = 2\n")
    assert one != version(inner, "0.2.0")


def test_a_source_archive_keeps_its_version(tmp_path: Path) -> None:
    (tmp_path / "PKG-INFO").write_text("Name: hymio\nVersion: 0.2.0+15.g1a2b3c4d\n\nText")
    assert "0.2.0+15.g1a2b3c4d" == version(tmp_path)


def test_without_git_there_is_a_version_too(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert shutil.which("git") is None
    assert re.fullmatch(r"0\.2\.0\+s[0-9a-f]{8}", version(checkout, "0.2.0"))


def test_the_release_has_its_chapter_of_changes() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text().splitlines()
    assert [line for line in changes if line.startswith(f"## [{RELEASE}] - ")]
