"""Colours as people write them, and how well one stands out from another."""

from typing import Annotated

from msgspec import Meta

Hex = Annotated[
    str, Meta(pattern="^#[0-9a-fA-F]{6}$", description="A colour written as `#rrggbb`.")
]

TEXT_CONTRAST = 4.5
"""The least for letters (WCAG 2.2, success criterion 1.4.3)."""
CONTROL_CONTRAST = 3.0
"""The least for edges, signs and controls (WCAG 2.2, success criterion 1.4.11)."""


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, 0 (black) to 1 (white), as WCAG 2.2 defines it."""
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 (the same) to 21 (black on white)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """``one`` with a share of ``other`` in it, 0 to 1."""
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(255 * (a + (b - a) * share)):02x}" for a, b in pairs)


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
