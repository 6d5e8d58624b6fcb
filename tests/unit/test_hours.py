"""When the shop is open: midnight, summer time, and clocks that were never set."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.errors import InvalidFileError
from config.loader import load_settings
from config.settings import Hours
from kiosk.hours import SET_CLOCK_MS, Opening, opening

HELSINKI = ZoneInfo("Europe/Helsinki")
LATE = Hours(
    time_zone="Europe/Helsinki", monday=("09:00-21:00",), saturday=("10:00-03:30",), sunday=()
)


def at(text: str, fold: int = 0) -> int:
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=HELSINKI, fold=fold)
    return int(moment.timestamp() * 1000)


def utc(text: str) -> int:
    return int(dt.datetime.fromisoformat(f"{text}+00:00").timestamp() * 1000)


@pytest.mark.parametrize(
    ("time", "is_open", "until"),
    [
        ("2026-11-23 08:59:59", False, "2026-11-23 09:00"),
        ("2026-11-23 09:00", True, "2026-11-23 21:00"),
        ("2026-11-23 20:59:59", True, "2026-11-23 21:00"),
        ("2026-11-23 21:00", False, "2026-11-24 00:00"),
        ("2026-11-28 09:00", False, "2026-11-28 10:00"),
        ("2026-11-29 00:00", True, "2026-11-29 03:30"),
        ("2026-11-29 03:30", False, "2026-11-30 09:00"),
    ],
)
def test_opens_and_closes_on_the_minute_also_after_midnight(
    time: str, is_open: bool, until: str
) -> None:
    found = opening(LATE, at(time))
    assert (is_open, at(until)) == (found.is_open, found.until_ms)


def test_closes_at_the_second_half_past_three_when_that_hour_comes_twice() -> None:
    # Summer time ended in Finland on Sunday, 25 October 2026, at 4:00, which became 3:00.
    first, second = at("2026-10-25 03:30"), at("2026-10-25 03:30", fold=1)
    assert first + 3_600_000 == second == utc("2026-10-25 01:30")
    assert opening(LATE, first).is_open
    assert second == opening(LATE, first).until_ms
    assert not opening(LATE, second).is_open


def test_opens_at_the_first_half_past_three_when_that_hour_comes_twice() -> None:
    early = Hours(time_zone="Europe/Helsinki", saturday=(), sunday=("03:30-12:00",))
    opens = opening(early, at("2026-10-25 02:00")).until_ms
    assert at("2026-10-25 03:30") == opens


def test_night_in_which_half_past_three_is_skipped_closes_late_rather_than_early() -> None:
    # Summer time began on Sunday, 29 March 2026, at 3:00, which became 4:00.
    assert utc("2026-03-29 01:30") == opening(LATE, at("2026-03-29 02:59")).until_ms
    assert opening(LATE, utc("2026-03-29 01:29")).is_open
    assert not opening(LATE, utc("2026-03-29 01:30")).is_open


def test_morning_is_not_moved_by_the_night_of_summer_time() -> None:
    daily = Hours(
        time_zone="Europe/Helsinki", **dict.fromkeys(("saturday", "sunday"), ("09:00-18:00",))
    )
    for day in ("2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"):
        assert not opening(daily, at(f"{day} 08:59:59")).is_open
        assert opening(daily, at(f"{day} 09:00")).is_open
        assert not opening(daily, at(f"{day} 18:00")).is_open


def test_days_that_touch_at_midnight_are_one_opening() -> None:
    hours = Hours(time_zone="Europe/Helsinki", monday=("08:00-24:00",), tuesday=("00:00-02:00",))
    assert at("2026-11-24 02:00") == opening(hours, at("2026-11-23 12:00")).until_ms


def test_lunch_break_closes() -> None:
    hours = Hours(time_zone="Europe/Helsinki", monday=("13:00-18:00", "08:00-12:00"))
    assert not opening(hours, at("2026-11-23 12:30")).is_open
    assert at("2026-11-23 13:00") == opening(hours, at("2026-11-23 12:30")).until_ms


def test_shop_without_hours_is_always_open() -> None:
    assert Opening(is_open=True, until_ms=None) == opening(Hours(), at("2026-11-23 03:00"))


def test_shop_closed_all_week_never_opens() -> None:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    found = opening(Hours(**dict.fromkeys(days, ())), at("2026-11-23 12:00"))
    assert (False, None) == (found.is_open, found.until_ms)


def test_clock_that_was_never_set_closes_nothing() -> None:
    never = Hours(time_zone="Europe/Helsinki", thursday=())
    assert opening(never, 3_600_000).is_open  # a Thursday in 1970
    assert SET_CLOCK_MS == opening(never, 3_600_000).until_ms


@pytest.mark.parametrize(
    ("lines", "path"),
    [
        ('time_zone = "Europe/Nowhere"', "hours.time_zone"),
        ('time_zone = "../etc"', "hours.time_zone"),
        ('monday = ["9-17"]', "hours.monday[0]"),
        ('monday = ["24:00-25:00"]', "hours.monday[0]"),
        ('friday = ["09:00-09:00"]', "hours.friday"),
        ('friday = ["09:00-13:00", "12:59-18:00"]', "hours.friday"),
        ('friday = ["22:00-03:00", "23:00-24:00"]', "hours.friday"),
        ("funday = []", "hours.funday"),
    ],
)
def test_hours_that_make_no_sense_are_reported(tmp_path: Path, lines: str, path: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(f"[hours]\n{lines}\n")
    with pytest.raises(InvalidFileError) as caught:
        load_settings(file)
    assert [path] == [mistake.path for mistake in caught.value.mistakes]
