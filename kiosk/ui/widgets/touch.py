"""How a finger presses and lets go, and how a key does the same."""

from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.graphics import Color, SmoothLine
from kivy.properties import BooleanProperty
from kivy.uix.widget import Widget

_RING = "focus"


class Touchable(Widget):
    """Pressed on the very frame after a finger comes down; let go over itself, it is touched.

    A press that leaves and comes back counts, one that ends elsewhere does not. Emits
    ``on_touched``. The second finger on the same control is not taken. What is ``off`` takes no
    touch and lets none through.
    """

    pressed = BooleanProperty(defaultvalue=False)
    focused = BooleanProperty(defaultvalue=False)
    """A key press would go here."""
    off = BooleanProperty(defaultvalue=False)

    __events__ = ("on_touched",)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._finger: Any = None
        self._down_at = 0.0
        self.held_ms = 0
        """How long the touch that is being told lasted."""

    def touch(self) -> None:
        """The same as a short touch."""
        if not self.off:
            self.held_ms = 0
            self.dispatch("on_touched")

    def let_go(self) -> None:
        """The finger that is on it means nothing any more: its screen has gone."""
        self._finger = None
        self.pressed = False

    def on_focused(self, *_args: object) -> None:  # Kivy's own event
        """A ring around what has the focus; only then is there one to be drawn."""
        follow = self.bind if self.focused else self.unbind
        follow(pos=self._draw_ring, size=self._draw_ring)
        self._draw_ring()

    def _draw_ring(self, *_args: object) -> None:
        self.canvas.after.remove_group(_RING)
        if not self.focused:
            return
        look = App.get_running_app().theme
        line, apart = look.focus_line, look.focus_line * 2
        box = (self.x - apart, self.y - apart, self.width + 2 * apart, self.height + 2 * apart)
        with self.canvas.after:
            Color(*look.colours.accent, group=_RING)
            SmoothLine(width=line, rounded_rectangle=(*box, look.radius + apart), group=_RING)

    def on_touch_down(self, touch: Any) -> bool:  # Kivy's own event
        if not self.collide_point(*touch.pos) or touch.is_mouse_scrolling:
            return False
        if "button" in touch.profile and touch.button != "left":
            return True
        if not self.pressed and not self.off:
            touch.grab(self)
            self._finger = touch
            self.pressed = True
            self._down_at = Clock.get_boottime()
        return True

    def on_touch_move(self, touch: Any) -> bool:  # Kivy's own event
        if touch.grab_current is not self:
            return False
        self.pressed = self._finger is touch and self.collide_point(*touch.pos)
        return True

    def on_touch_up(self, touch: Any) -> bool:  # Kivy's own event
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        meant, self._finger = self._finger is touch, None
        self.pressed = False
        if meant and not self.off and self.collide_point(*touch.pos):
            self.held_ms = round((Clock.get_boottime() - self._down_at) * 1000)
            self.dispatch("on_touched")
        return True

    def on_touched(self, *_args: object) -> None:
        """Emitted; what it means is for the screen to say."""
