"""A panel that nobody touches any more is noticed, and a quiet shop is left in peace."""

import sys
from pathlib import Path

import pytest
from fakes import FakeClock

from config.opening_hours import mean_day_ms
from config.settings import Hours
from kiosk.touch_history import HOUR_MS, MINUTE_MS, TouchHistory
from kiosk.touch_watch import KEY, TouchWatch
from kiosk.troubles import TroubleBoard
from sync.outbox.memory import MemoryOutbox

sys.path.append(str(Path(__file__).parents[2] / "bench"))
from untouched import DAY_MS, simulate


@pytest.mark.parametrize(("rate", "years"), [(0.3, 10), (1, 10), (3, 8), (10, 4), (60, 2)])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_shop_is_reported_whose_panel_is_in_order(rate: float, years: int, seed: int) -> None:
    found = simulate(rate, years, seed)
    assert 0 == found.false_a_year
    # The rule that one thinks of first would have.
    assert found.simple_a_year > 2


def test_a_dead_panel_is_reported_the_sooner_the_busier_the_shop() -> None:
    days = [simulate(rate, 2).dead_days for rate in (60, 10, 3, 1)]
    assert sorted(days) == days
    assert days[0] < 4
    assert days[-1] < 30


def test_a_panel_that_was_dead_for_long_does_not_set_the_measure() -> None:
    history = TouchHistory()
    for day in range(30):
        for _ in range(12):
            history = history.add_pause(HOUR_MS).add_touch(day, DAY_MS)
    usual = history.threshold_ms(DAY_MS)
    dead = history.add_pause(1000 * HOUR_MS)
    assert dead.is_unusual(DAY_MS)
    assert dead.add_touch(70, DAY_MS).days[-1].longest_ms == usual


class Kiosk:
    """A watch, whose minutes a test lets pass."""

    def __init__(self) -> None:
        self.clock, self.outbox, self.board = FakeClock(), MemoryOutbox(), TroubleBoard()
        self.hours, self.is_open = Hours(), True
        self.start()

    def start(self) -> None:
        self.watch = TouchWatch(self.clock, lambda: self.is_open, lambda: self.hours, self.board)
        self.watch.load(self.outbox)

    def minutes(self, count: int) -> None:
        for _ in range(count):
            self.clock.advance(MINUTE_MS)
            self.watch.look(self.outbox)

    def hours_without_touch(self) -> int | None:
        told = self.board.current
        return told[0].count if told else None

    def touch(self) -> None:
        self.watch.note_touch()
        self.minutes(1)


@pytest.fixture
def kiosk() -> Kiosk:
    """One that was touched every hour of its opening, for three weeks."""
    kiosk = Kiosk()
    kiosk.hours = Hours(**dict.fromkeys(Hours.__struct_fields__[1:7], ("09:00-17:00",)), sunday=())
    for _day in range(21):
        kiosk.is_open = True
        for _ in range(8):
            kiosk.minutes(59)
            kiosk.touch()
        kiosk.is_open = False
        kiosk.minutes(10)
        kiosk.clock.advance(16 * HOUR_MS)
    kiosk.is_open = True
    return kiosk


def test_the_time_of_opening_counts_alone(kiosk: Kiosk) -> None:
    kiosk.is_open = False
    kiosk.minutes(60 * 24 * 5)
    assert None is kiosk.hours_without_touch()
    kiosk.is_open = True
    kiosk.minutes(16 * 60)
    assert None is kiosk.hours_without_touch()
    kiosk.minutes(8 * 60)
    assert 17 <= (kiosk.hours_without_touch() or 0) <= 24
    kiosk.touch()
    assert None is kiosk.hours_without_touch()


def test_it_is_remembered_across_starts(kiosk: Kiosk) -> None:
    for _start in range(24):
        kiosk.minutes(60)
        kiosk.start()
    assert kiosk.hours_without_touch()


def test_what_can_not_be_read_is_begun_anew(kiosk: Kiosk) -> None:
    kiosk.outbox.set_state(KEY, "{")
    kiosk.start()
    kiosk.minutes(24 * 60)
    assert None is kiosk.hours_without_touch()


def test_a_machine_that_slept_was_not_open_meanwhile(kiosk: Kiosk) -> None:
    for _ in range(3):
        kiosk.clock.advance(100 * HOUR_MS)
        kiosk.minutes(1)
    assert None is kiosk.hours_without_touch()


def test_a_shop_that_never_opens_is_never_reported(kiosk: Kiosk) -> None:
    kiosk.hours = Hours(**dict.fromkeys(Hours.__struct_fields__[1:], ()))
    assert 0 == mean_day_ms(kiosk.hours)
    kiosk.minutes(60 * 24)
    assert None is kiosk.hours_without_touch()
