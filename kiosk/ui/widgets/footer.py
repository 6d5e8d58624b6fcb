"""The buttons below a question: back and leave at one end, the ways on at the other."""

from collections.abc import Sequence
from typing import Any

from kiosk.ui.widgets.buttons import WordButton

NARROW_MM = 125.0
"""On an upright panel that is narrower, the ways on have a row of their own above the others."""


def is_in_two_rows(theme: Any) -> bool:
    """Whether one row would be too short for all of them."""
    return bool(theme.portrait and theme.width < NARROW_MM * theme.mm)


def footer_height(theme: Any) -> float:
    """Of all rows, without the space above them."""
    rows = 2 if is_in_two_rows(theme) else 1
    return float(rows * theme.target + (rows - 1) * theme.gap_min)


def place_footer(
    theme: Any,
    ways_back: Sequence[WordButton],
    ways_on: Sequence[WordButton],
    box: tuple[float, float, float],
    inset: float,
    *,
    from_right: bool,
) -> None:
    """Places the buttons that are on the screen in ``box``: its left, its bottom, its width.

    ``inset`` is what the round buttons take of the lowest row. What comes first stands farther
    out; languages that run from the right begin at the other end.
    """
    left, bottom, room = box
    if not is_in_two_rows(theme):
        row = (left + inset, bottom, room - inset)
        _place_row(theme, ways_back, ways_on, row, from_right=from_right)
        return
    _place_row(theme, ways_back, (), (left + inset, bottom, room - inset), from_right=from_right)
    above = (left, bottom + theme.target + theme.gap_min, room)
    _place_row(theme, (), ways_on, above, from_right=from_right)


def _place_row(
    theme: Any,
    first: Sequence[WordButton],
    last: Sequence[WordButton],
    box: tuple[float, float, float],
    *,
    from_right: bool,
) -> None:
    left, bottom, room = box
    right = left + room
    ends = left + right
    seen = [button for button in (*first, *last) if button.text]
    worded = [button for button in seen if not _is_sign(button)]
    wishes = {button: button.wish() for button in worded}
    room -= max(0, len(seen) - 1) * theme.gap + (len(seen) - len(worded)) * theme.target
    # All alike; where that is too little for one, each as its words ask for.
    alike = min(room / max(2 if is_in_two_rows(theme) else 3, len(worded)), theme.target * 3.2)
    fair = alike if max(wishes.values(), default=0) <= alike else 0.0
    share = min(1.0, room / max(1.0, sum(wishes.values())))
    for button in seen:
        if button.parent is None:
            continue
        wide = theme.target
        if not _is_sign(button):
            wide = max(fair or wishes[button] * share, theme.target_min)
        button.size = (wide, theme.target)
        if button in first:
            button.pos, left = (left, bottom), left + wide + theme.gap
        else:
            button.pos, right = (right - wide, bottom), right - wide - theme.gap
        if from_right:
            button.right = ends - button.x


def _is_sign(button: WordButton) -> bool:
    """Whether it has a sign like ×, and no words."""
    return len(button.text) == 1
