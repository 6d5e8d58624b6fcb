"""Closed for a moment: nothing is asked while nothing can be stored."""

from typing import Any

from kivy.uix.boxlayout import BoxLayout

from kiosk.session.views import OutOfOrderView


class OutOfOrderScreen(BoxLayout):
    """A calm page without a control."""

    def render(self, view: OutOfOrderView) -> None:
        """Shows the view."""
        self.ids.heading.text = view.heading
        self.ids.line.text = view.line

    def put_away(self) -> None:
        """Nothing has to be undone when it goes."""

    def targets(self) -> dict[str, Any]:
        """Nothing can be touched."""
        return {}
