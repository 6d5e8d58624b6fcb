"""Signs on keys, drawn: no font has to have them."""

from typing import Any

from kivy.graphics import Color, SmoothLine
from kivy.properties import ColorProperty, StringProperty
from kivy.uix.widget import Widget

_STROKES: dict[str, tuple[tuple[float, ...], ...]] = {
    # Points in a unit square, from the bottom left; one tuple for each stroke.
    "shift": (
        (0.1, 0.5, 0.5, 0.92, 0.9, 0.5, 0.68, 0.5),
        (0.68, 0.5, 0.68, 0.12, 0.32, 0.12, 0.32, 0.5, 0.1, 0.5),
    ),
    "backspace": (
        (0.32, 0.2, 1.0, 0.2, 1.0, 0.8, 0.32, 0.8, 0.0, 0.5, 0.32, 0.2),
        (0.48, 0.36, 0.78, 0.64),
        (0.48, 0.64, 0.78, 0.36),
    ),
    "hide": ((0.15, 0.62, 0.5, 0.28, 0.85, 0.62),),
    "tick": ((0.15, 0.5, 0.4, 0.25, 0.87, 0.78),),
}


class KeySign(Widget):
    """One sign, as large as the widget."""

    sign = StringProperty("")
    colour = ColorProperty((0, 0, 0, 1))

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.bind(pos=self._draw, size=self._draw, sign=self._draw, colour=self._draw)

    def _draw(self, *_args: object) -> None:
        self.canvas.clear()
        with self.canvas:
            Color(*self.colour)
            for stroke in _STROKES.get(self.sign, ()):
                points = [
                    (self.y if i % 2 else self.x) + part * (self.height if i % 2 else self.width)
                    for i, part in enumerate(stroke)
                ]
                SmoothLine(points=points, width=max(1.0, self.width * 0.045))
