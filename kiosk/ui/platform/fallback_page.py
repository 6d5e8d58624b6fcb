"""A calm page behind the kiosk, seen as long as the kiosk itself is not there.

``python -m kiosk.ui.platform.fallback_page`` with the arguments of ``hymio-kiosk run`` shows it
until it is told to end, and prints a line as soon as it is seen. The supervisor starts it first, so
that the kiosk's window lies above it. It is as small as can be: SDL alone, without Kivy and without
OpenGL, so that what brings the kiosk down leaves it standing.

What to check at an upgrade of Kivy or SDL: Kivy has to bring ``_window_sdl2`` and ``_text_sdl2``
along, with SDL 2 and its TTF library inside; the numbers of flags and the order of the fields of a
rectangle and a colour are those of SDL 2's headers. ``tests/gui/test_supervised_kiosk.py`` looks at
the page.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from importlib import resources
from typing import Any

from kiosk.errors import NoDisplayError
from kiosk.i18n import translator
from kiosk.maintenance.panel import panel_size_mm
from kiosk.options import OK, parse_run_options
from kiosk.startup import load_startup_config
from kiosk.ui.platform.video_driver import insist_on_screen, sdl_beside
from kiosk.ui.platform.x11 import DisplayWatch, display_size, take_no_input
from kiosk.ui.theme import Colour, Theme, real_width_mm, theme

READY = "ready"
LOOK_MS = 1000
"""How often the size of the display is looked at."""
_VIDEO, _BORDERLESS, _FULLSCREEN = 0x20, 0x10, 0x1001
_DIES_WITH_PARENT = 1


class _Rect(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_int) for name in "xywh")


class _Colour(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_ubyte) for name in "rgba")


class _WindowOnX(ctypes.Structure):
    """SDL_SysWMinfo of a window under X, and room for those of other systems."""

    _fields_ = (
        ("version", ctypes.c_ubyte * 3),
        ("subsystem", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("room", ctypes.c_ubyte * 64),
    )


_UNDER_X = 2


class _Sdl:
    """The few functions that are needed, out of the libraries that Kivy brings along."""

    def __init__(self) -> None:
        self.video = sdl_beside("window", "_window_sdl2")
        self.letters = sdl_beside("text", "_text_sdl2")
        pointer = ctypes.c_void_p
        for library, names in (
            (self.video, ("SDL_CreateWindow", "SDL_GetWindowSurface")),
            (self.letters, ("TTF_OpenFont", "TTF_RenderUTF8_Blended")),
        ):
            for name in names:
                getattr(library, name).restype = pointer

    def check(self, result: Any) -> Any:
        """Raises OSError with what SDL says if it gave nothing."""
        if not result:
            said = self.video.SDL_GetError
            said.restype = ctypes.c_char_p
            raise OSError(said().decode())
        return result


class FallbackPage:
    """A window with two lines."""

    def __init__(self, look: Theme, size: tuple[int, int], heading: str, line: str) -> None:
        self._look = look
        self._size = size
        self._heading = heading
        self._line = line
        self._sdl = _Sdl()

    def show(self) -> None:
        """Opens the window and draws on it. Raises OSError."""
        on_x = display_size() is not None
        os.environ["SDL_NO_SIGNAL_HANDLERS"] = "1"
        if on_x:  # else it would load OpenGL, three times as large as all the rest
            os.environ["SDL_FRAMEBUFFER_ACCELERATION"] = "0"
        sdl = self._sdl
        if sdl.video.SDL_Init(_VIDEO) or sdl.letters.TTF_Init():
            sdl.check(None)
        insist_on_screen()
        sdl.video.SDL_ShowCursor(0)
        # Without a window manager SDL would wait in vain for one to make it full-screen.
        how = _BORDERLESS if on_x else _FULLSCREEN
        window = sdl.check(sdl.video.SDL_CreateWindow(b"Hymio", 0, 0, *self._size, how))
        self._window = ctypes.c_void_p(window)
        self._take_no_input()
        self._draw()

    def _take_no_input(self) -> None:
        """A compositor may leave this window above the kiosk's, to catch every touch."""
        on_x = _WindowOnX()
        self._sdl.video.SDL_GetVersion(ctypes.byref(on_x))
        if (
            self._sdl.video.SDL_GetWindowWMInfo(self._window, ctypes.byref(on_x))
            and on_x.subsystem == _UNDER_X
        ):
            take_no_input(on_x.display, on_x.window)

    def stay(self) -> None:
        """Draws again whatever was uncovered, and on a display of another size, for ever."""
        display = DisplayWatch()
        while True:
            is_uncovered = self._sdl.video.SDL_WaitEventTimeout(None, LOOK_MS)
            size = display.changed()
            if size is not None:
                self._sdl.video.SDL_SetWindowSize(self._window, *size)
            if is_uncovered or size is not None:
                self._sdl.video.SDL_FlushEvents(0, 0xFFFF)
                self._draw()

    def _draw(self) -> None:
        video = self._sdl.video
        surface = ctypes.c_void_p(self._sdl.check(video.SDL_GetWindowSurface(self._window)))
        width, height = ctypes.c_int(), ctypes.c_int()
        video.SDL_GetWindowSize(self._window, ctypes.byref(width), ctypes.byref(height))
        red, green, blue = _bytes(self._look.colours.page)
        video.SDL_FillRect(surface, None, ctypes.c_uint32(red << 16 | green << 8 | blue))
        look, room, middle = self._look, width.value, height.value / 2
        colours, large, small = look.colours, look.heading_size, look.line_size
        self._write(surface, room, self._heading, ("SemiBold", large, colours.ink), middle - large)
        self._write(surface, room, self._line, ("Medium", small, colours.quiet), middle + small)
        video.SDL_UpdateWindowSurface(self._window)

    def _write(
        self, surface: Any, room: int, text: str, how: tuple[str, float, Colour], y: float
    ) -> None:
        """In the middle at this height, smaller where it would not fit."""
        letters, words, (weight, size, colour) = self._sdl.letters, text.encode(), how
        file = str(resources.files("assets") / "fonts" / f"Figtree-{weight}.ttf").encode()
        wide, high = ctypes.c_int(room + 1), ctypes.c_int()
        while wide.value > room * 0.94:
            font = ctypes.c_void_p(self._sdl.check(letters.TTF_OpenFont(file, round(size))))
            letters.TTF_SizeUTF8(font, words, ctypes.byref(wide), ctypes.byref(high))
            drawn = letters.TTF_RenderUTF8_Blended(font, words, _Colour(*_bytes(colour), 255))
            place = _Rect(round((room - wide.value) / 2), round(y - high.value / 2), 0, 0)
            letters.TTF_CloseFont(font)
            size *= 0.9
        self._sdl.video.SDL_UpperBlit(ctypes.c_void_p(drawn), None, surface, ctypes.byref(place))
        self._sdl.video.SDL_FreeSurface(ctypes.c_void_p(drawn))


def _bytes(colour: Colour) -> list[int]:
    return [round(part * 255) for part in colour[:3]]


def main(arguments: Sequence[str]) -> int:
    """Shows the page, if there is to be a kiosk that fills the screen."""
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGTERM)
    startup = load_startup_config(parse_run_options(arguments))
    settings = startup.settings
    if not settings.screen.fullscreen:
        return OK
    language = settings.language or startup.questionnaire.languages[0]
    _ = translator(language)
    size = display_size() or (settings.screen.width, settings.screen.height)
    width_mm = real_width_mm(settings.screen.width_mm, panel_size_mm(), size)
    look = theme(settings.screen.theme, size, width_mm, brand=settings.brand.colours)
    page = FallbackPage(look, size, _("Back in a moment"), _("We will be right back."))
    try:
        page.show()
    except NoDisplayError:
        return OK  # the kiosk itself says so
    print(READY, flush=True)  # noqa: T201 - the supervisor reads it
    page.stay()
    return OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
