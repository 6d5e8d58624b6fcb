"""How large the panel is, as it says itself."""

from collections.abc import Sequence
from pathlib import Path

from sync.configuration import Panel

CONNECTORS = Path("/sys/class/drm")
_HEADER = bytes.fromhex("00ffffffffffff00")
_NARROWEST_MM, _WIDEST_MM = 80, 3000


def panel_size_mm(connectors: Path = CONNECTORS) -> tuple[int, int] | None:
    """Width and height of the picture in mm, of the first panel that tells them; None: none does.

    As the panel lies; a compositor may have turned its picture.
    """
    for connector in sorted(connectors.glob("card*-*")):
        try:
            if (connector / "status").read_text().strip() != "connected":
                continue
            size = edid_size_mm((connector / "edid").read_bytes())
        except OSError:
            continue
        if size is not None:
            return size
    return None


def panel_width_mm(connectors: Path = CONNECTORS) -> int | None:
    """The width in mm of the panel that lies as its maker meant it."""
    size = panel_size_mm(connectors)
    return None if size is None else size[0]


def edid_size_mm(edid: bytes) -> tuple[int, int] | None:
    """Width and height in mm that an EDID of VESA tells; None if it tells none that can be.

    The first detailed timing (bytes 54 to 71) has them in mm, bytes 21 and 22 in whole cm.
    Projectors and cheap adapters have 0 there, or the size of another panel.
    """
    if len(edid) < 128 or not edid.startswith(_HEADER):
        return None
    detailed = (edid[66] | (edid[68] & 0xF0) << 4, edid[67] | (edid[68] & 0x0F) << 8)
    coarse = (edid[21] * 10, edid[22] * 10)
    for size in (detailed if edid[54] | edid[55] else (0, 0), coarse):
        if _NARROWEST_MM <= size[0] <= _WIDEST_MM:
            return size
    return None


def edid_width_mm(edid: bytes) -> int | None:
    """The width in mm that an EDID tells."""
    size = edid_size_mm(edid)
    return None if size is None else size[0]


def panel_of(
    window: Sequence[float], width_mm: float | None, panel_mm: tuple[int, int] | None
) -> Panel:
    """What the head office is told: the picture in pixels, and in mm where that is known.

    ``width_mm``: as the settings say; ``panel_mm``: as the panel says of itself.
    """
    wide, high = max(1, round(window[0])), max(1, round(window[1]))
    if width_mm is None and panel_mm is not None:
        turned = (panel_mm[0] > panel_mm[1]) != (wide > high)
        width_mm = panel_mm[1] if turned else panel_mm[0]
    if width_mm is None:
        return Panel(wide, high)
    return Panel(wide, high, max(1, round(width_mm)), max(1, round(width_mm * high / wide)))
