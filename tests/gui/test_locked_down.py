"""Nothing that keys, fingers or windows can do leads out of a kiosk that fills the screen."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from journey import HAPPY, SAD, Finger, Kiosk
from processes import VirtualScreen, wait_until

from assets.faces import palette
from kiosk.supervisor.sd_notify import Notifier

pytestmark = [pytest.mark.gui, pytest.mark.timeout(180)]
SETTINGS = "[way]\nfollow_up = false\ninvite = false\n[timing]\nthanks = 0.5\n"
KEYS = """
    Escape F1 F11 F12 Print Menu Super_L alt+F4 alt+Tab alt+space alt+Escape ctrl+c ctrl+q ctrl+w
    ctrl+d ctrl+z ctrl+Escape ctrl+alt+t ctrl+alt+Delete ctrl+alt+BackSpace super+d super+l super+r
"""


class Shown:
    """A kiosk that fills a screen of its own."""

    def __init__(self, kiosk: Kiosk, screen: VirtualScreen, finger: Finger) -> None:
        self.kiosk = kiosk
        self.screen = screen
        self.finger = finger

    def do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self.kiosk.env, check=True, timeout=20)

    def window(self, order: str) -> None:
        self.do(order, self.finger.window)

    def sees_faces(self) -> bool:
        return self.screen.picture().colours()[palette(1.0).fill] > 0

    def still_asks(self) -> None:
        assert self.kiosk.is_running()
        wait_until(self.sees_faces, "the faces", seconds=30, watched=(self.kiosk,))
        assert [] == self.kiosk.trace.all("stored")
        assert ["rating"] == [told["screen"] for told in self.kiosk.trace.all("shown")][-1:]
        answered = self.finger.answer(HAPPY)
        assert 2 == answered.stored["value"]


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Shown]:
    screen = VirtualScreen(tmp_path / "screen.log", "800x480", memory=tmp_path).start()
    kiosk = Kiosk(tmp_path, screen.display, settings=SETTINGS, fullscreen=True)
    with screen, kiosk.start(), Finger(kiosk) as finger:
        yield Shown(kiosk, screen, finger)


@pytest.mark.e2e
def test_keys_and_their_combinations_lead_nowhere(shown: Shown) -> None:
    shown.do("mousemove", "5", "470")  # keys go to the window under the pointer
    for key in KEYS.split():
        shown.do("key", "--clearmodifiers", key)
    shown.still_asks()


@pytest.mark.e2e
def test_other_buttons_wheels_and_swipes_lead_nowhere(shown: Shown) -> None:
    for face in (HAPPY, SAD):
        shown.finger.point_at(face)
        for button in "23456789":
            shown.do("click", button)
    for start, end in (((5, 240), (790, 240)), ((400, 2), (400, 470)), ((795, 475), (5, 5))):
        shown.do("mousemove", *map(str, start), "mousedown", "1")
        for step in range(1, 9):
            x, y = (a + (b - a) * step // 8 for a, b in zip(start, end, strict=True))
            shown.do("mousemove", str(x), str(y))
        shown.do("mouseup", "1")
    shown.still_asks()


@pytest.mark.e2e
def test_window_can_not_be_put_away(shown: Shown) -> None:
    for order in ("windowminimize", "windowunmap"):
        shown.window(order)
        wait_until(shown.sees_faces, "the faces", seconds=20, watched=(shown.kiosk,))
    shown.still_asks()


def test_window_that_is_told_to_close_stays(open_window: Callable[..., Any]) -> None:
    window = open_window()
    assert window.kivy.dispatch("on_request_close")
    window.frames(2)
    assert not window.loop.quit


def test_only_a_window_that_draws_gives_signs_of_life(
    open_window: Callable[..., Any], tmp_path: Path
) -> None:
    from kiosk.ui import liveness

    window = open_window()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "systemd"))
        manager.setblocking(False)

        def heard() -> list[bytes]:
            said = []
            while True:
                try:
                    said.append(manager.recv(100))
                except BlockingIOError:
                    return said

        watched = {"NOTIFY_SOCKET": str(tmp_path / "systemd"), "WATCHDOG_USEC": "200000"}
        liveness.start_watchdog(Notifier(watched))
        assert [b"READY=1", b"WATCHDOG=1"] == heard()
        window.until(lambda: b"WATCHDOG=1" in heard(), "a sign of life")
        time.sleep(0.4)  # the window is frozen: no frame is drawn
        assert [] == heard()
        window.until(lambda: b"WATCHDOG=1" in heard(), "a sign of life")
