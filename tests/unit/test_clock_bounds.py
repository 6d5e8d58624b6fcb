"""Clocks that never heard from the head office, and what their neighbours tell of them."""

import datetime as dt
import zoneinfo
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.clock_bounds import Boot, wide_sightings
from sync.messages import CERTAIN_WITHIN_MS, Moment, Sighting

HOUR = 3_600_000
NOON = 1_750_000_000_000


def moment(boot: str, mono_ms: int, wall_ms: int = 0) -> Moment:
    return Moment(wall_ms, boot, mono_ms)


def test_a_boot_between_two_known_ones_lies_between_them() -> None:
    boots = [Boot("a", 0, 2 * HOUR), Boot("b", 1000, HOUR), Boot("c", 500, 900)]
    known = {
        "a": Sighting("a", HOUR, NOON, 10),
        "c": Sighting("c", 900, NOON + 9 * HOUR, 10),
    }
    (wide,) = wide_sightings(boots, known, ["b"])
    first, last = wide.estimate(moment("b", 1000)), wide.estimate(moment("b", HOUR))
    # After the last message of the boot before, an hour after it saw noon.
    assert NOON + HOUR - 10 == first.earliest_ms
    # Before the first message of the boot after it; rounded to a whole error.
    assert abs(last.latest_ms - (NOON + 9 * HOUR - 400 + 10)) <= 1
    assert not first.certain


def test_the_kiosks_own_word_counts_where_it_is_possible_and_is_bounded_where_not() -> None:
    wide = Sighting("b", 0, NOON, 2 * HOUR)
    told = [wide.estimate(moment("b", 0, wall)).ms for wall in (NOON + HOUR, 0, 2 * NOON)]
    assert [NOON + HOUR, NOON - 2 * HOUR, NOON + 2 * HOUR] == told


def test_a_first_boot_is_only_known_to_be_before_the_next() -> None:
    boots = [Boot("a", 0, HOUR), Boot("b", 0, 0)]
    (wide,) = wide_sightings(boots, {"b": Sighting("b", 0, NOON, 0)}, ["a"])
    estimate = wide.estimate(moment("a", HOUR))
    assert abs(NOON - estimate.latest_ms) <= 1
    assert estimate.earliest_ms <= HOUR + 1


def test_as_long_as_the_present_time_is_unknown_nothing_is_said() -> None:
    boots = [Boot("a", 0, HOUR), Boot("b", 0, 0)]
    assert () == wide_sightings(boots, {"a": Sighting("a", 0, NOON, 0)}, ["b"])
    assert () == wide_sightings(boots, {}, ["a", "b"])


def test_two_reboots_in_a_minute_leave_nothing_uncertain() -> None:
    boots = [Boot("a", 0, HOUR), Boot("b", 0, 10_000), Boot("c", 0, 0)]
    known = {"a": Sighting("a", HOUR, NOON, 5), "c": Sighting("c", 0, NOON + 60_000, 5)}
    (wide,) = wide_sightings(boots, known, ["b"])
    assert wide.certain
    assert wide.error_ms <= CERTAIN_WITHIN_MS


def test_a_sighting_over_a_very_slow_line_is_no_certainty() -> None:
    slow = Sighting("a", 0, NOON, CERTAIN_WITHIN_MS + 1)
    assert (False, NOON - CERTAIN_WITHIN_MS - 1) == (slow.certain, slow.estimate(moment("a", 0)).ms)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Boot], dict[str, Sighting], dict[str, int]]:
    """Boots as they really were, what of them was seen, and when each really began."""
    true_ms, boots, seen, began = NOON, list[Boot](), dict[str, Sighting](), dict[str, int]()
    count = draw(st.integers(2, 7))
    for number in range(count):
        true_ms += draw(st.integers(0, 50 * HOUR))
        first = draw(st.integers(0, HOUR))
        last = first + draw(st.integers(0, 30 * HOUR))
        name = f"boot {number}"
        boots.append(Boot(name, first, last))
        began[name] = true_ms
        if number == count - 1 or draw(st.booleans()):
            at = draw(st.integers(first, last))
            error = draw(st.integers(0, 500))
            skew = draw(st.integers(-error, error))
            seen[name] = Sighting(name, at, true_ms + at + skew, error)
        true_ms += last
    return boots, seen, began


@given(histories())
def test_the_truth_is_always_within_the_bounds(
    history: tuple[list[Boot], dict[str, Sighting], dict[str, int]],
) -> None:
    boots, seen, began = history
    unknown = [boot for boot in boots if boot.id not in seen]
    wide = {each.boot: each for each in wide_sightings(boots, seen, [b.id for b in unknown])}
    assert {boot.id for boot in unknown} == set(wide)
    for boot in unknown:
        for mono in (boot.first_ms, boot.last_ms):
            truth = began[boot.id] + mono
            estimate = wide[boot.id].estimate(moment(boot.id, mono, truth))
            assert estimate.earliest_ms - 1 <= truth <= estimate.latest_ms + 1


# --- zones and both changes of the clock ----------------------------------------------------------


@pytest.mark.parametrize("zone", ["Europe/Helsinki", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("month", [3, 4, 10, 11])
def test_the_change_of_the_clock_makes_no_jump(zone: str, month: int) -> None:
    """Unix time has none; a kiosk whose wall clock is set by hand to local time has one."""
    place = zoneinfo.ZoneInfo(zone)
    start = dt.datetime(2026, month, 1, tzinfo=place)
    seen = Sighting("a", 0, int(start.timestamp() * 1000), 10)
    hours = [HOUR * n for n in range(31 * 24)]
    told = [
        seen.estimate(
            # The wall clock shows local time as if it were UTC, so it jumps with the zone.
            moment("a", mono, int((start.timestamp() + local_offset(place, start, mono)) * 1000))
        ).ms
        for mono in hours
    ]
    assert {HOUR} == {later - earlier for earlier, later in pairwise(told)}
    assert seen.head_ms == told[0]


def local_offset(place: zoneinfo.ZoneInfo, start: dt.datetime, mono: int) -> float:
    then = dt.datetime.fromtimestamp(start.timestamp() + mono / 1000, place)
    offset = then.utcoffset()
    assert offset is not None
    return offset.total_seconds()
