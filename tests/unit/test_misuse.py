"""Answers that are kept and flagged, and answers that are nobody's business."""

import pytest
from visitor import Visitor, rules

from config.questionnaire import Questionnaire, Smiley
from config.settings import MisuseRules
from kiosk.misuse import History, Tap, misuse
from sync.messages import Answered

RULES = MisuseRules()
FORM = Questionnaire(
    id="q", title="Q", languages=("en",), questions=(Smiley(id="rating", text={"en": "?"}),)
)


def tap(at_ms: int, took_ms: int = 5000, held_ms: int = 80, rating: int | None = 2) -> Tap:
    return Tap(at_ms, took_ms, held_ms, rating)


def rated(*every_ms: int, rating: int = 2) -> History:
    history = History()
    for at_ms in every_ms:
        history = history.rated(at_ms, rating)
    return history


def test_ordinary_answer_is_not_flagged() -> None:
    assert () == misuse(tap(60_000), rated(10_000, 30_000).touched(59_900), RULES)


@pytest.mark.parametrize(("took_ms", "flags"), [(399, ("too_fast",)), (400, ())])
def test_answer_before_anyone_could_mean_it_is_too_fast(
    took_ms: int, flags: tuple[str, ...]
) -> None:
    assert flags == misuse(tap(60_000, took_ms), History(), RULES)


@pytest.mark.parametrize(("held_ms", "flags"), [(3001, ("held",)), (3000, ())])
def test_finger_that_rests_is_held(held_ms: int, flags: tuple[str, ...]) -> None:
    assert flags == misuse(tap(60_000, held_ms=held_ms), History(), RULES)


def test_fifth_identical_rating_within_half_a_minute_is_a_burst() -> None:
    before = rated(1000, 8000, 15_000, 22_000)
    assert ("burst",) == misuse(tap(29_000), before, RULES)
    assert () == misuse(tap(31_001), before, RULES)
    assert () == misuse(tap(29_000, rating=1), before, RULES)
    assert () == misuse(tap(29_000), rated(8000, 15_000, 22_000), RULES)


def test_rating_in_between_ends_a_burst() -> None:
    mixed = rated(1000, 8000, 15_000).rated(18_000, 0).rated(22_000, 2)
    assert () == misuse(tap(29_000), mixed, RULES)


def test_questions_behind_the_rating_know_no_burst() -> None:
    assert () == misuse(tap(29_000, rating=None), rated(1000, 8000, 15_000, 22_000), RULES)


def test_many_touches_in_a_short_time_are_hammering() -> None:
    history = History()
    for at_ms in range(10_000, 12_000, 200):
        history = history.touched(at_ms)
    assert ("hammered",) == misuse(tap(12_100), history, RULES)
    assert () == misuse(tap(13_500), history, RULES)


def test_who_writes_fast_does_not_hammer() -> None:
    history = History()
    for at_ms in range(10_000, 14_000, 150):
        history = history.touched(at_ms).meant()
    assert () == misuse(tap(14_000), history.touched(14_000), RULES)


def test_all_reasons_are_told() -> None:
    history = rated(1000, 2000, 3000, 4000)
    for _ in range(10):
        history = history.touched(4500)
    assert ("too_fast", "burst", "held", "hammered") == misuse(
        tap(5000, took_ms=10, held_ms=9000), history, RULES
    )


def test_rules_can_be_switched_off_and_changed() -> None:
    assert () == misuse(tap(60_000, took_ms=1), History(), MisuseRules(enabled=False))
    assert ("too_fast",) == misuse(tap(60_000, took_ms=1900), History(), MisuseRules(too_fast=2))


def test_history_does_not_grow_for_ever() -> None:
    history = History()
    for at_ms in range(10_000):
        history = history.touched(at_ms).rated(at_ms, 1)
    assert 50 == len(history.touches) == len(history.ratings)


def test_flagged_answer_is_stored_and_thanked_as_always() -> None:
    child = Visitor(rules(FORM, misuse=RULES))
    for _ in range(6):
        child.rate(0).pass_s(3)
    flags = [body.misuse for body in child.stored if isinstance(body, Answered)]
    assert [(), (), (), (), ("burst",), ("burst",)] == flags
    assert 6 == len(child.thanked)
