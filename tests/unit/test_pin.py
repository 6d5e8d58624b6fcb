"""The PIN of the staff: what is kept, what is refused, and how long a guesser waits."""

import base64
import hashlib
import json
import stat
import uuid
from pathlib import Path

import pytest
from fakes import FakeClock

from kiosk.errors import PinFileError, UnfitPinError
from kiosk.staff import pin as pin_file
from kiosk.staff.pin import (
    FIRST_LOCK_MS,
    FREE_TRIES,
    LONGEST_LOCK_MS,
    NAME,
    PinFile,
    PinLocked,
    PinRight,
    PinWrong,
    penalty_ms,
)

REAL_COSTS = pin_file._COSTS


@pytest.fixture(autouse=True)
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes guessing slow takes half a second a PIN: its cost is tested by itself."""
    monkeypatch.setattr(pin_file, "_COSTS", (REAL_COSTS[0], {"n": 2, "r": 8, "p": 1}))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pin(tmp_path: Path, clock: FakeClock) -> PinFile:
    chosen = PinFile(tmp_path, clock)
    chosen.choose("2580")
    return chosen


def test_there_is_no_pin_until_one_is_chosen(tmp_path: Path, clock: FakeClock) -> None:
    assert not PinFile(tmp_path, clock).is_set()
    with pytest.raises(PinFileError, match="No PIN has been chosen"):
        PinFile(tmp_path, clock).check("0000")


def test_right_pin_is_right_and_another_is_not(pin: PinFile) -> None:
    assert PinRight() == pin.check("2580")
    assert PinWrong(0) == pin.check("2581")


def test_file_holds_a_salted_hash_for_its_owner_only(pin: PinFile, tmp_path: Path) -> None:
    file = tmp_path / NAME
    first = file.read_bytes()
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert b"2580" not in first
    pin.choose("2580")
    assert first != file.read_bytes()


def test_wrong_tries_lock_for_twice_as_long_each_time(pin: PinFile, clock: FakeClock) -> None:
    assert [PinWrong(0)] * (FREE_TRIES - 1) == [pin.check("9999") for _ in range(FREE_TRIES - 1)]
    assert PinWrong(FIRST_LOCK_MS) == pin.check("9999")
    clock.advance(FIRST_LOCK_MS)
    assert PinWrong(2 * FIRST_LOCK_MS) == pin.check("9999")


def test_not_even_the_right_pin_is_looked_at_while_locked(pin: PinFile, clock: FakeClock) -> None:
    for _ in range(FREE_TRIES):
        pin.check("9999")
    clock.advance(10_000)
    assert PinLocked(FIRST_LOCK_MS - 10_000) == pin.check("2580")
    clock.advance(FIRST_LOCK_MS - 10_000)
    assert PinRight() == pin.check("2580")
    assert PinWrong(0) == pin.check("9999")


def test_lock_out_survives_a_restart_of_the_program(
    pin: PinFile, tmp_path: Path, clock: FakeClock
) -> None:
    for _ in range(FREE_TRIES):
        pin.check("9999")
    clock.advance(1_000)
    assert FIRST_LOCK_MS - 1_000 == PinFile(tmp_path, clock).locked_ms()


def test_lock_out_begins_anew_after_another_boot_whatever_the_wall_clock_says(
    pin: PinFile, tmp_path: Path, clock: FakeClock
) -> None:
    for _ in range(FREE_TRIES):
        pin.check("9999")
    clock.advance(29_000)
    clock.boot, clock.mono, clock.wall_ms = str(uuid.uuid4()), 100, clock.wall_ms + 10**9
    again = PinFile(tmp_path, clock)
    assert FIRST_LOCK_MS == again.locked_ms()
    clock.advance(20_000)
    assert PinLocked(10_000) == again.check("2580")
    clock.advance(10_000)
    assert PinRight() == again.check("2580")


def test_pulling_the_plug_takes_no_try_back(
    pin: PinFile, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_fails(*_args: object, **_options: object) -> bytes:
        raise KeyboardInterrupt

    # The instant between writing the try down and judging it can be had in no other way.
    monkeypatch.setattr("kiosk.staff.pin._hash", power_fails)
    for _ in range(FREE_TRIES):
        with pytest.raises(KeyboardInterrupt):
            pin.check("9999")
    assert FIRST_LOCK_MS == PinFile(tmp_path, clock).locked_ms()


def test_lock_out_grows_up_to_an_hour_and_no_further() -> None:
    assert [0, 0, 30_000, 60_000, 120_000] == [penalty_ms(tries) for tries in range(1, 6)]
    assert LONGEST_LOCK_MS == penalty_ms(11) == penalty_ms(10**9)


@pytest.mark.parametrize("text", ["", "123", "12a4", "1" * 13, "²³⁴⁵", "1111", "2345", "9876"])
def test_unfit_pin_is_refused_and_the_old_one_stays(pin: PinFile, text: str) -> None:
    with pytest.raises(UnfitPinError):
        pin.choose(text)
    assert PinRight() == pin.check("2580")


def test_damaged_file_lets_nobody_choose_a_pin(pin: PinFile, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"{")
    with pytest.raises(PinFileError, match="hymio-kiosk set-pin"):
        pin.is_set()
    with pytest.raises(PinFileError):
        pin.check("2580")


def test_folder_that_can_not_be_written_gives_no_free_tries(tmp_path: Path, pin: PinFile) -> None:
    # A folder in the way of the new file: root may write anything but that.
    (tmp_path / f"{NAME}.new").mkdir()
    with pytest.raises(PinFileError, match="can't be written"):
        pin.check("2580")


def test_a_pin_of_before_goes_on_and_is_kept_anew_when_it_was_right(
    tmp_path: Path, clock: FakeClock
) -> None:
    # As versions before this one wrote it: scrypt with n = 2^14, r = 8, p = 1.
    salt = b"0123456789abcdef"
    weak = hashlib.scrypt(b"2580", salt=salt, n=2**14, r=8, p=1)
    texts = [base64.b64encode(part).decode() for part in (salt, weak)]
    (tmp_path / NAME).write_text(f'{{"salt":"{texts[0]}","hash":"{texts[1]}","tries":0}}')
    pin = PinFile(tmp_path, clock)
    assert PinWrong(0) == pin.check("2581")
    assert texts[1] in (tmp_path / NAME).read_text()
    assert PinRight() == pin.check("2580")
    assert texts[1] not in (tmp_path / NAME).read_text()
    assert PinRight() == PinFile(tmp_path, clock).check("2580")
    assert PinWrong(0) == pin.check("2581")


def test_a_hash_costs_what_it_is_meant_to(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pin_file, "_COSTS", REAL_COSTS)
    PinFile(tmp_path, clock).choose("2580")
    kept = json.loads((tmp_path / NAME).read_bytes())
    salt, expected = (base64.b64decode(kept[name]) for name in ("salt", "hash"))
    assert expected == hashlib.scrypt(
        b"2580", salt=salt, n=2**15, r=8, p=3, maxmem=2**27, dklen=len(expected)
    )


@pytest.mark.parametrize("cost", [-1, 2, 10**9, '"x"'])
def test_a_cost_that_is_not_known_lets_nobody_in(
    pin: PinFile, tmp_path: Path, cost: object
) -> None:
    text = (tmp_path / NAME).read_text()
    (tmp_path / NAME).write_text(text.replace('"cost":1', f'"cost":{cost}'))
    with pytest.raises(PinFileError):
        pin.check("2580")
