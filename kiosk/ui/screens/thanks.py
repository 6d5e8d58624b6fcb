"""Thank you: shown only once the answer is safe."""

from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.uix.boxlayout import BoxLayout

from kiosk.views import ThanksView


class ThanksScreen(BoxLayout):
    """The touched face grows into its place once, then nothing moves."""

    def render(self, view: ThanksView) -> None:
        """Shows the view; its words stand still from the first frame."""
        self.ids.heading.text = view.heading
        self.ids.line.text = view.line
        picture = self.ids.picture
        picture.faces, picture.face = view.faces, view.face
        Animation.cancel_all(picture)
        picture.zoom, picture.halo = 0.82, 0.0
        duration = App.get_running_app().theme.motion.appear
        Animation(zoom=1.0, halo=1.0, duration=duration, transition="out_cubic").start(picture)

    def put_away(self) -> None:
        """Nothing has to be undone when it goes."""

    def targets(self) -> dict[str, Any]:
        """Nothing can be touched."""
        return {}
