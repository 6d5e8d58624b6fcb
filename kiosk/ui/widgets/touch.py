"""How a finger presses and lets go."""

from typing import Any

from kivy.properties import BooleanProperty
from kivy.uix.widget import Widget


class Touchable(Widget):
    """Pressed on the very frame after a finger comes down; let go over itself, it is touched.

    A press that leaves and comes back counts, one that ends elsewhere does not. Emits
    ``on_touched``. The second finger on the same control is not taken.
    """

    pressed = BooleanProperty(defaultvalue=False)

    __events__ = ("on_touched",)

    def on_touch_down(self, touch: Any) -> bool:  # Kivy's own event
        if not self.collide_point(*touch.pos) or touch.is_mouse_scrolling:
            return False
        if "button" in touch.profile and touch.button != "left":
            return True
        if not self.pressed:
            touch.grab(self)
            self.pressed = True
        return True

    def on_touch_move(self, touch: Any) -> bool:  # Kivy's own event
        if touch.grab_current is not self:
            return False
        self.pressed = self.collide_point(*touch.pos)
        return True

    def on_touch_up(self, touch: Any) -> bool:  # Kivy's own event
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        self.pressed = False
        if self.collide_point(*touch.pos):
            self.dispatch("on_touched")
        return True

    def on_touched(self, *_args: object) -> None:
        """Emitted; what it means is for the screen to say."""
