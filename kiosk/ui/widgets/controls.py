"""The controls of the screens."""

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label

from kiosk.ui.widgets.face import FacePicture  # noqa: F401  # named in theme.kv
from kiosk.ui.widgets.touch import Touchable

_SMALLEST = 0.45


class FaceButton(Touchable, BoxLayout):
    """A face with its label; the whole of it can be touched."""

    face = NumericProperty(0)
    faces = NumericProperty(3)
    side = NumericProperty(0)
    """Of the picture, if it has to be smaller than it could be."""
    label = StringProperty("")
    chosen = BooleanProperty(defaultvalue=False)
    """Stays pressed while its answer is being stored."""


class LanguageChoice(Touchable):
    """A language under its own name."""

    tag = StringProperty("")
    text = StringProperty("")
    chosen = BooleanProperty(defaultvalue=False)


class FittingWords(Label):
    """A text that takes a smaller size where it would not fit its room."""

    full_size = NumericProperty(32)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        # Once before the next frame, however many of these change: fitting draws letters.
        fit = Clock.create_trigger(self._fit, -1)
        self.bind(text=fit, size=fit, full_size=fit, bold=fit)

    def _fit(self, *_args: object) -> None:
        share = 1.0
        while True:
            self.font_size = self.full_size * share
            lines_height = self._height_at(self.width)
            fits = lines_height <= self.height and self._longest_word() <= self.width
            if fits or share <= _SMALLEST:
                break
            share *= 0.92
        self._balance(lines_height)

    def extent(self) -> float:
        """How wide the whole text is in one line, in full size."""
        wide = self._label.get_extents(self.text)[0]
        return float(wide * self.full_size / self._label.options["font_size"])

    def _longest_word(self) -> float:
        """A word that is wider than its room would be torn apart."""
        widths = (self._label.get_extents(word)[0] for word in self.text.split())
        return float(max(widths, default=0))

    def _balance(self, lines_height: float) -> None:
        """Makes the lines about equally long, so that no single word stands alone."""
        if lines_height < 2 * self.font_size or self.halign == "left":
            return
        width = self.width
        least = max(self.width / 2, self._longest_word() / 0.94)
        while width > least and self._height_at(width * 0.94) <= lines_height:
            width *= 0.94
        self._height_at(width)

    def _height_at(self, width: float) -> float:
        self.text_size = (width, None)
        self.texture_update()
        return float(self.texture_size[1])
