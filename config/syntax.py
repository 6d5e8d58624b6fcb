"""Where a TOML file stops being TOML, with the line itself: an editor may not count them."""

import re

_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_LONGEST_LINE = 120
_CURLY = "“”„«»‟‘’‚‛"
_SPACES = "\u00a0\u2007\u202f\u200b\ufeff"


def syntax_mistake(text: str, said: str) -> str:
    """What is wrong with ``text``, of which the parser ``said`` this: the line, a likely cause."""
    reason = f"it is not valid TOML: {said}"
    place = _PLACE.search(said)
    lines = text.split("\n")
    if place is None or not 1 <= int(place[1]) <= len(lines):
        return reason
    line, column = lines[int(place[1]) - 1].rstrip("\r"), int(place[2])
    start = max(0, column - _LONGEST_LINE // 2) if len(line) > _LONGEST_LINE else 0
    shown = line[start : start + _LONGEST_LINE].replace("\t", " ")
    arrow = " " * (column - 1 - start) + "^"
    cause = _cause(line)
    return f"{reason}\n    {shown}\n    {arrow}" + (f"\n  {cause}" if cause else "")


def _cause(line: str) -> str:
    """What usually leads to a line that is no TOML; or nothing."""
    curly = [letter for letter in line if letter in _CURLY]
    name, equals, value = (part.strip() for part in line.partition("="))
    causes = (
        (bool(curly), f"{_told(curly)} are curly quotes of a word processor: write straight ones"),
        (any(letter in line for letter in _SPACES), "it has a special space: write a plain one"),
        (not equals and not name.startswith("["), "a setting is written: name = value"),
        (value.lower() in ("true", "yes", "on"), "yes is written: true"),
        (value.lower() in ("false", "no", "off"), "no is written: false"),
        (bool(re.fullmatch("[0-9]+,[0-9]+", value)), "decimals are written with a point, like 3.5"),
        (bool(re.match(r"[^\W\d]", value)), 'a text stands between quotes: name = "text"'),
    )
    return next((cause for applies, cause in causes if applies), "")


def _told(letters: list[str]) -> str:
    return " ".join(dict.fromkeys(letters))
