"""Two files at a time; who reads slowly makes room, and only for somebody who waits."""

from contextlib import suppress

import pytest

from headoffice import clock
from headoffice.export.slots import (
    AT_ONCE,
    KEPT_S,
    SLOW,
    UNDISTURBED_S,
    BusyError,
    OutrunError,
    Slot,
    Slots,
)

ANN, BEN, CID = 1, 2, 3


class Now:
    """The clock that tests turn."""

    def __init__(self) -> None:
        self.s = 1000.0

    def pass_(self, seconds: float) -> None:
        self.s += seconds


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Now:
    made = Now()
    monkeypatch.setattr(clock, "mono", lambda: made.s)
    return made


def taken(slots: Slots, person: int = ANN) -> list[Slot]:
    return [slots.take(person) for _ in range(AT_ONCE)]


def sent_away(slots: Slots, person: int) -> bool:
    try:
        slots.free(slots.take(person))
    except BusyError:
        return True
    return False


def has_to_end(slot: Slot) -> bool:
    try:
        slot.note(0)
    except OutrunError:
        return True
    return False


def test_the_slower_of_two_ends_when_somebody_else_waits_and_the_place_is_kept(now: Now) -> None:
    slots = Slots()
    slower, slow = taken(slots)
    now.pass_(UNDISTURBED_S + 1)
    slow.note(20_000)
    assert (False, False) == (has_to_end(slower), has_to_end(slow)), "nobody waits"
    assert sent_away(slots, BEN)
    assert (True, False) == (has_to_end(slower), has_to_end(slow))
    assert sent_away(slots, CID), "one who waits ends one file, and so does another"
    assert not has_to_end(slow)
    slots.free(slower)
    assert sent_away(slots, ANN), "kept for the one who waits"
    assert not sent_away(slots, BEN)


def test_who_reads_quickly_or_has_just_begun_is_left_alone(now: Now) -> None:
    slots = Slots()
    slot, other = taken(slots)
    now.pass_(UNDISTURBED_S - 1)
    assert sent_away(slots, BEN)
    now.pass_(2)
    for each in (slot, other):
        each.note(int(SLOW * (UNDISTURBED_S + 1)))
    assert sent_away(slots, BEN)
    assert (False, False) == (has_to_end(slot), has_to_end(other))


def test_a_place_is_not_kept_for_ever(now: Now) -> None:
    slots = Slots()
    slow, _other = taken(slots)
    now.pass_(UNDISTURBED_S + 1)
    assert sent_away(slots, BEN)
    slots.free(slow)
    now.pass_(KEPT_S + 1)
    assert not sent_away(slots, CID)


def test_whoever_waits_gets_in_beside_somebody_who_asks_without_a_pause(now: Now) -> None:
    slots = Slots()
    held = taken(slots)
    for _half_second in range(200):
        now.pass_(0.5)
        for slot in [slot for slot in held if has_to_end(slot)]:
            held.remove(slot)
            slots.free(slot)
        with suppress(BusyError):
            held.append(slots.take(ANN))
        if not sent_away(slots, BEN):
            return
    raise AssertionError("who waits never gets in")
