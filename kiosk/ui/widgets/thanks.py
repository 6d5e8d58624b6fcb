"""The thanks that stay in sight above what is offered below them."""

from typing import Any

from kivy.app import App
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.session.views import Thanks
from kiosk.ui.widgets.buttons import Ring
from kiosk.ui.widgets.face import Box, FacePicture


class ThanksLine(Widget):
    """The touched face and the words; a ring around the face when the offer runs out."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(size_hint=(None, None), **properties)
        self._view: Thanks | None = None
        self._is_new = False
        self.came_from: Box | None = None
        """Where the face was seen last."""
        self.from_right = False
        """The face stands at the right of the words."""
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
        self._is_new = self._is_new or before is None
        was = before.runs_out if before is not None else None
        if view.runs_out is None:
            self._ring.stop()
        elif was is None:
            self._ring.run(view.runs_out)
        self._place()

    def rest(self) -> None:
        """The screen is left."""
        self._view = None
        self._is_new = False
        self._ring.stop()

    def arrive(self) -> None:
        """Its place is known by now: the face glides there, once."""
        if self._is_new:
            self._is_new = False
            box, self.came_from = self.came_from, None
            self._picture.glide_from(box, App.get_running_app().theme.motion.appear)

    @property
    def face_box(self) -> Box:
        """Where the face is seen."""
        return self._picture.drawn_box

    def _place(self, *_args: object) -> None:
        theme = App.get_running_app().theme
        self._words.font_size = min(theme.heading_size * 0.8, self.height * 0.62)
        self._words.color = theme.colours.ink
        side = self.height * 0.84
        gap = side * 0.35
        self._words.texture_update()
        room = self.width - side * 1.18 - gap
        if self._words.texture_size[0] > room > 0:
            self._words.font_size *= room / self._words.texture_size[0]
            self._words.texture_update()
        self._words.size = self._words.texture_size
        left = self.center_x - (side + gap + self._words.width) / 2
        self._picture.size, self._picture.pos = (side, side), (left, self.center_y - side / 2)
        self._words.pos = (left + side + gap, self.center_y - self._words.height / 2)
        if self.from_right:
            self._words.x, self._picture.right = left, left + side + gap + self._words.width
        self._ring.size = (side * 1.18, side * 1.18)
        self._ring.center = self._picture.center
        self._ring.weight, self._ring.colour = max(2.0, side * 0.03), theme.colours.accent
