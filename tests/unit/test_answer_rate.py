"""A roll-out is stopped for fewer answers where there are fewer, and hardly ever by chance."""

import math
import random

import pytest

from headoffice.configuration.answer_rate import (
    LOOKS,
    WEEKS,
    Rate,
    Shortfall,
    find_shortfall,
    upper_tail,
)


@pytest.mark.parametrize(
    ("t", "degrees", "tail"),
    # Quantiles of Student's t as every table has them.
    [(6.314, 1, 0.05), (2.920, 2, 0.05), (5.841, 3, 0.005), (3.747, 4, 0.01), (2.998, 7, 0.01)],
)
def test_the_tail_of_students_t_is_that_of_the_tables(t: float, degrees: int, tail: float) -> None:
    assert math.isclose(tail, upper_tail(t, degrees), rel_tol=0.001)
    assert math.isclose(1 - tail, upper_tail(-t, degrees), rel_tol=0.001)


def test_half_the_answers_of_a_busy_place_are_seen() -> None:
    weeks = (198, 211, 187, 205, 220, 193, 202, 209)
    found = find_shortfall([Rate(4, 100, weeks)])
    assert found == Shortfall(None, 100, sum(weeks) / 8)
    assert find_shortfall([Rate(4, 180, weeks)]) is None


def test_one_kiosk_that_falls_silent_is_named_among_many() -> None:
    usual = Rate(1, 50, (50, 48, 55, 51, 46, 53, 49, 52))
    rates = [usual._replace(kiosk=n) for n in range(1, 20)]
    found = find_shortfall([*rates, Rate(20, 0, (60, 66, 58, 61, 64, 59, 63, 60))])
    assert found is not None
    assert (20, 0) == (found.kiosk, found.now)


def test_nothing_is_concluded_of_a_new_place_or_of_few_answers() -> None:
    assert find_shortfall([]) is None
    assert find_shortfall([Rate(1, 0, (90, 95, 88))]) is None
    assert find_shortfall([Rate(1, 0, (0, 0, 0, 0, 0, 90, 95, 88))]) is None
    assert find_shortfall([Rate(1, 0, (4, 2, 3, 5, 3, 2, 4, 3))]) is None


def counts(rng: random.Random, mean: float, noise: float) -> int:
    """One count: Poisson's, about a mean that varies itself by this share."""
    return poisson(rng, mean * rng.lognormvariate(-noise * noise / 2, noise))


def poisson(rng: random.Random, mean: float) -> int:
    if mean > 60:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    end, n, product = math.exp(-mean), -1, 1.0
    while True:
        n += 1
        product *= rng.random()
        if product <= end:
            return n


def is_stopped(
    rng: random.Random, kiosks: int, per_hour: float, noise: float, effect: float
) -> bool:
    """A whole roll-out with all its looks: answers by the hour, weeks that differ as a whole."""
    levels = [rng.lognormvariate(0, noise) for _week in range(WEEKS + 1)]
    means = [per_hour * rng.lognormvariate(-0.3, 0.8) for _kiosk in range(kiosks)]
    sums = [[0] * (WEEKS + 1) for _kiosk in range(kiosks)]
    last = 0
    for look in LOOKS:
        if look > 60:
            break
        for kiosk, mean in enumerate(means):
            own = mean * (look - last)
            for week, level in enumerate(levels):
                share = effect if week == WEEKS else 1.0
                sums[kiosk][week] += counts(rng, own * level * share, noise)
        last = look
        rates = [Rate(k, row[WEEKS], tuple(row[:WEEKS])) for k, row in enumerate(sums)]
        if find_shortfall(rates) is not None:
            return True
    return False


@pytest.mark.parametrize(
    ("kiosks", "per_hour", "noise"),
    [(1, 12.0, 0.1), (1, 3.0, 0.3), (5, 8.0, 0.2), (20, 5.0, 0.15), (20, 1.0, 0.3)],
)
def test_hardly_any_roll_out_is_stopped_by_chance(
    kiosks: int, per_hour: float, noise: float
) -> None:
    rng = random.Random(f"{kiosks} {per_hour} {noise}")  # noqa: S311 - no secret
    runs = 400
    stops = sum(is_stopped(rng, kiosks, per_hour, noise, 1.0) for _run in range(runs))
    assert stops / runs < 0.01


def test_a_roll_out_that_costs_half_the_answers_is_mostly_stopped() -> None:
    rng = random.Random("half")  # noqa: S311 - no secret
    assert 65 < sum(is_stopped(rng, 5, 8.0, 0.1, 0.5) for _run in range(100))
    assert 100 == sum(is_stopped(rng, 5, 8.0, 0.1, 0.0) for _run in range(100))
