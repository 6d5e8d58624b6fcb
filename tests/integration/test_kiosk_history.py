"""What a kiosk was when, and how much of the opening hours it could be used."""

import datetime as dt
from itertools import pairwise

import pytest
from django.test import Client
from office import DIGEST, Device, answer

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.fleet import history as kept
from headoffice.fleet.models import Kiosk, KioskChange
from headoffice.fleet.shop_hours import ShopHours
from headoffice.health.history import Segment, segments, strip, uptime
from sync.configuration import ConfigurationReport

MINUTE, HOUR = 60_000, 3_600_000
DAY = 24 * HOUR
MONDAY = dt.date(2026, 11, 30)
MIDNIGHT = int(dt.datetime(2026, 11, 30, tzinfo=dt.UTC).timestamp() * 1000)
HOURS = ShopHours('{"mon": [["09:00", "19:00"]]}')


class Hands:
    """The head office's clock, to be set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ms = MIDNIGHT + 12 * HOUR
        monkeypatch.setattr(clock, "now_ms", lambda: self.ms)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    return Hands(monkeypatch)


@pytest.fixture
def device(hands: Hands) -> Device:
    del hands
    return Device.enrolled("Main street")


def states() -> list[tuple[int, str]]:
    rows = KioskChange.objects.filter(kind="state").order_by("at_ms")
    return [((at - MIDNIGHT) // MINUTE, value) for at, value in rows.values_list("at_ms", "value")]


def test_states_follow_each_other_and_the_last_holds_until_it_was_heard() -> None:
    told = segments([(0, "open"), (10, "paused"), (20, "open")], 30, 50)
    assert [(0, 10, "open"), (10, 20, "paused"), (20, 30, "open"), (30, 50, "silent")] == told
    assert all(one.end == other.begin for one, other in pairwise(told))


@pytest.mark.parametrize(
    ("told", "share"),
    [
        ([Segment(0, 100, "open")], 1.0),
        (
            [Segment(0, 50, "open"), Segment(50, 100, "silent")],
            0.75,
        ),  # half of 20 to 60, all before
        ([Segment(0, 100, "paused")], 1.0),
        ([Segment(0, 100, "out_of_order")], 0.0),
        ([Segment(0, 20, "open")], None),
        ([], None),
    ],
)
def test_uptime_is_that_of_the_opening_hours(told: list[Segment], share: float | None) -> None:
    assert share == uptime(told, [(20, 60)])


def test_a_strip_is_a_day_by_the_clock_of_the_place() -> None:
    told = [
        Segment(MIDNIGHT - DAY, MIDNIGHT + 12 * HOUR, "open"),
        Segment(MIDNIGHT + 12 * HOUR, MIDNIGHT + 18 * HOUR, "silent"),
    ]
    found = strip(told, HOURS, MONDAY, 1, MIDNIGHT + 18 * HOUR)
    assert [(0.0, 500.0, "open"), (500.0, 250.0, "silent")] == [tuple(bar) for bar in found.bars]
    assert found.uptime == pytest.approx(3 / 9)
    assert "33.3 %" == found.share


def test_where_no_hours_are_known_all_but_closed_counts() -> None:
    told = [
        Segment(MIDNIGHT, MIDNIGHT + 8 * HOUR, "closed"),
        Segment(MIDNIGHT + 8 * HOUR, MIDNIGHT + 9 * HOUR, "silent"),
        Segment(MIDNIGHT + 9 * HOUR, MIDNIGHT + 12 * HOUR, "open"),
    ]
    assert 0.75 == strip(told, ShopHours(), MONDAY, 1, MIDNIGHT + 12 * HOUR).uptime


@pytest.mark.django_db(transaction=True)
def test_what_stays_the_same_leaves_nothing_behind(device: Device, hands: Hands) -> None:
    for state in ("open", "open", "paused", "open", "open"):
        device.beat(state=state)
        hands.ms += MINUTE
    assert [(720, "open"), (722, "paused"), (723, "open")] == states()
    assert not KioskChange.objects.filter(kind="version")  # it told that when it joined
    assert DIGEST == KioskChange.objects.get(kind="questionnaire").value


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("speaks", ["heartbeat", "batch"])
def test_silence_is_written_down_when_it_is_over(device: Device, hands: Hands, speaks: str) -> None:
    device.beat()
    hands.ms += 30 * MINUTE
    if speaks == "batch":
        device.deliver(answer(1))
    else:
        device.beat()
    assert [(720, "open"), (720, "silent"), (750, "open")] == states()


@pytest.mark.django_db(transaction=True)
def test_a_closed_kiosk_may_be_silent_for_as_long_as_it_was_told(
    device: Device, hands: Hands
) -> None:
    device.beat(state="closed")
    for _ in range(3):
        hands.ms += 45 * MINUTE
        device.beat(state="closed")
    assert [(720, "closed")] == states()
    hands.ms += 2 * HOUR
    device.beat(state="closed")
    assert ["closed", "silent", "closed"] == [state for _at, state in states()]


@pytest.mark.django_db(transaction=True)
def test_a_configuration_that_comes_into_force_is_written_down_once(
    device: Device, hands: Hands
) -> None:
    for digest in ("", "a" * 64, "a" * 64, ""):
        device.beat(configuration=ConfigurationReport(in_force=digest))
        hands.ms += MINUTE
    rows = KioskChange.objects.filter(kind="configuration").order_by("at_ms")
    assert ["a" * 64, ""] == list(rows.values_list("value", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_year_is_kept(device: Device, hands: Hands) -> None:
    device.beat()
    hands.ms += 360 * DAY
    kept.forget_old_changes()
    assert 2 == KioskChange.objects.count()
    hands.ms += 7 * DAY
    kept.forget_old_changes()
    assert 0 == KioskChange.objects.count()


@pytest.mark.django_db(transaction=True)
def test_the_page_of_a_kiosk_shows_it() -> None:
    device = Device.enrolled("Main street")
    device.beat()
    KioskChange.objects.update(at_ms=clock.now_ms() - 3 * HOUR)
    Kiosk.objects.update(heartbeat_at=clock.now() - dt.timedelta(hours=2))
    device.beat(state="paused", version="0.2")
    client = Client()
    client.force_login(create_user("ana", "puolukka-77x", role=Role.ADMINISTRATOR))
    page = client.get(f"/kiosks/{device.row.pk}").content.decode()
    assert 'class="was silent"' in page
    assert "33.3 %" in page or "0.0 %" in page  # around midnight it is two days
    assert "Version: 0.2" in page
