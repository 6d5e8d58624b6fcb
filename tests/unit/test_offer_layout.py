"""Where things stand below the first thanks: nothing overlaps, and reasons stand low."""

from itertools import combinations

import pytest

from kiosk.ui.screens.offer_layout import Box, OfferParts, offer_layout
from kiosk.ui.theme import Theme, theme

PANELS = [((800, 480), 154.0), ((1280, 800), 217.0), ((720, 1280), 88.0), ((3840, 2160), 600.0)]


def parts(look: Theme, *, high: float, send: bool = False) -> OfferParts:
    return OfferParts(
        has_languages=True,
        faces_width=3 * look.target_min + 2 * look.gap_min,
        skip_wish=0.0 if send else look.target * 2,
        send_wish=look.target * 1.5 if send else 0.0,
        min_height=lambda _room: high,
        used_height=lambda _room, height: height,
    )


def overlap(one: Box, other: Box) -> bool:
    return (
        min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0]) > 1
        and min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1]) > 1
    )


@pytest.mark.parametrize("send", [False, True])
@pytest.mark.parametrize(("size", "width_mm"), PANELS)
def test_nothing_overlaps_and_all_is_on_the_page(
    size: tuple[int, int], width_mm: float, send: bool
) -> None:
    look = theme("light", size, width_mm)
    made = offer_layout(
        (0, 0, *size), look, parts(look, high=look.target * 2 + look.gap, send=send), None
    )
    shown = [made.faces, made.words, made.area, made.send if send else made.skip]
    shown += [made.thanks] if made.thanks else []
    shown += [(*spot, look.target, look.target) for spot in (made.access, made.languages)]
    for one, other in combinations(shown, 2):
        assert not overlap(one, other)
    for x, y, width, height in shown:
        assert 0 <= x
        assert 0 <= y
        assert x + width <= size[0] + 1
        assert y + height <= size[1] + 1
    assert made.least <= size[1]


def test_reasons_end_below_the_faces_that_stood_there() -> None:
    look = theme("light", (1280, 800), 217.0)
    made = offer_layout((0, 0, 1280, 800), look, parts(look, high=look.target), 250.0)
    assert made.area[1] + made.area[3] <= 250.0


def test_what_needs_more_height_says_how_much_and_the_thanks_give_way() -> None:
    look = theme("light", (800, 480), 154.0)
    tall = offer_layout((0, 0, 800, 480), look, parts(look, high=310.0), None)
    assert tall.thanks is None
    taller = offer_layout((0, 0, 800, 480), look, parts(look, high=400.0), None)
    assert taller.least > 480
