"""The look's promises, computed from the theme itself."""

import re
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from assets.faces import face
from config.backdrop import backdrop
from config.colours import contrast, mix
from config.rules import colour_mistakes
from config.settings import BrandColours
from kiosk.ui.theme import (
    COLOUR_SCHEMES,
    FACE_MM,
    GAP_MM,
    LARGE,
    TARGET_MM,
    ColourScheme,
    brand_scheme,
    millimetre,
    real_width_mm,
    rgba,
    theme,
)

UI = Path(__file__).parents[2] / "kiosk" / "ui"
PANELS = [((800, 480), 154.0), ((1280, 800), 217.0), ((1080, 1920), 340.0), ((3840, 2160), 600.0)]
FACES = [face(value, faces) for faces in (3, 4, 5) for value in range(faces)]


def check(scheme: ColourScheme) -> None:
    """Every text and every control of a scheme can be told from what it stands on."""
    texts = list(product(("ink", "quiet", "fair"), ("page", "panel")))
    texts += [("selection_ink", "selection"), ("accent_ink", "accent")]
    controls = list(product(("line", "good", "fair", "poor"), ("page", "panel")))
    controls += [("accent", "page"), ("selection", "page")]
    for pairs, least in ((texts, 4.5), (controls, 3)):
        for role, ground in pairs:
            found = contrast(getattr(scheme, role), getattr(scheme, ground))
            assert found >= least, f"{role} on {ground}: {found:.2f}"


@pytest.mark.parametrize("look", COLOUR_SCHEMES)
def test_texts_and_controls_stand_out(look: str) -> None:
    check(COLOUR_SCHEMES[look])  # type: ignore[index]


def test_high_contrast_is_high() -> None:
    scheme = COLOUR_SCHEMES["high_contrast"]
    assert 7 <= min(contrast(getattr(scheme, role), scheme.page) for role in ("ink", "quiet"))


colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@st.composite
def brands(draw: st.DrawFn) -> BrandColours:
    """Colours that the settings accept, often just so."""
    background = draw(colours)

    def standing_out(colour: str, least: float) -> str:
        far = max(("#000000", "#ffffff"), key=lambda c: contrast(c, background))
        tried = (mix(colour, far, step / 50) for step in range(51))
        return next(c for c in tried if contrast(c, background) >= least)

    return BrandColours(
        background=background,
        text=standing_out(draw(colours), 4.5),
        accent=standing_out(draw(colours), 3),
    )


@settings(deadline=None)
@given(brands())
def test_any_brand_that_is_accepted_can_be_read(brand: BrandColours) -> None:
    assert [] == list(colour_mistakes(brand))
    check(brand_scheme(brand))


def test_brand_colours_the_screens_but_not_high_contrast() -> None:
    brand = BrandColours(background="#fdf6ec", text="#3a2618", accent="#8a3b12")
    assert rgba("#fdf6ec") == theme("dark", (1280, 800), 217.0, brand=brand).colours.page
    assert rgba("#000000") == theme("high_contrast", (1280, 800), 217.0, brand=brand).colours.page


@pytest.mark.parametrize("picture", [("#000000", "#ffffff"), ("#0040ff", "#ff2000", "#20ff40")])
def test_everything_on_a_picture_stands_out_from_every_place_of_it(
    picture: tuple[str, ...], tmp_path: Path
) -> None:
    brand = BrandColours(background="#fdf6ec", text="#3a2618", accent="#8a3b12")
    stripes = Image.new("RGB", (30, 10))
    for index, colour in enumerate(picture):
        stripes.paste(colour, (index * 10, 0, index * 10 + 10, 10))
    stripes.save(tmp_path / "stripes.png")
    shown = backdrop(tmp_path / "stripes.png", brand)
    look = theme("light", (1280, 800), 217.0, brand=brand, grounds=shown.grounds)
    check(look.scheme)
    for place in {f"#{shown.pixels[i : i + 3].hex()}" for i in range(0, len(shown.pixels), 3)}:
        for role, least in (("ink", 7), ("quiet", 4.5), ("fair", 4.5), ("line", 3), ("accent", 3)):
            assert contrast(getattr(look.scheme, role), place) >= least, (role, place)
        for drawn in FACES:
            rim, fill = drawn.palette.rim, drawn.palette.fill
            edge = rim if look.edge(rim, fill) == rgba(rim) else brand.text
            assert max(contrast(colour, place) for colour in (edge, fill)) >= 3


@settings(deadline=None)
@given(brands())
def test_faces_stand_out_from_any_page(brand: BrandColours) -> None:
    look = theme("light", (1280, 800), 217.0, brand=brand)
    for drawn in FACES:
        rim, fill = drawn.palette.rim, drawn.palette.fill
        edge = {rgba(colour): colour for colour in (brand.text, rim)}[look.edge(rim, fill)]
        assert max(contrast(colour, brand.background) for colour in (edge, fill)) >= 3


@pytest.mark.parametrize(("size", "width_mm"), PANELS)
@pytest.mark.parametrize("faces", [3, 4, 5])
@pytest.mark.parametrize("large_text", [False, True])
def test_targets_are_big_enough_for_a_finger(
    size: tuple[int, int], width_mm: float, faces: int, large_text: bool
) -> None:
    look = theme("light", size, width_mm, large_text=large_text)
    assert look.face(faces) >= FACE_MM * look.mm
    assert look.face_gap(faces) >= GAP_MM * look.mm
    assert look.gap >= GAP_MM * look.mm
    assert look.target >= TARGET_MM * look.mm
    row = faces * look.face(faces) + (faces - 1) * look.face_gap(faces)
    assert row + 2 * look.margin <= size[0]


@pytest.mark.parametrize("faces", [3, 4, 5])
@pytest.mark.parametrize(
    ("size", "width_mm"),
    [((720, 1280), 88), ((480, 800), 86), ((800, 480), 108), ((1024, 600), 154), ((480, 854), 80)],
)
def test_every_row_of_faces_lies_on_narrow_panels(
    size: tuple[int, int], width_mm: float, faces: int
) -> None:
    for large_text in (False, True):
        look = theme("light", size, width_mm, large_text=large_text)
        row = faces * look.face(faces) + (faces - 1) * look.face_gap(faces)
        assert row <= size[0] - 2 * look.gap_min + 1
        assert look.face(faces) >= 0.99 * look.target_min
        assert look.face_gap(faces) >= 0.99 * look.gap_min


def test_below_7_inch_everything_is_in_proportion() -> None:
    """An upright 7 inch panel is as wide as a 5 inch one is long."""
    assert 480 / 86 == pytest.approx(millimetre((480, 800), 86))
    assert 0.75 <= millimetre((800, 480), 108) / (800 / 108) <= 0.76
    assert 0.75 * 800 / 80 == millimetre((800, 480), 80)


@pytest.mark.parametrize(
    ("set_width", "panel", "window", "width"),
    [
        (154.0, (344, 194), (1920, 1080), 154.0),
        (None, (344, 194), (1920, 1080), 344.0),
        (None, (344, 194), (1080, 1920), 194.0),
        (None, (344, 0), (1080, 1920), 344.0),
        (None, None, (1280, 800), 217.0),
    ],
)
def test_width_is_the_settings_else_the_panels(
    set_width: float | None,
    panel: tuple[int, int] | None,
    window: tuple[int, int],
    width: float,
) -> None:
    assert width == real_width_mm(set_width, panel, window)


def test_large_text_is_a_third_larger() -> None:
    usual = theme("light", (1280, 800), 217.0)
    large = theme("light", (1280, 800), 217.0, large_text=True)
    for name in ("question_size", "heading_size", "line_size", "label_size", "small_size"):
        assert LARGE == pytest.approx(getattr(large, name) / getattr(usual, name))
    assert 1.3 <= LARGE <= 1.4


def test_nothing_moves_where_motion_is_not_wanted() -> None:
    assert {0.0} == set(vars(theme("dark", (800, 480), 154.0, reduced_motion=True).motion).values())


# --- nothing is decided anywhere else ---

A_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b|rgba?: *-?[\d.]+ *,|Color\([\d.]+, *[\d.]+, *[\d.]+")
A_SIZE = re.compile(
    r"\b[ds]p\(|\b(?:font_size|full_size|spacing|padding|height|width|size|radius|line_width)"
    r"\s*[:=]\s*[\[(]?\s*(?!0\b(?!\.)|1\b(?!\.)|0\.0\b|1\.0\b|[\d.]+ *\*)\d"
)
A_DURATION = re.compile(
    r"\bduration\s*=\s*[\d.]|\bd\s*=\s*[\d.]|schedule_(?:once|interval)\([^()]+, *[\d.]*[1-9]"
)


def decisions(source: str) -> list[str]:
    """The lines of a program or of a rules file that decide on a colour, a size or a duration."""
    return [
        line
        for line in source.splitlines()
        if any(pattern.search(line) for pattern in (A_COLOUR, A_SIZE, A_DURATION))
        and "Texture.create(" not in line
    ]


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(UI.rglob("*")) if path.suffix in (".py", ".kv")],
    ids=lambda path: path.relative_to(UI).as_posix(),
)
def test_only_the_theme_decides_on_colours_sizes_and_durations(path: Path) -> None:
    if path.relative_to(UI).as_posix() != "theme.py":
        assert [] == decisions(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "line",
    [
        '    color: "#ff0000"', "    rgba: 0.5, 0, 0, 1", "Color(0.1, 0.2, 0.3)",
        "    font_size: 32", "    height: dp(48)", "    padding: [12, 4]", "box.width = 300",
        "Animation(zoom=1.0, duration=0.32)", "Clock.schedule_interval(tick, 1 / 30)",
    ],
)  # fmt: skip
def test_a_decision_is_seen(line: str) -> None:
    assert [line] == decisions(line)


@pytest.mark.parametrize(
    "line",
    [
        "    height: app.theme.target", "    font_size: app.theme.line_size * 0.9",
        "    size_hint: None, None", "key.size = (2 * side + gap, high)",
        "    size: self.texture_size", "    height: 0",
        "Clock.schedule_once(tick, 0)", "    rgba: app.theme.colours.line",
        "Animation(zoom=1.0, duration=look.motion.appear)",
    ],
)  # fmt: skip
def test_what_follows_the_theme_is_no_decision(line: str) -> None:
    assert [] == decisions(line)
