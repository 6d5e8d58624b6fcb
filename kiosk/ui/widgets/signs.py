"""Signs on keys and tiles, drawn: no font has to have them."""

import math
from typing import Any

from kivy.graphics import Color, SmoothLine
from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget


def _arc(x: float, y: float, radius: float, begin: float, end: float) -> tuple[float, ...]:
    """Points along a part of a circle, from one angle to the other in degrees."""
    steps = 28
    angles = (math.radians(begin + (end - begin) * step / steps) for step in range(steps + 1))
    return tuple(
        part for a in angles for part in (x + radius * math.cos(a), y + radius * math.sin(a))
    )


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
    "status": ((0.04, 0.5, 0.27, 0.5, 0.4, 0.84, 0.58, 0.16, 0.72, 0.5, 0.96, 0.5),),
    "test": (
        (0.36, 0.92, 0.64, 0.92),
        (
            0.42,
            0.92,
            0.42,
            0.6,
            0.14,
            0.14,
            0.2,
            0.08,
            0.8,
            0.08,
            0.86,
            0.14,
            0.58,
            0.6,
            0.58,
            0.92,
        ),
        (0.28, 0.36, 0.72, 0.36),
    ),
    "questionnaire": (
        (
            0.42,
            0.28,
            0.24,
            0.08,
            0.24,
            0.28,
            0.08,
            0.28,
            0.08,
            0.88,
            0.92,
            0.88,
            0.92,
            0.28,
            0.42,
            0.28,
        ),
        (0.27, 0.68, 0.73, 0.68),
        (0.27, 0.48, 0.56, 0.48),
    ),
    "hours": (_arc(0.5, 0.5, 0.42, 0, 360), (0.5, 0.76, 0.5, 0.5, 0.68, 0.4)),
    "sound": (
        (0.06, 0.38, 0.06, 0.62, 0.24, 0.62, 0.46, 0.82, 0.46, 0.18, 0.24, 0.38, 0.06, 0.38),
        _arc(0.48, 0.5, 0.2, -48, 48),
        _arc(0.48, 0.5, 0.4, -48, 48),
    ),
    "connection": (
        _arc(0.5, 0.2, 0.68, 45, 135),
        _arc(0.5, 0.2, 0.44, 45, 135),
        _arc(0.5, 0.2, 0.2, 45, 135),
        _arc(0.5, 0.16, 0.025, 0, 360),
    ),
    "enrolment": (
        _arc(0.28, 0.5, 0.2, 0, 360),
        (0.48, 0.5, 0.94, 0.5, 0.94, 0.32),
        (0.76, 0.5, 0.76, 0.36),
    ),
    "export": (
        (0.5, 0.94, 0.5, 0.36),
        (0.28, 0.56, 0.5, 0.34, 0.72, 0.56),
        (0.08, 0.34, 0.08, 0.1, 0.92, 0.1, 0.92, 0.34),
    ),
    "pin": (
        (0.2, 0.52, 0.8, 0.52, 0.8, 0.08, 0.2, 0.08, 0.2, 0.52),
        (0.32, 0.52, *_arc(0.5, 0.72, 0.18, 180, 0), 0.68, 0.52),
    ),
    "leave": (_arc(0.5, 0.46, 0.38, 125, 415), (0.5, 0.94, 0.5, 0.5)),
}


class KeySign(Widget):
    """One sign, as large as the widget."""

    sign = StringProperty("")
    colour = ColorProperty((0, 0, 0, 1))
    weight = NumericProperty(0.045)
    """Of its strokes, as a share of its width."""

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
                SmoothLine(points=points, width=max(1.0, self.width * self.weight))
