"""The on-screen keyboard: how its keys are laid out, and what a key does."""

from dataclasses import dataclass, replace

from kiosk.session.layouts import letters_of

SHIFT, BACKSPACE, SPACE, SYMBOLS, HIDE, NEXT = (
    "shift", "backspace", "space", "symbols", "hide", "next",
)  # fmt: skip
"""The keys that are no character."""
COMMANDS = (SHIFT, BACKSPACE, SPACE, SYMBOLS, HIDE, NEXT)
WIDE = {SPACE: 3.0, NEXT: 2.0, SYMBOLS: 1.5, SHIFT: 1.5, BACKSPACE: 1.5}
"""Widths in keys; the others are one key wide."""

_SYMBOLS = ("1234567890", "@_#%&+-/()", ".,:;!?'€")


@dataclass(frozen=True)
class Layer:
    """What the keyboard shows just now."""

    is_shifted: bool = False
    symbols: bool = False


def rows(
    language: str, layer: Layer, columns: int, beside_space: str = ","
) -> tuple[tuple[str, ...], ...]:
    """The keys, from the top; no row is wider than ``columns`` keys (at least 10).

    Where the panel is too narrow for the letters of the language beside the others, they get a
    row of their own.
    """
    last = (SYMBOLS, beside_space, SPACE, ".", HIDE, NEXT)
    if layer.symbols:
        return (
            tuple(_SYMBOLS[0]),
            tuple(_SYMBOLS[1]),
            (*_SYMBOLS[2], BACKSPACE),
            last,
        )
    shared, own = letters_of(language)
    wide = [a + b for a, b in zip(shared, own, strict=True)]
    fits = max(len(wide[0]), len(wide[1]), len(wide[2]) + 3) <= columns
    letters = wide if fits else list(shared)
    if layer.is_shifted:
        letters = [_upper(row, language) for row in letters]
    above = "".join(own) if not fits else ""
    top = (tuple(_upper(above, language) if layer.is_shifted else above),) if above else ()
    # Hebrew and Arabic have no capitals.
    shift = (SHIFT,) if has_capitals(language) else ()
    return (*top, tuple(letters[0]), tuple(letters[1]), (*shift, *letters[2], BACKSPACE), last)


def has_capitals(language: str) -> bool:
    """Whether the letters of this language's keyboard have capitals."""
    first = letters_of(language)[0][0][0]
    return first != first.upper()


def width(key: str) -> float:
    """In keys."""
    return WIDE.get(key, 1.0)


def write(text: str, key: str, longest: int) -> str:
    """The text after a key that is a character, a space or a backspace."""
    if key == BACKSPACE:
        return text[:-1]
    added = " " if key == SPACE else key
    return (text + added)[:longest]


def next_layer(layer: Layer, key: str) -> Layer:
    """The layer after a key: one shifted letter, and back."""
    if key == SHIFT:
        return replace(layer, is_shifted=not layer.is_shifted)
    if key == SYMBOLS:
        return replace(layer, symbols=not layer.symbols, is_shifted=False)
    if key in COMMANDS:
        return layer
    return replace(layer, is_shifted=False)


def _upper(letters: str, language: str) -> str:
    # "ß".upper() is two letters; its capital is not on any keyboard. Turkish keeps i and ı apart.
    if language.partition("-")[0] == "tr":
        letters = letters.replace("i", "İ")
    return "".join(letter if letter == "ß" else letter.upper() for letter in letters)
