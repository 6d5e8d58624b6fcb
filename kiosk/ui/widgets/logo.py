"""The shop's logo, sharp at the size it is shown in."""

import io
import logging
import re
from pathlib import Path

from kivy.core.image import Image as Picture
from kivy.graphics.texture import Texture
from kivy.properties import StringProperty
from kivy.uix.image import Image

log = logging.getLogger(__name__)

_TAG = re.compile(rb"<svg\b[^>]*>", re.DOTALL)
_BOX = re.compile(rb'viewBox\s*=\s*["\']([^"\']+)["\']')
_SIDE = {
    side: re.compile(rb"\s%s\s*=\s*[\"']\s*([0-9.]+)(?:px)?\s*[\"']" % side)
    for side in (b"width", b"height")
}


class Logo(Image):
    """As high as its widget; nothing at all if the file can't be drawn."""

    file = StringProperty("")

    def on_height(self, *_args: object) -> None:
        self.on_file()

    def on_file(self, *_args: object) -> None:
        if self.file and self.height > 1:
            self.texture = logo_texture(Path(self.file), round(self.height))


def logo_texture(file: Path, height: int) -> Texture | None:
    """The picture in a file; a drawing is drawn this many pixels high."""
    try:
        data = file.read_bytes()
        if b"<svg" in data:
            data = _as_high_as(data, height)
        # SDL finds out by itself what it is; only the name has to be one that Kivy knows.
        return Picture(io.BytesIO(data), ext="png", mipmap=True).texture
    except Exception:
        log.exception("The logo %s can't be drawn.", file)
        return None


def _as_high_as(drawing: bytes, height: int) -> bytes:
    """An SVG file whose root says that it is this high, and as wide as its shape wants."""
    found = _TAG.search(drawing)
    if found is None:
        raise ValueError("it has no <svg> element")
    tag = found.group()
    box = _BOX.search(tag)
    if box is not None:
        _x, _y, wide, high = (float(part) for part in re.split(rb"[\s,]+", box.group(1).strip()))
    else:
        sides = [_SIDE[side].search(tag) for side in (b"width", b"height")]
        if sides[0] is None or sides[1] is None:
            raise ValueError("its <svg> element has neither a viewBox nor a width and a height")
        wide, high = float(sides[0].group(1)), float(sides[1].group(1))
        tag = tag[:-1] + b' viewBox="0 0 %g %g">' % (wide, high)
    for side in _SIDE.values():
        tag = side.sub(b"", tag)
    sized = b'<svg width="%d" height="%d"' % (round(height * wide / high), height)
    return drawing[: found.start()] + tag.replace(b"<svg", sized, 1) + drawing[found.end() :]
