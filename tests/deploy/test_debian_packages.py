"""The packages on a bare Debian: installed, set up, touched, upgraded and purged.

Not in the everyday run: `scripts/faults deploy` runs it. The tests of one Debian are one story, in
the order of this file.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from debian import APT, SUITES, bare_debian, build_earlier_packages, build_packages
from machine import Machine
from panel import Panel
from processes import VirtualScreen, free_port, wait_until

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(not SUITES, reason="scripts/faults deploy names the Debians to be tried"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a machine of its own needs root"),
]
DATA = "/var/lib/hymio"
ANSWERS = "SELECT count(*) FROM ingest_storedmessage WHERE kind = 1"
DATABASE = "/var/lib/hymio-headoffice/headoffice.sqlite3"


class Story:
    """One Debian with both ends on it."""

    def __init__(self, machine: Machine, earlier: Path, packages: Path) -> None:
        self.machine, self.port = machine, free_port()
        for name, folder in (("earlier", earlier), ("packages", packages)):
            shutil.copytree(folder, machine.path(f"/root/{name}"))

    @property
    def url(self) -> str:
        """Of the head office."""
        return f"http://127.0.0.1:{self.port}"

    def install(self, name: str, folder: str = "packages") -> None:
        """As the README says."""
        self.machine.run(f"{APT} install ./{name}_*.deb 2>&1", folder=f"/root/{folder}")

    def counted(self) -> int:
        """How many answers the head office has."""
        code = (
            f"import sqlite3; database = sqlite3.connect('{DATABASE}');"
            f"print(database.execute('{ANSWERS}').fetchone()[0])"
        )
        return int(self.machine.run(f'python3 -c "{code}"').stdout)

    def status(self) -> dict[str, object]:
        """What the kiosk's command says, called by root from anywhere."""
        told: dict[str, object] = json.loads(
            self.machine.run("hymio-kiosk status --json", folder="/tmp").stdout  # noqa: S108 - the machine's own
        )
        return told

    def wait_counted(self, number: int) -> None:
        """Until the head office has so many."""
        wait_until(lambda: self.counted() == number, f"{number} answers to be counted", seconds=180)

    def start_head_office(self) -> None:
        """Until it answers."""
        self.machine.run("systemctl start hymio-headoffice")
        ask = f"import urllib.request as u; u.urlopen('{self.url}/health')"
        wait_until(
            lambda: not self.machine.run(f'python3 -c "{ask}"', check=False).returncode,
            "the head office to answer", seconds=90,
        )  # fmt: skip


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those of this checkout."""
    return build_packages(tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="session")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those of the commit before."""
    folder = tmp_path_factory.mktemp("earlier")
    return build_earlier_packages(folder / "packages", folder / "clone")


@pytest.fixture(scope="module", params=SUITES or ("none",))
def story(request: pytest.FixtureRequest, earlier: Path, packages: Path) -> Iterator[Story]:
    """A bare Debian with the packages at hand."""
    with bare_debian(request.param) as machine:
        yield Story(machine, earlier, packages)


@pytest.fixture(scope="module")
def panel(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    """Its panel: a window of this machine's screen."""
    screen = VirtualScreen(tmp_path_factory.mktemp("panel") / "log", "1024x768", for_all=True)
    with screen.start():
        start = "ExecStart=/opt/hymio-kiosk/bin/hymio-kiosk session"
        yield Panel(story.machine, screen.display, start)


def test_both_packages_install_from_scratch(story: Story) -> None:
    machine = story.machine
    assert "" == machine.run("command -v python3", check=False).stdout
    story.install("hymio-kiosk", "earlier")
    story.install("hymio-headoffice")
    assert "" == machine.run("dpkg --verify hymio-kiosk hymio-headoffice").stdout
    assert "" == machine.run("systemctl --failed --no-legend").stdout
    groups = machine.run("id -Gn hymio").stdout.split()
    assert {"hymio", "video", "input", "render"} == set(groups)
    assert "hymio:700\n" == machine.run(f"stat -c %U:%a {DATA}").stdout
    # Compiled, since the service can't.
    compiled = "find /opt/hymio-kiosk/lib -path '*kiosk/__pycache__/*' -name 'cli.*.pyc'"
    assert machine.run(compiled).stdout
    # Nothing runs before somebody says so.
    assert "inactive\n" == machine.run("systemctl is-active hymio-kiosk", check=False).stdout


def test_the_head_office_starts_by_the_commands_that_it_names(story: Story) -> None:
    machine = story.machine
    made = machine.run("hymio-headoffice create-user anna --role administrator --new").stdout
    assert made
    machine.path("/etc/hymio/headoffice.env").write_text(f"HYMIO_SERVE=--port {story.port}\n")
    machine.run("chmod 600 /etc/hymio/headoffice.env")
    machine.run("systemctl enable --now hymio-headoffice hymio-headoffice-backup.timer 2>&1")
    story.start_head_office()
    assert 0 == story.counted()


def test_a_stick_is_mounted_for_the_service_alone(story: Story) -> None:
    machine = story.machine
    # A file system that every kernel has: it knows owners, and so is mounted to be read.
    stick = machine.path("/root/stick")
    stick.write_bytes(b"\0" * 8_000_000)
    subprocess.run(["mkfs.ext4", "-q", "-L", "SHOP 7", stick], check=True)
    machine.run("mknod /dev/loop-control c 10 237")
    for number in range(16):
        machine.run(f"mknod /dev/loop{number} b 7 {number}")
    device = machine.run("losetup --find --show /root/stick").stdout.strip().removeprefix("/dev/")
    call = "/opt/hymio-kiosk/libexec/hymio-stick"
    try:
        machine.run(f"{call} mount {device}")
        options = machine.run("findmnt -n -o OPTIONS /media/SHOP_7").stdout
        assert {"ro", "nosuid", "nodev", "noexec"} <= set(options.strip().split(","))
        machine.run(f"{call} unmount {device}")
        assert "" == machine.run("ls /media").stdout
        # What the system itself has mounted is no stick.
        machine.run(f"mkdir /srv/own && mount /dev/{device} /srv/own && {call} mount {device}")
        assert "" == machine.run("ls /media").stdout
        machine.run("umount /srv/own")
    finally:
        machine.run(f"losetup --detach /dev/{device}")


def test_setup_with_the_file_of_a_stick_makes_a_kiosk(story: Story) -> None:
    machine = story.machine
    made = machine.run('hymio-headoffice create-code --place "Helsinki, exit"').stdout
    (code,) = re.findall(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", made, re.MULTILINE)
    machine.run(
        "mkdir -p /media/STICK/shop && mount -t tmpfs stick /media/STICK && mkdir /media/STICK/shop"
    )
    stick = machine.path("/media/STICK")
    (stick / "shop" / "kiosk.toml").write_text("[sync]\nevery = 2.0\n")
    (stick / "hymio-setup.toml").write_text(
        f'url = "{story.url}"\ncodes = ["AAAA-AAAA"]\npin = "2580"\nlanguage = "sw"\n'
    )
    refused = machine.run("hymio-kiosk setup", check=False)
    assert (2, True) == (refused.returncode, "language: found 'sw'" in refused.stderr), refused
    (stick / "hymio-setup.toml").write_text(
        f'url = "{story.url}"\ncodes = ["{code}"]\npin = "2580"\nlanguage = "fi"\n'
        'width_mm = 300\nfiles = "shop"\n'
    )
    done = machine.run("hymio-kiosk setup", folder="/root")
    assert "Enrolled as 'exit'" in done.stdout or "Enrolled as 'Helsinki" in done.stdout, done
    assert "enabled\n" == machine.run("systemctl is-enabled hymio-kiosk").stdout
    owners = machine.run(f"find {DATA} -type f -exec stat -c %U:%a {{}} +").stdout.split()
    assert {"hymio:600"} == set(owners)
    assert "root:644\n" == machine.run("stat -c %U:%a /etc/hymio/kiosk.toml").stdout
    machine.run("umount /media/STICK")


def test_a_tap_through_the_compositor_is_counted(story: Story, panel: Panel) -> None:
    machine = story.machine
    # As the next start of the machine does.
    assert "graphical.target\n" == machine.run("systemctl get-default").stdout
    machine.run("systemctl start default.target")
    panel.wait("shown", screen="rating", seconds=90)
    panel.tap("face-2")
    panel.wait("shown", screen="thanks", seconds=30)
    story.wait_counted(1)
    assert "" == machine.run("systemctl --failed --no-legend").stdout


def test_status_says_whether_it_runs_and_where(story: Story) -> None:
    machine = story.machine
    told = story.status()
    assert (DATA, 1, 0, True) == (told["data"], told["stored"], told["waiting"], told["has_pin"])
    assert machine.path(f"/proc/{told['process']}").exists()
    refused = machine.run("setpriv --reuid=nobody --clear-groups hymio-kiosk status", check=False)
    assert (1, True) == (refused.returncode, "sudo hymio-kiosk status" in refused.stderr)
    assert 0 == machine.run("hymio-kiosk test-connection").returncode


def test_an_upgrade_keeps_everything_and_delivers_what_waited(story: Story, panel: Panel) -> None:
    machine = story.machine
    machine.run("systemctl stop hymio-headoffice")
    before = len(panel.told("stored"))
    wait_until(lambda: panel.told("shown")[-1]["screen"] == "rating", "the faces", seconds=60)
    panel.tap("face-0")
    wait_until(lambda: len(panel.told("stored")) > before, "the answer", seconds=30)
    assert story.status()["waiting"]
    kept = (
        "cat /etc/hymio/kiosk.toml; sha256sum /var/lib/hymio/identity.json /var/lib/hymio/pin.json"
    )
    known, version = machine.run(kept).stdout, machine.run("hymio-kiosk --version").stdout
    frames = len(panel.told("first_frame"))
    story.install("hymio-kiosk")
    assert version != machine.run("hymio-kiosk --version").stdout
    assert known == machine.run(kept).stdout
    assert "" == machine.run("dpkg --verify hymio-kiosk").stdout
    wait_until(lambda: len(panel.told("first_frame")) > frames, "the window again", seconds=90)
    assert story.status()["waiting"]
    story.start_head_office()
    story.wait_counted(2)


def test_purging_keeps_what_was_not_delivered(story: Story, panel: Panel) -> None:
    machine = story.machine
    machine.run("systemctl stop hymio-headoffice")
    before = len(panel.told("stored"))
    wait_until(lambda: panel.told("shown")[-1]["screen"] == "rating", "the faces", seconds=60)
    panel.tap("face-1")
    wait_until(lambda: len(panel.told("stored")) > before, "the answer", seconds=30)
    said = machine.run(f"{APT} purge hymio-kiosk 2>&1").stdout
    assert f"kept in {DATA}" in said
    assert "" == machine.run("pgrep -a -u hymio -f 'kiosk|cage'", check=False).stdout
    story.install("hymio-kiosk")
    assert story.status()["waiting"]
    story.start_head_office()
    machine.run("systemctl start hymio-kiosk")
    story.wait_counted(3)


def test_purging_takes_all_away_once_it_was_delivered(story: Story) -> None:
    machine = story.machine
    wait_until(lambda: not story.status()["waiting"], "all to be delivered", seconds=120)
    machine.run(f"{APT} purge hymio-kiosk 2>&1")
    gone = f"{DATA} /var/cache/hymio /opt/hymio-kiosk /etc/hymio/kiosk.toml"
    left = machine.run(f"ls -d {gone}", check=False)
    assert "" == left.stdout
    # The head office's are the only ones there are.
    said = machine.run(f"{APT} purge hymio-headoffice 2>&1").stdout
    assert "is kept in" in said
    assert 3 == story.counted()
    story.install("hymio-headoffice")
    machine.run(f"HYMIO_PURGE=everything {APT} purge hymio-headoffice 2>&1")
    assert "" == machine.run(f"ls {DATABASE}", check=False).stdout
    everywhere = "find / -xdev -name '*hymio*' -not -path '/root/*'"
    ours = re.compile(r"^(?!/var/lib/dpkg/|/var/log/|/etc/systemd/system/hymio-kiosk\.service\.d)")
    assert [] == list(filter(ours.match, machine.run(everywhere).stdout.splitlines()))


@pytest.mark.skipif(not {"bookworm", "trixie"} <= set(SUITES), reason="needs both")
def test_a_machine_that_goes_on_to_the_next_debian_keeps_its_programs(packages: Path) -> None:
    with bare_debian("bookworm") as machine:
        shutil.copytree(packages, machine.path("/root/packages"))
        machine.run(f"{APT} install ./*.deb 2>&1", folder="/root/packages")
        machine.run("sed -i s/bookworm/trixie/g /etc/apt/sources.list")
        machine.run(f"{APT} update && {APT} dist-upgrade 2>&1")
        assert "Python 3.13" in machine.run("python3 --version").stdout
        for name in ("hymio-kiosk", "hymio-headoffice"):
            assert "0." in machine.run(f"{name} --version").stdout
            compiled = f"find /opt/{name}/lib/python3.13 -path '*config/*' -name '*.pyc'"
            assert machine.run(compiled).stdout
            assert "" == machine.run(f"dpkg --verify {name}").stdout
