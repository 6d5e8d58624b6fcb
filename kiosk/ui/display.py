"""The size of the X display, which SDL gets wrong for a full-screen window without a manager."""

import ctypes


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
