"""Where things stand below the first thanks: reasons low, where no face had stood before.

The faces of the rating stand in the middle of the screen, and whoever comes next may still reach
for them. So the thanks and what is asked take their place, what is touched to answer stands below,
beside the round controls, and the faces for the next shopper in a thin row at the top.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.ui.screens.question_layout import QUESTION
from kiosk.ui.theme import Theme

Box = tuple[float, float, float, float]
"""Left, bottom, width and height in pixels."""

_SHARE = 0.32
"""How much of the height lies below the faces, where nobody has seen them yet."""
_THANKS = 2.6
"""Height of the thanks at most, in letters of a heading, and at least with 0.8."""


@dataclass(frozen=True)
class OfferLayout:
    """The boxes of one such screen."""

    access: tuple[float, float]
    """Lower left corner of the accessibility button."""
    languages: tuple[float, float]
    """The same of the languages' button."""
    faces: Box
    thanks: Box | None
    """None: there is no room for them."""
    words: Box
    area: Box
    skip: Box
    send: Box
    least: float
    """The least height into which it fits."""


@dataclass(frozen=True)
class OfferParts:
    """What has to find its place; lengths in pixels."""

    has_languages: bool
    faces_width: float
    """The least that the row of faces takes."""
    skip_wish: float
    """How wide the button would be in full size; 0: it is not there."""
    send_wish: float
    min_height: Callable[[float], float]
    """Of what is touched to answer, at a width."""
    used_height: Callable[[float, float], float]
    """How much it would take of a height, at a width."""


def offer_layout(page: Box, look: Theme, parts: OfferParts, floor: float | None) -> OfferLayout:
    """For a page; ``floor`` is the lower edge of the faces that had stood there."""
    x, y, width, height = page
    margin = max(look.margin * 0.6, look.gap_min)
    target, gap = look.target, max(look.gap * 0.8, look.gap_min)
    left, room, bottom, top = x + margin, width - 2 * margin, y + margin, y + height - margin
    step = target + gap
    skip, send = (
        min(max(wish, target * 1.4), room * 0.28) if wish else 0.0
        for wish in (parts.skip_wish, parts.send_wish)
    )
    row = room - (skip + gap if skip else 0.0)
    top -= step
    area_room = room - step
    least_area = parts.min_height(area_room)
    question = look.question_size * QUESTION * 1.2
    most = top - bottom - question - 2 * gap
    floor = y + height * _SHARE if floor is None else floor
    wished = parts.used_height(area_room, max(least_area, min(floor - bottom, most)))
    high = max(least_area, min(wished, most))
    free = top - bottom - high - gap
    thanks_height = min(look.heading_size * _THANKS, free - question - gap)
    has_thanks = thanks_height >= look.heading_size * 0.8
    thanks_high = thanks_height + gap if has_thanks else 0.0
    words_height = max(question, min(free - thanks_high, question * 2))
    words_y = bottom + high + gap
    spare = max(0.0, top - words_y - words_height - thanks_high)
    words_y += spare * 0.3
    thanks_y = words_y + words_height + gap + spare * 0.2
    # Beside the question, or where there is no room for it at the end of a row.
    is_low = top - bottom - high - gap < target
    if is_low and send:
        row = room - send - gap
    # In the middle of the screen, where that leaves room for the prompt too.
    before = room - row if 2 * row - room >= parts.faces_width + 6 * look.small_size else 0.0
    inset = max(step if parts.has_languages else 0.0, send + gap if send and not is_low else 0.0)
    send_y = words_y + (words_height - target) / 2
    return OfferLayout(
        access=(left, bottom),
        languages=(left, bottom + step),
        faces=(left + before, top + gap, row - before, target),
        thanks=(left, thanks_y, room, thanks_height) if has_thanks else None,
        words=(left + inset, words_y, room - 2 * inset, words_height),
        area=(left + step, bottom, area_room, high),
        skip=(left + room - skip, top + gap, max(1.0, skip), target),
        send=(
            left + room - send,
            top + gap if is_low else max(bottom + high + gap, send_y),
            max(1.0, send),
            target,
        ),
        least=height - most + least_area,
    )
