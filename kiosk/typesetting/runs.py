"""A line of text as what is drawn one after another: each in one font, one script, one way."""

import unicodedata
from dataclasses import dataclass

from assets.letters import Fonts, is_invisible
from kiosk.typesetting.bidi import has_right_to_left, levels, runs_from_right, visual_order

SCRIPTS = {
    "ARABIC": "Arab", "HEBREW": "Hebr", "CYRILLIC": "Cyrl", "GREEK": "Grek", "LATIN": "Latn",
    "ARMENIAN": "Armn", "BENGALI": "Beng", "DEVANAGARI": "Deva", "ETHIOPIC": "Ethi",
    "GEORGIAN": "Geor", "GUJARATI": "Gujr", "GURMUKHI": "Guru", "HANGUL": "Hang", "CJK": "Hani",
    "HIRAGANA": "Hira", "KANNADA": "Knda", "KATAKANA": "Kana", "KHMER": "Khmr", "LAO": "Laoo",
    "MALAYALAM": "Mlym", "MYANMAR": "Mymr", "ORIYA": "Orya", "SINHALA": "Sinh", "SYRIAC": "Syrc",
    "TAMIL": "Taml", "TELUGU": "Telu", "THAANA": "Thaa", "THAI": "Thai", "TIBETAN": "Tibt",
}  # fmt: skip
"""The first word of a letter's name in Unicode, and ISO 15924's code for its script."""


@dataclass(frozen=True)
class Run:
    """Letters that are shaped together."""

    text: str
    typeface: int
    """Its number among the fonts."""
    from_right: bool
    script: str
    """ISO 15924's code."""


def runs(line: str, whole: str, fonts: Fonts) -> tuple[Run, ...]:
    """The runs of a line from left to right on the screen; ``whole`` is the text it is part of.

    One typeface draws all that it has letters for, so that words are of one piece; and the whole
    text says which, so that its lines are alike.
    """
    main = fonts.best_for(whole)
    found: list[Run] = []
    if not has_right_to_left(line):
        place = 0
        while place < len(line):
            end = _end_of_run(line, [0] * len(line), place, main, fonts)
            found.append(_run(line[place:end], from_right=False, main=main, fonts=fonts))
            place = end
        return tuple(found)
    depths = levels(line, from_right=runs_from_right(whole))
    pieces: list[tuple[int, int]] = []
    place = 0
    while place < len(line):
        end = _end_of_run(line, depths, place, main, fonts)
        pieces.append((place, end))
        place = end
    for index in visual_order([depths[start] for start, _end in pieces]):
        start, end = pieces[index]
        odd = bool(depths[start] % 2)
        found.append(_run(line[start:end], from_right=odd, main=main, fonts=fonts))
    return tuple(found)


def _end_of_run(line: str, depths: list[int], start: int, main: int, fonts: Fonts) -> int:
    """Where the run that begins at ``start`` ends: another level, font or script begins."""
    font, script = _font_of(line[start], main, fonts), _script(line[start])
    end = start + 1
    while end < len(line) and depths[end] == depths[start]:
        letter = line[end]
        inherits = bool(unicodedata.combining(letter)) or is_invisible(letter)
        if not (inherits and fonts.draws(font, letter)):
            if _font_of(letter, main, fonts) != font:
                break
            own = _script(letter)
            if own and script and own != script:
                break
            script = script or own
        end += 1
    return end


def _font_of(letter: str, main: int, fonts: Fonts) -> int:
    if fonts.draws(main, letter):
        return main
    first = fonts.first_with(letter)
    return main if first is None else first


def _run(text: str, *, from_right: bool, main: int, fonts: Fonts) -> Run:
    script = next(filter(None, map(_script, text)), "Hebr" if from_right else "Latn")
    font = _font_of(next((c for c in text if not is_invisible(c)), " "), main, fonts)
    return Run(text, font, from_right, script)


def _script(letter: str) -> str:
    """Of a letter; nothing for signs, digits and spaces, which stand in any script."""
    if not letter.isalpha():
        return ""
    return SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0], "Zyyy")
