"""What is installed from a wheel works from any folder, with everything inside it needs."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
import requests
from journey import HeadOffice, Kiosk
from processes import ROOT, run_to_end

pytestmark = pytest.mark.slow

PACKAGES = ("assets", "config", "sync", "kiosk", "headoffice")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without the network from the source archive of this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    run_to_end([*build, str(ROOT)])
    (built,) = folder.glob("hymio-*.whl")
    return built


def install(python: Path, wheel: Path) -> None:
    """As the papers say, but that nothing is asked of the network."""
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    run_to_end([*pip, "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)])


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs' folder of a new environment that has the wheel and not this checkout."""
    home = tmp_path_factory.mktemp("elsewhere")
    venv.create(home / "venv", symlinks=True)
    python = home / "venv" / "bin" / "python"
    install(python, wheel)
    # The dependencies are those of this environment. A folder named in a .pth file is searched,
    # and the .pth files in it (such as the one that leads to this checkout) are not read.
    site = Path(
        run_to_end([str(python), "-c", "import site; print(site.getsitepackages()[0])"]).strip()
    )
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    tracked = {name for name in listed.stdout.split("\n") if name and (ROOT / name).exists()}
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert set() == tracked - inside
    for part in (
        "config/defaults/kiosk.toml",
        "config/defaults/questionnaires/",
        "kiosk/ui/theme.kv",
        "assets/faces/",
        "assets/fonts/",
        "headoffice/templates/",
        "headoffice/static/",
        "headoffice/messages/migrations/0001",
    ):
        assert [name for name in inside if name.startswith(part)], f"{part} is not in the wheel"


def test_the_compiled_catalogues_are_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    texts = {name for name in inside if name.endswith(".po")}
    assert texts
    assert {name.removesuffix(".po") + ".mo" for name in texts} <= inside


def test_nothing_but_the_packages_is_in_the_wheel(wheel: Path) -> None:
    folders = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert set() == {name for name in folders if not name.endswith(".dist-info")} - set(PACKAGES)


def test_the_installed_packages_are_not_those_of_the_checkout(
    elsewhere: Path, tmp_path: Path
) -> None:
    code = "import config, kiosk; print(config.__file__); print(kiosk.__file__)"
    found = subprocess.run(
        [elsewhere / "python", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert str(ROOT) + os.sep not in found.stdout.replace(str(elsewhere), "")


def test_the_wheel_of_a_later_commit_replaces_an_earlier_one(
    elsewhere: Path, wheel: Path, tmp_path: Path
) -> None:
    clone, python = tmp_path / "clone", elsewhere / "python"
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    run_to_end([*git, "clone", "--quiet", str(ROOT), str(clone)])
    # In the place of what is not committed here.
    with (clone / "headoffice" / "errors.py").open("a") as file:
        file.write("LATER = True\n")
    run_to_end([*git, "-C", str(clone), "commit", "--quiet", "--all", "--message=Later"])
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    run_to_end([*build, str(clone)])
    (later,) = tmp_path.glob("*.whl")
    ask = [str(elsewhere / "hymio-headoffice"), "--version"]
    has_it = [str(python), "-P", "-c", "import headoffice.errors as e; print(hasattr(e, 'LATER'))"]
    before = run_to_end(ask)
    try:
        for built, expected in ((later, "True"), (wheel, "False"), (later, "True")):
            install(python, built)
            told = built.name.split("-")[1]
            assert (f"hymio {told}", expected) == (
                run_to_end(ask).strip(),
                run_to_end(has_it).strip(),
            )
    finally:
        install(python, wheel)
    assert before == run_to_end(ask)


def test_the_kiosk_tells_its_version_and_checks_files(elsewhere: Path, tmp_path: Path) -> None:
    kiosk = str(elsewhere / "hymio-kiosk")
    good = tmp_path / "kiosk.toml"
    good.write_text("[timing]\nthanks = 1.0\n")
    bad = tmp_path / "bad.toml"
    bad.write_text("[timing]\nthanks = 'soon'\n")

    assert run_to_end([kiosk, "--version"]).startswith("hymio-kiosk ")
    run_to_end([kiosk, "check", str(good)])
    assert '"timing"' in run_to_end([kiosk, "schema", "settings"])
    refused = subprocess.run([kiosk, "check", bad], capture_output=True, text=True, check=False)
    assert 2 == refused.returncode
    assert "timing.thanks" in refused.stdout + refused.stderr


def test_the_head_office_serves_its_pages_and_files(elsewhere: Path, tmp_path: Path) -> None:
    head_office = HeadOffice(tmp_path, programs=elsewhere)
    with head_office.start():
        login = requests.get(head_office.url, timeout=10)
        assert 200 == login.status_code
        assert 'name="password"' in login.text
        german = requests.get(head_office.url, headers={"Accept-Language": "de"}, timeout=10)
        assert "Passwort" in german.text
        (style,) = {
            word.split('"')[0]
            for word in login.text.split('href="')
            if ".css" in word.split('"')[0]
        }
        assert 200 == requests.get(head_office.url + style, timeout=10).status_code


@pytest.mark.gui
def test_the_kiosk_shows_its_question(elsewhere: Path, tmp_path: Path) -> None:
    with Kiosk(tmp_path, os.environ["DISPLAY"], programs=elsewhere).start() as kiosk:
        assert {"face-0", "face-1", "face-2"} <= set(kiosk.trace.all("shown")[0]["targets"])
