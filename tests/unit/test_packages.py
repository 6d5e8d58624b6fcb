"""What the Debian packages hold, what dpkg is told of them, and what purging takes away."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from processes import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

from build_packages import ENDS, KIOSK, copy_file, package_of, python_dependency
from debian_package import SCRIPTS, debian_version
from locked_requirements import locked_part, select

LOCK = """\
first==1.0 \\
    --hash=sha256:aa
    # via hymio (pyproject.toml)
inner-part==3.1 ; os_name == 'nt' \\
    --hash=sha256:bb
    # via
    #   middle
    #   other
middle==2.0 \\
    --hash=sha256:cc
    # via first
other==1.0 \\
    --hash=sha256:dd
    # via hymio (pyproject.toml)
"""
PACKAGES = ROOT / "deploy" / "packages"


def test_of_the_lock_a_package_gets_what_it_needs_and_what_that_needs() -> None:
    names = re.findall(r"^([\w-]+)==", select(LOCK, ["first"]), re.MULTILINE)
    assert ["first", "inner-part", "middle"] == names
    assert "--hash=sha256:cc" in select(LOCK, ["first"])
    with pytest.raises(KeyError):
        select(LOCK, ["unknown"])


def test_neither_end_carries_the_other_ones_libraries_or_those_of_tests() -> None:
    kiosk, headoffice = locked_part("kiosk"), locked_part("headoffice")
    assert "\nkivy==" in kiosk
    assert "\ndjango==" not in kiosk
    assert "\ndjango==" in headoffice
    assert "\nkivy==" not in headoffice
    assert "\npytest==" not in kiosk + headoffice
    for part in (kiosk, headoffice):
        entries = re.findall(r"^[\w.-]+==", part, re.MULTILINE)
        assert len(entries) <= part.count("--hash=sha256:")


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("0.2.0", "0.2.0+1.g1a2b3c4d"),
        ("0.2.0+9.gffffffff", "0.2.0+15.g1a2b3c4d"),
        ("0.2.0+15.g1a2b3c4d", "0.2.0+15.g1a2b3c4d.d5e6f"),
        ("0.2.0+900.gffffffff", "0.3.0"),
        # Without a history: behind their release, and before whatever came after that.
        ("0.2.0", "0.2.0+s5e6f0000"),
        ("0.2.0+sffffffff", "0.2.0+1.g1a2b3c4d"),
        ("0.2.0+gffffffff", "0.2.0+1.g1a2b3c4d"),
        ("0.2.0+sffffffff", "0.3.0"),
    ],
)
def test_dpkg_takes_a_later_build_for_later(earlier: str, later: str) -> None:
    words = [debian_version(earlier), "lt", debian_version(later)]
    assert 0 == subprocess.run(["dpkg", "--compare-versions", *words], check=False).returncode


def test_dpkg_is_told_of_the_pythons_that_it_has_parts_for() -> None:
    assert python_dependency() == (
        "python3 (>= 3.11~), python3 (<< 3.14~), python3 (<< 3.12~) | python3 (>= 3.13~)"
    )


@pytest.fixture(params=ENDS)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A package with everything but its libraries."""
    return _make(request.param, tmp_path / "tree", tmp_path)


def _make(name: str, tree: Path, into: Path) -> Path:
    end = ENDS[name]
    for unit in end.units:
        copy_file(ROOT / "deploy" / unit, tree / "usr/lib/systemd/system" / unit, f"opt/{name}")
    into.mkdir(exist_ok=True)
    return package_of(end, "amd64", "0.2.0+3.gabc").build(tree, into, epoch=1_700_000_000)


def _listed(package: Path) -> str:
    ask = ["dpkg-deb", "--contents", package]
    return subprocess.run(ask, capture_output=True, text=True, check=True).stdout


def test_a_package_holds_units_users_and_folders_that_are_roots(made: Path) -> None:
    told = subprocess.run(
        ["dpkg-deb", "--info", made], capture_output=True, text=True, check=True
    ).stdout
    name = made.name.split("_")[0]
    assert f"Package: {name}\n" in told
    assert "Architecture: amd64\n" in told
    listed = _listed(made)
    for part in (f"usr/lib/sysusers.d/{name}.conf", f"usr/lib/systemd/system/{name}.service"):
        assert part in listed
    assert {"root/root"} == {line.split()[1] for line in listed.splitlines()}
    # Nothing that others may write to, whatever the umask was.
    assert not [line for line in listed.splitlines() if line[5] == "w" or line[8] == "w"]
    unpacked = made.parent / "unpacked"
    subprocess.run(["dpkg-deb", "--raw-extract", made, unpacked], check=True)
    unit = (unpacked / f"usr/lib/systemd/system/{name}.service").read_text()
    assert f"ExecStart=/opt/{name}/bin/{name} " in unit
    assert "sudo " not in unit
    sums = (unpacked / "DEBIAN/md5sums").read_text()
    assert f"usr/lib/systemd/system/{name}.service\n" in sums
    scripts = {path.name for path in (unpacked / "DEBIAN").iterdir()} & set(SCRIPTS)
    assert {"postinst", "prerm", "postrm"} == scripts


def test_the_same_files_make_the_same_package(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        one = _make(KIOSK.name, tmp_path / "one", tmp_path / "a")
    finally:
        os.umask(before)
    other = _make(KIOSK.name, tmp_path / "other", tmp_path / "b")
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    "script",
    [*PACKAGES.glob("*/control/p*"), *PACKAGES.glob("*/root/opt/*/libexec/*")],
    ids=lambda path: f"{path.parts[-3]}-{path.name}",
)
def test_every_script_is_one_that_a_plain_shell_reads(script: Path) -> None:
    subprocess.run(["dash", "-n", script], check=True)
    assert script.read_text().startswith("#!/bin/sh\n")
    assert os.access(script, os.X_OK)


class PurgedKiosk:
    """The scripts of a removal, on a disk that is a folder of the test's."""

    def __init__(self, disk: Path) -> None:
        self.disk = disk
        self.data = disk / "var/lib/hymio"
        self.settings = disk / "etc/hymio/kiosk.toml"
        for file in (self.data / "outbox.sqlite3", self.data / "identity.json", self.settings):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("something")
        (disk / "opt/hymio-kiosk").mkdir(parents=True)
        (disk / "bin").mkdir()

    def run(self, script: str, *words: str, delivered: bool = True, **env: str) -> str:
        """What it says; ``delivered``: what the program answers when it is asked for that."""
        (self.disk / "bin/hymio-kiosk").write_text(f"#!/bin/sh\nexit {int(not delivered)}\n")
        (self.disk / "bin/hymio-kiosk").chmod(0o755)
        text = (PACKAGES / "kiosk/control" / script).read_text()
        text = re.sub(r"(?<![\w/])/(var|etc|opt|run)/", rf"{self.disk}/\1/", text)
        done = subprocess.run(
            ["sh", "-c", text, script, *words],
            capture_output=True, text=True, check=True,
            env=os.environ | {"PATH": f"{self.disk}/bin:{os.environ['PATH']}"} | env,
        )  # fmt: skip
        return done.stderr


@pytest.fixture
def removal(tmp_path: Path) -> PurgedKiosk:
    """A kiosk with an outbox."""
    return PurgedKiosk(tmp_path)


def test_purging_takes_everything_away_once_all_was_delivered(removal: PurgedKiosk) -> None:
    removal.run("prerm", "remove")
    assert removal.data.exists()
    assert "" == removal.run("postrm", "purge")
    assert not removal.data.exists()
    assert not removal.settings.exists()


def test_purging_keeps_what_was_not_delivered_and_tells_where(removal: PurgedKiosk) -> None:
    removal.run("prerm", "remove", delivered=False)
    said = removal.run("postrm", "purge")
    assert (removal.data / "outbox.sqlite3").exists()
    assert (removal.data / "identity.json").exists()
    assert removal.settings.exists()
    assert str(removal.data) in said


def test_purging_keeps_what_came_after_it_was_asked(removal: PurgedKiosk) -> None:
    removal.run("prerm", "remove")
    (removal.data / "outbox.sqlite3").write_text("one more answer")
    assert "kept" in removal.run("postrm", "purge")
    assert (removal.data / "outbox.sqlite3").exists()


def test_purging_keeps_what_nobody_could_ask_about(removal: PurgedKiosk) -> None:
    assert "kept" in removal.run("postrm", "purge")
    assert (removal.data / "outbox.sqlite3").exists()


def test_purging_takes_away_what_was_not_delivered_if_told(removal: PurgedKiosk) -> None:
    removal.run("prerm", "remove", delivered=False)
    removal.run("postrm", "purge", HYMIO_PURGE="everything")
    assert not removal.data.exists()


def test_removing_alone_takes_nothing_away(removal: PurgedKiosk) -> None:
    removal.run("prerm", "remove", delivered=False)
    removal.run("postrm", "remove")
    assert (removal.data / "outbox.sqlite3").exists()


@pytest.mark.parametrize(
    ("state", "is_started"),
    [("active", True), ("activating", True), ("inactive", False), ("failed", False)],
)
def test_an_upgrade_starts_again_what_was_to_run(
    removal: PurgedKiosk, state: str, is_started: bool
) -> None:
    (removal.disk / "run/systemd/system").mkdir(parents=True)
    log = removal.disk / "log"
    systemctl = removal.disk / "bin/systemctl"
    systemctl.write_text(
        f'#!/bin/sh\necho "$*" >>{log}\n[ "$1" != is-active ] || {{ echo {state}; exit 3; }}\n'
    )
    systemctl.chmod(0o755)
    removal.run("prerm", "upgrade", "0.3.0")
    assert "stop hymio-kiosk.service" in log.read_text()
    removal.run("postinst", "abort-upgrade")
    assert is_started is ("--no-block start hymio-kiosk.service" in log.read_text())


def test_systemd_reads_the_unit_of_a_stick(tmp_path: Path) -> None:
    unit = (PACKAGES / "kiosk/root/usr/lib/systemd/system/hymio-stick@.service").read_text()
    copy = tmp_path / "hymio-stick@.service"
    copy.write_text(re.sub(r"=/opt/\S+", "=/bin/true", unit))
    done = subprocess.run(
        ["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, done.stderr)
