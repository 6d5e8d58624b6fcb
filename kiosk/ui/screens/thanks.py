"""Thank you: shown only once the answer is safe."""

from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.uix.boxlayout import BoxLayout

from kiosk.session.views import ThanksView
from kiosk.ui.widgets.face import Box


class ThanksScreen(BoxLayout):
    """The touched face glides from where it was into the middle, then nothing moves."""

    came_from: Box | None = None
    """Where the touched face was seen last, for the next thanks."""

    def render(self, view: ThanksView) -> None:
        """Shows the view; its words stand still from the first frame."""
        self.ids.heading.text = view.heading
        self.ids.line.text = view.line
        picture = self.ids.picture
        picture.faces, picture.face = view.faces, view.face
        motion = App.get_running_app().theme.motion
        box, self.came_from = self.came_from, None
        picture.glide_from(box, motion.glide)
        Animation.cancel_all(picture, "halo")
        picture.halo = 1.0
        if box is None and motion.appear:
            picture.zoom, picture.halo = 0.82, 0.0
            appear = Animation(zoom=1.0, halo=1.0, duration=motion.appear, t="out_cubic")
            appear.start(picture)

    def put_away(self) -> None:
        """Nothing has to be undone when it goes."""

    @property
    def face_box(self) -> Box:
        """Where the face is seen."""
        box: Box = self.ids.picture.drawn_box
        return box

    def targets(self) -> dict[str, Any]:
        """Nothing can be touched."""
        return {}
