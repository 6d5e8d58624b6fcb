"""The accessibility button, which is always there, and the menu behind it."""

from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.session.appearance import AppearanceView
from kiosk.ui.widgets.touch import Touchable


class _Drawn(Widget):
    @staticmethod
    def drawn_along(pos: Any, size: Any, *shares: float) -> list[float]:
        """Points given as shares of a box, as points of the window."""
        return [pos[i % 2] + share * size[i % 2] for i, share in enumerate(shares)]


class Badge(_Drawn):
    """A tick in a circle."""


class AccessibilityButton(Touchable, _Drawn):
    """Tells by a tick, not only by its colour, that something is switched on."""

    active = BooleanProperty(defaultvalue=False)
    ink = ColorProperty()


class AccessSwitch(Touchable, _Drawn):
    """A feature with its switch: on, its knob is to the right and carries a tick."""

    feature = StringProperty("")
    text = StringProperty("")
    on = BooleanProperty(defaultvalue=False)
    knob = NumericProperty(0)
    knob_x = NumericProperty(0)
    track_x = NumericProperty(0)
    track_width = NumericProperty(0)
    track_height = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.bind(pos=self._place, size=self._place, on=self._place)
        self._place()

    def _place(self, *_args: object) -> None:
        look = App.get_running_app().theme
        self.track_height = look.target * 0.5
        self.track_width = self.track_height * 1.8
        self.track_x = self.right - self.track_width - look.gap
        self.knob = self.track_height * 0.76
        rim = (self.track_height - self.knob) / 2
        self.knob_x = self.track_x + (self.track_width - self.knob - rim if self.on else rim)


class AccessibilityMenu(FloatLayout):
    """The switches on a card; emits ``on_switch(feature)`` and ``on_close``.

    While it is open nothing below it can be touched; a touch beside the card closes it.
    """

    is_layer = True
    """Lies over everything else."""

    __events__ = ("on_switch", "on_close")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._switches: dict[str, AccessSwitch] = {}
        self.ids.done.bind(on_tap=lambda *_args: self.dispatch("on_close"))

    def render(self, view: AppearanceView) -> None:
        """Shows the switches as they are."""
        self.ids.title.text = view.title
        self.ids.done.text = view.close
        for switch in view.switches:
            drawn = self._switches.get(switch.feature)
            if drawn is None:
                drawn = AccessSwitch(feature=switch.feature)
                drawn.bind(on_tap=self._switched)
                self._switches[switch.feature] = drawn
                self.ids.switches.add_widget(drawn)
            drawn.text, drawn.on = switch.label, switch.on

    def targets(self) -> dict[str, Any]:
        """What can be touched, by name."""
        named = {f"access-{name}": switch for name, switch in self._switches.items()}
        return named | {"access-done": self.ids.done}

    def on_touch_down(self, touch: Any) -> bool:  # Kivy's own event
        if not super().on_touch_down(touch) and not self.ids.card.collide_point(*touch.pos):
            self.dispatch("on_close")
        return True

    def on_switch(self, feature: str) -> None:
        """Emitted when a switch was touched."""

    def on_close(self) -> None:
        """Emitted when the menu is done with."""

    def _switched(self, switch: AccessSwitch) -> None:
        self.dispatch("on_switch", switch.feature)
