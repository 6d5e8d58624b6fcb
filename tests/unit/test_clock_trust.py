"""Which of a head office's words about the time are believed."""

import itertools
import random

import pytest
from fakes import FakeClock

from sync.clock_trust import Claim, contradicts_belief, judged, possible, with_heard
from sync.messages import Sighting

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
YEAR = 365 * DAY
TRUE_AHEAD = 1_795_464_000_000
BOOT = FakeClock().boot
WRONG = {"ahead": YEAR, "back": -YEAR, "91 days back": -91 * DAY, "an hour off": HOUR,
         "a day and a second off": DAY + SECOND}  # fmt: skip
each_error = pytest.mark.parametrize("off", WRONG.values(), ids=WRONG.keys())


class Boot:
    """A boot that hears from a head office."""

    def __init__(self, wall_off: int | None = None) -> None:
        self.claims: tuple[Claim, ...] = ()
        self.mono = 10 * SECOND
        self.wall_ahead = None if wall_off is None else TRUE_AHEAD + wall_off

    def hear(self, off: int = 0, *, times: int = 1, every: int = MINUTE, error: int = 20) -> None:
        for _ in range(times):
            said = Sighting(BOOT, self.mono, TRUE_AHEAD + self.mono + off, error)
            self.claims = with_heard(self.claims, said)
            self.last = said
            self.mono += every

    def believed(self) -> Sighting:
        return judged(self.claims, self.wall_ahead)

    def off(self) -> int | None:
        """How wrong it is; None if only bounds are told. They always hold the truth."""
        known = self.believed()
        off = known.head_ms - known.mono_ms - TRUE_AHEAD
        assert abs(off) <= known.error_ms or known.certain
        return off if known.certain else None


@each_error
def test_a_wrong_while_within_a_right_day_is_not_believed(off: int) -> None:
    boot = Boot()
    boot.hear(times=10)
    for _ in range(3):
        boot.hear(off, times=2, every=15 * SECOND)
        assert 0 == boot.off()
        assert contradicts_belief(boot.last, boot.believed())
    boot.hear()
    assert not contradicts_belief(boot.last, boot.believed())


@each_error
def test_a_wrong_first_one_is_outweighed_soon(off: int) -> None:
    boot = Boot()
    boot.hear(off, times=3, every=5 * SECOND)
    boot.hear()
    assert boot.off() is None, "nothing tells yet which of them is right"
    boot.hear(times=3)
    assert 0 == boot.off()


@each_error
def test_or_at_once_where_the_kiosks_own_clock_agrees(off: int) -> None:
    boot = Boot(wall_off=30 * SECOND)
    boot.hear(off, times=100)
    boot.hear()
    if abs(off) < DAY:
        boot.hear(times=400)  # so near that it can't tell them apart
    assert boot.off() in (0, None)
    boot.hear(times=400)
    assert 0 == boot.off()


def test_a_kiosk_at_1970_takes_the_head_offices_word() -> None:
    boot = Boot(wall_off=-TRUE_AHEAD)
    boot.hear()
    assert 0 == boot.off()


def test_two_head_offices_that_answer_in_turn_are_bounds() -> None:
    boot = Boot(wall_off=-TRUE_AHEAD)
    for _ in range(50):
        boot.hear()
        boot.hear(YEAR)
    known = boot.believed()
    assert YEAR // 2 <= known.error_ms <= YEAR
    assert boot.off() is None


def test_a_head_office_that_was_wrong_for_months_is_believed_after_a_day() -> None:
    boot = Boot()
    boot.hear(YEAR, times=2000, every=HOUR)
    boot.hear(times=20, every=HOUR)
    assert boot.off() is None
    boot.hear(times=10, every=HOUR)
    assert 0 == boot.off()


def test_drift_and_slow_lines_are_no_contradiction() -> None:
    rng = random.Random(3)  # noqa: S311
    boot = Boot()
    for hours in range(0, 4000, 7):
        drift = int(hours * HOUR * 4e-5)
        boot.hear(drift + rng.randrange(-800, 800), every=7 * HOUR, error=1000)
    assert 1 == len(boot.claims)


def test_claims_are_few_and_what_was_held_longest_stays() -> None:
    boot = Boot()
    boot.hear(times=30)
    for n in range(1, 60):
        boot.hear(n * DAY, every=SECOND)
    assert 4 >= len(boot.claims)
    assert 0 == boot.off()


def test_any_order_of_a_right_and_a_wrong_clock_ends_well() -> None:
    for order in itertools.product((0, YEAR, -91 * DAY), repeat=4):
        boot = Boot()
        for off in order:
            boot.hear(off, times=2, every=10 * SECOND)
        boot.hear(times=10)
        assert 0 == boot.off()


@pytest.mark.parametrize("ms", [-1, 0, 1_500_000_000_000, 10**18, 2**53, 2**63, -(2**70)])
def test_times_that_no_clock_shows(ms: int) -> None:
    assert not possible(ms)


def test_times_that_one_may_show() -> None:
    assert possible(TRUE_AHEAD)
    assert possible(TRUE_AHEAD + 20 * YEAR)
