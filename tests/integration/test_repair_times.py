"""What a wrong clock of the head office left behind is found, and mended with the counts."""

import contextlib
import datetime as dt
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from clocks import DAY, HOUR, MINUTE, SECOND, YEAR, MachineClock, stop_watching
from django.test import Client
from office import DEFINITION, Device, answer, new_id

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.api import tokens
from headoffice.api.models import Scope
from headoffice.cli import main
from headoffice.fleet.kiosks import all_kiosks
from headoffice.fleet.models import Alarm, Assignment, Kiosk
from headoffice.messages.models import Restamped, StoredMessage
from headoffice.repair.mending import STEP
from headoffice.rollups import area_sums
from headoffice.rollups.models import Area, Daily, Horizon
from headoffice.timekeeping.leftovers import count_leftovers
from headoffice.timekeeping.models import ClockRun
from sync.messages import Moment, Sighting

pytestmark = [pytest.mark.database, pytest.mark.django_db]
OFF = {
    "a year ahead": YEAR,
    "a year back": -YEAR,
    "91 days back": -91 * DAY,
    "10 hours ahead": 10 * HOUR,
}
each_error = pytest.mark.parametrize("off_ms", OFF.values(), ids=OFF.keys())


@pytest.fixture
def machine(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[MachineClock]:
    """Whose clock nobody watches: as in earlier versions, or after a wrong word."""
    del db
    yield MachineClock(monkeypatch, watched=False)
    stop_watching()


class Shop:
    """A kiosk whose shoppers answer every minute, and what is true of it."""

    def __init__(self, machine: MachineClock, name: str, *, wall_off_ms: int = 0) -> None:
        self.machine, self.device, self.wall_off_ms = machine, Device.enrolled(name), wall_off_ms
        self.device.define(DEFINITION)
        self.true_ms: dict[int, int] = {}
        self.start()
        self.seq = 0
        self.sighting: Sighting | None = None

    def start(self) -> None:
        self.boot, self._zero_ms = new_id(), self.machine.true_ms - 20 * SECOND
        self.sighting = None

    @property
    def mono_ms(self) -> int:
        return self.machine.true_ms - self._zero_ms

    def see(self) -> None:
        """It hears the head office's time, as it is now."""
        self.sighting = Sighting(self.boot, self.mono_ms, self.machine.wall_ms, 20)

    def deliver(self, count: int = 5, *, every: int = MINUTE) -> None:
        messages = []
        for _ in range(count):
            self.machine.wait(every)
            self.seq += 1
            self.true_ms[self.seq] = self.machine.true_ms
            at = Moment(self.machine.true_ms + self.wall_off_ms, self.boot, self.mono_ms)
            messages.append(answer(self.seq, self.seq % 3, at=at))
        self.machine.wait(SECOND)
        told = () if self.sighting is None else (self.sighting,)
        sent = Moment(self.machine.true_ms, self.boot, self.mono_ms)
        self.device.deliver(*messages, sightings=told, sent=sent)

    def beat(self) -> None:
        self.device.beat(sent=Moment(self.machine.true_ms, self.boot, self.mono_ms))

    def errors(self) -> dict[int, int]:
        """By how much each date is wrong, if it is by more than a few seconds."""
        rows = StoredMessage.objects.filter(kiosk=self.device.row.pk)
        found = {seq: ms - self.true_ms[seq] for seq, ms in rows.values_list("seq", "happened_ms")}
        assert found.keys() == self.true_ms.keys()
        return {seq: off for seq, off in found.items() if abs(off) > 5 * SECOND}

    def certain(self) -> set[int]:
        rows = StoredMessage.objects.filter(kiosk=self.device.row.pk, certain=True)
        return set(rows.values_list("seq", flat=True))


def run(*arguments: str) -> tuple[int, str]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(arguments)
    return code, said.getvalue()


def mend() -> str:
    code, said = run("repair-times", "--apply")
    assert 0 == code, said
    assert (0, "Nothing is dated by a wrong clock.") == (
        (again := run("repair-times"))[0],
        again[1].splitlines()[-1],
    )
    assert 0 == run("rebuild-rollups", "--check")[0]
    return said


def wrong_hour(machine: MachineClock, off_ms: int, *acts: Callable[[], object]) -> None:
    machine.off_ms = off_ms
    for act in acts:
        act()
    machine.off_ms = 0
    # As of a kiosk that goes on: what was written last is right again.
    Device.enrolled(f"Beating {new_id()}").beat()


@each_error
def test_answers_are_dated_by_what_a_right_clock_says_of_the_same_boot(
    machine: MachineClock, off_ms: int
) -> None:
    shop, other = Shop(machine, "A"), Shop(machine, "B")
    for each in (shop, other):
        each.deliver(20)
    wrong_hour(machine, off_ms, shop.deliver, lambda: other.deliver(12))
    for each in (shop, other):
        each.deliver(20)
    assert range(21, 26) == range(min(shop.errors()), max(shop.errors()) + 1)
    code, said = run("repair-times")
    assert 1 == code
    assert "5 messages received by a wrong clock and 5 dated wrongly, 0 of which" in said
    assert "12 messages received by a wrong clock and 12 dated wrongly" in said
    assert "Nothing was changed" in said
    assert shop.errors()
    mend()
    assert {} == shop.errors() == other.errors()
    assert 45 == len(shop.certain())


def test_an_hour_that_is_still_going_on_needs_nothing_after_it(machine: MachineClock) -> None:
    shop = Shop(machine, "A")
    shop.deliver(20)
    wrong_hour(machine, YEAR, shop.deliver)
    machine.wait(MINUTE)
    mend()
    assert {} == shop.errors()


@each_error
def test_of_a_boot_that_was_over_the_kiosks_word_holds_as_far_as_it_is_possible(
    machine: MachineClock, off_ms: int
) -> None:
    shop = Shop(machine, "A")
    shop.deliver(20)
    shop.start()
    wrong_hour(machine, off_ms, shop.deliver)
    shop.start()
    shop.deliver(20)
    mend()
    assert {} == shop.errors()
    assert {*range(1, 21), *range(26, 46)} == shop.certain()


@each_error
def test_a_kiosk_whose_clock_nobody_set_is_dated_within_what_is_possible(
    machine: MachineClock, off_ms: int
) -> None:
    shop = Shop(machine, "A", wall_off_ms=-machine.true_ms)
    shop.deliver(20)
    shop.start()
    wrong_hour(machine, off_ms, shop.deliver)
    shop.start()
    shop.deliver(2)
    shop.deliver(18)
    mend()
    assert all(0 < off <= 3 * MINUTE for off in shop.errors().values())
    assert {*range(1, 21), *range(26, 46)} == shop.certain()


def test_the_next_heartbeat_makes_certain_what_the_kiosks_word_was_for(
    machine: MachineClock,
) -> None:
    shop = Shop(machine, "A", wall_off_ms=-machine.true_ms)
    wrong_hour(machine, YEAR, shop.deliver)
    mend()
    assert set() == shop.certain()
    shop.beat()
    assert {} == shop.errors()
    assert 5 == len(shop.certain())
    assert 0 == run("rebuild-rollups", "--check")[0]


@each_error
def test_dates_that_the_kiosk_knew_better_are_kept_where_only_the_receipt_is_wrong(
    machine: MachineClock, off_ms: int
) -> None:
    shop = Shop(machine, "A")
    shop.see()
    shop.deliver(20)
    wrong_hour(machine, off_ms, shop.deliver)
    shop.deliver(20)
    said = mend()
    assert {} == shop.errors()
    assert "5 messages received by a wrong clock and" in said
    if off_ms > 0:
        assert "and 0 dated wrongly" in said


def test_dates_by_a_wrong_sighting_in_a_right_delivery_are_mended_too(
    machine: MachineClock,
) -> None:
    shop = Shop(machine, "A")
    shop.deliver(20)
    wrong_hour(machine, -YEAR, shop.see)
    shop.deliver(5)
    shop.sighting = None
    shop.deliver(20)
    assert 5 == len(shop.errors())
    said = mend()
    assert {} == shop.errors()
    assert "0 messages received by a wrong clock and 5 dated wrongly" in said


def test_counts_and_places_move_with_the_dates(machine: MachineClock) -> None:
    shop = Shop(machine, "A")
    shop.deliver(10)
    wrong_hour(machine, YEAR, shop.deliver)
    shop.deliver(10)
    ahead = clock.instant(machine.true_ms + 300 * DAY).date()
    assert 5 == sum(Daily.objects.filter(day__gt=ahead).values_list("count", flat=True))
    mend()
    assert 0 == sum(Daily.objects.filter(day__gt=ahead).values_list("count", flat=True))
    assert 25 == sum(Daily.objects.values_list("count", flat=True))


def test_more_than_one_step_is_mended(
    machine: MachineClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert STEP >= 1000
    monkeypatch.setattr("headoffice.repair.mending.STEP", 7)
    shop = Shop(machine, "A")
    shop.deliver(3)
    wrong_hour(machine, YEAR, lambda: shop.deliver(30))
    shop.deliver(3)
    mend()
    assert {} == shop.errors()
    assert 5 == Restamped.objects.count()


def test_an_interrupted_repair_goes_on_where_it_was(
    machine: MachineClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(machine, "A")
    shop.deliver(20)
    wrong_hour(machine, YEAR, lambda: shop.deliver(30))
    shop.deliver(20)
    done: list[int] = []

    def interrupted(*arguments: Any) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(1)
        mend_part(*arguments)

    from headoffice.repair import mending

    mend_part = mending._mend
    with monkeypatch.context() as patch:
        patch.setattr(mending, "STEP", 7)
        patch.setattr(mending, "_mend", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run("repair-times", "--apply")
    assert 23 == len(shop.errors())
    mend()
    assert {} == shop.errors()


def test_a_right_head_office_has_nothing_to_mend(machine: MachineClock) -> None:
    shop = Shop(machine, "A")
    for _ in range(4):
        shop.deliver(3)
        machine.wait(3 * DAY)
        shop.start()
        shop.deliver(3)
    code, said = run("repair-times")
    assert 0 == code, said


def test_clocks_that_drift_apart_for_a_year_disagree_with_nothing(machine: MachineClock) -> None:
    shop = Shop(machine, "A")
    for day in range(0, 360, 12):
        # 100 ppm: nine seconds a day.
        shop._zero_ms += 12 * 9 * SECOND
        machine.wait(12 * DAY)
        shop.see()
        shop.deliver(2)
        del day
    assert 0 == run("repair-times")[0]
    wrong_hour(machine, YEAR, shop.deliver)
    mend()
    assert {} == {seq: off for seq, off in shop.errors().items() if seq > 60}


# --- which were received by a wrong clock -------------------------------------------------


def test_what_came_while_a_wrong_clock_ran_is_known_by_that_run(machine: MachineClock) -> None:
    """A machine that starts where it ended, and is set by the network a minute later."""
    shop = Shop(machine, "A")
    machine.watch()
    shop.see()
    for _ in range(3):
        shop.deliver(5)
        machine.serve(SECOND)
    machine.start_machine(rest_ms=20 * HOUR + MINUTE)
    machine.off_ms = -20 * HOUR
    machine.serve(SECOND)
    shop.deliver(5)
    machine.serve(SECOND)
    machine.off_ms = 0
    machine.serve(30 * MINUTE)
    assert 3 == ClockRun.objects.count()
    shop.deliver(5)
    assert 5 == count_leftovers().messages
    assert 5 == len(shop.errors())
    said = mend()
    assert "5 messages received by a wrong clock and 5 dated wrongly" in said
    assert {} == shop.errors()
    assert 0 == count_leftovers().messages


def test_it_is_refused_while_the_clock_is_in_doubt(machine: MachineClock) -> None:
    shop = Shop(machine, "A")
    machine.watch()
    machine.serve(MINUTE)
    shop.deliver()
    machine.off_ms = YEAR
    code, said = run("repair-times", "--apply")
    assert 1 == code
    assert "in doubt" in said


def test_the_page_of_today_and_monitoring_tell_how_much_there_is_to_mend(
    machine: MachineClock,
) -> None:
    client = Client()
    client.force_login(create_user("boss", "long enough 17", role=Role.ADMINISTRATOR))

    def told() -> tuple[bool, str]:
        text = client.get("/").content.decode()
        gauges = Client().get("/metrics").content.decode().splitlines()
        gauge = next(line for line in gauges if line.startswith("hymio_times_to_repair "))
        return "left 6 times that can't be right" in text, gauge

    shop = Shop(machine, "A")
    shop.deliver(10)
    assert (False, "hymio_times_to_repair 0.0") == told()
    wrong_hour(machine, YEAR, shop.deliver, shop.beat)
    assert (True, "hymio_times_to_repair 6.0") == told()
    mend()
    assert (False, "hymio_times_to_repair 0.0") == told()


# --- who reads by the time of receipt -----------------------------------------------------


def test_readers_see_each_of_them_once_with_the_next_reading(machine: MachineClock) -> None:
    boss = create_user("boss", "long enough 17", role=Role.ADMINISTRATOR)
    bearer = {"Authorization": f"Bearer {tokens.create_token('x', [Scope.ANSWERS], boss)}"}
    shop = Shop(machine, "A")
    shop.deliver(10)
    machine.wait(MINUTE)

    def read(since: str | None) -> tuple[list[int], str]:
        asked = {} if since is None else {"received_from": since}
        told = Client().get("/api/v1/answers", asked, headers=bearer).json()
        return [row["seq"] for row in told["data"]], told["complete_until"]

    seen, until = read(None)
    wrong_hour(machine, YEAR, lambda: shop.deliver(5))
    shop.deliver(10)
    machine.wait(MINUTE)
    more, until = read(until)
    assert [*range(1, 11), *range(16, 26)] == seen + more
    mend()
    machine.wait(MINUTE)
    more, until = read(until)
    assert [*range(11, 16)] == more
    assert [] == read(until)[0]


# --- other times --------------------------------------------------------------------------


def test_what_was_noted_in_the_future_is_of_now(machine: MachineClock) -> None:
    shop, gone = Shop(machine, "A"), Shop(machine, "B")
    shop.deliver(5)
    wrong_hour(machine, YEAR, gone.deliver, gone.beat, lambda: None)
    late = wrong_joined(machine)
    Alarm.objects.create(
        kiosk=shop.device.row, kind=Alarm.Kind.CLONE, installation=new_id(), detail="",
        first_at=clock.now(), last_at=clock.now() + dt.timedelta(days=365),
    )  # fmt: skip
    assert (5, 1) == count_leftovers()
    said = mend()
    for text in ("1 kiosks heard in", "whose last answer", "1 kiosks that came to a place"):
        assert text in said
    for kiosk in Kiosk.objects.all():
        assert kiosk.heartbeat_at is None or kiosk.heartbeat_at <= clock.now()
        assert kiosk.created_at <= clock.now()
        assert (kiosk.last_answer_ms or 0) <= clock.now_ms()
    assert Alarm.objects.get().last_at <= clock.now()
    assert Assignment.objects.get(kiosk=late.device.row).since_ms <= clock.now_ms()
    machine.wait(10 * MINUTE)
    assert {True} == {row.overdue for row in all_kiosks()}
    assert (0, 0) == count_leftovers()


def wrong_joined(machine: MachineClock) -> Shop:
    machine.off_ms = YEAR
    try:
        return Shop(machine, "C")
    finally:
        machine.off_ms = 0


def test_sums_of_areas_that_reached_into_the_future_are_made_anew(machine: MachineClock) -> None:
    shop, other = Shop(machine, "A"), Shop(machine, "B")
    machine.wait(2 * DAY)
    shop.deliver()
    wrong_hour(machine, YEAR, lambda: area_sums.sum_areas(2))
    other.deliver()
    assert run("rebuild-rollups", "--check")[0] == 1
    mend()
    area_sums.sum_areas(2)
    (before,) = Horizon.objects.values_list("before", flat=True)
    assert before <= clock.now().date()
    assert [before] == list(
        Area.objects.filter(unused_since=None).values_list("summed_before", flat=True)
    )
    assert 0 == run("rebuild-rollups", "--check")[0]
