"""The kiosk as its unit starts it: under cage and Xwayland, as its user, touched for real."""

from collections.abc import Iterator

import pytest
from documents import commands_of_comment
from machine import Machine
from panel import Panel
from processes import ROOT, VirtualScreen, wait_until

pytestmark = pytest.mark.timeout(300)
KIOSK_UNIT = ROOT / "deploy" / "hymio-kiosk.service"


@pytest.fixture(scope="module")
def panel(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    """The service runs."""
    # Debian's udev makes them, which a machine without devices has not.
    machine.run("groupadd --force --system input && groupadd --force --system render")
    for line in commands_of_comment(KIOSK_UNIT):
        if line.startswith("sudo") and "apt" not in line and "--now" not in line:
            machine.run(line, folder=str(ROOT))
    (start,) = (
        line for line in KIOSK_UNIT.read_text().splitlines() if line.startswith("ExecStart=")
    )
    screen = VirtualScreen(tmp_path_factory.mktemp("panel") / "log", "1024x768", for_all=True)
    with screen.start():
        panel = Panel(machine, screen.display, start)
        machine.run("systemctl start hymio-kiosk", check=False)
        yield panel
        machine.run("systemctl stop hymio-kiosk", check=False)


def test_a_touch_through_the_compositor_is_thanked(panel: Panel) -> None:
    panel.wait("shown", screen="rating", seconds=90)
    assert "active\n" == panel.machine.run("systemctl is-active hymio-kiosk").stdout
    panel.tap("face-2")
    assert 2 == panel.wait("stored", seconds=30)["value"]
    panel.wait("shown", screen="thanks", seconds=30)


def test_a_killed_window_comes_back_and_takes_touches(panel: Panel) -> None:
    """Also then the page behind it is there first."""
    panel.wait("shown", screen="rating", seconds=90)
    before = len(panel.told("stored"))
    panel.machine.run("pkill -9 -u hymio -f 'kiosk run'")
    frames = len(panel.told("first_frame"))
    wait_until(lambda: len(panel.told("first_frame")) > frames, "the window again", seconds=60)
    wait_until(lambda: panel.told("shown")[-1]["screen"] == "rating", "the question", seconds=60)
    panel.tap("face-0")
    wait_until(lambda: len(panel.told("stored")) > before, "the answer", seconds=30)


def test_what_staff_ended_stays_ended_and_stop_leaves_nothing(panel: Panel) -> None:
    machine = panel.machine
    machine.run("systemctl restart hymio-kiosk")
    # As the keeper says when staff end the program; cage itself ends with 0 then.
    keeper = machine.run("pgrep -u hymio -f 'kiosk keep' | tail -1").stdout.strip()
    environment = machine.path(f"/proc/{keeper}/environ").read_bytes().split(b"\0")
    (address,) = (e.partition(b"=")[2] for e in environment if e.startswith(b"NOTIFY_SOCKET="))
    namespace = f"nsenter --target={keeper} --mount"
    say = f'{namespace} /usr/bin/python3 -c "import socket; socket.socket(1, 2).sendto('
    machine.run(f"{say}b'EXIT_STATUS=3', '{address.decode()}')\" && kill -9 {keeper}")
    wait_until(
        lambda: machine.run("systemctl is-active hymio-kiosk", check=False).stdout == "failed\n",
        "the service to have ended", seconds=30,
    )  # fmt: skip
    shown = machine.run("systemctl show -p ExecMainStatus -p NRestarts hymio-kiosk").stdout
    assert "ExecMainStatus=3" in shown
    assert "" == machine.run("pgrep -u hymio -a -f 'kiosk|cage|Xwayland'", check=False).stdout
    machine.run("systemctl start hymio-kiosk")
    machine.run("systemctl stop hymio-kiosk")
    assert "" == machine.run("pgrep -u hymio -a -f 'kiosk|cage|Xwayland'", check=False).stdout


def test_without_xwayland_the_log_says_what_is_missing(panel: Panel) -> None:
    machine = panel.machine
    machine.run("systemctl stop hymio-kiosk")
    program = machine.run("command -v Xwayland").stdout.strip()
    machine.run(f"mv {program} {program}.away")
    try:
        machine.run("systemctl start --no-block hymio-kiosk")
        wait_until(
            lambda: "apt install xwayland" in machine.journal("hymio-kiosk"),
            "words about it", seconds=60,
        )  # fmt: skip
    finally:
        machine.run(f"mv {program}.away {program}; systemctl stop hymio-kiosk")
