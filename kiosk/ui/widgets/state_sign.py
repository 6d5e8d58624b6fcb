"""How things are, as a drawn sign."""

from typing import Any

from kivy.app import App
from kivy.graphics import Color, Ellipse, InstructionGroup, Line, RoundedRectangle, Triangle
from kivy.properties import StringProperty
from kivy.uix.widget import Widget


class StaffSign(Widget):
    """Good, look at it, act: each a shape of its own, so that colour is not the only signal."""

    sign = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._drawn = InstructionGroup()
        self.canvas.add(self._drawn)
        self.bind(pos=self._draw, size=self._draw, sign=self._draw)

    def _draw(self, *_args: object) -> None:
        self._drawn.clear()
        theme = App.get_running_app().theme
        side = min(self.width, theme.label_size * 1.15)
        if not self.sign or side <= 0:
            return
        x, y = self.center_x - side / 2, self.center_y - side / 2
        ink, weight = Color(*theme.colours.page), max(1.2, side * 0.075)

        def at(*points: float) -> list[float]:
            return [(x, y)[i % 2] + side * p for i, p in enumerate(points)]

        parts: tuple[Any, ...]
        match self.sign:
            case "good":
                parts = (
                    Color(*theme.colours.good), Ellipse(pos=(x, y), size=(side, side)), ink,
                    Line(points=at(0.27, 0.50, 0.43, 0.34, 0.73, 0.67), width=weight),
                )  # fmt: skip
            case "warn":
                parts = (
                    Color(*theme.colours.fair), Triangle(points=at(0, 0.04, 1, 0.04, 0.5, 0.96)),
                    ink, Line(points=at(0.5, 0.62, 0.5, 0.36), width=weight),
                    Line(points=at(0.5, 0.2, 0.5, 0.19), width=weight),
                )  # fmt: skip
            case "bad":
                parts = (
                    Color(*theme.colours.poor),
                    RoundedRectangle(pos=(x, y), size=(side, side), radius=[side * 0.16]), ink,
                    Line(points=at(0.29, 0.29, 0.71, 0.71), width=weight),
                    Line(points=at(0.29, 0.71, 0.71, 0.29), width=weight),
                )  # fmt: skip
            case _:
                circle = (self.center_x, self.center_y, side * 0.32)
                parts = (Color(*theme.colours.quiet), Line(circle=circle, width=weight * 0.7))
        for part in parts:
            self._drawn.add(part)
