"""When the shop is open: midnight, summer time, and clocks that were never set."""

import datetime as dt
import json
import os
import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import InvalidFileError
from config.loader import load_settings
from config.local_zone import local_zone
from config.opening_hours import (
    SET_CLOCK_MS,
    HoursTextError,
    Opening,
    TimeRange,
    WeeklyHours,
    hours_mistakes,
    opening,
    parse_hours,
)
from config.settings import WEEKDAYS, Hours

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


# --- one format at both ends --------------------------------------------------------------

FINNISH = ("ma", "ti", "ke", "to", "pe", "la", "su")


@st.composite
def days(draw: st.DrawFn) -> tuple[TimeRange, ...]:
    """Up to four ranges of a day, the last one perhaps over midnight."""
    times = draw(st.lists(st.integers(0, 1440), unique=True, max_size=8).map(sorted))
    ranges = [TimeRange(*pair) for pair in zip(times[::2], times[1::2], strict=False)]
    if ranges and ranges[-1].begin and draw(st.booleans()):
        begin = ranges.pop().begin
        ranges.append(TimeRange(begin, 1440 + draw(st.integers(1, begin - 1)) if begin > 1 else 2))
    return tuple(ranges)


weeks = st.lists(days(), min_size=7, max_size=7).map(lambda each: WeeklyHours(tuple(each)))

# No limit of time: it would say more about the machine than about the hours.
unhurried = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])


@unhurried
@given(weeks)
def test_hours_that_are_written_are_read_back(week: WeeklyHours) -> None:
    assert week == parse_hours(str(week))
    assert week == parse_hours(week.text(FINNISH), FINNISH)


@unhurried
@given(weeks)
def test_hours_that_a_database_keeps_come_back(week: WeeklyHours) -> None:
    assert week == WeeklyHours.load(json.loads(json.dumps(week.dump())))


@unhurried
@given(weeks, st.integers(0, 7 * 1440 - 1))
def test_settings_mean_the_same_hours(week: WeeklyHours, minute: int) -> None:
    ranges = (tuple(map(str, day)) for day in week.days)
    hours = Hours(time_zone="UTC", **dict(zip(WEEKDAYS, ranges, strict=True)))
    assert week == WeeklyHours.of(hours)
    minutes = [
        (number * 1440 + each.begin, number * 1440 + each.end)
        for number, day in enumerate(week.days)
        for each in day
    ]
    is_open = any(begin <= at < end for begin, end in minutes for at in (minute, minute + 7 * 1440))
    assert is_open == opening(hours, utc("2026-11-23 00:00") + minute * 60_000).is_open


def test_day_that_the_settings_leave_out_is_open_and_an_empty_one_closed() -> None:
    week = WeeklyHours.of(Hours(monday=()))
    assert () == week.days[0]
    assert {(TimeRange(0, 1440),)} == set(week.days[1:])
    assert parse_hours("Tue-Sun 00:00-24:00") == week


def test_24_7_is_always_open() -> None:
    assert WeeklyHours.of(Hours()) == parse_hours(" 24/7 ") == parse_hours("Mon-Sun 0:00-24:00")


def test_range_over_midnight_and_several_of_a_day_are_kept_in_order() -> None:
    assert "Fri-Sat 10:00-14:00, 18:00-02:00" == str(parse_hours("fri–sat 18.00–2.00, 10:00-14:00"))
    assert parse_hours("Mon-Fri 08:00-21:00") == parse_hours("mon - fri 8-21")
    assert parse_hours("Sun-Thu 9-17") == parse_hours("Mon-Thu 9-17; Sun 9-17")
    assert parse_hours("Fri-Mon 9-10") == parse_hours("Mon 9-10; Fri-Sun 9-10")
    assert {"mon": [["22:00", "06:00"]]} == parse_hours("Mon 22:00-6:00").dump()


def test_what_earlier_versions_stored_is_read() -> None:
    stored = {"tue": [["09:00", "12:00"], ["13:00", "24:00"]], "sun": [["00:00", "24:00"]]}
    assert "Tue 09:00-12:00, 13:00-24:00; Sun 00:00-24:00" == str(WeeklyHours.load(stored))
    assert stored == WeeklyHours.load(stored).dump()
    assert ("", {}) == (str(WeeklyHours.load({})), parse_hours("").dump())


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("always", "form"),
        ("24/8", "form"),
        ("ma 09:00-10:00", "form"),
        ("Mon-Fri 8", "form"),
        ("Mon 8-25", "time"),
        ("Mon 09:00-24:01", "time"),
        ("Mon 24:00-06:00", "time"),
        ("Mon 09:60-10:00", "time"),
        ("Mon 09:00-9:00", "empty"),
        ("Mon 09:00-12:00, 11:59-13:00", "overlap"),
        ("Mon 22:00-03:00; mon-tue 23:00-24:00", "overlap"),
    ],
)
def test_text_that_is_no_opening_hours_is_told_apart(text: str, mistake: str) -> None:
    with pytest.raises(HoursTextError) as caught:
        parse_hours(text)
    assert (mistake, text.lower().split("; ")[-1]) == (caught.value.mistake, caught.value.part)


# --- holidays ---

HOLIDAYS = Hours(
    time_zone="Europe/Helsinki",
    saturday=("22:00-03:00",),
    holidays=("12-25", "2026-12-24 09:00-13:00 15:00-16:00", "2026-12-27"),
)


@pytest.mark.parametrize(
    ("time", "is_open", "until"),
    [
        ("2026-12-23 12:00", True, "2026-12-24 00:00"),
        ("2026-12-24 00:00", False, "2026-12-24 09:00"),
        ("2026-12-24 14:00", False, "2026-12-24 15:00"),
        ("2026-12-24 15:30", True, "2026-12-24 16:00"),
        ("2026-12-25 12:00", False, "2026-12-26 22:00"),
        # What began on the evening before goes on into the holiday.
        ("2026-12-27 01:00", True, "2026-12-27 03:00"),
        ("2026-12-27 12:00", False, "2026-12-28 00:00"),
        ("2027-12-24 14:00", True, "2027-12-25 00:00"),
        ("2027-12-25 12:00", False, "2027-12-26 00:00"),
    ],
)
def test_holidays_are_otherwise_than_their_weekday(time: str, is_open: bool, until: str) -> None:
    found = opening(HOLIDAYS, at(time))
    assert (is_open, at(until)) == (found.is_open, found.until_ms)


def test_a_shop_that_is_always_open_closes_on_its_holidays() -> None:
    hours = Hours(time_zone="Europe/Helsinki", holidays=("12-25",))
    assert not opening(hours, at("2026-12-25 12:00")).is_open
    assert opening(hours, at("2026-12-26 12:00")).is_open


@pytest.mark.parametrize(
    ("holiday", "is_valid"),
    [
        ("02-29", True),
        ("2027-02-29", False),
        ("02-30", False),
        ("2026-12-24 09:00-13:00 12:00-15:00", False),
        ("12-24 09:00-09:00", False),
        ("12-24 22:00-02:00", True),
    ],
)
def test_a_day_that_does_not_exist_is_a_mistake(holiday: str, is_valid: bool) -> None:
    assert is_valid == (not list(hours_mistakes(Hours(holidays=(holiday,)))))


# --- the machine's zone ---


@pytest.mark.parametrize(
    "told",
    [
        "Europe/Helsinki",
        ":America/New_York",
        "EET-2EEST,M3.5.0/3,M10.5.0/4",
        "<+0330>-3:30",
        "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "EST5",
        "",
        "Nowhere/Town",
        "rubbish",
        "/usr/share/zoneinfo/Asia/Tokyo",
        "/nowhere",
    ],
)
def test_the_zone_of_the_machine_is_what_date_shows(told: str) -> None:
    for seconds in (1_767_268_800, 1_783_000_000):
        said = subprocess.run(
            ["date", "-d", f"@{seconds}", "+%Y-%m-%d %H:%M %z"],
            env=os.environ | {"TZ": told}, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        shown = dt.datetime.fromtimestamp(seconds, local_zone({"TZ": told}))
        assert said == shown.strftime("%Y-%m-%d %H:%M %z")


def test_without_tz_it_is_that_of_the_machines_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A copy has no name to be known by, as in a container that was given its host's clock.
    copy = tmp_path / "localtime"
    copy.write_bytes(Path("/usr/share/zoneinfo/Europe/Helsinki").read_bytes())
    monkeypatch.setattr("config.local_zone.LOCALTIME", copy)
    assert dt.timedelta(hours=3) == dt.datetime(2026, 7, 1, tzinfo=local_zone({})).utcoffset()
    copy.write_bytes(b"no zone")
    assert dt.UTC is local_zone({})


def test_opening_hours_follow_tz(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = Hours(**dict.fromkeys(WEEKDAYS, ("09:00-21:00",)))
    monkeypatch.setenv("TZ", "EET-2EEST,M3.5.0/3,M10.5.0/4")
    assert opening(hours, utc("2026-11-23 07:30")).is_open
    monkeypatch.setenv("TZ", "America/New_York")
    assert not opening(hours, utc("2026-11-23 07:30")).is_open
