"""In which order the letters of a line stand on the screen, where some run from the right.

The rules of Unicode's Bidirectional Algorithm (UAX #9), but for its explicit embeddings: their
control characters count as nothing.
"""

import unicodedata

_RTL = ("R", "AL")
_STRONG = ("L", *_RTL)
_NEUTRAL = ("B", "S", "WS", "ON")
_BRACKETS = dict(zip("([{", ")]}", strict=True))


def has_right_to_left(text: str) -> bool:
    """Whether any letter of this text runs from the right."""
    return not text.isascii() and any(unicodedata.bidirectional(c) in (*_RTL, "AN") for c in text)


def runs_from_right(text: str) -> bool:
    """Whether the first letter that has a direction runs from the right (rules P2 and P3)."""
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in _STRONG:
            return kind in _RTL
    return False


def levels(text: str, *, from_right: bool) -> list[int]:
    """The embedding level of each character: odd ones run from the right."""
    base = int(from_right)
    outside = "R" if from_right else "L"
    kinds = [_kind(letter) for letter in text]
    _resolve_weak(kinds, outside)
    _resolve_brackets(text, kinds, outside)
    _resolve_neutral(kinds, outside)
    found = [_level(kind, base) for kind in kinds]
    # Spaces at the end of a line belong to the paragraph (rule L1).
    for index in range(len(text) - 1, -1, -1):
        if not text[index].isspace():
            break
        found[index] = base
    return found


def visual_order(found: list[int]) -> list[int]:
    """The places of the characters from the left to the right of the screen (rule L2)."""
    order = list(range(len(found)))
    lowest_odd = min((level for level in found if level % 2), default=0)
    if not lowest_odd:
        return order
    for level in range(max(found), lowest_odd - 1, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and found[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = max(end, start + 1)
    return order


def _kind(letter: str) -> str:
    kind = unicodedata.bidirectional(letter)
    return kind if kind in (*_STRONG, "EN", "ES", "ET", "AN", "CS", "NSM", *_NEUTRAL) else "BN"


def _resolve_weak(kinds: list[str], outside: str) -> None:
    """Rules W1 to W7: numbers, and what stands in and around them."""
    _resolve_marks_and_digits(kinds, outside)
    for index in range(1, len(kinds) - 1):
        number, kind = kinds[index - 1], kinds[index]
        joins = kind == "CS" or (kind == "ES" and number == "EN")
        if joins and number in ("EN", "AN") and number == kinds[index + 1]:
            kinds[index] = number
    _join_terminators(kinds)
    strong = outside
    for index, kind in enumerate(kinds):
        if kind in ("ES", "ET", "CS"):
            kinds[index] = "ON"
        elif kind == "EN" and strong == "L":
            kinds[index] = "L"
        if kinds[index] in ("L", "R"):
            strong = kinds[index]


def _resolve_marks_and_digits(kinds: list[str], outside: str) -> None:
    """Rules W1 to W3: marks are as their letters, digits behind Arabic letters as Arabic ones."""
    before = strong = outside
    for index, kind in enumerate(kinds):
        if kind == "NSM":
            kinds[index] = before
        elif kind == "EN" and strong == "AL":
            kinds[index] = "AN"
        if kinds[index] in _STRONG:
            strong = kinds[index]
        if kinds[index] != "BN":
            before = kinds[index]
    kinds[:] = ["R" if kind == "AL" else kind for kind in kinds]


def _join_terminators(kinds: list[str]) -> None:
    """Rule W5: signs of per cent and of money beside a number are part of it."""
    for start, kind in enumerate(kinds):
        if kind == "ET":
            end = start
            while end < len(kinds) and kinds[end] in ("ET", "BN"):
                end += 1
            after = end < len(kinds) and kinds[end] == "EN"
            if after or (start > 0 and kinds[start - 1] == "EN"):
                kinds[start:end] = ["EN"] * (end - start)


def _resolve_brackets(text: str, kinds: list[str], outside: str) -> None:
    """Rule N0: the two brackets of a pair run the same way."""
    open_ones: list[int] = []
    pairs: list[tuple[int, int]] = []
    for index, letter in enumerate(text):
        if letter in _BRACKETS:
            open_ones.append(index)
        elif letter in _BRACKETS.values():
            for place in range(len(open_ones) - 1, -1, -1):
                if _BRACKETS[text[open_ones[place]]] == letter:
                    pairs.append((open_ones[place], index))
                    del open_ones[place:]
                    break
    for start, end in sorted(pairs):
        inside = {_direction(kind) for kind in kinds[start + 1 : end]} - {""}
        if outside in inside:
            kinds[start] = kinds[end] = outside
        elif inside:
            (other,) = inside
            context = [_direction(kind) for kind in kinds[:start]]
            last = next((found for found in reversed(context) if found), outside)
            kinds[start] = kinds[end] = other if last == other else outside


def _resolve_neutral(kinds: list[str], outside: str) -> None:
    """Rules N1 and N2: spaces and signs run as what is on both sides, else as the paragraph."""
    start = 0
    while start < len(kinds):
        if kinds[start] not in (*_NEUTRAL, "BN"):
            start += 1
            continue
        end = start
        while end < len(kinds) and kinds[end] in (*_NEUTRAL, "BN"):
            end += 1
        before = _direction(kinds[start - 1]) if start else outside
        after = _direction(kinds[end]) if end < len(kinds) else outside
        kinds[start:end] = [before if before == after else outside] * (end - start)
        start = end


def _direction(kind: str) -> str:
    """Of a resolved kind: numbers stand among right-to-left letters as one of them."""
    if kind == "L":
        return "L"
    return "R" if kind in ("R", "EN", "AN") else ""


def _level(kind: str, base: int) -> int:
    """Rules I1 and I2."""
    if base % 2:
        return base + (kind != "R")
    return base + {"L": 0, "R": 1}.get(kind, 2)
