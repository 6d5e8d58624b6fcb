"""A display that changes its size, or comes later, without a window manager: the kiosk follows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from journey import HAPPY, Finger, Kiosk
from processes import ROOT, VirtualScreen, wait_until

pytestmark = [pytest.mark.gui, pytest.mark.e2e]
LARGE, SMALL = (1280, 800), (800, 600)


def resize(display: str, size: tuple[int, int]) -> None:
    """As `xrandr --fb` does; in a process of its own, as another display than the tests' own."""
    subprocess.run(
        [sys.executable, str(ROOT / "tests" / "randr.py"), *map(str, size)],
        env=os.environ | {"DISPLAY": display}, check=True, timeout=20,
    )  # fmt: skip


def is_inside(kiosk: Kiosk, size: tuple[int, int]) -> bool:
    """Whether every control lies on a display of this size, and they use its width."""
    targets = kiosk.trace.all("shown")[-1]["targets"].values()
    right = max(left + width for left, _top, width, _height in targets)
    bottom = max(top + height for _left, top, _width, height in targets)
    return size[0] * 0.6 < right <= size[0] and size[1] * 0.6 < bottom <= size[1]


def test_the_window_goes_with_the_display(tmp_path: Path) -> None:
    screen = VirtualScreen(tmp_path / "screen.log", "1280x800", memory=tmp_path).start()
    kiosk = Kiosk(tmp_path, screen.display, settings="[way]\nfollow_up=false\n", fullscreen=True)
    with screen, kiosk.start():
        kiosk.trace.wait("shown", screen="rating")
        for size in (SMALL, LARGE):
            resize(screen.display, size)
            what = f"the faces on a display of {size}"
            wait_until(lambda s=size: is_inside(kiosk, s), what, seconds=15, watched=(kiosk,))
        with Finger(kiosk) as finger:
            assert 2 == finger.answer(HAPPY).stored["value"]
