"""How a finger presses and lets go, and how a key does the same."""

from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.graphics import Color, SmoothLine
from kivy.properties import BooleanProperty
from kivy.uix.widget import Widget

from kiosk.session.touch import KEY, Spot, Touch

_RING = "focus"


class Touchable(Widget):
    """Pressed on the very frame after a finger comes down; let go over itself, it is touched.

    A press that leaves and comes back counts, one that ends elsewhere does not. Emits
    ``on_tap``. The second finger on the same control is not taken. What is ``off`` takes no
    touch and lets none through.
    """

    is_pressed = BooleanProperty(defaultvalue=False)
    has_focus = BooleanProperty(defaultvalue=False)
    """A key press would go here."""
    off = BooleanProperty(defaultvalue=False)

    __events__ = ("on_tap",)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._finger: Any = None
        self._down_at = 0.0
        self._spot: Spot | None = None
        self.told = KEY
        """The touch that is being told."""

    def touch(self) -> None:
        """The same as a short touch."""
        if not self.off:
            self.told = KEY
            self.dispatch("on_tap")

    @property
    def is_touched(self) -> bool:
        """Whether a finger that came down on it has not been lifted yet, wherever it is now."""
        return self._finger is not None

    def let_go(self) -> None:
        """The finger that is on it means nothing any more: its screen has gone."""
        self._finger = None
        self.is_pressed = False

    def on_has_focus(self, *_args: object) -> None:  # Kivy's own event
        """A ring around what has the focus; only then is there one to be drawn."""
        follow = self.bind if self.has_focus else self.unbind
        follow(pos=self._draw_ring, size=self._draw_ring)
        self._draw_ring()

    def _draw_ring(self, *_args: object) -> None:
        self.canvas.after.remove_group(_RING)
        if not self.has_focus:
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
        if not self.is_pressed and not self.off:
            touch.grab(self)
            self._finger = touch
            self.is_pressed = True
            self._down_at = Clock.get_boottime()
            self._spot = self._spot_of(touch)
        return True

    def _spot_of(self, touch: Any) -> Spot:
        mm = App.get_running_app().theme.mm
        x, y = self.to_window(*touch.pos)
        return Spot(x / mm, y / mm, min(self.width, self.height) / mm)

    def on_touch_move(self, touch: Any) -> bool:  # Kivy's own event
        if touch.grab_current is not self:
            return False
        self.is_pressed = self._finger is touch and self.collide_point(*touch.pos)
        return True

    def on_touch_up(self, touch: Any) -> bool:  # Kivy's own event
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        meant, self._finger = self._finger is touch, None
        self.is_pressed = False
        if meant and not self.off and self.collide_point(*touch.pos):
            held_ms = round((Clock.get_boottime() - self._down_at) * 1000)
            self.told = Touch(held_ms, self._spot)
            self.dispatch("on_tap")
        return True

    def on_tap(self, *_args: object) -> None:
        """Emitted; what it means is for the screen to say."""
