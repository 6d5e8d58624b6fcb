"""Answers that are kept and flagged, and answers that are nobody's business."""

import pytest
from visitor import Visitor, rules

from config.questionnaire import Questionnaire, Smiley
from config.settings import MisuseRules
from kiosk.session.misuse import History, Rated, Tap, misuse
from kiosk.session.touch import Spot, Touch
from sync.messages import AnswerBody

RULES = MisuseRules()
FORM = Questionnaire(
    id="q", title="Q", languages=("en",), questions=(Smiley(id="rating", text={"en": "?"}),)
)
SPOT = Spot(80.0, 60.0, 46.0)


def tap(
    at_ms: int,
    took_ms: int = 5000,
    held_ms: int = 80,
    rating: int | None = 2,
    *,
    spot: Spot | None = SPOT,
    faces: int = 1,
) -> Tap:
    return Tap(at_ms, took_ms, Touch(held_ms, spot, faces), rating)


def rated(*every_ms: int, took_ms: int = 700, spot: Spot | None = SPOT) -> History:
    history = History()
    for at_ms in every_ms:
        history = history.with_rating(Rated(at_ms, 2, took_ms, spot))
    return history


def test_ordinary_answer_is_not_flagged() -> None:
    assert () == misuse(tap(60_000), rated(10_000, 30_000).with_touch(59_900), RULES)


@pytest.mark.parametrize(("took_ms", "flags"), [(199, ("too_fast",)), (200, ())])
def test_tapping_finger_that_could_not_mean_it_is_too_fast(
    took_ms: int, flags: tuple[str, ...]
) -> None:
    history = History().with_touch(59_500).with_touch(59_920)
    assert flags == misuse(tap(60_000, took_ms), history, RULES)


def test_single_tap_at_the_moment_when_the_faces_come_is_meant() -> None:
    history = History().with_touch(50_000).with_touch(59_920)
    assert () == misuse(tap(60_000, took_ms=50), history, RULES)


@pytest.mark.parametrize(("held_ms", "flags"), [(3001, ("held",)), (3000, ())])
def test_finger_that_rests_is_held(held_ms: int, flags: tuple[str, ...]) -> None:
    assert flags == misuse(tap(60_000, held_ms=held_ms), History(), RULES)


def test_fingers_on_several_faces_at_once_are_told() -> None:
    assert ("several",) == misuse(tap(60_000, faces=3), History(), RULES)


EVERY_3_S = tuple(range(30_000, 45_000, 3000))


def test_finger_that_comes_back_to_the_same_spot_at_once_is_a_burst() -> None:
    assert ("burst",) == misuse(tap(45_000, took_ms=700), rated(*EVERY_3_S), RULES)


def test_one_who_comes_later_or_touches_elsewhere_is_somebody_else() -> None:
    assert () == misuse(tap(45_000, took_ms=1600), rated(*EVERY_3_S), RULES)
    elsewhere = Spot(92.0, 51.0, 46.0)
    assert () == misuse(tap(45_000, took_ms=700, spot=elsewhere), rated(*EVERY_3_S), RULES)
    assert () == misuse(tap(45_000, took_ms=700), rated(*EVERY_3_S, took_ms=1600), RULES)


def test_keys_of_a_keypad_are_always_on_the_same_spot_and_no_burst() -> None:
    history = rated(*EVERY_3_S, spot=None)
    assert () == misuse(tap(45_000, took_ms=700, spot=None), history, RULES)


def test_small_faces_tell_less_of_one_finger() -> None:
    small = Spot(80.0, 60.0, 13.0)
    assert () == misuse(tap(45_000, 700, spot=small), rated(*EVERY_3_S, spot=small), RULES)


@pytest.mark.parametrize(("apart_ms", "flags"), [(60_000, ("burst",)), (1500, ())])
def test_busy_kiosk_needs_more_to_believe_in_one_finger(
    apart_ms: int, flags: tuple[str, ...]
) -> None:
    run = rated(1_000_000, 1_002_500, 1_005_000).ratings
    before = tuple(
        Rated(990_000 - n * apart_ms, n % 3, 700, Spot(37.0 * (n % 3), 40.0, 46.0))
        for n in range(14, -1, -1)
    )
    assert flags == misuse(tap(1_007_500, took_ms=700), History(ratings=before + run), RULES)


def test_questions_behind_the_rating_know_no_burst() -> None:
    assert () == misuse(tap(45_000, 700, rating=None), rated(*EVERY_3_S), RULES)


def test_many_touches_in_a_short_time_are_hammering() -> None:
    history = History()
    for at_ms in range(10_000, 12_000, 200):
        history = history.with_touch(at_ms)
    assert ("hammered",) == misuse(tap(12_100), history, RULES)
    assert () == misuse(tap(13_500), history, RULES)


def test_who_writes_fast_does_not_hammer() -> None:
    history = History()
    for at_ms in range(10_000, 14_000, 150):
        history = history.with_touch(at_ms).without_last_touch()
    assert () == misuse(tap(14_000), history.with_touch(14_000), RULES)


def test_all_reasons_are_told() -> None:
    history = rated(*EVERY_3_S)
    for _ in range(10):
        history = history.with_touch(44_500)
    assert ("too_fast", "burst", "held", "hammered", "several") == misuse(
        tap(45_000, took_ms=10, held_ms=9000, faces=2), history, RULES
    )


def test_rules_can_be_switched_off_and_changed() -> None:
    history = History().with_touch(59_500).with_touch(59_920)
    assert () == misuse(tap(60_000, took_ms=1), history, MisuseRules(enabled=False))
    assert ("too_fast",) == misuse(tap(60_000, took_ms=1900), history, MisuseRules(too_fast=2))
    patient = MisuseRules(burst=8)
    assert () == misuse(tap(45_000, took_ms=700), rated(*EVERY_3_S), patient)


def test_history_does_not_grow_for_ever() -> None:
    history = History()
    for at_ms in range(10_000):
        history = history.with_touch(at_ms).with_rating(Rated(at_ms, 1))
    assert 50 == len(history.touches) == len(history.ratings)


def test_flagged_answer_is_stored_and_thanked_as_always() -> None:
    palm = Visitor(rules(FORM, misuse=RULES))
    for faces in (1, 3):
        palm.rate(0, Touch(80, SPOT, faces)).pass_s(3)
    flags = [body.misuse for body in palm.stored if isinstance(body, AnswerBody)]
    assert [(), ("several",)] == flags
    assert 2 == len(palm.thanked)
