"""How often many places are told apart that are alike, and how often those that are not."""

import random
from statistics import fmean

import pytest
from answer_shapes import SHAPES, Shape

from headoffice.results.multiplicity import judge_together, ranks
from headoffice.results.statistics import Difference, Interval, difference

TYPICAL, MIDDLE, NEAR_100 = (
    next(shape for shape in SHAPES if shape.name.startswith(name))
    for name in ("3 faces, 12", "3 faces, 20", "3 faces, near 100")
)
WORSE = Shape("worse", TYPICAL.values, (25, 22, 53))
BETTER = Shape("better", TYPICAL.values, (3, 6, 91))
"""15 of 100 points above TYPICAL, and WORSE as many below: so the typical equal their rest."""


def against_the_rest(parts: list[tuple[Shape, list[int]]]) -> list[Difference | None]:
    whole = [sum(column) for column in zip(*(counts for _shape, counts in parts), strict=True)]
    return judge_together(
        [
            difference(
                shape.figure(counts),
                shape.figure([a - b for a, b in zip(whole, counts, strict=True)]),
            )
            for shape, counts in parts
        ]
    )


def clear(found: list[Difference | None]) -> list[bool]:
    return [gap is not None and gap.clear for gap in found]


@pytest.mark.parametrize("shape", [TYPICAL, MIDDLE, NEAR_100], ids=lambda shape: shape.name)
@pytest.mark.parametrize(("places", "n", "trials"), [(40, 60, 150), (1000, 30, 12)])
def test_places_that_are_alike_are_seldom_told_apart(
    shape: Shape, places: int, n: int, trials: int
) -> None:
    """Every clear one is false here, so the share of false ones is that of pages with any."""
    chance = random.Random(places)  # noqa: S311 - a repeatable experiment
    pages = [
        any(clear(against_the_rest([(shape, shape.counts(chance, n)) for _ in range(places)])))
        for _trial in range(trials)
    ]
    # Six of 150 and none of 12 are what 5 % come to; one by one nearly all pages had some.
    assert fmean(pages) <= 0.05


def test_of_the_clear_ones_at_most_one_in_twenty_is_false_and_the_true_ones_are_found() -> None:
    chance = random.Random(8)  # noqa: S311 - a repeatable experiment
    false, power = [], []
    for _trial in range(20):
        shapes = [WORSE] * 5 + [BETTER] * 5 + [TYPICAL] * 90
        parts = [(shape, shape.counts(chance, 200)) for shape in shapes]
        found = clear(against_the_rest(parts))
        power.append(fmean(found[:10]))
        false.append(sum(found[10:]) / max(1, sum(found)))
    assert fmean(false) <= 0.05
    assert fmean(power) >= 0.9


def test_ranks_of_places_that_are_alike_stay_open() -> None:
    chance = random.Random(2)  # noqa: S311 - a repeatable experiment
    pages = [ranks(list(TYPICAL.figures(chance, 80, 40))) != [(1, 40)] * 40 for _trial in range(60)]
    assert fmean(pages) <= 0.05


def test_ranks_of_places_that_differ_are_told() -> None:
    chance = random.Random(2)  # noqa: S311 - a repeatable experiment
    figures = [*WORSE.figures(chance, 300, 3), *TYPICAL.figures(chance, 300, 17)]
    found = ranks(figures)
    assert all((18, 20) == span for span in found[:3])
    assert all(span[1] <= 17 for span in found[3:])


def test_one_difference_is_judged_by_its_interval_alone() -> None:
    chance = random.Random(1)  # noqa: S311 - a repeatable experiment
    one, other = next(WORSE.figures(chance, 200, 1)), next(TYPICAL.figures(chance, 200, 1))
    assert [difference(one, other)] == judge_together([difference(one, other)])
    assert [] == judge_together([])
    assert [None] == judge_together([None])


def test_a_difference_that_is_clear_alone_may_not_be_so_among_many() -> None:
    chance = random.Random(1)  # noqa: S311 - a repeatable experiment
    base = next(TYPICAL.figures(chance, 400, 1))
    low, high = (end - 0.06 for end in base.interval)
    below = base._replace(value=base.value - 0.06, interval=Interval(low, high))
    nearly, nothing = difference(base, below), difference(base, base)
    assert nearly.clear
    assert not any(clear(judge_together([nearly, *[nothing] * 40])))
