"""The faces in a thin row: whoever comes next rates there, while something is still offered."""

from dataclasses import replace
from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty
from kivy.uix.widget import Widget

from kiosk.session.touch import Touch
from kiosk.session.views import NextShopper
from kiosk.ui.widgets.controls import FittingWords
from kiosk.ui.widgets.face import FacePicture
from kiosk.ui.widgets.touch import Touchable

_LETTERS = 5.0
"""Room that the prompt needs at least, in letters; with less only the faces are there."""


class SmallFace(Touchable):
    """One face of the row; as large as any other control."""

    def __init__(self, value: int, faces: int, **properties: Any) -> None:
        super().__init__(size_hint=(None, None), **properties)
        self.value = value
        self._picture = FacePicture(face=value, faces=faces, size_hint=(None, None))
        self.add_widget(self._picture)
        self.bind(pos=self._place, size=self._place)
        self.bind(is_pressed=self._picture.setter("is_pressed"))

    def _place(self, *_args: object) -> None:
        side = min(self.size)
        self._picture.size = (side, side)
        self._picture.center = self.center


class NextShopperRow(Widget):
    """Emits ``on_rate(question, value, touch)``."""

    __events__ = ("on_rate",)

    from_right = BooleanProperty(defaultvalue=False)
    """The prompt stands at the right of the faces."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(size_hint=(None, None), **properties)
        self._view: NextShopper | None = None
        self._prompt = FittingWords(halign="right")
        self._prompt.bold = False
        self._faces: list[SmallFace] = []
        self.add_widget(self._prompt)
        self.bind(pos=self._place, size=self._place, from_right=self._place)

    def render(self, view: NextShopper) -> None:
        """Shows the view; the faces are built once."""
        before, self._view = self._view, view
        self._prompt.text = view.prompt
        if before is None or (before.faces, before.happy_first) != (view.faces, view.happy_first):
            for face in self._faces:
                self.remove_widget(face)
            order = range(view.faces)
            values = reversed(order) if view.happy_first else order
            self._faces = [SmallFace(value, view.faces) for value in values]
            for face in self._faces:
                face.bind(on_tap=self._touched)
                self.add_widget(face)
        self._place()

    def targets(self) -> dict[str, Any]:
        """The faces, by the names that they have where a shopper begins."""
        return {f"face-{face.value}": face for face in self._faces}

    def digit(self, digit: int) -> Any | None:
        """1 is the first face from the left, as where a shopper begins."""
        return self._faces[digit - 1] if 1 <= digit <= len(self._faces) else None

    def least_width(self) -> float:
        """Of the faces alone."""
        look, count = App.get_running_app().theme, len(self._faces)
        return float(count * look.target_min + (count - 1) * look.gap_min)

    def on_rate(self, question: str, value: int, touch: Touch) -> None:
        """Emitted when a face was touched."""

    def _touched(self, face: SmallFace) -> None:
        if self._view is not None:
            others = sum(1 for each in self._faces if each.is_touched)
            touch = replace(face.told, faces=1 + others)
            self.dispatch("on_rate", self._view.question_id, face.value, touch)

    def _place(self, *_args: object) -> None:
        """The faces at the end of the row, and the prompt before them where it has room."""
        if not self._faces:
            return
        look, count = App.get_running_app().theme, len(self._faces)
        side = min(self.height, (self.width - (count - 1) * look.gap_min) / count)
        gap = min(look.gap, (self.width - count * side) / max(1, count - 1))
        wide = count * side + (count - 1) * gap
        room = self.width - wide - look.gap
        self._prompt.opacity = 1 if room >= _LETTERS * look.small_size else 0
        self._prompt.full_size, self._prompt.color = look.small_size, look.colours.quiet
        self._prompt.texture_update()  # known in its own letters only once it was drawn
        wish = min(room, self._prompt.extent() * 1.03 + 2)
        whole = wide + (look.gap + wish if self._prompt.opacity else 0)
        left = self.center_x - whole / 2
        # Where reading begins at the right the prompt stands there, before the faces.
        behind = bool(self.from_right and self._prompt.opacity)
        start = left if behind or not self._prompt.opacity else left + wish + look.gap
        if self._prompt.opacity:
            self._prompt.size = (max(1.0, wish), self.height)
            self._prompt.pos = (left + wide + look.gap if behind else left, self.y)
        self._prompt.halign = "left" if behind else "right"
        for index, face in enumerate(self._faces):
            face.size = (side, side)
            face.pos = (start + index * (side + gap), self.center_y - side / 2)
