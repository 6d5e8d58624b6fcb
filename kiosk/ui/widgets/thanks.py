"""The thanks that stay in sight above what is offered below them."""

from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.ui.widgets.buttons import Ring
from kiosk.ui.widgets.face import FacePicture
from kiosk.views import Thanks


class ThanksLine(Widget):
    """The touched face and the words; a ring around the face when the offer runs out."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(size_hint=(None, None), **properties)
        self._view: Thanks | None = None
        self._picture = FacePicture(size_hint=(None, None))
        self._ring = Ring()
        self._words = Label(font_name="Figtree", bold=True)
        for widget in (self._ring, self._picture, self._words):
            self.add_widget(widget)
        self.bind(pos=self._place, size=self._place)

    def render(self, view: Thanks) -> None:
        """Shows the view; the face grows into its place once."""
        before, self._view = self._view, view
        self._words.text = view.heading
        self._picture.faces, self._picture.face = view.faces, view.face
        if before is None:
            theme = App.get_running_app().theme
            Animation.cancel_all(self._picture)
            self._picture.zoom = 0.8
            Animation(zoom=1.0, duration=theme.motion.appear, t="out_cubic").start(self._picture)
        was = before.runs_out if before is not None else None
        if view.runs_out is None:
            self._ring.stop()
        elif was is None:
            self._ring.run(view.runs_out)
        self._place()

    def rest(self) -> None:
        """The screen is left."""
        self._view = None
        self._ring.stop()

    def _place(self, *_args: object) -> None:
        theme = App.get_running_app().theme
        self._words.font_size = min(theme.heading_size * 0.8, self.height * 0.62)
        self._words.color = theme.colours.ink
        self._words.texture_update()
        side = self.height * 0.84
        gap = side * 0.35
        self._words.size = self._words.texture_size
        left = self.center_x - (side + gap + self._words.width) / 2
        self._picture.size, self._picture.pos = (side, side), (left, self.center_y - side / 2)
        self._words.pos = (left + side + gap, self.center_y - self._words.height / 2)
        self._ring.size = (side * 1.18, side * 1.18)
        self._ring.center = self._picture.center
        self._ring.weight, self._ring.colour = max(2.0, side * 0.03), theme.colours.accent
