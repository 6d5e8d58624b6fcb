"""What a shopper chooses behind the accessibility button lasts for one session."""

import pytest

from kiosk.session.appearance import FEATURES, USUAL, AppearanceState, Feature

KEEP_MS = 20_000
LARGE = AppearanceState().toggle_menu(1_000).toggle_feature("large_text", 2_000)


def later(state: AppearanceState, at_ms: int, *, was_idle: bool, is_idle: bool) -> AppearanceState:
    return state.expire(was_idle=was_idle, is_idle=is_idle, at_ms=at_ms, keep_ms=KEEP_MS)


@pytest.mark.parametrize("feature", FEATURES)
def test_switch_goes_on_and_off_alone(feature: Feature) -> None:
    once = USUAL.toggle(feature)
    assert [feature] == [other for other in FEATURES if once.has(other)]
    assert USUAL == once.toggle(feature)


def test_menu_stays_open_for_the_next_switch_until_it_is_closed() -> None:
    both = LARGE.toggle_feature("low_reach", 3_000)
    assert both.is_open
    closed = both.toggle_menu(4_000)
    assert not closed.is_open
    assert closed.appearance.large_text
    assert closed.appearance.low_reach


def test_it_lasts_while_the_session_does() -> None:
    begun = later(LARGE, 3_000, was_idle=True, is_idle=False)
    assert LARGE == later(begun, 900_000, was_idle=False, is_idle=False)
    assert LARGE.deadline(is_idle=False, keep_ms=KEEP_MS) is None


def test_end_of_the_session_drops_it_and_closes_the_menu() -> None:
    assert AppearanceState() == later(LARGE, 3_000, was_idle=False, is_idle=True)


def test_it_waits_a_while_for_the_session_to_begin() -> None:
    due = LARGE.deadline(is_idle=True, keep_ms=KEEP_MS)
    assert 22_000 == due
    assert LARGE == later(LARGE, 21_999, was_idle=True, is_idle=True)
    assert AppearanceState() == later(LARGE, 22_000, was_idle=True, is_idle=True)


def test_open_menu_that_nobody_uses_closes() -> None:
    assert 21_000 == AppearanceState().toggle_menu(1_000).deadline(is_idle=True, keep_ms=KEEP_MS)


def test_nothing_chosen_is_never_due() -> None:
    assert AppearanceState().deadline(is_idle=True, keep_ms=KEEP_MS) is None
