"""Which typeface draws which letters of a text."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assets.fonts import TYPEFACES, Typeface
from config.font_file import letters_in

_INVISIBLE = ("Cc", "Cf", "Zs", "Zl", "Zp")
"""Categories that no font has to draw: control and format characters, and spaces."""
_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))


@dataclass(frozen=True)
class Fonts:
    """Typefaces in the order in which they are tried."""

    typefaces: tuple[Typeface, ...] = TYPEFACES

    @classmethod
    def of(cls, files: Sequence[str]) -> "Fonts":
        """The bundled ones, and behind them the files that the settings name."""
        return cls((*TYPEFACES, *map(_from_file, files)))

    def __len__(self) -> int:
        return len(self.typefaces)

    def draws(self, number: int, letter: str) -> bool:
        """Whether the typeface of this number has the letter, or need not have it."""
        return letter in letters_in(self.typefaces[number].regular) or is_invisible(letter)

    def best_for(self, text: str) -> int:
        """The number of the first typeface that has most of the letters of this text."""
        letters = {letter for letter in text if not is_invisible(letter)}
        least, best = len(letters) + 1, 0
        for number, typeface in enumerate(self.typefaces):
            lacks = len(letters - letters_in(typeface.regular))
            if lacks < least:
                least, best = lacks, number
            if not lacks:
                break
        return best

    def first_with(self, letter: str) -> int | None:
        """The number of the first typeface that has this letter."""
        numbers = range(len(self.typefaces))
        return next((number for number in numbers if self.draws(number, letter)), None)

    def missing(self, text: str) -> tuple[str, ...]:
        """The letters of a text that would be empty boxes, each once, in their order."""
        return tuple(dict.fromkeys(self._undrawable(unicodedata.normalize("NFC", text))))

    def _undrawable(self, text: Iterable[str]) -> Iterator[str]:
        return (letter for letter in text if self.first_with(letter) is None)


def is_invisible(letter: str) -> bool:
    """Whether nothing is drawn for it: a space, a soft hyphen, a joiner, a mark of direction."""
    return letter in _SELECTORS or unicodedata.category(letter) in _INVISIBLE


def _from_file(name: str) -> Typeface:
    file = Path(name)
    return Typeface(file.stem, file, file)
