"""What was delivered is kept for as many days as the kiosk lived through, whatever clocks say."""

import random
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fakes import FakeClock, answer
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sync.messages import Moment, Sighting
from sync.outbox.archive import Archive
from sync.outbox.lived import LivedTime
from sync.outbox.memory import MemoryOutbox
from sync.outbox.protocol import Outbox
from sync.outbox.sqlite import SqliteOutbox
from sync.outbox.storage import DATABASE

SECOND, HOUR, DAY = 1000, 3_600_000, 86_400_000
YEAR = 365 * DAY
KEEP = 90 * DAY
NOW = 1_795_464_000_000
MANY = 1_000_000


class Shop:
    """An outbox, its kiosk's clocks, and the clock of its head office."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.clock = FakeClock(wall_ms=NOW)
        self.head_ms = NOW
        self.folder = folder
        self.outbox: Outbox = (
            SqliteOutbox.open(folder, clock=self.clock)
            if kind == "sqlite"
            else MemoryOutbox(self.clock)
        )

    def deliver(self, count: int = 1, *, head_ms: int | None = None) -> None:
        """Shoppers answer, and the head office takes it at that time of its clock."""
        for _ in range(count):
            self.outbox.append([answer()], self.clock.moment())
        self.settle(self.outbox.position().last_seq, head_ms)

    def settle(self, watermark: int, head_ms: int | None = None) -> None:
        name = self.outbox.position().installation
        self.outbox.settle(name, watermark, (), self.head_ms if head_ms is None else head_ms)

    def pass_days(self, days: float) -> int:
        """The kiosk runs, with retention a few times a day; how many messages it removed."""
        removed = 0
        for _ in range(int(days * 4)):
            self.clock.advance(DAY // 4)
            self.head_ms += DAY // 4
            removed += self.trim()
        return removed

    def trim(self) -> int:
        removed = 0
        while step := self.outbox.trim(KEEP, MANY):
            removed += step
        return removed

    def reboot(self, off_ms: int = 0) -> None:
        self.clock.boot, self.clock.mono = str(uuid.uuid4()), 20_000
        self.clock.wall_ms += off_ms
        self.head_ms += off_ms


@pytest.fixture(params=["sqlite", "memory"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(request.param, tmp_path / "data")
    yield made
    made.outbox.close()


OFF = {
    "a year ahead": YEAR,
    "ten years ahead": 10 * YEAR,
    "a year back": -YEAR,
    "91 days back": -91 * DAY,
    "91 days ahead": 91 * DAY,
    "a second ahead": SECOND,
    "a second back": -SECOND,
    "in 1970": -NOW,
}
each_error = pytest.mark.parametrize("off_ms", OFF.values(), ids=OFF.keys())


@each_error
def test_a_head_office_that_is_wrong_for_one_receipt_removes_nothing(
    shop: Shop, off_ms: int
) -> None:
    shop.deliver(300)
    shop.deliver(head_ms=NOW + off_ms)
    assert 0 == shop.trim()
    shop.deliver()
    assert 0 == shop.trim()
    assert 0 == shop.pass_days(2)
    shop.settle(0)
    assert 302 == shop.outbox.counts().waiting, "all of it is there for a head office put back"


@each_error
def test_a_head_office_that_is_wrong_from_the_first_receipt_removes_nothing_when_it_is_right(
    shop: Shop, off_ms: int
) -> None:
    shop.deliver(30, head_ms=NOW + off_ms)
    shop.deliver(30, head_ms=NOW + off_ms + HOUR)
    shop.deliver(30)
    assert 0 == shop.pass_days(2)


@each_error
def test_a_kiosk_whose_wall_clock_is_wrong_removes_nothing(shop: Shop, off_ms: int) -> None:
    shop.deliver(30)
    shop.clock.wall_ms += off_ms
    shop.deliver(30)
    assert 0 == shop.trim()
    shop.clock.wall_ms -= off_ms
    assert 0 == shop.pass_days(2)


@each_error
def test_nor_with_reboots_between(shop: Shop, off_ms: int) -> None:
    shop.deliver(30)
    for off in (off_ms, 0, -off_ms, off_ms):
        shop.reboot()
        shop.clock.wall_ms = max(0, NOW + off)
        shop.deliver(30, head_ms=NOW + off)
        assert 0 == shop.trim()
    assert 0 == shop.pass_days(2)


def test_after_that_many_days_it_goes(shop: Shop) -> None:
    shop.deliver(30)
    assert 0 == shop.pass_days(1)
    shop.deliver(10)
    assert 0 == shop.pass_days(88)
    assert 30 == shop.pass_days(1.25)
    assert 10 == shop.pass_days(1)


def test_time_while_it_is_switched_off_does_not_count(shop: Shop) -> None:
    shop.deliver(30)
    for _ in range(10):
        shop.reboot(off_ms=91 * DAY)
        assert 0 == shop.trim()
        assert 0 == shop.pass_days(2)
    assert 30 == shop.pass_days(71)


def test_days_add_up_over_boots(shop: Shop) -> None:
    shop.deliver(30)
    for _ in range(30):
        shop.reboot()
        shop.trim()
        shop.pass_days(3)
    shop.reboot()
    assert 30 == shop.trim() + shop.pass_days(0.75) or shop.outbox.position().oldest == 31


def test_what_is_delivered_again_counts_from_then(shop: Shop) -> None:
    shop.deliver(30)
    shop.pass_days(80)
    shop.settle(10)  # the head office was put back
    shop.pass_days(1)
    shop.settle(30)
    assert 10 == shop.pass_days(9.5), "only what was never doubted is old"
    assert 0 == shop.pass_days(79)
    assert 20 == shop.pass_days(2)


def test_a_monotonic_clock_that_goes_back_or_leaps_does_not_make_days(shop: Shop) -> None:
    shop.deliver(30)
    first = shop.clock.mono
    for _ in range(200):
        shop.clock.mono = first - HOUR
        shop.deliver()
        shop.clock.mono = first + HOUR
        assert 0 == shop.trim()
    shop.clock.mono = 100 * YEAR
    assert 0 == shop.trim()
    shop.clock.mono = first
    assert 0 == shop.pass_days(2)


def test_a_clock_that_stands_while_the_machine_sleeps_keeps_it_longer(shop: Shop) -> None:
    shop.deliver(30)
    for _ in range(90):
        shop.clock.advance(DAY // 2)
        shop.clock.wall_ms += DAY // 2
        assert 0 == shop.trim()


def test_what_an_earlier_installation_delivered_is_kept_as_long(shop: Shop) -> None:
    shop.deliver(30)
    shop.pass_days(50)
    shop.outbox.renew()
    shop.deliver(10, head_ms=NOW + 10 * YEAR)
    assert 0 == shop.pass_days(39)
    assert 30 == shop.pass_days(1.5)


def test_the_most_that_is_kept_stays_a_limit_of_its_own(shop: Shop) -> None:
    shop.deliver(30)
    assert [20, 0] == [shop.outbox.trim(KEEP, 10) for _ in range(2)]


def test_a_kiosk_that_was_killed_counts_on(tmp_path: Path) -> None:
    shop = Shop("sqlite", tmp_path)
    shop.deliver(30)
    for _ in range(89):
        shop.clock.advance(DAY)
        assert 0 == shop.trim()
        shop.outbox.close()
        shop.outbox = SqliteOutbox.open(tmp_path, clock=shop.clock)
    assert 30 == shop.pass_days(1.5)
    shop.outbox.close()


def test_a_count_that_is_lost_begins_again_and_removes_nothing_early(tmp_path: Path) -> None:
    shop = Shop("sqlite", tmp_path)
    shop.deliver(30)
    shop.pass_days(89)
    for table in ("acknowledged", "lived"):
        with closing(sqlite3.connect(tmp_path / DATABASE, isolation_level=None)) as db:
            db.execute(f"DELETE FROM {table}")  # noqa: S608
        shop.deliver()
        assert 0 == shop.pass_days(80)
    assert 31 <= shop.pass_days(12)
    shop.outbox.close()


def test_the_last_delivery_that_is_shown_is_the_last_one_and_not_the_latest_date(
    tmp_path: Path,
) -> None:
    shop = Shop("sqlite", tmp_path)
    shop.deliver(head_ms=NOW + YEAR)
    shop.deliver(head_ms=NOW)
    shop.settle(2, NOW + YEAR)  # nothing new was taken
    with Archive(tmp_path) as archive:
        assert NOW == archive.last_delivery_ms()
    shop.outbox.close()


def test_the_last_delivery_is_told_anew_when_the_head_offices_clock_is_known_better(
    tmp_path: Path,
) -> None:
    shop = Shop("sqlite", tmp_path)

    def hear(off_ms: int) -> None:
        now = shop.clock.moment()
        shop.outbox.record_sighting(Sighting(now.boot, now.mono_ms, now.wall_ms + off_ms, 10))

    def told() -> int | None:
        with Archive(tmp_path) as archive:
            return archive.last_delivery_ms()

    hear(YEAR)
    shop.deliver(head_ms=NOW + YEAR)
    assert NOW + YEAR == told()
    for _ in range(10):
        shop.clock.advance(60 * SECOND)
        hear(0)
    assert NOW == told()
    shop.reboot(off_ms=HOUR)
    assert NOW == told()
    shop.outbox.close()


def test_lived_time_is_never_more_than_what_passed() -> None:
    rng = random.Random(5)  # noqa: S311
    lived, passed, boots = LivedTime(), 0, {"a": 0}
    for _ in range(5000):
        step = rng.choice((0, SECOND, HOUR, 3 * DAY))
        passed += step
        boots = {name: mono + step for name, mono in boots.items()}
        if rng.random() < 0.01:
            boots = {str(rng.random()): 0}
        lived = lived.until(Moment(0, *list(boots.items())[-1]))
        assert 0 <= lived.ms <= passed


class Years(RuleBasedStateMachine):
    """Anything may happen to clocks; ``passed`` is what really passed, and nobody sees it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="hymio-retention-"))
        self.shop = Shop("sqlite", self.folder)
        self.twin = MemoryOutbox(self.shop.clock)
        self.passed = 0
        self.acknowledged: dict[int, int] = {}

    def teardown(self) -> None:
        self.shop.outbox.close()
        shutil.rmtree(self.folder)

    def both(self, do: Callable[[Outbox], int | None]) -> int | None:
        told = {do(outbox) for outbox in (self.shop.outbox, self.twin)}
        assert 1 == len(told)
        return told.pop()

    @rule(count=st.integers(1, 3), head_ms=st.integers(0, 4_000_000_000_000))
    def deliver(self, count: int, head_ms: int) -> None:
        def one(outbox: Outbox) -> None:
            outbox.append([answer() for _ in range(count)], self.shop.clock.moment())
            position = outbox.position()
            outbox.settle(position.installation, position.last_seq, (), head_ms)

        self.both(one)
        for seq in range(1, self.shop.outbox.position().last_seq + 1):
            self.acknowledged.setdefault(seq, self.passed)

    @rule(back=st.integers(0, 4), head_ms=st.integers(0, 4_000_000_000_000))
    def put_back(self, back: int, head_ms: int) -> None:
        def one(outbox: Outbox) -> None:
            position = outbox.position()
            outbox.settle(position.installation, position.last_seq - back, (), head_ms)

        self.both(one)
        watermark = self.shop.outbox.position().watermark
        self.acknowledged = {s: at for s, at in self.acknowledged.items() if s <= watermark}

    @rule(hours=st.sampled_from((1, 5, 23, 24, 200)))
    def time_passes(self, hours: int) -> None:
        self.passed += hours * HOUR
        self.shop.clock.advance(hours * HOUR)

    @rule(hours=st.integers(0, 5000))
    def sleep(self, hours: int) -> None:
        """A monotonic clock that stands meanwhile."""
        self.passed += hours * HOUR
        self.shop.clock.wall_ms += hours * HOUR

    @rule(hours=st.integers(0, 5000), mono=st.sampled_from((0, 5000, HOUR, 50 * DAY)))
    def switch_off(self, hours: int, mono: int) -> None:
        self.passed += hours * HOUR
        self.shop.clock.boot, self.shop.clock.mono = str(uuid.uuid4()), mono
        self.shop.clock.wall_ms += hours * HOUR

    @rule(to=st.integers(0, 4_000_000_000_000))
    def set_clock(self, to: int) -> None:
        self.shop.clock.wall_ms = to

    @rule()
    def reopen(self) -> None:
        self.shop.outbox.close()
        self.shop.outbox = SqliteOutbox.open(self.folder, clock=self.shop.clock)

    @rule(days=st.sampled_from((0, 1, 3)))
    def trim(self, days: int) -> None:
        while self.both(lambda outbox: outbox.trim(days * DAY, MANY, step=3)):
            pass
        oldest = self.shop.outbox.position().oldest
        for seq in [seq for seq in self.acknowledged if seq < oldest]:
            assert self.passed - self.acknowledged.pop(seq) > days * DAY or days == 0

    @invariant()
    def what_is_removed_was_acknowledged(self) -> None:
        position = self.shop.outbox.position()
        assert position.oldest <= position.watermark + 1


TestYears = Years.TestCase
TestYears.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
