"""A calm page behind the kiosk, seen as long as the kiosk itself is not there.

``python -m kiosk.ui.standin`` with the arguments of ``hymio-kiosk run`` shows it until it is told
to end, and prints a line as soon as it is seen. The keeper starts it first, so that the kiosk's
window lies above it. It is as small as can be: SDL alone, without Kivy and without OpenGL, so that
what brings the kiosk down leaves it standing.
"""

import ctypes
import importlib.util
import os
import signal
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from kiosk.cli import OK, run_options
from kiosk.i18n import translator
from kiosk.plan import plan
from kiosk.ui.display import display_size
from kiosk.ui.theme import Colour, Theme, theme

READY = "ready"
_VIDEO, _BORDERLESS, _FULLSCREEN = 0x20, 0x10, 0x1001
_DIES_WITH_PARENT = 1


class _Rect(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_int) for name in "xywh")


class _Colour(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_ubyte) for name in "rgba")


class _Sdl:
    """The few functions that are needed, out of the libraries that Kivy brings along."""

    def __init__(self) -> None:
        self.video = self._beside("window", "_window_sdl2")
        self.letters = self._beside("text", "_text_sdl2")
        pointer = ctypes.c_void_p
        for library, names in (
            (self.video, ("SDL_CreateWindow", "SDL_GetWindowSurface")),
            (self.letters, ("TTF_OpenFont", "TTF_RenderUTF8_Blended")),
        ):
            for name in names:
                getattr(library, name).restype = pointer

    @staticmethod
    def _beside(part: str, module: str) -> Any:
        found = importlib.util.find_spec("kivy")  # looked for, not imported: that takes long
        if found is None or not found.submodule_search_locations:
            raise OSError("Kivy is not installed")
        folder = Path(found.submodule_search_locations[0]) / "core" / part
        return ctypes.CDLL(str(next(folder.glob(f"{module}*.so"))))

    def checked(self, result: Any) -> Any:
        """Raises OSError with what SDL says if it gave nothing."""
        if not result:
            said = self.video.SDL_GetError
            said.restype = ctypes.c_char_p
            raise OSError(said().decode())
        return result


class StandIn:
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
            sdl.checked(None)
        sdl.video.SDL_ShowCursor(0)
        # Without a window manager SDL would wait in vain for one to make it full-screen.
        how = _BORDERLESS if on_x else _FULLSCREEN
        window = sdl.checked(sdl.video.SDL_CreateWindow(b"Hymio", 0, 0, *self._size, how))
        self._window = ctypes.c_void_p(window)
        self._draw()

    def stay(self) -> None:
        """Draws again whatever was uncovered, for ever."""
        while self._sdl.video.SDL_WaitEvent(None):
            self._sdl.video.SDL_FlushEvents(0, 0xFFFF)
            self._draw()

    def _draw(self) -> None:
        video = self._sdl.video
        surface = ctypes.c_void_p(self._sdl.checked(video.SDL_GetWindowSurface(self._window)))
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
            font = ctypes.c_void_p(self._sdl.checked(letters.TTF_OpenFont(file, round(size))))
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
    planned = plan(run_options(arguments))
    settings = planned.settings
    if not settings.screen.fullscreen:
        return OK
    language = settings.language or planned.questionnaire.languages[0]
    _ = translator(language)
    size = display_size() or (settings.screen.width, settings.screen.height)
    look = theme(
        settings.screen.theme, size, settings.screen.width_mm, brand=settings.brand.colours
    )
    page = StandIn(look, size, _("Back in a moment"), _("We will be right back."))
    page.show()
    print(READY, flush=True)  # noqa: T201 - the keeper reads it
    page.stay()
    return OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
