"""The shop's picture behind every screen."""

import logging
from pathlib import Path
from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget

from config.backdrop import Backdrop, UnusablePictureError, backdrop
from config.settings import Brand

log = logging.getLogger(__name__)


def brand_backdrop(brand: Brand) -> Backdrop | None:
    """The picture of a brand that has one; a kiosk does without one that has gone meanwhile."""
    if not brand.background or brand.colours is None:
        return None
    try:
        return backdrop(Path(brand.background), brand.colours)
    except UnusablePictureError as error:
        log.error("The background %s can't be shown: a picture %s.", brand.background, error)  # noqa: TRY400 - the reason says it all
        return None


class BackdropPicture(Widget):
    """Fills its box with the picture, cut where the shapes differ; drawn once."""

    def __init__(self, picture: Backdrop, **properties: Any) -> None:
        super().__init__(**properties)
        texture = Texture.create(size=picture.size, colorfmt="rgb", bufferfmt="ubyte")
        texture.blit_buffer(picture.pixels, colorfmt="rgb", bufferfmt="ubyte")
        texture.flip_vertical()
        self._texture = texture
        with self.canvas:
            Color()
            self._drawn = Rectangle(texture=texture)
        self.bind(pos=self._place, size=self._place)

    def _place(self, *_args: object) -> None:
        wide, high = self._texture.size
        share = self.width / max(1, self.height) * high / wide
        across, along = min(1.0, share), min(1.0, 1 / max(share, 1e-6))
        region = self._texture.get_region(
            wide * (1 - across) / 2, high * (1 - along) / 2, wide * across, high * along
        )
        self._drawn.texture = region
        self._drawn.pos, self._drawn.size = self.pos, self.size
