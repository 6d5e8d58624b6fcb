"""Whether a head office's clock is trusted: the decision alone."""

import pytest

from headoffice.timekeeping.judgement import (
    DAY_MS,
    MADE_MS,
    MINUTE_MS,
    WAIT_MS,
    Objection,
    Reading,
    Reason,
    Trust,
    Votes,
    is_even,
    judge,
    objection_to,
    passed_ms,
)

HOUR_MS = 60 * MINUTE_MS
YEAR_MS = 365 * DAY_MS
BOOT, OTHER_BOOT = "this boot", "another boot"
NOW = Reading(MADE_MS + 2 * YEAR_MS, BOOT, 3 * HOUR_MS)
NOBODY = Votes(0, 0, 2, enrolled=2)


def last(wall_ago_ms: int, boot: str = OTHER_BOOT, mono_ago_ms: int = 0) -> Reading:
    return Reading(NOW.wall_ms - wall_ago_ms, boot, NOW.mono_ms - mono_ago_ms)


def reason(now: Reading, before: Reading | None) -> Reason | None:
    found = objection_to(now, before)
    return None if found is None else found.reason


@pytest.mark.parametrize(
    ("ago_ms", "wanted"),
    [
        (0, None),
        (1000, None),
        (-1000, None),
        (-19 * MINUTE_MS, None),
        (-21 * MINUTE_MS, Reason.BEFORE_LAST),
        (-91 * DAY_MS, Reason.BEFORE_LAST),
        (-YEAR_MS, Reason.BEFORE_LAST),
        (DAY_MS - 1000, None),
        (DAY_MS + 1000, Reason.LONG_AFTER_LAST),
        (91 * DAY_MS, Reason.LONG_AFTER_LAST),
        (YEAR_MS, Reason.LONG_AFTER_LAST),
    ],
)
def test_after_a_start_it_is_compared_with_what_was_written_last(
    ago_ms: int, wanted: Reason | None
) -> None:
    assert wanted == reason(NOW, last(ago_ms))


@pytest.mark.parametrize("days", [0, 2, 29])
def test_the_monotonic_clock_bears_out_a_rest_while_the_machine_was_on(days: int) -> None:
    assert None is reason(NOW, last(days * DAY_MS, BOOT, days * DAY_MS))


@pytest.mark.parametrize("days", [31, 91, 365, -1])
def test_but_not_if_it_leaps_by_months_or_goes_back(days: int) -> None:
    assert None is not reason(NOW, last(days * DAY_MS, BOOT, days * DAY_MS))


def test_nothing_is_before_the_program_was_made() -> None:
    unset = NOW._replace(wall_ms=0)
    assert Reason.BEFORE_PROGRAM == reason(unset, None)
    assert Reason.BEFORE_PROGRAM == reason(unset, unset)
    found = objection_to(unset, None)
    every = Votes(9, 0, 2, enrolled=9)
    assert found == judge(found, every, waited_ms=99 * DAY_MS, accepted=True)


@pytest.mark.parametrize("jump_ms", [5 * HOUR_MS, -5 * HOUR_MS, 21 * MINUTE_MS])
def test_within_a_boot_it_does_not_jump(jump_ms: int) -> None:
    before = last(6 * HOUR_MS, BOOT, 6 * HOUR_MS - jump_ms)
    found = objection_to(
        NOW._replace(mono_ms=9 * HOUR_MS), before._replace(mono_ms=3 * HOUR_MS + jump_ms)
    )
    assert found is not None
    assert (Reason.JUMPED, jump_ms) == (found.reason, found.off_ms)


@pytest.mark.parametrize("mono_ago_ms", [-HOUR_MS, 31 * DAY_MS])
def test_a_monotonic_clock_that_is_not_that_of_before_says_nothing(mono_ago_ms: int) -> None:
    """A container that began anew, or a clock that is made up."""
    assert None is reason(NOW, last(HOUR_MS, BOOT, mono_ago_ms))


def test_an_empty_database_takes_the_clock_as_it_is() -> None:
    assert None is objection_to(NOW, None)
    assert Trust.LAST is judge(None, NOBODY, waited_ms=0, accepted=False)


LONG_OFF = Objection(Reason.LONG_AFTER_LAST, 200 * DAY_MS)
WEEKEND = Objection(Reason.LONG_AFTER_LAST, 3 * DAY_MS)
SET_RIGHT = Objection(Reason.JUMPED, -3 * HOUR_MS)
YEAR_BACK = Objection(Reason.BEFORE_LAST, -YEAR_MS)


@pytest.mark.parametrize("objection", [LONG_OFF, WEEKEND, SET_RIGHT, YEAR_BACK])
def test_several_kiosks_settle_it_and_one_alone_does_not(objection: Objection) -> None:
    def judged(agree: int, against: int, quorum: int = 2) -> Trust | Objection:
        votes = Votes(agree, against, quorum, enrolled=9)
        return judge(objection, votes, waited_ms=0, accepted=False)

    assert objection == judged(1, 0)
    assert Trust.KIOSKS is judged(2, 0)
    assert Trust.KIOSKS is judged(3, 1)
    assert objection == judged(2, 2)
    assert objection == judged(2, 0, quorum=3)


def test_one_kiosk_that_objects_stops_nothing_and_several_do() -> None:
    def judged(agree: int, against: int) -> Trust | Objection:
        votes = Votes(agree, against, 2, off_ms=YEAR_MS, enrolled=9)
        return judge(None, votes, waited_ms=0, accepted=False)

    assert Trust.LAST is judged(0, 1)
    assert Trust.LAST is judged(5, 2)
    assert Objection(Reason.KIOSKS, YEAR_MS) == judged(1, 2)


@pytest.mark.parametrize("objection", [LONG_OFF, YEAR_BACK, Objection(Reason.KIOSKS, YEAR_MS)])
def test_a_persons_word_settles_it(objection: Objection) -> None:
    against = Votes(0, 5, 2, enrolled=9)
    assert Trust.WORD is judge(objection, against, waited_ms=0, accepted=True)


@pytest.mark.parametrize("objection", [WEEKEND, SET_RIGHT])
def test_what_happens_goes_on_when_nobody_objected_for_a_while(objection: Objection) -> None:
    def judged(votes: Votes, waited_ms: int) -> Trust | Objection:
        return judge(objection, votes, waited_ms=waited_ms, accepted=False)

    assert objection == judged(NOBODY, WAIT_MS - 1)
    assert Trust.TIME is judged(NOBODY, WAIT_MS)
    assert Trust.KIOSKS is judged(NOBODY._replace(agree=1), WAIT_MS)
    assert objection == judged(NOBODY._replace(object=1), 99 * DAY_MS)


@pytest.mark.parametrize("objection", [LONG_OFF, YEAR_BACK])
def test_what_does_not_happen_waits_for_a_word(objection: Objection) -> None:
    assert objection == judge(objection, NOBODY, waited_ms=99 * DAY_MS, accepted=False)
    lone = NOBODY._replace(agree=1)
    assert objection == judge(objection, lone, waited_ms=99 * DAY_MS, accepted=False)


def test_a_head_office_without_kiosks_does_not_wait_for_ever() -> None:
    nobody = Votes(0, 0, 2, enrolled=0)
    assert Trust.TIME is judge(LONG_OFF, nobody, waited_ms=WAIT_MS, accepted=False)


def test_a_clock_runs_evenly_while_both_clocks_do() -> None:
    later = Reading(NOW.wall_ms + HOUR_MS, BOOT, NOW.mono_ms + HOUR_MS)
    assert is_even(later, NOW)
    assert not is_even(later._replace(wall_ms=later.wall_ms + YEAR_MS), NOW)
    assert not is_even(later._replace(wall_ms=later.wall_ms - YEAR_MS), NOW)
    assert not is_even(NOW, later)
    both_leap = Reading(NOW.wall_ms + YEAR_MS, BOOT, NOW.mono_ms + YEAR_MS)
    assert not is_even(both_leap, NOW)


def test_what_passed_is_never_more_than_what_is_known() -> None:
    assert HOUR_MS == passed_ms(NOW, last(YEAR_MS, BOOT, HOUR_MS))
    assert DAY_MS == passed_ms(NOW, last(YEAR_MS, BOOT, 2 * DAY_MS))
    assert 2 * DAY_MS == passed_ms(NOW, last(YEAR_MS, BOOT, 2 * DAY_MS), tells_how_long=True)
    assert HOUR_MS == passed_ms(NOW, last(HOUR_MS))
    assert DAY_MS == passed_ms(NOW, last(YEAR_MS))
    assert YEAR_MS == passed_ms(NOW, last(YEAR_MS), tells_how_long=True)
    assert 0 == passed_ms(NOW, last(-HOUR_MS))
