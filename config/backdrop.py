"""The picture behind the screens: as much of it as leaves everything on it easy to read."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from config.colours import CONTROL_CONTRAST, Hex, contrast, luminance, mix
from config.settings import BrandColours

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_BYTES = 5_000_000
MAX_PIXELS = 20_000_000
SIDE = 1920
"""The longest side in pixels that is kept; behind texts no one sees more."""
READABLE = 7.0
"""The least contrast of texts on a picture, which is less even than a plain page (WCAG's AAA)."""
LEAST_SHARE = 0.12
"""A picture of which less shows is not worth having."""


class UnusablePictureError(Exception):
    """The reason why a picture can't stand behind the screens."""


@dataclass(frozen=True)
class Backdrop:
    """A picture, already covered with as much of the background colour as texts need."""

    pixels: bytes
    """Three bytes for each, from the top left."""
    size: tuple[int, int]
    share: float
    """How much of the picture shows, 0 to 1."""
    grounds: tuple[Hex, Hex]
    """The darkest and the lightest colour in it."""


@lru_cache(maxsize=1)  # asked for when the settings are checked and when they are used
def backdrop(file: Path, colours: BrandColours) -> Backdrop:
    """Reads the picture once; raises UnusablePictureError with the reason."""
    from PIL import Image  # only a kiosk with a picture needs it

    picture = _read(file, colours.background)
    dark, light = _darkest(picture), _lightest(picture)
    for share, grounds in _from_most_to_least(dark, light, colours.background):
        if _readable(colours, grounds):
            page = Image.new("RGB", picture.size, colours.background)
            describe = Image.blend(page, picture, share)
            return Backdrop(describe.tobytes(), describe.size, share, grounds)
    raise UnusablePictureError(
        "whose colours are too far from the background's: even if only "
        f"{LEAST_SHARE:.0%} of it showed, texts would have less than {READABLE:g}:1 on it"
    )


def _read(file: Path, background: Hex) -> "Image":
    """The picture as it is kept: upright, opaque and no larger than needed."""
    from PIL import Image, ImageOps

    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnusablePictureError(f"({error.strerror or error})") from error
    if len(data) > MAX_BYTES:
        raise UnusablePictureError("which is larger")
    try:
        picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
        if picture.width * picture.height > MAX_PIXELS:
            raise UnusablePictureError("which has more pixels")
        picture.draft("RGB", (SIDE, SIDE))
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except Image.DecompressionBombError as error:
        raise UnusablePictureError("which has more pixels") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise UnusablePictureError("which is neither, or damaged") from error
    upright.thumbnail((SIDE, SIDE))
    page = Image.new("RGBA", upright.size, background)
    return Image.alpha_composite(page, upright).convert("RGB")


def _darkest(picture: "Image") -> list[Hex]:
    """Colours of the picture of which one is the darkest, whatever they are mixed with.

    In 32 steps of each channel, rounded so that it is never better than it is. Of two colours that
    differ in blue alone, the one with less blue is always the darker.
    """
    least: dict[tuple[int, int], int] = {}
    for red, green, blue in _colours(picture.point(lambda value: value & 0xF8)):
        least[red, green] = min(blue, least.get((red, green), 255))
    return [f"#{red:02x}{green:02x}{blue:02x}" for (red, green), blue in least.items()]


def _lightest(picture: "Image") -> list[Hex]:
    """Likewise those of which one is the lightest."""
    most: dict[tuple[int, int], int] = {}
    for red, green, blue in _colours(picture.point(lambda value: value | 0x07)):
        most[red, green] = max(blue, most.get((red, green), 0))
    return [f"#{red:02x}{green:02x}{blue:02x}" for (red, green), blue in most.items()]


def _colours(picture: "Image") -> Iterator[tuple[int, int, int]]:
    for _count, colour in picture.getcolors(1 << 15) or ():
        if isinstance(colour, tuple):  # it is one in this mode
            red, green, blue = colour
            yield int(red), int(green), int(blue)


def _from_most_to_least(
    dark: list[Hex], light: list[Hex], background: Hex
) -> Iterator[tuple[float, tuple[Hex, Hex]]]:
    """Shares of the picture, and the darkest and lightest colour when so much of it shows."""
    for hundredths in range(100, round(LEAST_SHARE * 100) - 1, -4):
        share = hundredths / 100
        darkest = min((mix(background, pixel, share) for pixel in dark), key=luminance)
        lightest = max((mix(background, pixel, share) for pixel in light), key=luminance)
        yield share, (darkest, lightest)


def _readable(colours: BrandColours, grounds: tuple[Hex, Hex]) -> bool:
    return _stands_out(colours.text, grounds, READABLE) and _stands_out(
        colours.accent, grounds, CONTROL_CONTRAST
    )


def _stands_out(colour: Hex, grounds: tuple[Hex, Hex], least: float) -> bool:
    """From both, and from everything between them."""
    dark, light = map(luminance, grounds)
    between = dark <= luminance(colour) <= light
    return not between and min(contrast(colour, ground) for ground in grounds) >= least
