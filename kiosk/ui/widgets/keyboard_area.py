"""What the parts of a question screen that are written in have in common: an entry and the keys."""

from typing import Any, ClassVar

from config.values import SHORT_TEXT_LENGTH
from kiosk.session.keyboard import HIDE, NEXT, write
from kiosk.ui.theme import GAP_MM, TARGET_MM
from kiosk.ui.widgets.areas import AnswerArea
from kiosk.ui.widgets.text_entry import Keyboard, TextEntry

_SOME_LINES = 4.4
"""Height in letters of an entry of which three lines are seen."""


class KeyboardArea(AnswerArea):
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
        self.change_text(write(self.active.text, key, self.max_length()))
        self.keyboard.set_shift(on=self._begins_sentence())
        return True

    def arrive(self) -> None:
        """It comes to the screen."""

    def rest(self) -> None:
        """The keyboard is put away."""
        if self.active is not None:
            self.activate(None)

    def begin(self) -> None:
        """Brings the keyboard up where there is one obvious entry."""

    def max_length(self) -> int:
        """Most characters of the active entry."""
        return SHORT_TEXT_LENGTH

    def change_text(self, text: str) -> None:
        """Tells what the active entry holds now."""

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
            self.keyboard.set_shift(on=self._begins_sentence())
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

    def place_writing(self, entry: TextEntry, most: float) -> None:
        """The entry above the keyboard; both as large as there is room for, and no larger."""
        gap = GAP_MM * self.theme.mm
        # Keys as large as other controls and some lines of text, where there is room for both.
        full, least = self.keyboard.full_height(self.width), self.keyboard.min_height(self.width)
        entry_height = min(max(self.height - full * 1.2 - gap, self.entry_height()), most)
        lines = min(most, self.theme.label_size * _SOME_LINES)
        if entry_height < lines:
            entry_height = max(min(lines, self.height - least - gap), self.entry_height())
        larger = max(1.35, 1.2 * self.theme.target / (TARGET_MM * self.theme.mm))
        keys = min(self.height - entry_height - gap, full * larger)
        self.keyboard.size = (self.width, keys)
        self.keyboard.pos = (self.x, self.y)
        wide = min(self.width - 2 * self.beside, self.theme.label_size * 36)
        entry.letter_size = self.theme.label_size
        entry.size = (wide, min(entry_height, self.height - keys - gap))
        entry.pos = (self.center_x - wide / 2, self.top - entry.height)
