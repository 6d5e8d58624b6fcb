"""Gives the display another size, as `xrandr --fb` does: randr.py WIDTH HEIGHT."""

import ctypes
import sys

_AS_IT_STANDS = 1


class _Resources(ctypes.Structure):
    """The beginning of XRRScreenResources."""

    _fields_ = (
        ("timestamp", ctypes.c_ulong),
        ("configured", ctypes.c_ulong),
        ("crtc_count", ctypes.c_int),
        ("crtcs", ctypes.POINTER(ctypes.c_ulong)),
    )


def set_screen_size(width: int, height: int) -> None:
    x11, randr = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXrandr.so.2")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XDefaultRootWindow.restype = ctypes.c_ulong
    randr.XRRGetScreenResourcesCurrent.restype = ctypes.POINTER(_Resources)
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    root = ctypes.c_ulong(x11.XDefaultRootWindow(display))
    # The screen can't become smaller than what is drawn of it.
    resources = randr.XRRGetScreenResourcesCurrent(display, root)
    now, nothing = ctypes.c_ulong(0), ctypes.c_ulong(0)
    for each in range(resources.contents.crtc_count):
        crtc = ctypes.c_ulong(resources.contents.crtcs[each])
        randr.XRRSetCrtcConfig(display, resources, crtc, now, 0, 0, nothing, _AS_IT_STANDS, None, 0)
    randr.XRRSetScreenSize(display, root, width, height, round(width / 4), round(height / 4))
    x11.XSync(display, 0)


if __name__ == "__main__":
    set_screen_size(*map(int, sys.argv[1:]))
