"""The on-screen keyboard: which letters stand where in each language, and what a key does."""

from dataclasses import dataclass, replace

SHIFT, BACKSPACE, SPACE, SYMBOLS, HIDE, NEXT = (
    "shift", "backspace", "space", "symbols", "hide", "next",
)  # fmt: skip
"""The keys that are no character."""
COMMANDS = (SHIFT, BACKSPACE, SPACE, SYMBOLS, HIDE, NEXT)
WIDE = {SPACE: 3.0, NEXT: 2.0, SYMBOLS: 1.5, SHIFT: 1.5, BACKSPACE: 1.5}
"""Widths in keys; the others are one key wide."""

_QWERTY = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_QWERTZ = ("qwertzuiop", "asdfghjkl", "yxcvbnm")
_LAYOUTS: dict[str, tuple[tuple[str, str, str], tuple[str, str, str]]] = {
    # The letters that all share, and at the right of each row those of the language.
    "en": (_QWERTY, ("", "", "")),
    "fi": (_QWERTY, ("å", "öä", "")),
    "sv": (_QWERTY, ("å", "öä", "")),
    "de": (_QWERTZ, ("ü", "öä", "ß")),
    "it": (_QWERTY, ("è", "òà", "ùìé")),
    "hu": (_QWERTZ, ("őú", "éáű", "íöüó")),
    "pl": (_QWERTY, ("ęó", "ąśł", "żźćń")),
}
_SYMBOLS = ("1234567890", "@_#%&+-/()", ".,:;!?'€")


@dataclass(frozen=True)
class Layer:
    """What the keyboard shows just now."""

    shifted: bool = False
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
    shared, own = _LAYOUTS.get(language.partition("-")[0], _LAYOUTS["en"])
    wide = [a + b for a, b in zip(shared, own, strict=True)]
    fits = max(len(wide[0]), len(wide[1]), len(wide[2]) + 3) <= columns
    letters = wide if fits else list(shared)
    if layer.shifted:
        letters = [_upper(row) for row in letters]
    above = "".join(own) if not fits else ""
    top = (tuple(_upper(above) if layer.shifted else above),) if above else ()
    return (*top, tuple(letters[0]), tuple(letters[1]), (SHIFT, *letters[2], BACKSPACE), last)


def width(key: str) -> float:
    """In keys."""
    return WIDE.get(key, 1.0)


def write(text: str, key: str, longest: int) -> str:
    """The text after a key that is a character, a space or a backspace."""
    if key == BACKSPACE:
        return text[:-1]
    added = " " if key == SPACE else key
    return (text + added)[:longest]


def after(layer: Layer, key: str) -> Layer:
    """The layer after a key: one shifted letter, and back."""
    if key == SHIFT:
        return replace(layer, shifted=not layer.shifted)
    if key == SYMBOLS:
        return replace(layer, symbols=not layer.symbols, shifted=False)
    if key in COMMANDS:
        return layer
    return replace(layer, shifted=False)


def _upper(letters: str) -> str:
    # "ß".upper() is two letters; its capital is not on any keyboard.
    return "".join(letter if letter == "ß" else letter.upper() for letter in letters)
