"""Formulas of the other kinds of question, of differences and of ranks."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headoffice.results.multiplicity import ranks
from headoffice.results.statistics import (
    Index,
    Interval,
    at_least,
    average,
    difference,
    happiness,
    nps,
    share,
    wilson,
)

counts = st.dictionaries(st.integers(0, 10), st.integers(1, 500), min_size=1)


def of(figure: Index | None) -> Index:
    assert figure is not None
    return figure


def test_promoter_score_is_promoters_less_detractors() -> None:
    # 70 of 100 promoters, 10 detractors, 20 passive.
    assert 60 == of(nps({10: 40, 9: 30, 8: 15, 7: 5, 6: 4, 0: 6})).value


@pytest.mark.parametrize(("value", "score"), [(0, -100), (6, -100), (7, 0), (8, 0), (9, 100)])
def test_promoter_score_of_one_kind_of_people(value: int, score: int) -> None:
    assert score == of(nps({value: 10})).value


def test_nothing_answered_is_no_figure() -> None:
    assert [None] * 4 == [nps({}), average({}, 1, 5), at_least({}, 5), share(0, 0)]


def test_average_stays_on_its_own_scale() -> None:
    figure = of(average({7: 3}, 1, 7))
    assert (7, 3, 7) == (figure.value, figure.n, figure.interval.high)
    assert 1 < figure.interval.low < 7


def test_top_boxes_are_a_share_with_the_interval_of_a_share() -> None:
    figure = of(at_least({5: 50, 4: 30, 3: 20}, 4))
    assert (80, 100) == (figure.value, figure.n)
    assert wilson(0.8, 100).low * 100 == pytest.approx(figure.interval.low)


@given(counts)
def test_every_interval_holds_its_figure_and_stays_on_the_scale(tally: dict[int, int]) -> None:
    for figure, low, high in (
        (of(nps(tally)), -100, 100),
        (of(average(tally, 0, 10)), 0, 10),
        (of(at_least(tally, 5)), 0, 100),
    ):
        assert low - 1e-9 <= figure.interval.low <= figure.value + 1e-9
        assert figure.value - 1e-9 <= figure.interval.high <= high + 1e-9


def test_difference_equals_newcombes_published_example() -> None:
    """Newcombe 1998, table II: 56/70 and 48/80 give 0.2000, method 10: 0.0524 to 0.3339."""
    found = difference(of(share(56, 70)), of(share(48, 80)))
    assert (20, 5.24, 33.39) == pytest.approx((found.value, *found.interval), abs=0.005)
    assert found.clear


def test_difference_of_few_answers_is_not_clear() -> None:
    assert not difference(of(happiness((1, 1, 3))), of(happiness((3, 1, 1)))).clear


def test_difference_turns_round_with_its_sides() -> None:
    one, other = of(share(30, 40)), of(share(10, 50))
    there, back = difference(one, other), difference(other, one)
    assert (-there.interval.high, -there.interval.low) == pytest.approx(back.interval)


def test_an_unchanged_index_is_called_changed_in_at_most_one_of_twenty_trials() -> None:
    chance = random.Random(5)  # noqa: S311 - a repeatable experiment
    wrong = 0
    for _trial in range(1000):
        one, other = [[chance.choice((0, 1, 2, 2, 2)) for _ in range(80)] for _ in range(2)]
        tallies = [tuple(side.count(face) for face in range(3)) for side in (one, other)]
        wrong += difference(of(happiness(tallies[0])), of(happiness(tallies[1]))).clear
    assert wrong <= 50


def test_ranks_are_shared_where_nothing_is_clear() -> None:
    figures = [of(share(90, 100)), of(share(88, 100)), of(share(20, 100))]
    assert [(1, 2), (1, 2), (3, 3)] == ranks(figures)


def test_a_rank_that_rests_on_one_answer_takes_the_place_of_nobody() -> None:
    sure, lucky = of(share(600, 1000)), of(share(1, 1))
    assert [(1, 2), (1, 2)] == ranks([lucky, sure])


def test_an_interval_that_ends_at_nought_is_not_clear() -> None:
    one = of(share(3, 10))
    exact = one._replace(interval=Interval(one.value, one.value))
    assert not difference(exact, exact).clear
