"""What SDL doesn't do under X: the size of the display, also when that changes, and a window that
takes no input.

SDL gets the size wrong for a full-screen window without a manager, and leaves it as it is when the
display takes another mode.

What to check at an upgrade of Kivy or SDL: whether such a window gets the size of the display by
itself; then `display_size` is needed no more. ``tests/gui/test_locked_down.py`` runs such a window.
``tests/deploy/test_kiosk_service.py`` touches the kiosk with this page above it.
"""

import ctypes
from contextlib import suppress
from typing import Any


def display_size() -> tuple[int, int] | None:
    """Width and height in pixels of the default X screen; None where there is no X."""
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return None
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display = x11.XOpenDisplay(None)
    if not display:
        return None
    pointer = ctypes.c_void_p(display)
    screen = x11.XDefaultScreen(pointer)
    size = (x11.XDisplayWidth(pointer, screen), x11.XDisplayHeight(pointer, screen))
    x11.XCloseDisplay(pointer)
    return size


class DisplayWatch:
    """The size of the X display as it is now: what a panel that is switched on later changes.

    Its connection stays open, so that a look costs one message there and back.
    """

    def __init__(self) -> None:
        self._x11: Any = None
        with suppress(OSError):
            x11 = ctypes.CDLL("libX11.so.6")
            x11.XOpenDisplay.restype = ctypes.c_void_p
            x11.XDefaultRootWindow.restype = ctypes.c_ulong
            if display := x11.XOpenDisplay(None):
                self._x11, self._display = x11, ctypes.c_void_p(display)
                self._root = ctypes.c_ulong(x11.XDefaultRootWindow(self._display))
        self._seen = self.size()

    def size(self) -> tuple[int, int] | None:
        """Width and height in pixels; None where there is no X."""
        if self._x11 is None:
            return None
        root, place = ctypes.c_ulong(), (ctypes.c_int(), ctypes.c_int())
        width, height, rest = ctypes.c_uint(), ctypes.c_uint(), (ctypes.c_uint(), ctypes.c_uint())
        out = map(ctypes.byref, (root, *place, width, height, *rest))
        if not self._x11.XGetGeometry(self._display, self._root, *out):
            return None
        return width.value, height.value

    def changed(self) -> tuple[int, int] | None:
        """The size, if it is another one than when it was last asked for; else None."""
        before, self._seen = self._seen, self.size()
        return self._seen if self._seen != before else None

    def fit(self, window: int, size: tuple[int, int]) -> None:
        """Make a window fill the display; for whom nobody else manages windows."""
        if self._x11 is not None:
            self._x11.XMoveResizeWindow(self._display, ctypes.c_ulong(window), 0, 0, *size)
            self._x11.XFlush(self._display)


_SHAPE_OF_INPUT, _SET, _IN_ANY_ORDER = 2, 0, 0


def take_no_input(display: int, window: int) -> None:
    """Let fingers and the mouse reach what lies below a window, as if it were not there.

    Both numbers as SDL_GetWindowWMInfo gives them. Without the extension nothing changes.
    """
    try:
        shape = ctypes.CDLL("libXext.so.6").XShapeCombineRectangles
    except (OSError, AttributeError):
        return
    handle, no_rectangles = ctypes.c_void_p(display), (ctypes.c_void_p(None), 0)
    shape(
        handle, ctypes.c_ulong(window), _SHAPE_OF_INPUT, 0, 0, *no_rectangles, _SET, _IN_ANY_ORDER
    )
    ctypes.CDLL("libX11.so.6").XFlush(handle)
