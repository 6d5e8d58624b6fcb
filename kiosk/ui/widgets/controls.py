"""The controls of the screens."""

from collections.abc import Sequence
from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label

from kiosk.ui.platform.text_extents import drawn_size, text_width
from kiosk.ui.widgets.face import FacePicture  # noqa: F401  # named in theme.kv
from kiosk.ui.widgets.touch import Touchable

_SMALLEST = 0.42


class FaceButton(Touchable, BoxLayout):
    """A face with its label; the whole of it can be touched."""

    face = NumericProperty(0)
    faces = NumericProperty(3)
    side = NumericProperty(0)
    """Of the picture, if it has to be smaller than it could be."""
    label = StringProperty("")
    letter_size = NumericProperty(0)
    """Of the label, if it has to be smaller than others."""
    is_selected = BooleanProperty(defaultvalue=False)
    """Stays pressed while its answer is being stored."""


def fit_labels(buttons: Sequence[FaceButton], room: float, full_size: float) -> None:
    """Labels of faces in one size in which no word is wider than the room that each has."""
    widest = max(
        (
            text_width(button.ids.label, word) * full_size / drawn_size(button.ids.label)
            for button in buttons
            for word in button.label.split()
        ),
        default=0.0,
    )
    size = full_size * max(_SMALLEST, min(1.0, 0.97 * room / max(1.0, widest)))
    for button in buttons:
        # Letters are not exactly in proportion: what differs by less would change for ever.
        if abs(button.letter_size - size) > 0.02 * full_size:
            button.letter_size = size


def fit_longest_word(label: Label, room: float) -> None:
    """Smaller letters where a single word, such as the path of a file, is wider than its room."""
    widest = max((text_width(label, word) for word in label.text.split()), default=0.0)
    if widest > room:
        label.font_size *= max(_SMALLEST, 0.97 * room / widest)
        label.texture_update()


class LanguageChoice(Touchable):
    """A language under its own name."""

    tag = StringProperty("")
    text = StringProperty("")
    is_selected = BooleanProperty(defaultvalue=False)


class FittingWords(Label):
    """A text that takes a smaller size where it would not fit its room."""

    full_size = NumericProperty(32)
    beside = NumericProperty(0)
    """What stands beside it in a button."""

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
        return text_width(self, self.text) * float(self.full_size) / drawn_size(self)

    def _longest_word(self) -> float:
        """A word that is wider than its room would be torn apart."""
        return max((text_width(self, word) for word in self.text.split()), default=0.0)

    def _balance(self, lines_height: float) -> None:
        """Makes the lines about equally long, so that no single word stands alone."""
        if lines_height < 2 * self.font_size or self.halign != "center":
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
