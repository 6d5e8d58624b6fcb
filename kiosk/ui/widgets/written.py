"""The parts of a question screen that are written in: options with "other", texts, contact."""

from typing import Any, ClassVar

from kiosk.keyboard import HIDE, NEXT, write
from kiosk.ui.theme import GAP_MM, TARGET_MM
from kiosk.ui.widgets.areas import AnswerArea, OptionsGrid
from kiosk.ui.widgets.buttons import WordButton
from kiosk.ui.widgets.controls import FittingWords
from kiosk.ui.widgets.typing import Keyboard, TextEntry
from kiosk.views_question import TEXT_LENGTH, ContactForm, Options, Writing
from sync.messages import Chosen, ContactDetails

_LINES = 6.5
"""Height of the entry for a free text, in letters."""
_AIR = 0.3
"""An entry is at most this much higher than it has to be."""


class WrittenArea(AnswerArea):
    """With a keyboard that comes up below the entry that is written in.

    Emits ``on_next`` when the key that goes on was touched in the last entry.
    """

    __events__: ClassVar[tuple[str, ...]] = ("on_next",)

    def __init__(self, keyboard: Keyboard, **properties: Any) -> None:
        super().__init__(**properties)
        self.keyboard = keyboard
        self.language = "en"
        self.next_word = ""
        self.active: TextEntry | None = None
        """The entry that is written in; the keyboard is up."""

    def type(self, key: str) -> bool:
        """Takes a character, a space or a backspace, also from a physical keyboard."""
        if self.active is None:
            self.begin()
        if self.active is None or self.busy:
            return False
        # It comes back as the text that is shown, unless it was too early to be meant.
        self.written(write(self.active.text, key, self.longest()))
        self.keyboard.capital(wanted=self._begins_sentence())
        return True

    def arrive(self) -> None:
        """It comes to the screen."""

    def rest(self) -> None:
        """The keyboard is put away."""
        if self.active is not None:
            self.activate(None)

    def begin(self) -> None:
        """Brings the keyboard up where there is one obvious entry."""

    def longest(self) -> int:
        """Most characters of the active entry."""
        return TEXT_LENGTH

    def written(self, text: str) -> None:
        """What the active entry holds now is told."""

    def activate(self, entry: TextEntry | None, beside_space: str = ",") -> None:
        """Writes in this entry from now on; None puts the keyboard away."""
        if self.active is not None:
            self.active.active = False
        self.active = entry
        if entry is None:
            self.put_away()
        else:
            entry.active = True
            self.keyboard.open(self.language, self.next_word, beside_space=beside_space)
            self.keyboard.capital(wanted=self._begins_sentence())
            if self.keyboard.parent is not self:
                if self.keyboard.parent is not None:
                    self.keyboard.parent.remove_widget(self.keyboard)
                self.keyboard.unbind(on_key=self._key)
                self.add_widget(self.keyboard)
                self.keyboard.bind(on_key=self._key)
        self.dispatch("on_needs")
        self.place()

    def put_away(self) -> None:
        """Lets the keyboard go, so that another question may have it."""
        if self.keyboard.parent is self:
            self.keyboard.unbind(on_key=self._key)
            self.remove_widget(self.keyboard)

    def after_entry(self) -> None:
        """The key that goes on: what follows the active entry."""
        self.dispatch("on_next")

    def on_next(self) -> None:
        """Emitted; the screen hands over what is there."""

    def entry_height(self) -> float:
        """Least height of an entry: a finger."""
        return float(max(TARGET_MM * self.theme.mm, self.theme.label_size * 2.1))

    def _key(self, _keyboard: Keyboard, key: str) -> None:
        if key == HIDE:
            self.activate(None)
        elif key == NEXT:
            self.after_entry()
        else:
            self.type(key)

    def _begins_sentence(self) -> bool:
        text = self.active.text if self.active is not None else ""
        return not text.strip() or (text.rstrip()[-1] in ".!?" and text.endswith(" "))

    def _place_writing(self, entry: TextEntry, most: float) -> None:
        """The entry above the keyboard; both as large as there is room for, and no larger."""
        gap = GAP_MM * self.theme.mm
        keys = self.keyboard.needed(self.width)
        entry_height = min(max(self.height - keys * 1.2 - gap, self.entry_height()), most)
        larger = max(1.35, 1.2 * self.theme.target / (TARGET_MM * self.theme.mm))
        keys = min(self.height - entry_height - gap, keys * larger)
        self.keyboard.size = (self.width, keys)
        self.keyboard.pos = (self.x, self.y)
        wide = min(self.width - 2 * self.beside, self.theme.label_size * 36)
        entry.letter_size = self.theme.label_size
        entry.size = (wide, min(entry_height, self.height - keys - gap))
        entry.pos = (self.center_x - wide / 2, self.top - entry.height)


class WritingArea(WrittenArea):
    """A free text."""

    def __init__(self, data: Writing, keyboard: Keyboard, **properties: Any) -> None:
        super().__init__(keyboard, **properties)
        self._longest = data.longest
        self._entry = TextEntry()
        self._entry.bind(on_touched=lambda *_args: self.begin())
        self.add_widget(self._entry)
        self.render(data)

    def arrive(self) -> None:
        """There is only one entry."""
        self.begin()

    def render(self, data: Writing) -> None:
        """Shows what was written."""
        self._entry.text, self._entry.label = data.text, data.prompt

    def begin(self) -> None:
        """There is only one entry."""
        self.activate(self._entry)

    def longest(self) -> int:
        """As the question says."""
        return self._longest

    def written(self, text: str) -> None:
        """The whole text."""
        self.dispatch("on_draft", text or None)

    def needed(self, room: float) -> float:
        """The entry, and the keyboard while it is up."""
        keys = self.keyboard.needed(room) + GAP_MM * self.theme.mm if self.active else 0
        return self.entry_height() + keys

    def filled(self, room: float, height: float) -> float:  # noqa: ARG002 - it is always one entry
        """One entry of a few lines, or all of it."""
        return height if self.active else min(height, self.theme.label_size * _LINES)

    def targets(self) -> dict[str, Any]:
        """The entry and the keys."""
        return {"entry": self._entry} | (self.keyboard.targets() if self.active else {})

    def place(self, *_args: object) -> None:
        """The entry on top."""
        if not hasattr(self, "_entry"):
            return
        most = self.theme.label_size * _LINES
        if self.active is not None:
            self._place_writing(self._entry, most)
        else:
            wide = min(self.width, self.theme.label_size * 36)
            self._entry.size = (wide, min(self.height, most))
            self._entry.letter_size = self.theme.label_size
            self._entry.pos = (self.center_x - wide / 2, self.center_y - self._entry.height / 2)


class OptionsArea(WrittenArea):
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
    def apart(self) -> tuple[Any, ...]:
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

    def written(self, text: str) -> None:
        """The options with the text beside them."""
        options = self._data.value.options if self._data.value is not None else ()
        self.dispatch("on_draft", Chosen(options, text))

    def needed(self, room: float) -> float:
        """The options, or the entry with its keyboard."""
        if self.active is None:
            return self._grid.needed(room)
        return self.entry_height() + GAP_MM * self.theme.mm + self.keyboard.needed(room)

    def filled(self, room: float, height: float) -> float:
        """The options, or all of it."""
        return self._grid.filled(room, height) if self.active is None else height

    def targets(self) -> dict[str, Any]:
        """The options, or the entry and the keys."""
        if self.active is None:
            return self._grid.targets()
        return {"entry": self._entry} | self.keyboard.targets()

    def digit(self, digit: int) -> Any | None:
        """An option by its place."""
        return self._grid.digit(digit) if self.active is None else None

    def place(self, *_args: object) -> None:
        """All the room for one of the two."""
        if not hasattr(self, "_entry"):
            return
        if self.active is not None:
            self._place_writing(self._entry, self.theme.label_size * 4)
        else:
            self._grid.pos, self._grid.size = self.pos, self.size

    def _touched(self, _grid: object, option: str, held_ms: int) -> None:
        chosen = self._data.value or Chosen()
        if not self._data.several and option != "other":
            self.dispatch("on_answer", Chosen((option,)), held_ms)
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
        draft = Chosen(options, other) if options or other is not None else None
        self.dispatch("on_draft", draft)


class ContactArea(WrittenArea):
    """Lines to write in, what they are for, and the consent without which nothing is kept."""

    def __init__(self, data: ContactForm, keyboard: Keyboard, **properties: Any) -> None:
        super().__init__(keyboard, **properties)
        self._data = data
        self._entries = {field.id: TextEntry() for field in data.fields}
        for name, entry in self._entries.items():
            entry.bind(on_touched=lambda *_args, name=name: self._begin_at(name))
            self.add_widget(entry)
        self._purpose = FittingWords()
        self._purpose.bold = False
        self._consent = WordButton(tick=True)
        self._consent.bind(on_touched=lambda *_args: self._consent_touched())
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
        self._consent.text, self._consent.chosen = data.consent_text, data.consent

    def written(self, text: str) -> None:
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

    def needed(self, room: float) -> float:
        """Lines, purpose and consent; or one line with its keyboard."""
        gap = GAP_MM * self.theme.mm
        if self.active is not None:
            return self.entry_height() + gap + self.keyboard.needed(room)
        rows = 1 if not self.theme.portrait else len(self._entries)
        return rows * (self.entry_height() + gap) + self._purpose_height() + self.theme.target + gap

    def filled(self, room: float, height: float) -> float:
        """Lines, purpose and consent with some air, or all of it."""
        if self.active is not None:
            return height
        rows = len(self._entries) if self.theme.portrait else 1
        return min(height, self.needed(room) + rows * self.entry_height() * _AIR)

    def targets(self) -> dict[str, Any]:
        """The lines and the consent, or the keys."""
        if self.active is not None:
            name = next(n for n, entry in self._entries.items() if entry is self.active)
            return {f"entry-{name}": self.active} | self.keyboard.targets()
        lines = {f"entry-{name}": entry for name, entry in self._entries.items()}
        return lines | {"consent": self._consent}

    def place(self, *_args: object) -> None:
        """Lines side by side, or below each other on an upright panel."""
        if not hasattr(self, "_consent"):
            return
        if self.active is not None:
            self._place_writing(self.active, self.theme.label_size * 3.4)
            return
        gap, count = GAP_MM * self.theme.mm, len(self._entries)
        columns = 1 if self.theme.portrait else count
        wide = (min(self.width, self.theme.label_size * 44) - gap * (columns - 1)) / columns
        spare = max(0.0, self.height - self.needed(self.width)) / (count // columns)
        high = self.entry_height() + min(self.entry_height() * _AIR, spare)
        whole = self.needed(self.width) + (high - self.entry_height()) * (count // columns)
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
        self._consent.size = (room, self.theme.target)
        self._consent.pos = (self.center_x - room / 2, self._purpose.y - gap - self.theme.target)

    def _begin_at(self, name: str) -> None:
        self.activate(self._entries[name], "@" if name == "email" else ",")

    def _purpose_height(self) -> float:
        return float(self.theme.small_size * 2.9)

    def _consent_touched(self) -> None:
        fields = {field.id: field.text or None for field in self._data.fields}
        self.dispatch("on_draft", ContactDetails(not self._data.consent, **fields))
