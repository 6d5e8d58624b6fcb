"""The look: colours, type scale, spacing and motion, computed once for a panel.

The one place where a colour, a size or a duration is decided. Sizes of letters and spaces grow
with the panel; whatever a finger has to hit never gets smaller than a finger needs.
"""

from dataclasses import dataclass, replace
from typing import Literal

from config.colours import CONTROL_CONTRAST, TEXT_CONTRAST, contrast, mixed
from config.settings import BrandColours

Colour = tuple[float, float, float, float]
Look = Literal["light", "dark", "high_contrast"]

FACE_MM = 20.0
TARGET_MM = 12.0
GAP_MM = 3.0
"""The least a finger needs."""
REACH_MM = 66.0
"""The least height into which every control fits, where half of the panel is lower than that."""
CARD_MM = 150.0
LOGO_MM = 100.0
LARGE = 1.35
"""How much larger letters are in large text."""


@dataclass(frozen=True)
class Palette:
    """One role, one colour, written as ``#rrggbb``."""

    page: str
    panel: str
    """A surface that lies on the page, such as a key or a card; texts stand on it too."""
    ink: str
    quiet: str
    """Texts of second rank; still 4.5:1 on page and panel."""
    line: str
    """The edge of a control; 3:1 on page and panel."""
    chosen: str
    """Behind what is chosen."""
    chosen_ink: str
    accent: str
    """Behind what invites a touch; 3:1 on the page."""
    accent_ink: str
    good: str
    fair: str
    poor: str
    """Signs for how things are; 3:1 on page and panel, and never the only signal. ``fair`` is also
    the colour of hints: 4.5:1."""


@dataclass(frozen=True)
class Colours:
    """The palette as Kivy wants it."""

    page: Colour
    panel: Colour
    ink: Colour
    quiet: Colour
    line: Colour
    chosen: Colour
    chosen_ink: Colour
    accent: Colour
    accent_ink: Colour
    good: Colour
    fair: Colour
    poor: Colour


@dataclass(frozen=True)
class Motion:
    """Durations in seconds; all zero where motion is not wanted."""

    appear: float = 0.32
    """Something takes its place."""
    fade: float = 0.16
    """One thing gives way to another."""


@dataclass(frozen=True)
class Theme:
    """What every screen measures and colours with; lengths are pixels."""

    palette: Palette
    colours: Colours
    motion: Motion
    width: float
    height: float
    """Of the page; less than the window's in the low-reach layout."""
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
    """Least space between two controls."""
    target_min: float
    gap_min: float
    """What a finger needs at least, where room is short."""
    hairline: float
    """The edge of a control at rest."""
    focus_line: float
    """The edge of the control that has the keyboard's focus."""
    radius: float
    """Of the corners of cards and of controls that are no pills."""
    card: float
    """Width of a card that lies over the page."""
    thanks_face: float
    logo: float
    """Height of the shop's logo; 0 where large text leaves no room for it."""
    veil: float = 0.9
    """How much of the page covers what lies below an open menu."""
    grounds: tuple[str, ...] = ()
    """The darkest and the lightest colour of the picture that is drawn instead of the page."""

    @property
    def footer_inset(self) -> float:
        """What the accessibility button takes of a footer at its left, with its gap."""
        return self.target + self.gap

    def face(self, faces: int) -> float:
        """Side of one of so many faces in a row."""
        share = (0.88 if self.portrait else 0.80) * self.width
        widest = share / (faces + 0.30 * (faces - 1))
        return max(min(widest, 0.34 * self.height), FACE_MM * self.mm)

    def face_gap(self, faces: int) -> float:
        """Space between two faces."""
        return max(0.30 * self.face(faces), GAP_MM * self.mm)

    def edge(self, rim: str, fill: str) -> Colour:
        """The rim of a face: its own colour, or ink where face and page would melt together."""
        seen = all(
            max(contrast(rim, ground), contrast(fill, ground)) >= CONTROL_CONTRAST
            for ground in (self.palette.page, *self.grounds)
        )
        return rgba(rim if seen else self.palette.ink)


def theme(
    look: Look,
    size: tuple[float, float],
    panel_width_mm: float,
    *,
    brand: BrandColours | None = None,
    grounds: tuple[str, ...] = (),
    large_text: bool = False,
    reduced_motion: bool = False,
) -> Theme:
    """The theme for a page of ``size`` pixels, as wide as a panel of this width.

    The brand's colours take the place of the light and the dark look, with the picture behind
    them whose darkest and lightest colour are ``grounds``; high contrast stays what it is, for
    those who need it.
    """
    width, height = size
    mm = width / panel_width_mm
    portrait = height > width
    unit = min(width * 1.2, height) / 100 if portrait else min(width / 1.6, height) / 100
    is_branded = brand is not None and look != "high_contrast"
    palette = branded(brand, grounds) if brand is not None and is_branded else PALETTES[look]
    margin = max(5.0 * unit, 4 * mm)
    letters = LARGE if large_text else 1.0
    small = letters * max((2.5 if portrait else 3.1) * unit, 3.2 * mm)
    return Theme(
        palette=palette,
        colours=_colours(palette),
        motion=Motion(appear=0.0, fade=0.0) if reduced_motion else Motion(),
        width=width,
        height=height,
        mm=mm,
        portrait=portrait,
        margin=margin,
        question_size=letters * (6.2 if portrait else 7.6) * unit,
        heading_size=letters * (6.8 if portrait else 8.2) * unit,
        line_size=letters * (3.2 if portrait else 3.8) * unit,
        label_size=letters * max((3.0 if portrait else 3.7) * unit, 3.8 * mm),
        small_size=small,
        target=max(TARGET_MM * mm, 7.5 * unit),
        gap=max(GAP_MM * mm, 1.6 * unit),
        target_min=TARGET_MM * mm,
        gap_min=GAP_MM * mm,
        hairline=max(1.0, 0.14 * unit),
        focus_line=max(2.0, 0.45 * unit),
        radius=1.8 * unit,
        card=min(width - 2 * margin, max(CARD_MM * mm, 27 * small)),
        thanks_face=min(0.38 * height, 0.42 * width),
        logo=0.0 if large_text and height < LOGO_MM * mm else 8.0 * unit,
        grounds=grounds if is_branded else (),
    )


def page_height(size: tuple[float, float], panel_width_mm: float, *, low_reach: bool) -> float:
    """How much of a window's height screens may use; in the low-reach layout its lower half."""
    width, height = size
    if not low_reach:
        return height
    return min(height, max(height / 2, REACH_MM * width / panel_width_mm))


def rgba(text: str, alpha: float = 1.0) -> Colour:
    """A colour written as ``#rrggbb``."""
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return (red, green, blue, alpha)


def branded(brand: BrandColours, picture: tuple[str, ...] = ()) -> Palette:
    """A palette around three colours whose contrast has been checked, as on these grounds."""
    page, ink, accent = brand.background, brand.text, brand.accent
    # Where the text has little contrast to spare, what lies on the page is only outlined.
    raised = mixed(page, ink, 0.05)
    panel = raised if contrast(ink, raised) >= TEXT_CONTRAST else page
    grounds = (page, panel, *picture)
    signs = PALETTES["light" if contrast("#000000", page) > contrast("#ffffff", page) else "dark"]
    return Palette(
        page=page,
        panel=panel,
        ink=ink,
        quiet=_towards(mixed(ink, page, 0.35), ink, grounds, TEXT_CONTRAST),
        line=_towards(mixed(ink, page, 0.55), ink, grounds, CONTROL_CONTRAST),
        chosen=ink,
        chosen_ink=page,
        accent=accent,
        accent_ink=max((page, ink, "#000000", "#ffffff"), key=lambda c: contrast(c, accent)),
        good=_towards(signs.good, ink, grounds, CONTROL_CONTRAST),
        fair=_towards(signs.fair, ink, grounds, TEXT_CONTRAST),
        poor=_towards(signs.poor, ink, grounds, CONTROL_CONTRAST),
    )


def _towards(colour: str, ink: str, grounds: tuple[str, ...], least: float) -> str:
    """``colour`` with as much ink in it as it needs to stand out from all the grounds."""
    for share in range(0, 100, 5):
        tried = mixed(colour, ink, share / 100)
        if min(contrast(tried, ground) for ground in grounds) >= least:
            return tried
    return ink


def _colours(palette: Palette) -> Colours:
    return Colours(**{role: rgba(colour) for role, colour in vars(palette).items()})


_LIGHT = Palette(
    page="#faf7f2",
    panel="#f1ece3",
    ink="#22302f",
    quiet="#566462",
    line="#7b8583",
    chosen="#22302f",
    chosen_ink="#faf7f2",
    accent="#1f6b5c",
    accent_ink="#ffffff",
    good="#2b7d4f",
    fair="#875b00",
    poor="#b8402f",
)
_DARK = Palette(
    page="#131a1b",
    panel="#1e2728",
    ink="#f3efe7",
    quiet="#a9b4b1",
    line="#75827f",
    chosen="#f3efe7",
    chosen_ink="#131a1b",
    accent="#6cc7b1",
    accent_ink="#0b1413",
    good="#58b981",
    fair="#e6b13f",
    poor="#ee7d69",
)
PALETTES: dict[Look, Palette] = {
    "light": _LIGHT,
    "dark": _DARK,
    "high_contrast": replace(
        _DARK,
        page="#000000",
        panel="#000000",
        ink="#ffffff",
        quiet="#ffffff",
        line="#ffffff",
        chosen="#ffd84a",
        chosen_ink="#000000",
        accent="#ffd84a",
        accent_ink="#000000",
        good="#7ee0a3",
        fair="#ffd84a",
        poor="#ff9c8a",
    ),
}
