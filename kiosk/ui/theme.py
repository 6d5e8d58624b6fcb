"""The look: colours, type scale, spacing and motion, computed once for a panel."""

from dataclasses import dataclass
from typing import Literal

Colour = tuple[float, float, float, float]

FACE_MM = 20.0
TARGET_MM = 12.0
GAP_MM = 3.0
"""The least a finger needs."""


@dataclass(frozen=True)
class Colours:
    """One role, one colour."""

    page: Colour
    ink: Colour
    quiet: Colour
    """Texts of second rank; still 4.5:1 on the page."""
    chosen: Colour
    """Behind the chosen language."""
    chosen_ink: Colour
    line: Colour
    """The edge of a control; 3:1 on the page."""


@dataclass(frozen=True)
class Motion:
    """Durations in seconds."""

    appear: float = 0.32


@dataclass(frozen=True)
class Theme:
    """What every screen measures and colours with; lengths are pixels."""

    colours: Colours
    motion: Motion
    width: float
    height: float
    mm: float
    """Pixels in a millimetre."""
    portrait: bool
    margin: float
    question_size: float
    heading_size: float
    line_size: float
    label_size: float
    small_size: float
    target: float
    """Least side of a control that is no face."""
    gap: float
    thanks_face: float

    def face(self, faces: int) -> float:
        """Side of one of so many faces in a row."""
        share = (0.88 if self.portrait else 0.80) * self.width
        widest = share / (faces + 0.30 * (faces - 1))
        return max(min(widest, 0.34 * self.height), FACE_MM * self.mm)

    def face_gap(self, faces: int) -> float:
        """Space between two faces."""
        return max(0.30 * self.face(faces), GAP_MM * self.mm)


def theme(
    look: Literal["light", "dark"], size: tuple[float, float], panel_width_mm: float
) -> Theme:
    """The theme for a window of ``size`` pixels on a panel of this width."""
    width, height = size
    mm = width / panel_width_mm
    portrait = height > width
    unit = min(width * 1.2, height) / 100 if portrait else min(width / 1.6, height) / 100
    return Theme(
        colours=_LIGHT if look == "light" else _DARK,
        motion=Motion(),
        width=width,
        height=height,
        mm=mm,
        portrait=portrait,
        margin=max(5.0 * unit, 4 * mm),
        question_size=(6.2 if portrait else 7.6) * unit,
        heading_size=(6.8 if portrait else 8.2) * unit,
        line_size=(3.2 if portrait else 3.8) * unit,
        label_size=max((3.0 if portrait else 3.7) * unit, 3.8 * mm),
        small_size=max((2.5 if portrait else 3.1) * unit, 3.2 * mm),
        target=max(TARGET_MM * mm, 7.5 * unit),
        gap=max(GAP_MM * mm, 1.6 * unit),
        thanks_face=min(0.38 * height, 0.42 * width),
    )


def rgba(text: str, alpha: float = 1.0) -> Colour:
    """A colour written as ``#rrggbb``."""
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return (red, green, blue, alpha)


_LIGHT = Colours(
    page=rgba("#faf7f2"),
    ink=rgba("#22302f"),
    quiet=rgba("#5a6866"),
    chosen=rgba("#22302f"),
    chosen_ink=rgba("#faf7f2"),
    line=rgba("#7d8785"),
)
_DARK = Colours(
    page=rgba("#131a1b"),
    ink=rgba("#f3efe7"),
    quiet=rgba("#a9b4b1"),
    chosen=rgba("#f3efe7"),
    chosen_ink=rgba("#131a1b"),
    line=rgba("#6d7a78"),
)
