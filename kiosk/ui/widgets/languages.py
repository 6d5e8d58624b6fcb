"""The language button of every question, and the languages behind it."""

import math
from collections.abc import Sequence
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.properties import StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.session.views import LanguageButton
from kiosk.ui.platform.text_extents import text_width
from kiosk.ui.widgets.buttons import WordButton
from kiosk.ui.widgets.touch import Touchable

_AROUND_NAMES = 1.55
"""Width of a folded row beside the names, in its heights: the globe, and some air at the right."""


class LanguagesButton(Touchable):
    """A globe: everyone who can't read what is written looks for it."""


class FoldedLanguages(Touchable):
    """A globe with as many of the other languages' names as there is room for."""

    text = StringProperty("")

    def offer(self, languages: Sequence[LanguageButton], room: float) -> None:
        """Names the languages that are not chosen, no wider than ``room`` with the globe."""
        label = self.ids.names
        names = [language.name for language in languages if not language.is_selected]
        for count in range(len(names), 0, -1):
            self.text = "  ·  ".join(names[:count]) + ("  …" if count < len(names) else "")
            label.texture_update()
            if text_width(label, self.text) + self.height * _AROUND_NAMES <= room:
                break
        self.width = text_width(label, self.text) + self.height * _AROUND_NAMES


class LanguageMenu(FloatLayout):
    """Every language under its own name; emits ``on_language(tag)`` and ``on_close``.

    While it is open nothing below it can be touched; a touch beside the card closes it.
    """

    is_layer = True
    """Lies over everything else."""

    __events__ = ("on_language", "on_close")

    def __init__(self, languages: tuple[LanguageButton, ...], **properties: Any) -> None:
        super().__init__(**properties)
        self._buttons: dict[str, WordButton] = {}
        for language in languages:
            button = WordButton(text=language.name, is_selected=language.is_selected)
            button.bind(on_tap=lambda *_args, tag=language.tag: self.dispatch("on_language", tag))
            self._buttons[language.tag] = button
            self.ids.card.add_widget(button)
        place = Clock.create_trigger(self._place, -1)
        self.bind(size=place, pos=place)
        self._place()

    def targets(self) -> dict[str, Any]:
        """What can be touched, by name."""
        return {f"language-{tag}": button for tag, button in self._buttons.items()}

    def on_touch_down(self, touch: Any) -> bool:  # Kivy's own event
        if not super().on_touch_down(touch) and not self.ids.card.collide_point(*touch.pos):
            self.dispatch("on_close")
        return True

    def on_language(self, tag: str) -> None:
        """Emitted when a language was touched."""

    def on_close(self) -> None:
        """Emitted when the menu is done with."""

    def _place(self, *_args: object) -> None:
        """As few rows as the width allows, each about as full as the others."""
        look, card, count = App.get_running_app().theme, self.ids.card, len(self._buttons)
        wide = max(look.target * 2, look.small_size * 7.5)
        room = look.width - 2 * look.margin - 2 * card.padding[0]
        fit = max(1, int((room + look.gap) / (wide + look.gap)))
        rows = math.ceil(count / min(fit, 2 if look.portrait else 4))
        card.cols = math.ceil(count / rows)
        for button in self._buttons.values():
            button.size, button.letter_size = (wide, look.target), look.small_size
        high = rows * (look.target + look.gap) - look.gap + 2 * card.padding[1]
        above = look.margin + look.footer_inset
        # Where there is no room for both, it lies over the button that brought it.
        card.pos = (look.margin, above if above + high <= look.height else look.margin)
