"""How wide a text would be, without drawing it.

What to check at an upgrade of Kivy or SDL: a label's ``_label`` has to be the text provider still,
its ``get_extents`` has to give pixels at the size in its ``options["font_size"]``, and that has to
be the size of the last texture. ``tests/gui/test_every_screen.py`` finds words that are torn apart.
"""

from typing import Any


def text_width(label: Any, text: str) -> float:
    """In pixels, in one line, at the size in which the label was drawn last."""
    return float(label._label.get_extents(text)[0])  # noqa: SLF001


def drawn_size(label: Any) -> float:
    """The size of the letters in which the label was drawn last."""
    return float(label._label.options["font_size"])  # noqa: SLF001
