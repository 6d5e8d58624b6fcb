"""The look's promises, computed from the theme itself."""

import pytest

from kiosk.ui.theme import FACE_MM, GAP_MM, TARGET_MM, Colour, theme

PANELS = [((800, 480), 154.0), ((1280, 800), 217.0), ((1080, 1920), 340.0), ((3840, 2160), 600.0)]


def luminance(colour: Colour) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_texts_and_controls_stand_out(look: str) -> None:
    colours = theme(look, (1280, 800), 217.0).colours  # type: ignore[arg-type]
    assert contrast(colours.ink, colours.page) >= 4.5
    assert contrast(colours.quiet, colours.page) >= 4.5
    assert contrast(colours.chosen_ink, colours.chosen) >= 4.5
    assert contrast(colours.line, colours.page) >= 3


@pytest.mark.parametrize(("size", "width_mm"), PANELS)
@pytest.mark.parametrize("faces", [3, 4, 5])
def test_targets_are_big_enough_for_a_finger(
    size: tuple[int, int], width_mm: float, faces: int
) -> None:
    look = theme("light", size, width_mm)
    assert look.face(faces) >= FACE_MM * look.mm
    assert look.face_gap(faces) >= GAP_MM * look.mm
    assert look.target >= TARGET_MM * look.mm
    row = faces * look.face(faces) + (faces - 1) * look.face_gap(faces)
    assert row + 2 * look.margin <= size[0]
