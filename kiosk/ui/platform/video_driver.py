"""On what SDL draws: a screen that somebody sees, or none.

Without a display SDL takes a driver that draws into memory, and everything looks well from inside.

What to check at an upgrade of Kivy or SDL: Kivy has to bring ``_window_sdl2`` along, with SDL 2
inside, and the drivers without a screen have to have these names (SDL_VIDEODRIVER in SDL's
documentation). ``tests/gui/test_no_display.py`` starts a kiosk without a display.
"""

import ctypes
import importlib.util
import os
from pathlib import Path
from typing import Any

from kiosk.errors import NoDisplayError

_WITHOUT_SCREEN = ("offscreen", "dummy", "evdev")


def sdl_beside(part: str, module: str) -> Any:
    """The library with SDL inside that Kivy brings along for this part. Raises OSError."""
    found = importlib.util.find_spec("kivy")  # looked for, not imported: that takes long
    if found is None or not found.submodule_search_locations:
        raise OSError("Kivy is not installed")
    folder = Path(found.submodule_search_locations[0]) / "core" / part
    return ctypes.CDLL(str(next(folder.glob(f"{module}*.so"))))


def insist_on_screen() -> None:
    """NoDisplayError if the window that was opened is seen nowhere, unless that was asked for.

    It is asked for by the variable SDL_VIDEODRIVER.
    """
    said = sdl_beside("window", "_window_sdl2").SDL_GetCurrentVideoDriver
    said.restype = ctypes.c_char_p
    driver = (said() or b"").decode()
    if driver in _WITHOUT_SCREEN and os.environ.get("SDL_VIDEODRIVER") != driver:
        raise NoDisplayError(driver, os.environ.get("DISPLAY", ""))
