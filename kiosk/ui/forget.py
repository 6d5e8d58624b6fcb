"""Lets go of a widget for good."""

from typing import Any

from kivy.lang import Builder


def forget(widget: Any) -> None:
    """Of the widget, its children, and what it names as ``apart``: its own, but not shown now.

    What the kv language has bound to the app for them would stay with the app for ever.
    """
    for each in list(widget.walk(restrict=True)):
        Builder.unbind_widget(each.uid)
        for part in getattr(each, "apart", ()):
            forget(part)
