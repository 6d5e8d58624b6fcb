"""A user without a home, as in many containers: no HOME, and no line among the system's users."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from processes import ROOT

from config.errors import UnnamedFolderError
from config.loader import settings_file, settings_places
from config.user_folder import user_folder
from headoffice.errors import ConfigurationError
from headoffice.server import paths
from kiosk.options import data_folder
from kiosk.ui.environment import kivy_home

NOBODY_KNOWN = 54321
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")


def test_the_variable_counts_before_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    assert Path("/home/anna/.local/share") == user_folder("XDG_DATA_HOME", ".local", "share")
    monkeypatch.setenv("XDG_DATA_HOME", "/srv")
    assert Path("/srv") == user_folder("XDG_DATA_HOME", ".local", "share")


def test_without_a_home_nothing_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HYMIO_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", no_home)  # this machine's user has one
    assert (Path("/etc/hymio/kiosk.toml"),) == settings_places()
    with pytest.raises(UnnamedFolderError, match="--data DIR"):
        data_folder(None, "")
    with pytest.raises(ConfigurationError, match="HYMIO_DATA"):
        paths.data_folder()
    assert kivy_home().is_dir()


def test_a_home_that_may_not_be_entered_holds_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_path: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_file", closed)  # root may enter everywhere
    # What an administrator wrote has to be read, or it is told that it can't be.
    assert Path("/etc/hymio/kiosk.toml") == settings_file(None)


def homeless(*words: str) -> subprocess.CompletedProcess[str]:
    """What a program says to such a user."""
    # Root's right to read is kept, since Python itself may lie where others may not look.
    user = ["setpriv", "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    user += [f"--reuid={NOBODY_KNOWN}", "--clear-groups"]
    clean = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*user, sys.executable, *words],
        capture_output=True, text=True, check=False, cwd=ROOT, env=clean,
    )  # fmt: skip


@needs_root
def test_commands_of_the_kiosk_work_in_a_folder_that_is_named(tmp_path: Path) -> None:
    done = homeless("-m", "kiosk", "status", "--data", str(tmp_path))
    assert (0, "") == (done.returncode, done.stderr)
    assert str(tmp_path) in done.stdout


@needs_root
@pytest.mark.parametrize("command", ["status", "run"])
def test_the_kiosk_asks_for_a_folder_otherwise(command: str) -> None:
    done = homeless("-m", "kiosk", command)
    assert (2, True) == (done.returncode, "--data DIR" in done.stderr), done.stderr
    assert "Traceback" not in done.stderr


@needs_root
@pytest.mark.parametrize("command", ["kiosks", "serve"])
def test_the_head_office_asks_for_a_folder_too(command: str) -> None:
    call = f"import sys; from headoffice.cli import main; sys.exit(main(['{command}']))"
    done = homeless("-c", call)
    assert "--data DIR" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode
