"""A second `keep` ends before it shows anything, on the same folder or on the same display."""

import multiprocessing
import os
import subprocess
from pathlib import Path

import pytest
from processes import PROGRAMS, clean_environment

from kiosk.errors import AlreadyKeptError
from kiosk.options import RunOptions
from kiosk.supervisor.sole_keeper import sole_keeper
from sync.outbox.sqlite import SqliteOutbox


def options(data: Path, *, fullscreen: bool = False) -> RunOptions:
    return RunOptions(data=data, fullscreen=fullscreen)


def refuse(second: RunOptions, words: str) -> None:
    with pytest.raises(AlreadyKeptError, match=words), sole_keeper(second):
        pytest.fail("two keepers")


def test_a_second_keeper_of_a_folder_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    with sole_keeper(options(tmp_path)):
        refuse(options(tmp_path), "Another kiosk runs already")
        with sole_keeper(options(tmp_path / "another")):
            pass
    with sole_keeper(options(tmp_path)):
        pass


def test_a_kiosk_without_a_keeper_counts_too(tmp_path: Path) -> None:
    with SqliteOutbox.open(tmp_path):
        refuse(options(tmp_path), "Another kiosk runs already")


def test_two_folders_share_no_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", f":test-{os.getpid()}")
    with sole_keeper(options(tmp_path / "a", fullscreen=True)):
        refuse(options(tmp_path / "b", fullscreen=True), "display :test")
        # In a window beside it nothing is covered.
        with sole_keeper(options(tmp_path / "b")):
            pass


def test_the_kernel_lets_go_for_a_keeper_that_was_killed(tmp_path: Path) -> None:
    held = multiprocessing.get_context("fork").Event()

    def hold() -> None:
        with sole_keeper(options(tmp_path, fullscreen=True)):
            held.set()
            held_for_ever = multiprocessing.get_context("fork").Event()
            held_for_ever.wait()

    other = multiprocessing.get_context("fork").Process(target=hold, daemon=True)
    other.start()
    assert held.wait(20)
    other.kill()
    other.join()
    with sole_keeper(options(tmp_path, fullscreen=True)):
        pass


def test_what_is_wrong_with_the_settings_or_the_folder_is_the_kiosks_to_tell(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("x")
    with sole_keeper(options(tmp_path / "file" / "data")):
        pass
    with sole_keeper(RunOptions(config=tmp_path / "gone.toml", data=tmp_path)):
        pass


def test_the_command_ends_with_words_and_shows_nothing(tmp_path: Path) -> None:
    with sole_keeper(options(tmp_path)):
        done = subprocess.run(
            [str(PROGRAMS / "hymio-kiosk"), "keep", "--windowed", "--data", str(tmp_path)],
            env=clean_environment() | {"HOME": str(tmp_path), "DISPLAY": ":777"},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert 1 == done.returncode
    assert "Another kiosk runs already" in done.stderr
    assert ["keep.lock"] == [each.name for each in tmp_path.iterdir()]
