"""A kept kiosk with its real window: frozen, crashed, told to end."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import PROGRAMS, Program, VirtualScreen, wait_until
from slowness import limit_s

from assets.faces import palette
from kiosk.ui.theme import COLOUR_SCHEMES

PAGE, INK = COLOUR_SCHEMES["light"].page, COLOUR_SCHEMES["light"].ink
HAPPY = palette(1.0).fill

pytestmark = [pytest.mark.gui, pytest.mark.e2e, pytest.mark.slow]


class KeptKiosk(Program):
    """`hymio-kiosk keep`, whose child draws the window."""

    def __init__(self, folder: Path, *window: str, display: str) -> None:
        self.trace = folder / "trace.jsonl"
        command = [
            str(PROGRAMS / "hymio-kiosk"), "keep", "--frozen", "6", *window,
            "--data", str(folder / "data"), "--trace", str(self.trace),
        ]  # fmt: skip
        env = {"HOME": str(folder), "DISPLAY": display}
        super().__init__("kept kiosk", command, folder / "kiosk.log", env=env)

    def child(self) -> int | None:
        """The process with the kiosk's window."""
        threads = Path(f"/proc/{self.pid}/task").iterdir()
        found = [int(pid) for t in threads for pid in (t / "children").read_text().split()]
        return next((pid for pid in found if b"\0run\0" in command_of(pid)), None)

    def drawn(self) -> int:
        """How many windows have been drawn."""
        lines = self.trace.read_text().splitlines() if self.trace.exists() else []
        return sum(json.loads(line)["event"] == "first_frame" for line in lines)

    def frames(self, count: int) -> int:
        """Waits until so many windows have been drawn; returns the last one's process."""

        def seek() -> int | None:
            return self.child() if self.drawn() >= count else None

        return wait_until(seek, f"window {count}", seconds=90, watched=(self,))


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptKiosk]:
    window = ("--windowed", "--size", "800x480")
    kiosk = KeptKiosk(tmp_path, *window, display=os.environ["DISPLAY"])
    kiosk.start()
    yield kiosk
    kiosk.kill()


@pytest.mark.timeout(300)
def test_frozen_and_crashed_screens_come_back_and_sigterm_ends_all(kept: KeptKiosk) -> None:
    first = kept.frames(1)
    os.kill(first, signal.SIGSTOP)  # as frozen as can be
    second = kept.frames(2)
    assert first != second
    assert "no sign of life" in kept.said()
    os.kill(second, signal.SIGSEGV)
    third = kept.frames(3)
    assert third not in (first, second)
    assert "Segmentation fault" in kept.said()
    asked_at = time.monotonic()
    assert 0 == kept.stop(seconds=10)
    assert time.monotonic() - asked_at <= limit_s(4)
    for pid in (first, second, third):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.timeout(300)
def test_killed_kiosk_leaves_a_calm_page_until_it_is_back(tmp_path: Path) -> None:
    screen = VirtualScreen(tmp_path / "screen.log", "800x480", memory=tmp_path)
    with screen.start(), KeptKiosk(tmp_path, "--fullscreen", display=screen.display) as kiosk:
        kiosk.start()
        os.kill(kiosk.frames(1), signal.SIGKILL)
        seen: list[Counter[str]] = []
        while kiosk.drawn() < 2:
            seen.append(screen.picture().colours())
        seen.append(screen.picture().colours())
    faces = [page for page in seen if page[HAPPY] > 0]
    assert faces
    # Nothing else was ever to be seen: no desktop, no empty screen.
    assert {PAGE} == {page.most_common(1)[0][0] for page in seen}
    calm = [page for page in seen if page[HAPPY] == 0]
    assert calm
    assert all(page[INK] > 0 for page in calm)
