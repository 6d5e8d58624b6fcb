"""A busy exit is no misuse, whatever most people think of the shop; a hammering child is."""

from collections import Counter

import pytest
from honest_crowd import STRANGERS, Shop, child, crowd

from config.settings import QuestionRoute

SEED = 13
MOST_IN = 1000
AS_SHIPPED = QuestionRoute()
RATING_ALONE = QuestionRoute(follow_up=False, invite=False)
WAYS = [pytest.param(AS_SHIPPED, id="as shipped"), pytest.param(RATING_ALONE, id="rating alone")]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("per_minute", "happy"), [(1, 0.5), (5, 0.95), (12, 0.8), (25, 0.95), (60, 0.5), (60, 0.95)]
)
def test_at_most_one_honest_answer_in_a_thousand_is_flagged_of_every_face(
    per_minute: int, happy: float, way: QuestionRoute
) -> None:
    shop = Shop(SEED, way)
    crowd(shop, per_minute, happy, 2500)
    given = Counter(body.value for body in shop.given)
    assert {0, 1, 2} == set(given)
    assert {} == {face: n for face, n in shop.flagged().items() if n * MOST_IN > given[face]}


@pytest.mark.parametrize("way", WAYS)
def test_crowd_that_aims_better_than_people_do_is_still_a_crowd(way: QuestionRoute) -> None:
    shop = Shop(SEED, way)
    crowd(shop, 30, 0.95, 4000, scatter=STRANGERS * 0.7)
    assert shop.flagged().total() * MOST_IN <= len(shop.given)


@pytest.mark.parametrize(
    ("every_s", "way"), [(0.33, AS_SHIPPED), (0.33, RATING_ALONE), (0, RATING_ALONE)]
)
@pytest.mark.parametrize("per_minute", [1, 12])
@pytest.mark.parametrize("face", [0, 2])
def test_child_that_keeps_tapping_is_found(
    per_minute: int, every_s: float, way: QuestionRoute, face: int
) -> None:
    shop = Shop(SEED, way)
    crowd(shop, per_minute, 0.8, 60)
    honest = len(shop.given)
    child(shop, 120, every_s, face)
    taps = shop.given[honest:]
    assert len(taps) > 12
    assert sum(1 for body in taps if body.misuse) > 0.6 * len(taps)
