"""How often the 95 % interval holds what all people would say, tried on people who were made up."""

import random
from statistics import fmean

import pytest
from answer_shapes import SHAPES, Shape

from headoffice.results.statistics import difference, wilson

NUMBERS = (5, 12, 40, 100, 400)
TRIALS = 500


def covered(shape: Shape, n: int, chance: random.Random) -> float:
    found = [figure.interval for figure in shape.figures(chance, n, TRIALS)]
    return fmean(low - 1e-9 <= shape.mean <= high + 1e-9 for low, high in found)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_interval_holds_the_true_mean_in_19_of_20_cases(shape: Shape) -> None:
    """As far as 500 trials tell, and few answers of few values allow."""
    chance = random.Random(shape.name)  # noqa: S311 - a repeatable experiment
    rates = {n: covered(shape, n, chance) for n in NUMBERS}
    assert 0.94 <= fmean(rates.values())
    assert all(rate >= (0.90 if n < 10 else 0.92) for n, rate in rates.items()), rates


@pytest.mark.parametrize("shape", SHAPES[:2], ids=lambda shape: shape.name)
def test_interval_is_14_to_34_per_cent_narrower_than_by_the_worst_case(shape: Shape) -> None:
    chance = random.Random(3)  # noqa: S311 - a repeatable experiment
    ratios = []
    for figure in shape.figures(chance, 100, 200):
        worst = wilson(figure.value, 100)
        ratios.append((figure.interval.high - figure.interval.low) / (worst.high - worst.low))
    expected = {"3 faces, 12/18/70 %": 0.86, "3 faces, 20/60/20 %": 0.66}[shape.name]
    assert expected == pytest.approx(fmean(ratios), abs=0.01)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_interval_of_a_difference_holds_none_in_19_of_20_cases(shape: Shape) -> None:
    chance = random.Random(shape.name)  # noqa: S311 - a repeatable experiment
    rates = []
    for n, m in ((20, 400), (60, 60), (200, 100)):
        pairs = zip(shape.figures(chance, n, TRIALS), shape.figures(chance, m, TRIALS), strict=True)
        rates.append(fmean(not difference(one, other).clear for one, other in pairs))
    assert 0.94 <= fmean(rates)
    assert 0.92 <= min(rates)
