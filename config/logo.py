"""Whether a logo can be drawn: all of it, and not only its first bytes.

Drawings are drawn by SDL_image, with nanosvg: shapes in plain colours, and nothing that stands
elsewhere than where it is drawn.
"""

import io
import re
from xml.parsers import expat

MAX_BYTES = 2_000_000
MAX_PIXELS = 20_000_000
MOST_WIDE = 12.0
"""A logo is at most so many times as wide as high, or as high as wide."""
_DRAWN = frozenset({
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs",
    "linearGradient", "radialGradient", "stop", "title", "desc", "metadata",
})  # fmt: skip
_COLOURED = ("fill", "stroke", "stop-color")
_COLOUR = re.compile(
    r"none|#[0-9a-f]{3}|#[0-9a-f]{6}|rgb\(\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\)|url\(#[^)]+\)|"
    r"black|white|red|green|blue|yellow|cyan|magenta|gr[ae]y",
    re.IGNORECASE,
)
_ELSEWHERE = ("clip-path", "mask", "filter")
_PIXELS = re.compile(r"\s*[0-9.]+(px)?\s*")
_NAMESPACE = "http://www.w3.org/2000/svg"


class UnusableLogoError(Exception):
    """The reason why a logo can't be drawn as it is meant."""


def check_logo(data: bytes) -> None:
    """Raises UnusableLogoError with the first reason why this file can't be drawn."""
    if data.startswith(b"\x89PNG\r\n"):
        _check_picture(data)
    elif b"<svg" in data or "<svg".encode("utf-16-le") in data:
        _Drawing().check(data)
    else:
        raise UnusableLogoError("which is neither")


def _check_picture(data: bytes) -> None:
    from PIL import Image  # only a kiosk with a logo needs it

    try:
        picture = Image.open(io.BytesIO(data), formats=("PNG",))
        if picture.width * picture.height > MAX_PIXELS:
            raise UnusableLogoError("which has more than 20 million pixels")
        _check_shape(picture.width, picture.height)
        picture.load()
    except Image.DecompressionBombError as error:
        raise UnusableLogoError("which has more than 20 million pixels") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise UnusableLogoError("which is damaged") from error


def _check_shape(wide: float, high: float) -> None:
    if min(wide, high) <= 0 or max(wide / high, high / wide) > MOST_WIDE:
        raise UnusableLogoError(f"which is more than {MOST_WIDE:g} times as wide as high")


class _Drawing:
    """Looks through the elements of an SVG file."""

    def __init__(self) -> None:
        self._depth = 0
        self._foreign = 0
        self._gradients: set[str] = set()

    def check(self, data: bytes) -> None:
        if re.search(rb"<[\w.-]+:svg\b", data):
            raise UnusableLogoError("whose elements have a prefix, such as <svg:rect>")
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UnusableLogoError("which is not UTF-8") from error
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise UnusableLogoError(f"which is no sound XML ({error})") from error

    def _doctype(self, _name: str, _system: str | None, _public: str | None, has_own: bool) -> None:
        if has_own:
            raise UnusableLogoError("which has entities of its own (<!ENTITY>)")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _space, element = name.rpartition(" ")
        self._depth += 1
        if self._foreign or namespace not in ("", _NAMESPACE) or element == "metadata":
            # What an editor keeps for itself is not drawn.
            self._foreign += 1
            return
        if self._depth == 1:
            self._check_size(attributes)
        if element not in _DRAWN:
            raise UnusableLogoError(f"which has <{element}>, which is not drawn")
        if element.endswith("Gradient"):
            self._gradients.add(attributes.get("id", ""))
        for key, value in (attributes | _styles(attributes.get("style", ""))).items():
            self._check_attribute(key, value.strip())

    def _end(self, _name: str) -> None:
        self._depth -= 1
        self._foreign = max(0, self._foreign - 1)

    def _check_attribute(self, key: str, value: str) -> None:
        if key in _ELSEWHERE and value != "none":
            raise UnusableLogoError(f"which has {key}, which is not drawn")
        if key == "class":
            raise UnusableLogoError("which has classes of a style sheet, which are not drawn")
        if key not in _COLOURED:
            return
        if not _COLOUR.fullmatch(value):
            raise UnusableLogoError(
                f"which has the colour {value[:40]!r}, and not one like #d4002a"
            )
        if value.startswith("url(") and value[5:-1] not in self._gradients:
            raise UnusableLogoError("which uses a gradient before it says it")

    @staticmethod
    def _check_size(attributes: dict[str, str]) -> None:
        box = re.split(r"[\s,]+", attributes.get("viewBox", "").strip())
        try:
            if len(box) == 4:
                _check_shape(float(box[2]), float(box[3]))
                return
            sides = [attributes.get(side, "") for side in ("width", "height")]
            if all(map(_PIXELS.fullmatch, sides)):
                wide, high = (float(side.strip().removesuffix("px")) for side in sides)
                _check_shape(wide, high)
                return
        except ValueError as error:
            raise UnusableLogoError("whose size is no number") from error
        raise UnusableLogoError("which has neither a viewBox nor a width and a height in pixels")


def _styles(text: str) -> dict[str, str]:
    """What an attribute ``style`` says, as attributes."""
    pairs = (part.partition(":") for part in text.split(";") if ":" in part)
    return {key.strip(): value.strip() for key, _colon, value in pairs}
