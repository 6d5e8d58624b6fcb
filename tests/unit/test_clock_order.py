"""Which of some blocks stand out of order in time."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headoffice.timekeeping.order import Block, misplaced

HOUR = 3_600_000
YEAR = 365 * 24 * HOUR


def wrong(*blocks: tuple[int, int, int]) -> list[int]:
    return misplaced([Block(*block) for block in blocks], HOUR)


def test_blocks_in_order_are_all_believed() -> None:
    assert [] == wrong((0, 10, 5), (20, 30, 1), (30, 40, 9))
    assert [] == wrong()


def test_a_step_back_within_the_tolerance_is_none() -> None:
    assert [] == wrong((0, 2 * HOUR, 5), (HOUR, 3 * HOUR, 5))


@pytest.mark.parametrize("off", [YEAR, -YEAR, 91 * 24 * HOUR, 2 * HOUR, -2 * HOUR])
def test_a_wrong_hour_among_right_days_stands_out(off: int) -> None:
    before, after = (10 * YEAR, 10 * YEAR + 5 * HOUR, 900), (10 * YEAR + 6 * HOUR, 11 * YEAR, 900)
    hour = (10 * YEAR + 5 * HOUR + off, 10 * YEAR + 6 * HOUR + off, 100)
    assert [1] == wrong(before, hour, after)


def test_the_greater_part_is_believed_and_of_equal_ones_the_later() -> None:
    assert [0] == wrong((YEAR, YEAR, 5), (0, 0, 6))
    assert [1] == wrong((YEAR, YEAR, 6), (0, 0, 5))
    assert [0] == wrong((YEAR, YEAR, 5), (0, 0, 5))


blocks = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(1, 5)).map(
        lambda t: Block(t[0] * HOUR, (t[0] + t[1]) * HOUR, t[2])
    ),
    max_size=7,
)


@given(blocks)
def test_no_other_choice_that_is_in_order_weighs_more(given_blocks: list[Block]) -> None:
    left_out = set(misplaced(given_blocks, 0))
    chosen = [block for place, block in enumerate(given_blocks) if place not in left_out]
    assert in_order(chosen)
    most = max(
        sum(block.weight for block in some)
        for size in range(len(given_blocks) + 1)
        for some in itertools.combinations(given_blocks, size)
        if in_order(some)
    )
    assert most == sum(block.weight for block in chosen)


def in_order(some: "list[Block] | tuple[Block, ...]") -> bool:
    return all(one.last_ms <= other.first_ms for one, other in itertools.pairwise(some))
