"""Draws texts of any script: Kivy's own provider with one font and one direction for each run.

What to check at an upgrade of Kivy or SDL: ``kivy.uix.label`` has to make its texts with what its
``CoreLabel`` is, the provider has to draw each line with ``_render_text`` and to measure with
``get_extents``, both with ``options`` as they are then, and to tell fonts apart by
``_get_font_id``. ``tests/gui/test_scripts.py`` compares what is drawn.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import kivy.uix.label as kivy_label
from kivy.core.text.text_sdl2 import LabelSDL2, _SurfaceContainer

from assets.letters import Fonts
from config.font_file import letters_in
from kiosk.typesetting.bidi import runs_from_right
from kiosk.typesetting.runs import Run, runs

_FIRST_OTHERS = "\u0100"
"""The first character that some typeface may lack; all have those before it."""


class ScriptLabel(LabelSDL2):
    """A text in which each run has the font, the script and the direction that it needs."""

    options: dict[str, Any]
    fonts = Fonts()
    """What texts are drawn with; set once, before the first of them."""

    @staticmethod
    def find_base_direction(text: str) -> str:
        return "rtl" if runs_from_right(text) else "ltr"

    def get_extents(self, text: str) -> tuple[int, int]:
        if self._is_plain(text):
            return super().get_extents(text)
        width, height = 0, 0
        for run in self._runs(text):
            with self._as(run):
                wide, high = super().get_extents(run.text)
            width, height = width + wide, max(height, high)
        return width, height

    def _render_text(self, text: str, x: float, y: float) -> None:
        if self._is_plain(text):
            super()._render_text(text, x, y)
            return
        drawn = self._runs(text)
        ascents = []
        for run in drawn:
            with self._as(run):
                ascents.append(self.get_ascent())
        for run, ascent in zip(drawn, ascents, strict=True):
            with self._as(run):
                # On one base line, whatever room a font keeps above its letters.
                super()._render_text(run.text, x, y + max(ascents) - ascent)
                x += super().get_extents(run.text)[0]

    def _is_plain(self, text: str) -> bool:
        """Whether the first typeface draws all of it as it stands, as it does most texts."""
        whole = text + self.text
        if not whole or max(whole) < _FIRST_OTHERS:
            return True
        return letters_in(self.fonts.typefaces[0].regular).issuperset(whole)

    def _runs(self, text: str) -> tuple[Run, ...]:
        return runs(text, self.text if text in self.text else text, self.fonts)

    @contextmanager
    def _as(self, run: Run) -> Iterator[None]:
        """Draws and measures as this run wants it."""
        before = self.options
        typeface = self.fonts.typefaces[run.typeface]
        file = typeface.bold if before["bold"] else typeface.regular
        self.options = before | {
            "font_name_r": str(file),
            "font_direction": "rtl" if run.from_right else "ltr",
            "font_script_name": run.script,
        }
        # SDL is told the direction and the script when something is drawn, and not before it
        # measures; and fonts that were long not used are forgotten.
        _SurfaceContainer(1, 1).render(self, ".", 0, 0)
        try:
            yield
        finally:
            self.options = before

    def _get_font_id(self) -> str:
        shaping = (self.options["font_direction"], self.options["font_script_name"])
        return "|".join((super()._get_font_id(), *shaping))


def install(fonts: Fonts) -> None:
    """From now on every label draws with these."""
    ScriptLabel.fonts = fonts
    kivy_label.CoreLabel = ScriptLabel
