"""The part of a question screen where contact details are left."""

from typing import Any

from config.values import ContactDetails
from kiosk.session.question_view import ContactForm
from kiosk.ui.theme import GAP_MM
from kiosk.ui.widgets.buttons import WordButton
from kiosk.ui.widgets.controls import FittingWords
from kiosk.ui.widgets.keyboard_area import KeyboardArea
from kiosk.ui.widgets.text_entry import Keyboard, TextEntry

_AIR = 0.3
"""An entry is at most this much higher than it has to be."""


class ContactArea(KeyboardArea):
    """Lines to write in, what they are for, and the consent without which nothing is kept."""

    def __init__(self, data: ContactForm, keyboard: Keyboard, **properties: Any) -> None:
        super().__init__(keyboard, **properties)
        self._data = data
        self._entries = {field.id: TextEntry() for field in data.fields}
        for name, entry in self._entries.items():
            entry.bind(on_tap=lambda *_args, name=name: self._begin_at(name))
            self.add_widget(entry)
        self._purpose = FittingWords()
        self._purpose.bold = False
        self._consent = WordButton(tick=True)
        self._consent.bind(on_tap=lambda *_args: self._consent_touched())
        self.add_widget(self._purpose)
        self.add_widget(self._consent)
        self.render(data)

    def render(self, data: ContactForm) -> None:
        """Shows what was written."""
        self._data = data
        for field in data.fields:
            entry = self._entries[field.id]
            entry.text, entry.label = field.text, field.label
            entry.hint = "" if entry.active else field.hint
        self._purpose.text = f"{data.purpose} {'' if data.consent else data.refusal}".strip()
        self._consent.text, self._consent.is_selected = data.consent_text, data.consent

    def change_text(self, text: str) -> None:
        """All the lines."""
        lines = self._entries.items()
        texts = {name: (text if e is self.active else e.text) or None for name, e in lines}
        self.dispatch("on_draft", ContactDetails(self._data.consent, **texts))

    def after_entry(self) -> None:
        """To the next line; after the last one the consent is to be seen."""
        names = list(self._entries)
        current = next(n for n, entry in self._entries.items() if entry is self.active)
        behind = names[names.index(current) + 1 :]
        if behind:
            self._begin_at(behind[0])
        else:
            self.activate(None)

    def activate(self, entry: TextEntry | None, beside_space: str = ",") -> None:
        """While one line is written in, it alone is seen."""
        alone = entry is not None
        widgets: list[Any] = [*self._entries.values(), self._purpose, self._consent]
        for widget in widgets:
            hidden = alone and widget is not entry
            if hidden and widget.parent is not None:
                self.remove_widget(widget)
            elif not hidden and widget.parent is None:
                self.add_widget(widget)
        super().activate(entry, beside_space)
        self.render(self._data)

    def min_height(self, room: float) -> float:
        """Lines, purpose and consent; or one line with its keyboard."""
        gap = GAP_MM * self.theme.mm
        if self.active is not None:
            return self.entry_height() + gap + self.keyboard.min_height(room)
        rows = 1 if not self.theme.portrait else len(self._entries)
        return rows * (self.entry_height() + gap) + self._purpose_height() + self.theme.target + gap

    def used_height(self, room: float, height: float) -> float:
        """Lines, purpose and consent with some air, or all of it."""
        if self.active is not None:
            return height
        rows = len(self._entries) if self.theme.portrait else 1
        return min(height, self.min_height(room) + rows * self.entry_height() * _AIR)

    def targets(self) -> dict[str, Any]:
        """The lines and the consent, or the keys."""
        if self.active is not None:
            name = next(n for n, entry in self._entries.items() if entry is self.active)
            return {f"entry-{name}": self.active} | self.keyboard.targets()
        lines = {f"entry-{name}": entry for name, entry in self._entries.items()}
        return lines | {"consent": self._consent}

    def lay_out(self) -> None:
        """Lines side by side, or below each other on an upright panel."""
        if not hasattr(self, "_consent"):
            return
        if self.active is not None:
            self.place_writing(self.active, self.theme.label_size * 3.4)
            return
        gap, count = GAP_MM * self.theme.mm, len(self._entries)
        columns = 1 if self.theme.portrait else count
        wide = (min(self.width, self.theme.label_size * 44) - gap * (columns - 1)) / columns
        spare = max(0.0, self.height - self.min_height(self.width)) / (count // columns)
        high = self.entry_height() + min(self.entry_height() * _AIR, spare)
        whole = self.min_height(self.width) + (high - self.entry_height()) * (count // columns)
        top = self.center_y + min(whole, self.height) / 2
        left = self.center_x - (wide * columns + gap * (columns - 1)) / 2
        for index, entry in enumerate(self._entries.values()):
            row, column = divmod(index, columns)
            entry.letter_size = self.theme.label_size
            entry.size = (wide, high)
            entry.pos = (left + column * (wide + gap), top - row * (high + gap) - high)
        top -= (count // columns) * (high + gap)
        room = min(self.width, self.theme.label_size * 36)
        self._purpose.full_size, self._purpose.color = (
            self.theme.small_size * 1.05,
            self.theme.colours.quiet,
        )
        self._purpose.size = (room, self._purpose_height())
        self._purpose.pos = (self.center_x - room / 2, top - self._purpose.height)
        self._consent.letter_size = self.theme.label_size
        self._consent.from_right = self.from_right
        self._consent.size = (room, self.theme.target)
        self._consent.pos = (self.center_x - room / 2, self._purpose.y - gap - self.theme.target)

    def _begin_at(self, name: str) -> None:
        self.activate(self._entries[name], "@" if name == "email" else ",")

    def _purpose_height(self) -> float:
        return float(self.theme.small_size * 2.9)

    def _consent_touched(self) -> None:
        fields = {field.id: field.text or None for field in self._data.fields}
        self.dispatch("on_draft", ContactDetails(not self._data.consent, **fields))
