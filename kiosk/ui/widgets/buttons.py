"""Buttons with words, and the ring that shows time running out."""

from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.widget import Widget

from kiosk.ui.widgets.controls import FittingWords  # noqa: F401  # named in buttons.kv
from kiosk.ui.widgets.signs import KeySign  # noqa: F401  # named in buttons.kv
from kiosk.ui.widgets.touch import Touchable


class WordButton(Touchable):
    """Words in a rounded shape; ``strong`` is the one that leads on."""

    text = StringProperty("")
    strong = BooleanProperty(defaultvalue=False)
    is_selected = BooleanProperty(defaultvalue=False)
    tick = BooleanProperty(defaultvalue=False)
    """Has a box that is ticked when selected: one of several."""
    from_right = BooleanProperty(defaultvalue=False)
    """The box stands at the right of the words."""
    letter_size = NumericProperty(24)
    inviting = BooleanProperty(defaultvalue=False)
    """It leads on, and can be touched."""
    ink = ColorProperty()

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        if self.tick:
            self.add_widget(TickBox(button=self))

    def wish(self) -> float:
        """How wide it would be for its words in full size."""
        return float(self.ids.words.extent() + 2 * App.get_running_app().theme.gap)


class TickBox(Widget):
    """The box of a button to tick; others have none, which would be drawn although it is clear."""

    button = ObjectProperty()


class KeyboardKey(Touchable):
    """One key of the on-screen keyboard."""

    name = StringProperty("")
    """What it stands for; a character or a command."""
    text = StringProperty("")
    sign = StringProperty("")
    """A drawn sign instead of a text: shift, backspace, hide."""
    lit = BooleanProperty(defaultvalue=False)
    letter_size = NumericProperty(24)


class Entry(Touchable):
    """A line of text with its label; a touch brings up the keyboard."""

    text = StringProperty("")
    label = StringProperty("")
    hint = StringProperty("")
    active = BooleanProperty(defaultvalue=False)
    letter_size = NumericProperty(24)


class Ring(Widget):
    """A ring that grows to full in a given time; nothing moves while it is not running."""

    share = NumericProperty(0.0)
    colour = ColorProperty((0, 0, 0, 1))
    weight = NumericProperty(4)

    def run(self, seconds: float) -> None:
        """Grows from nothing to full."""
        Animation.cancel_all(self)
        self.share = 0.0
        # Ten steps a second look even and cost little with software OpenGL.
        Animation(share=1.0, duration=seconds, step=0.1).start(self)

    def stop(self) -> None:
        """Nothing is to be seen any more."""
        Animation.cancel_all(self)
        self.share = 0.0


class ProgressLine(Widget):
    """How far along, as a line that fills."""

    share = NumericProperty(0.0)
    from_right = BooleanProperty(defaultvalue=False)
