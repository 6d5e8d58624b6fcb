"""The parts of a question screen that are written in: options with "other", and free texts."""

from typing import Any

from config.values import ChoiceValue
from kiosk.session.question_view import Options, TextBox
from kiosk.session.touch import Touch
from kiosk.ui.theme import GAP_MM
from kiosk.ui.widgets.areas import OptionsGrid
from kiosk.ui.widgets.keyboard_area import KeyboardArea
from kiosk.ui.widgets.text_entry import Keyboard, TextEntry

_LINES = 6.5
"""Height of the entry for a free text, in letters."""


class TextBoxArea(KeyboardArea):
    """A free text."""

    def __init__(self, data: TextBox, keyboard: Keyboard, **properties: Any) -> None:
        super().__init__(keyboard, **properties)
        self._max_length = data.max_length
        self._entry = TextEntry()
        self._entry.bind(on_tap=lambda *_args: self.begin())
        self.add_widget(self._entry)
        self.render(data)

    def arrive(self) -> None:
        """There is only one entry."""
        self.begin()

    def render(self, data: TextBox) -> None:
        """Shows what was written."""
        self._entry.text, self._entry.label = data.text, data.prompt

    def begin(self) -> None:
        """There is only one entry."""
        self.activate(self._entry)

    def max_length(self) -> int:
        """As the question says."""
        return self._max_length

    def change_text(self, text: str) -> None:
        """The whole text."""
        self.dispatch("on_draft", text or None)

    def min_height(self, room: float) -> float:
        """The entry, and the keyboard while it is up."""
        keys = self.keyboard.min_height(room) + GAP_MM * self.theme.mm if self.active else 0
        return self.entry_height() + keys

    def used_height(self, room: float, height: float) -> float:  # noqa: ARG002 - it is always one entry
        """One entry of a few lines, or all of it."""
        return height if self.active else min(height, self.theme.label_size * _LINES)

    def targets(self) -> dict[str, Any]:
        """The entry and the keys."""
        return {"entry": self._entry} | (self.keyboard.targets() if self.active else {})

    def lay_out(self) -> None:
        """The entry on top."""
        if not hasattr(self, "_entry"):
            return
        most = self.theme.label_size * _LINES
        if self.active is not None:
            self.place_writing(self._entry, most)
        else:
            wide = min(self.width, self.theme.label_size * 36)
            self._entry.size = (wide, min(self.height, most))
            self._entry.letter_size = self.theme.label_size
            self._entry.pos = (self.center_x - wide / 2, self.center_y - self._entry.height / 2)


class OptionsArea(KeyboardArea):
    """Options; "other" brings up an entry instead of them until the keyboard is put away."""

    def __init__(self, data: Options, keyboard: Keyboard, **properties: Any) -> None:
        super().__init__(keyboard, **properties)
        self._data = data
        self._grid = OptionsGrid(data.choices, several=data.several)
        self._grid.bind(on_answer=self._touched)
        self._entry = TextEntry()
        self.add_widget(self._grid)
        self.render(data)

    def render(self, data: Options) -> None:
        """Shows what is chosen and written."""
        self._data = data
        self._grid.render(data.choices)
        other = data.value.other if data.value is not None else None
        self._entry.label = data.other_prompt
        self._entry.text = other or ""
        if other and data.choices[-1].id == "other":
            self._grid.targets()["option-other"].text = other
        if other is None and self.active is not None:
            self.activate(None)

    @property
    def offscreen_parts(self) -> tuple[Any, ...]:
        """One of the two does not show."""
        return (self._grid, self._entry)

    def begin(self) -> None:
        """Only when "other" is chosen does typing mean anything."""
        if self._data.value is not None and self._data.value.other is not None:
            self.activate(self._entry)

    def activate(self, entry: TextEntry | None, beside_space: str = ",") -> None:
        """The entry stands where the options were."""
        if entry is not None and entry.parent is None:
            self.remove_widget(self._grid)
            self.add_widget(entry)
        elif entry is None and self._grid.parent is None:
            self.remove_widget(self._entry)
            self.add_widget(self._grid)
        super().activate(entry, beside_space)

    def change_text(self, text: str) -> None:
        """The options with the text beside them."""
        options = self._data.value.options if self._data.value is not None else ()
        self.dispatch("on_draft", ChoiceValue(options, text))

    def min_height(self, room: float) -> float:
        """The options, or the entry with its keyboard."""
        if self.active is None:
            return self._grid.min_height(room)
        return self.entry_height() + GAP_MM * self.theme.mm + self.keyboard.min_height(room)

    def used_height(self, room: float, height: float) -> float:
        """The options, or all of it."""
        return self._grid.used_height(room, height) if self.active is None else height

    def targets(self) -> dict[str, Any]:
        """The options, or the entry and the keys."""
        if self.active is None:
            return self._grid.targets()
        return {"entry": self._entry} | self.keyboard.targets()

    def digit(self, digit: int) -> Any | None:
        """An option by its place."""
        return self._grid.digit(digit) if self.active is None else None

    def lay_out(self) -> None:
        """All the room for one of the two."""
        if not hasattr(self, "_entry"):
            return
        if self.active is not None:
            self.place_writing(self._entry, self.theme.label_size * 4)
        else:
            self._grid.from_right = self.from_right
            self._grid.pos, self._grid.size = self.pos, self.size

    def _touched(self, _grid: object, option: str, touch: Touch) -> None:
        chosen = self._data.value or ChoiceValue()
        if not self._data.several and option != "other":
            self.dispatch("on_answer", ChoiceValue((option,)), touch)
            return
        if option == "other":
            written = None if chosen.other is not None else ""
            options = chosen.options if self._data.several else ()
            self._draft(options, written)
            if written is not None:
                self.begin()
            return
        ticked = set(chosen.options) ^ {option}
        order = (c.id for c in self._data.choices)
        self._draft(tuple(o for o in order if o in ticked), chosen.other)

    def _draft(self, options: tuple[str, ...], other: str | None) -> None:
        draft = ChoiceValue(options, other) if options or other is not None else None
        self.dispatch("on_draft", draft)
