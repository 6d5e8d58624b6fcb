"""Writing on the screen: the line that is written in, and the keyboard below it."""

from typing import Any

from kivy.app import App
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.session.keyboard import (
    BACKSPACE,
    HIDE,
    NEXT,
    SHIFT,
    SPACE,
    SYMBOLS,
    Layer,
    next_layer,
    rows,
    width,
)
from kiosk.ui.platform.text_extents import drawn_size, text_width
from kiosk.ui.theme import KEY_GAP_MM, KEY_MM, TARGET_MM
from kiosk.ui.widgets.buttons import Entry, KeyboardKey

_ROOMY = 1.45
"""Keys are at most this much larger than a finger needs."""


class TextEntry(Entry):
    """A box that shows the end of its text, with a caret where the next letter will stand."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        # "auto": at the side from which the text is read.
        self._label = Label(font_name="Figtree", halign="auto", valign="top")
        self._text = Label(font_name="Figtree", halign="auto", valign="top")
        self.add_widget(self._label)
        self.add_widget(self._text)
        for name in ("pos", "size", "text", "label", "hint", "active", "letter_size"):
            self.fbind(name, self._place)
        self._place()

    def _place(self, *_args: object) -> None:
        theme = App.get_running_app().theme
        pad = max(4.0, min(theme.gap * 0.7, self.height * 0.12))
        room = max(1.0, self.width - 2 * pad)
        self._label.text = f"{self.label}   {self.hint}" if self.hint else self.label
        self._label.font_size = min(theme.small_size, self.height * 0.27)
        self._label.color = theme.colours.fair if self.hint else theme.colours.quiet
        self._label.text_size = (room, None)
        self._label.shorten, self._label.max_lines = True, 1
        self._label.texture_update()
        label_height = self._label.texture_size[1] if self._label.text else 0.0
        self._label.size = (room, label_height)
        self._label.pos = (self.x + pad, self.top - pad * 0.6 - label_height)
        self._text.color = theme.colours.ink
        free = self.height - label_height - pad * 1.2
        self._text.font_size = min(self.letter_size, free / 1.25)
        self._show_the_end(room, free)
        self._text.size = (room, self._text.texture_size[1])
        self._text.pos = (self.x + pad, self.top - pad * 0.6 - label_height - self._text.height)

    def _show_the_end(self, room: float, free: float) -> None:
        """Leaves away from the beginning what doesn't fit."""
        shown = self.text + ("|" if self.active else "")
        self._text.text_size = (room, None)
        while True:
            self._text.text = shown
            self._text.texture_update()
            if self._text.texture_size[1] <= free or len(shown) < 8:
                break
            cut = max(1, len(shown) // 12)
            shown = "…" + shown.lstrip("…")[cut:]


class Keyboard(Widget):
    """Letters of one language; emits ``on_key(key)`` for what was touched."""

    __events__ = ("on_key",)

    def __init__(self, **properties: Any) -> None:
        super().__init__(size_hint=(None, None), **properties)
        self._layer = Layer()
        self._language = "en"
        self._next = ""
        self._beside_space = ","
        self._keys: list[KeyboardKey] = []
        self.bind(pos=self._place, size=self._place)

    def open(self, language: str, next_word: str, *, beside_space: str = ",") -> None:
        """For this language; ``next_word`` stands on the key that goes on."""
        fresh = (language, next_word, beside_space)
        if fresh != (self._language, self._next, self._beside_space):
            self._language, self._next, self._beside_space = fresh
            self._layer = Layer()
        self._place()

    def set_shift(self, *, on: bool) -> None:
        """Whether the next letter is a capital."""
        if not self._layer.symbols and self._layer.is_shifted != on:
            self._layer = Layer(is_shifted=on)
            self._place()

    def min_height(self, room: float) -> float:
        """Least height at this width."""
        key, gap = _least_key()
        count = len(rows(self._language, self._layer, _columns(room)))
        return count * key + (count - 1) * gap

    def full_height(self, room: float) -> float:
        """Height with keys as large as other controls."""
        _key, gap = _least_key()
        count = len(rows(self._language, self._layer, _columns(room)))
        return count * TARGET_MM * App.get_running_app().theme.mm + (count - 1) * gap

    def targets(self) -> dict[str, Any]:
        """The keys by name."""
        return {f"key-{key.name}": key for key in self._keys if key.parent is self}

    def on_key(self, key: str) -> None:
        """Emitted for each key."""

    def _place(self, *_args: object) -> None:
        _key, gap = _least_key()
        shown = rows(self._language, self._layer, _columns(self.width), self._beside_space)
        most = App.get_running_app().theme.target * _ROOMY
        high = min((self.height - gap * (len(shown) - 1)) / len(shown), most)
        wide = min((self.width - gap * (len(row) - 1)) / sum(map(width, row)) for row in shown)
        wide = min(wide, most * 1.2)
        whole = max(wide * sum(map(width, row)) + gap * (len(row) - 1) for row in shown)
        self._fill(sum(len(row) for row in shown))
        keys = iter(self._keys)
        top = self.top
        for row in shown:
            # The row with the space bar is as wide as the widest.
            flexible = whole - gap * (len(row) - 1) - wide * (sum(map(width, row)) - width(SPACE))
            space = flexible if SPACE in row else 0.0
            taken = wide * sum(width(name) for name in row if name != SPACE) + space
            left = self.center_x - (taken + gap * (len(row) - 1)) / 2
            for name in row:
                key = next(keys)
                key.size = (space if name == SPACE else wide * width(name), high)
                key.pos = (left, top - high)
                self._label(key, name, high)
                left += key.width + gap
            top -= high + gap

    def _label(self, key: KeyboardKey, name: str, high: float) -> None:
        theme = App.get_running_app().theme
        key.name = name
        key.sign = name if name in (SHIFT, BACKSPACE, HIDE) else ""
        texts = {NEXT: self._next, SYMBOLS: "abc" if self._layer.symbols else "123", SPACE: ""}
        key.text = "" if key.sign else texts.get(name, name)
        key.lit = name == NEXT or (name == SHIFT and self._layer.is_shifted)
        small = name in (NEXT, SYMBOLS)
        size = theme.small_size if small else theme.label_size * 1.15
        key.letter_size = min(high * (0.34 if small else 0.42), size)
        if small:
            words = key.ids.words
            wide = text_width(words, key.text) * key.letter_size / drawn_size(words)
            key.letter_size *= min(1.0, 0.88 * key.width / max(1.0, wide))

    def _fill(self, count: int) -> None:
        """Keys are made once and put away when not needed."""
        while len(self._keys) < count:
            key = KeyboardKey()
            key.name = ""
            key.bind(on_tap=self._touched)
            self._keys.append(key)
        for index, key in enumerate(self._keys):
            is_used = index < count
            if is_used and key.parent is None:
                self.add_widget(key)
            elif not is_used and key.parent is not None:
                self.remove_widget(key)

    def _touched(self, key: KeyboardKey) -> None:
        name = key.name
        layer = next_layer(self._layer, name)
        if layer != self._layer:
            self._layer = layer
            self._place()
        if name not in (SHIFT, SYMBOLS):
            self.dispatch("on_key", name)


def _columns(room: float) -> int:
    key, gap = _least_key()
    return max(10, int((room + gap) / (key + gap)))


def _least_key() -> tuple[float, float]:
    """The least side of a key and the least space between two, in pixels.

    Where ten keys are wider than the panel they are narrower, and as high.
    """
    theme = App.get_running_app().theme
    return KEY_MM * theme.mm, KEY_GAP_MM * theme.mm
