"""What has been left and is still to be seen for a moment."""

from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.uix.anchorlayout import AnchorLayout


class FadingLayer(AnchorLayout):
    """Shows a screen while it fades; no finger reaches it any more."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._over: Any = None

    def take(self, screen: Any, face: int) -> None:
        """Everything of this screen fades but this face, which has moved on."""
        self.clear()
        seconds = App.get_running_app().theme.motion.glide
        if not seconds:
            return
        self.height = screen.height
        self.add_widget(screen)
        screen.fade_around(face, seconds)
        self._over = Clock.schedule_once(lambda *_args: self.clear(), seconds)

    def clear(self) -> None:
        """Nothing is to be seen here any more."""
        if self._over is not None:
            self._over.cancel()
            self._over = None
        for screen in self.children[:]:
            self.remove_widget(screen)
            screen.put_away()

    def on_touch_down(self, touch: Any) -> bool:  # noqa: ARG002 - Kivy's own event
        return False
