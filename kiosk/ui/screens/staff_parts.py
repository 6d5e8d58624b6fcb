"""What staff pages are put together from: buttons, tiles and lines."""

from typing import Any

from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.ui.widgets.signs import KeySign  # noqa: F401  # named in staff_page.kv
from kiosk.ui.widgets.state_sign import StaffSign  # noqa: F401  # named in staff_page.kv
from kiosk.ui.widgets.touch import Touchable


class StaffButton(Touchable):
    """A button of a staff page."""

    text = StringProperty("")
    control = ObjectProperty()
    is_chosen = BooleanProperty(defaultvalue=False)
    off = BooleanProperty(defaultvalue=False)
    strong = BooleanProperty(defaultvalue=False)
    """The one that the page is for."""
    inviting = BooleanProperty(defaultvalue=False)
    ink = ColorProperty()
    letter_size = NumericProperty(20)
    is_key = BooleanProperty(defaultvalue=False)
    """One of many letters, which may be smaller than other controls."""
    side = NumericProperty(0)
    """Its width, if it is not to be as wide as its text."""

    def on_touch_down(self, touch: Any) -> bool:  # Kivy's own event
        if self.off:
            return bool(self.collide_point(*touch.pos))
        return bool(super().on_touch_down(touch))


class StaffTile(Touchable):
    """A page to open, with its sign."""

    text = StringProperty("")
    control = ObjectProperty()
    sign = StringProperty("")
    is_chosen = BooleanProperty(defaultvalue=False)
    ink = ColorProperty()


class StaffLine(BoxLayout):
    """A sign, a text, its detail, and buttons."""

    text = StringProperty("")
    detail = StringProperty("")
    sign = StringProperty("")
    any_sign = BooleanProperty(defaultvalue=False)
    has_keys = BooleanProperty(defaultvalue=False)
    stacked = BooleanProperty(defaultvalue=False)
    """Its buttons stand below the words, where both are too wide for one row."""
    tight = BooleanProperty(defaultvalue=False)
    """Without room below, where there is none to spare."""
    large = BooleanProperty(defaultvalue=False)
    has_rule = BooleanProperty(defaultvalue=False)
    """A fine line below parts it from the next."""


class StaffBar(Widget):
    """How far something is."""

    share = NumericProperty(0.0)


class StaffTyped(Label):
    """What is being typed, its end always in sight."""
