"""Are you still there? Lies over any screen; one touch anywhere takes it away."""

from typing import Any

from kivy.app import App
from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.session.views import IdlePrompt
from kiosk.ui.widgets.buttons import Ring
from kiosk.ui.widgets.controls import FittingWords


class IdlePromptLayer(Widget):
    """A calm page with a growing ring; takes every touch, so that nothing below is hit."""

    is_layer = True
    """Lies over everything else."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        theme = App.get_running_app().theme
        with self.canvas.before:
            Color(*theme.colours.page)
            self._ground = Rectangle()
        self._ring = Ring()
        self._heading, self._line = FittingWords(), FittingWords()
        self._line.bold = False
        for widget in (self._ring, self._heading, self._line):
            self.add_widget(widget)
        self.bind(pos=self._place, size=self._place)

    def render(self, view: IdlePrompt) -> None:
        """Shows the view and lets the ring grow."""
        self._heading.text, self._line.text = view.heading, view.line
        self._place()
        self._ring.run(view.seconds)

    def rest(self) -> None:
        """Nothing moves any more."""
        self._ring.stop()

    def on_touch_down(self, touch: Any) -> bool:  # Kivy's own event
        return bool(self.collide_point(*touch.pos))

    def _place(self, *_args: object) -> None:
        theme = App.get_running_app().theme
        self._ground.pos, self._ground.size = self.pos, self.size
        side = min(self.width, self.height) * 0.3
        room = self.width - 2 * theme.margin
        heading, line = theme.heading_size * 2.4, theme.line_size * 1.6
        top = self.center_y + (side + theme.gap * 2 + heading + line) / 2
        self._ring.size, self._ring.weight = (side, side), max(3.0, side * 0.035)
        self._ring.colour = theme.colours.accent
        self._ring.pos = (self.center_x - side / 2, top - side)
        top -= side + theme.gap * 2
        self._heading.full_size = theme.heading_size
        self._heading.size = (room, heading)
        self._heading.pos = (self.center_x - room / 2, top - heading)
        self._line.full_size, self._line.color = theme.line_size, theme.colours.quiet
        self._line.size = (room, line)
        self._line.pos = (self.center_x - room / 2, top - heading - line)
