"""Prepares the process for Kivy; must run before anything else of Kivy is imported."""

import logging
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.settings import Screen
from config.user_folder import user_folder
from kiosk.ui.platform.x11 import display_size

WINDOW_INPUT = "mouse,disable_multitouch"
"""Mouse events of the window; a panel that X serves arrives through them too."""


@dataclass(frozen=True)
class Surface:
    """What is drawn on and how often."""

    fullscreen: bool
    width: int
    height: int
    max_fps: int

    @classmethod
    def of(cls, screen: Screen) -> "Surface":
        """As the settings say; full-screen takes the size of the display."""
        full = display_size() if screen.fullscreen else None
        width, height = full or (screen.width, screen.height)
        return cls(
            fullscreen=screen.fullscreen,
            width=width,
            height=height,
            max_fps=screen.max_fps,
        )


def kivy_home() -> Path:
    """A folder for what Kivy keeps; nothing in it matters."""
    cache = user_folder("XDG_CACHE_HOME", ".cache")
    if cache is not None:
        with suppress(OSError):
            home = cache / "hymio" / "kivy"
            home.mkdir(parents=True, exist_ok=True)
            return home
    return Path(tempfile.mkdtemp(prefix="hymio-kivy-"))


def prepare(home: Path, surface: Surface) -> None:
    """Gives Kivy a folder and a configuration of its own; the user's ~/.kivy stays untouched.

    With KIVY_NO_CONFIG it neither reads nor writes a configuration file, and with
    KIVY_NO_ENV_CONFIG no variable of the environment can change what is set here.
    """
    home.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "KIVY_NO_ARGS": "1",
        "KIVY_HOME": str(home),
        "KIVY_NO_CONFIG": "1",
        "KIVY_NO_ENV_CONFIG": "1",
        "KIVY_NO_FILELOG": "1",
        # The touch that gives the window its focus is an answer like any other.
        "SDL_MOUSE_FOCUS_CLICKTHROUGH": "1",
        # The default mode adds handlers to the root logger.
        "KIVY_LOG_MODE": "PYTHON",
    }

    # Kivy sets the level of its logger itself while it is imported.
    logging.disable(logging.INFO)
    from kivy.config import Config  # only now may Kivy be imported

    logging.disable(logging.NOTSET)
    logging.getLogger("kivy").setLevel(logging.WARNING)

    for section, key, value in _options(surface):
        Config.set(section, key, value)
    for provider, _ in list(Config.items("input")):
        Config.remove_option("input", provider)
    # Exactly one: with two, a single touch of a finger arrives twice.
    Config.set("input", "window", WINDOW_INPUT)


def _options(surface: Surface) -> tuple[tuple[str, str, str], ...]:
    return (
        # The default 1 lets any keyboard close the kiosk.
        ("kivy", "exit_on_escape", "0"),
        ("graphics", "fullscreen", "auto" if surface.fullscreen else "0"),
        # Where nobody manages windows, as on most kiosks, the window stays where it opens.
        ("graphics", "position", "custom" if surface.fullscreen else "auto"),
        ("graphics", "left", "0"),
        ("graphics", "top", "0"),
        ("graphics", "width", str(surface.width)),
        ("graphics", "height", str(surface.height)),
        ("graphics", "show_cursor", "0" if surface.fullscreen else "1"),
        ("graphics", "allow_screensaver", "0"),
        ("graphics", "maxfps", str(surface.max_fps)),
        # Shapes are smoothed at their edges as they are drawn, which looks better and costs
        # far less on software OpenGL than multisampling every pixel.
        ("graphics", "multisamples", "0"),
    )
