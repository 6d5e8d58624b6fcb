"""Formulas against published figures."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headoffice.results.statistics import happiness, wilson

tallies = st.lists(st.integers(0, 10_000), min_size=3, max_size=5).filter(any)


@pytest.mark.parametrize(
    ("tally", "published"),
    [((17, 16, 60, 126), 78), ((4, 2, 12, 23, 51), 81), ((0, 0, 9), 100), ((1, 1, 1), 50)],
)
def test_index_equals_the_published_examples(tally: tuple[int, ...], published: int) -> None:
    index = happiness(tally)
    assert index is not None
    assert published == round(index.value)
    assert sum(tally) == index.n


@pytest.mark.parametrize(
    ("share", "n", "low", "high"), [(0.8, 10, 49, 94), (0.8, 100, 71, 87), (0.8, 1000, 77, 82)]
)
def test_wilson_equals_the_published_examples(share: float, n: int, low: int, high: int) -> None:
    interval = wilson(share, n)
    assert (low, high) == (round(100 * interval.low), round(100 * interval.high))


def test_index_of_no_answers_is_none_and_not_zero() -> None:
    assert happiness((0, 0, 0)) is None
    assert happiness() is None


def test_three_happy_people_are_not_a_certainty() -> None:
    index = happiness((0, 0, 3))
    assert index is not None
    assert index.value == 100
    assert index.interval.low < 50


def test_interval_without_neutral_faces_is_that_of_the_share() -> None:
    index = happiness((20, 0, 80))
    assert index is not None
    assert wilson(0.8, 100).low == pytest.approx(index.interval.low / 100)


def test_scales_with_other_numbers_of_faces_are_one_index() -> None:
    index = happiness((0, 0, 1), (1, 0, 0, 0, 0))
    assert index is not None
    assert (50, 2) == (index.value, index.n)


@given(tallies)
def test_index_lies_within_its_interval_and_both_within_0_and_100(tally: list[int]) -> None:
    index = happiness(tally)
    assert index is not None
    assert 0 <= index.interval.low <= index.value + 1e-9
    assert index.value - 1e-9 <= index.interval.high <= 100


@pytest.mark.parametrize(("share", "n"), [(0.5, 0), (-0.1, 5), (1.1, 5)])
def test_wilson_refuses_what_is_no_share(share: float, n: int) -> None:
    with pytest.raises(ValueError, match=r"answers|share"):
        wilson(share, n)


@given(st.lists(st.integers(0, 1000), min_size=3, max_size=3).filter(any))
def test_index_is_the_number_nearest_to_the_mean(tally: list[int]) -> None:
    # A hair less than 63.75 would be written as 63.7.
    for counts in (tally, [9, 11, 20]):
        index = happiness(counts)
        assert index is not None
        worth = Fraction(50 * counts[1] + 100 * counts[2], sum(counts))
        assert float(worth) == index.value


def test_mean_of_the_highest_value_only_is_the_highest_value() -> None:
    index = happiness((0, 0, 0, 7))
    assert index is not None
    assert 100 == index.value
