"""Lets go of a widget for good."""

from typing import Any

from kivy.lang import Builder


def dispose(widget: Any) -> None:
    """Of the widget, its children, and its ``offscreen_parts``: its own, but not shown now.

    What the kv language has bound to the app for them would stay with the app for ever.
    """
    for each in list(widget.walk(restrict=True)):
        Builder.unbind_widget(each.uid)
        for part in getattr(each, "offscreen_parts", ()):
            dispose(part)
