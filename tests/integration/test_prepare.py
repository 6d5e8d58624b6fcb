"""The set-up of a bare machine: what it asks for, and that it mends what was interrupted."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from processes import ROOT
from slowness import limit_s

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1"
"""
BACKEND = """
import zipfile

FILES = {
    "tiny.pth": "",
    "tiny-1.dist-info/METADATA": "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n",
    "tiny-1.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    "tiny-1.dist-info/RECORD": "",
}

def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(f"{folder}/tiny-1-py3-none-any.whl", "w") as wheel:
        for name, text in FILES.items():
            wheel.writestr(name, text)
    return "tiny-1-py3-none-any.whl"
"""
NOTHING_FOUND = "#!/bin/sh\nexit 1\n"


def tiny_project(folder: Path) -> Path:
    """A checkout of a tiny project with this set-up in it."""
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "prepare.py", folder / "scripts")
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "requirements.lock").write_text("# nothing\n")
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return tiny_project(tmp_path / "checkout")


def prepare(checkout: Path, purpose: str = "demo", **options: object) -> "subprocess.Popen[str]":
    """Begin a set-up of this checkout."""
    return subprocess.Popen(
        [sys.executable, str(checkout / "scripts" / "prepare.py"), purpose],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,  # type: ignore[call-overload]
    )


def outcome(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Its exit code and what it said."""
    said, _ = process.communicate(timeout=60)
    return process.returncode, said


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A PATH on which there is nothing but apt-get, which notes what it is asked for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, script in (
        ("apt-get", f'#!/bin/sh\necho "$DEBIAN_FRONTEND $@" >> {tmp_path}/asked\n'),
        ("apt-cache", "#!/bin/sh\nexit 0\n"),
        ("sudo", NOTHING_FOUND),
    ):
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    for name in ("env", "sh"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def without_programs(bare: Path) -> dict[str, str]:
    return os.environ | {"PATH": str(bare)}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs without being asked")
def test_missing_packages_are_named_and_installed(
    checkout: Path, bare: Path, tmp_path: Path
) -> None:
    code, said = outcome(prepare(checkout, "smoke", env=without_programs(bare)))
    assert 1 == code
    assert "a virtual screen" in said
    asked = (tmp_path / "asked").read_text()
    assert asked.startswith("noninteractive ")
    assert "install --no-install-recommends xvfb xdotool chromium" in asked
    assert "update" not in asked
    # The apt-get of this test installs nothing, and that is noticed.
    assert "Installed, and yet not found: xvfb, xdotool, chromium." in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs without being asked")
def test_package_lists_are_refreshed_when_they_do_not_know_a_package(
    checkout: Path, bare: Path, tmp_path: Path
) -> None:
    (bare / "apt-cache").write_text(NOTHING_FOUND)
    outcome(prepare(checkout, "smoke", env=without_programs(bare)))
    first, second = (tmp_path / "asked").read_text().splitlines()
    assert first.endswith(" update")
    assert " install " in second


def test_it_says_the_line_to_run_when_it_may_not_install(
    checkout: Path, bare: Path, tmp_path: Path
) -> None:
    # Under root, a copy of the check is made to believe that it is someone else.
    script = checkout / "scripts" / "prepare.py"
    script.write_text(script.read_text().replace("os.geteuid() == 0", "os.geteuid() == -1"))
    code, said = outcome(prepare(checkout, "smoke", env=without_programs(bare)))
    assert 1 == code
    assert "sudo apt-get install --no-install-recommends xvfb xdotool chromium" in said
    assert not (tmp_path / "asked").exists()


def test_an_older_python_is_told_what_is_needed(checkout: Path) -> None:
    pretend = "import sys, runpy; sys.version_info = (3, 9, 2); sys.argv = ['prepare.py', 'demo'];"
    pretend += f"runpy.run_path({str(checkout / 'scripts' / 'prepare.py')!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", pretend], capture_output=True, text=True, check=False
    )
    assert 1 == done.returncode
    assert done.stderr.startswith("This needs Python 3.11 or newer; ")


class Made(NamedTuple):
    """A checkout that two set-ups prepared at once, and how they went."""

    checkout: Path
    outcomes: list[tuple[int, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """For all tests of the environment: each leaves it complete."""
    checkout = tiny_project(tmp_path_factory.mktemp("made") / "checkout")
    runs = [prepare(checkout) for _ in range(2)]
    return Made(checkout, [outcome(run) for run in runs])


@pytest.mark.slow
class TestEnvironment:
    """The virtual environment: made once, brought up to date, mended."""

    def test_two_at_once_do_not_disturb_each_other(self, made: Made) -> None:
        assert [0, 0] == [code for code, _ in made.outcomes]
        assert 1 == sum("Making" in said for _, said in made.outcomes), made.outcomes

    def test_it_is_made_once(self, made: Made) -> None:
        begun = time.monotonic()
        assert (0, "") == outcome(prepare(made.checkout))
        assert time.monotonic() - begun < limit_s(2)

    def test_the_checks_ask_for_no_system_package(
        self, made: Made, bare: Path, tmp_path: Path
    ) -> None:
        environment = without_programs(bare)
        environment.pop("DISPLAY", None)
        assert (0, "") == outcome(prepare(made.checkout, "check", env=environment))
        assert not (tmp_path / "asked").exists()

    def test_catalogues_are_compiled_when_they_are_new_or_changed(self, made: Made) -> None:
        text = made.checkout / "assets" / "locale" / "de" / "LC_MESSAGES" / "hymio.po"
        text.parent.mkdir(parents=True)
        text.write_text("Danke!")
        copying = f"import shutil; shutil.copyfile({str(text)!r}, {str(text)[:-2] + 'mo'!r})"
        (made.checkout / "scripts" / "catalogues.py").write_text(copying)
        assert 0 == outcome(prepare(made.checkout))[0]
        assert "Danke!" == text.with_suffix(".mo").read_text()
        assert (0, "") == outcome(prepare(made.checkout))

        text.write_text("Vielen Dank!")
        assert (0, "Compiling the catalogues of texts ...\n") == outcome(prepare(made.checkout))
        assert "Vielen Dank!" == text.with_suffix(".mo").read_text()

    def test_it_is_brought_up_to_date_when_the_lock_changes(self, made: Made) -> None:
        (made.checkout / "requirements.lock").write_text("# something else\n")
        code, said = outcome(prepare(made.checkout))
        assert (0, True) == (code, "Updating the virtual environment" in said), said

    def test_a_failure_is_reported_and_what_it_left_is_made_anew(self, made: Made) -> None:
        lock = made.checkout / "requirements.lock"
        lock.write_text("nothing-of-this-name-without-a-hash==1\n")
        code, said = outcome(prepare(made.checkout))
        assert (1, True) == (code, "could not install the requirements" in said), said
        litter = made.checkout / ".venv" / "litter"
        litter.write_text("of an unfinished installation")
        lock.write_text("# nothing\n")
        code, said = outcome(prepare(made.checkout))
        assert (0, True) == (code, "Making the virtual environment" in said), said
        assert not litter.exists()
