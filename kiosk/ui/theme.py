"""The look: colours, type scale, spacing and motion, computed once for a panel.

The one place where a colour, a size or a duration is decided. Sizes of letters and spaces grow
with the panel; whatever a finger has to hit never gets smaller than a finger needs.
"""

from dataclasses import dataclass, replace
from typing import Literal

from config.colours import CONTROL_CONTRAST, TEXT_CONTRAST, contrast, mix
from config.settings import BrandColours

Colour = tuple[float, float, float, float]
Look = Literal["light", "dark", "high_contrast"]

FACE_MM = 20.0
TARGET_MM = 12.0
GAP_MM = 3.0
"""The least a finger needs; where a row of faces is wider than the panel, they are as large as
fits, and no smaller than other controls."""
KEY_MM = 9.0
KEY_GAP_MM = 1.5
"""The least a finger needs on a keyboard, where one looks at each letter."""
NARROW_KEY_MM = 6.5
"""Width of a key on panels that are narrower than ten of those, as upright ones of 7 inch are."""
REACH_MM = 66.0
"""The least height into which every control fits, where half of the panel is lower than that."""
ASSUMED_WIDTH_MM = 217.0
"""Of a panel that nobody says anything of: 10.1 inch."""
SMALL_MM = 86.0
"""On panels whose shorter side is less, those below 7 inch, all lengths are in proportion."""
SMALLEST_SHARE = 0.75
"""They are no less than this, so that no control is smaller than 9 mm."""
CARD_MM = 150.0
LOGO_MM = 100.0
LARGE = 1.35
"""How much larger letters are in large text."""


@dataclass(frozen=True)
class ColourScheme:
    """One role, one colour, written as ``#rrggbb``."""

    page: str
    panel: str
    """A surface that lies on the page, such as a key or a card; texts stand on it too."""
    ink: str
    quiet: str
    """Texts of second rank; still 4.5:1 on page and panel."""
    line: str
    """The edge of a control; 3:1 on page and panel."""
    selection: str
    """Behind what is chosen."""
    selection_ink: str
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
    """The scheme as Kivy wants it."""

    page: Colour
    panel: Colour
    ink: Colour
    quiet: Colour
    line: Colour
    selection: Colour
    selection_ink: Colour
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
    glide: float = 0.5
    """The touched face goes to the middle, while everything else fades."""
    fade: float = 0.16
    """One thing gives way to another."""


@dataclass(frozen=True)
class Theme:
    """What every screen measures and colours with; lengths are pixels."""

    scheme: ColourScheme
    colours: Colours
    motion: Motion
    width: float
    height: float
    """Of the page; less than the window's in the low-reach layout."""
    mm: float
    """Pixels in a millimetre; on panels below 7 inch, in what stands for one."""
    portrait: bool
    letters: float
    """How much larger letters are than usual."""
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
        room = self.width - 2 * self.gap_min - (faces - 1) * self.gap_min
        return min(max(min(widest, 0.38 * self.height), FACE_MM * self.mm), room / faces)

    def face_gap(self, faces: int) -> float:
        """Space between two faces."""
        room = self.width - 2 * self.gap_min - faces * self.face(faces)
        return max(min(0.30 * self.face(faces), room / max(1, faces - 1)), self.gap_min)

    def edge(self, rim: str, fill: str) -> Colour:
        """The rim of a face: its own colour, or ink where face and page would melt together."""
        seen = all(
            max(contrast(rim, ground), contrast(fill, ground)) >= CONTROL_CONTRAST
            for ground in (self.scheme.page, *self.grounds)
        )
        return rgba(rim if seen else self.scheme.ink)


def theme(
    look: Look,
    size: tuple[float, float],
    panel_width_mm: float,
    *,
    brand: BrandColours | None = None,
    grounds: tuple[str, ...] = (),
    window: tuple[float, float] | None = None,
    large_text: bool = False,
    reduced_motion: bool = False,
) -> Theme:
    """The theme for a page of ``size`` pixels, on a panel of this width that ``window`` fills.

    The brand's colours take the place of the light and the dark look, with the picture behind
    them whose darkest and lightest colour are ``grounds``; high contrast stays what it is, for
    those who need it.
    """
    width, height = size
    mm = millimetre(window or size, panel_width_mm)
    portrait = height > width
    unit = min(width * 1.2, height) / 100 if portrait else min(width / 1.6, height) / 100
    is_branded = brand is not None and look != "high_contrast"
    scheme = (
        brand_scheme(brand, grounds) if brand is not None and is_branded else COLOUR_SCHEMES[look]
    )
    margin = max(5.0 * unit, 4 * mm)
    letters = LARGE if large_text else 1.0
    small = letters * max((2.8 if portrait else 3.4) * unit, 3.5 * mm)
    return Theme(
        scheme=scheme,
        colours=_colours(scheme),
        motion=Motion(appear=0.0, glide=0.0, fade=0.0) if reduced_motion else Motion(),
        width=width,
        height=height,
        mm=mm,
        portrait=portrait,
        letters=letters,
        margin=margin,
        question_size=letters * (6.2 if portrait else 7.6) * unit,
        heading_size=letters * (6.8 if portrait else 8.2) * unit,
        line_size=letters * (3.2 if portrait else 3.8) * unit,
        label_size=letters * max((3.3 if portrait else 4.0) * unit, 4.1 * mm),
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
    height = size[1]
    if not low_reach:
        return height
    return min(height, max(height / 2, REACH_MM * millimetre(size, panel_width_mm)))


def real_width_mm(
    set_width: float | None, panel: tuple[int, int] | None, window: tuple[float, float]
) -> float:
    """How wide what fills this window is, by the settings, else by what the panel says of itself.

    A panel whose picture was turned is as wide as it is high.
    """
    if set_width is not None:
        return set_width
    if panel is None or min(panel) <= 0:
        return float(panel[0]) if panel else ASSUMED_WIDTH_MM
    turned = (panel[0] > panel[1]) != (window[0] > window[1])
    return float(panel[1] if turned else panel[0])


def millimetre(window: tuple[float, float], panel_width_mm: float) -> float:
    """Pixels for each millimetre of what a finger needs, on a panel that this window fills.

    As many as there are, except on panels below 7 inch, whose screens are those of a larger one in
    proportion: on 5 inch a control has 9 mm instead of 12.
    """
    real = window[0] / panel_width_mm
    shorter_mm = min(window) / real
    return real * min(1.0, max(SMALLEST_SHARE, shorter_mm / SMALL_MM))


def rgba(text: str, alpha: float = 1.0) -> Colour:
    """A colour written as ``#rrggbb``."""
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return (red, green, blue, alpha)


def brand_scheme(brand: BrandColours, picture: tuple[str, ...] = ()) -> ColourScheme:
    """A scheme around three colours whose contrast has been checked, as on these grounds."""
    page, ink, accent = brand.background, brand.text, brand.accent
    # Where the text has little contrast to spare, what lies on the page is only outlined.
    raised = mix(page, ink, 0.05)
    panel = raised if contrast(ink, raised) >= TEXT_CONTRAST else page
    grounds = (page, panel, *picture)
    signs = COLOUR_SCHEMES[
        "light" if contrast("#000000", page) > contrast("#ffffff", page) else "dark"
    ]
    return ColourScheme(
        page=page,
        panel=panel,
        ink=ink,
        quiet=_towards(mix(ink, page, 0.35), ink, grounds, TEXT_CONTRAST),
        line=_towards(mix(ink, page, 0.55), ink, grounds, CONTROL_CONTRAST),
        selection=ink,
        selection_ink=page,
        accent=accent,
        accent_ink=max((page, ink, "#000000", "#ffffff"), key=lambda c: contrast(c, accent)),
        good=_towards(signs.good, ink, grounds, CONTROL_CONTRAST),
        fair=_towards(signs.fair, ink, grounds, TEXT_CONTRAST),
        poor=_towards(signs.poor, ink, grounds, CONTROL_CONTRAST),
    )


def _towards(colour: str, ink: str, grounds: tuple[str, ...], least: float) -> str:
    """``colour`` with as much ink in it as it needs to stand out from all the grounds."""
    for share in range(0, 100, 5):
        tried = mix(colour, ink, share / 100)
        if min(contrast(tried, ground) for ground in grounds) >= least:
            return tried
    return ink


def _colours(scheme: ColourScheme) -> Colours:
    return Colours(**{role: rgba(colour) for role, colour in vars(scheme).items()})


_LIGHT = ColourScheme(
    page="#faf7f2",
    panel="#f1ece3",
    ink="#22302f",
    quiet="#566462",
    line="#7b8583",
    selection="#22302f",
    selection_ink="#faf7f2",
    accent="#1f6b5c",
    accent_ink="#ffffff",
    good="#2b7d4f",
    fair="#875b00",
    poor="#b8402f",
)
_DARK = ColourScheme(
    page="#131a1b",
    panel="#1e2728",
    ink="#f3efe7",
    quiet="#a9b4b1",
    line="#75827f",
    selection="#f3efe7",
    selection_ink="#131a1b",
    accent="#6cc7b1",
    accent_ink="#0b1413",
    good="#58b981",
    fair="#e6b13f",
    poor="#ee7d69",
)
COLOUR_SCHEMES: dict[Look, ColourScheme] = {
    "light": _LIGHT,
    "dark": _DARK,
    "high_contrast": replace(
        _DARK,
        page="#000000",
        panel="#000000",
        ink="#ffffff",
        quiet="#ffffff",
        line="#ffffff",
        selection="#ffd84a",
        selection_ink="#000000",
        accent="#ffd84a",
        accent_ink="#000000",
        good="#7ee0a3",
        fair="#ffd84a",
        poor="#ff9c8a",
    ),
}
