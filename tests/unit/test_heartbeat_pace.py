"""When a heartbeat is due."""

import pytest

from sync.heartbeat_pace import Due, HeartbeatPace

ASKED_S = 240


def pace(every_s: float = 60.0, asked_s: int | None = ASKED_S) -> HeartbeatPace:
    """One that has told a heartbeat at 0, and was asked for that pace; never early."""
    found = HeartbeatPace(every_s, lambda: 0.0)
    found.arrived(0, "open", asked_s)
    return found


def test_the_first_is_due_at_once() -> None:
    assert "heartbeat" == HeartbeatPace(60.0, lambda: 0.0).due(0, 0, "open")


@pytest.mark.parametrize(
    ("now_s", "heard_s", "due"),
    [
        (239, 0, "nothing"),
        (240, 0, "sign of life"),
        (400, 200, "nothing"),
        (440, 200, "sign of life"),
        (899, 898, "nothing"),
        (900, 899, "heartbeat"),
    ],
)
def test_whatever_was_heard_is_a_sign_of_life(now_s: int, heard_s: int, due: Due) -> None:
    assert due == pace().due(now_s * 1000, heard_s * 1000, "open")


def test_kiosks_do_not_come_in_step() -> None:
    early = HeartbeatPace(60.0, lambda: 1.0)
    early.arrived(0, "open", ASKED_S)
    assert "sign of life" == early.due(206_000, 0, "open")


def test_a_change_is_told_at_once_but_not_without_end() -> None:
    assert "nothing" == pace().due(2_000, 2_000, "closed")
    assert "heartbeat" == pace().due(3_000, 3_000, "closed")


def test_the_head_office_may_ask_for_one() -> None:
    assert "heartbeat" == pace().due(5_000, 5_000, "open", called=True)


def test_quiet_hours_are_quieter() -> None:
    assert "nothing" == pace(asked_s=2700).due(2_699_000, 0, "open")
    assert "heartbeat" == pace(asked_s=2700).due(2_700_000, 0, "open")


@pytest.mark.parametrize(("every_s", "asked_s"), [(60.0, None), (1.0, None), (1.0, ASKED_S)])
def test_an_older_head_office_and_an_impatient_kiosk_have_even_times(
    every_s: float, asked_s: int | None
) -> None:
    found = pace(every_s, asked_s)
    assert not found.is_asked_for
    just = int(every_s * 1000)
    assert "nothing" == found.due(just - 1, just - 1, "open")
    assert "heartbeat" == found.due(just, just, "open")


def test_one_that_failed_is_tried_again_soon_and_then_less_often() -> None:
    found = pace()
    waits = []
    now_ms = 240_000
    for _ in range(4):
        found.failed(now_ms)
        begun_ms = now_ms
        while "nothing" == found.due(now_ms, 0, "open"):
            now_ms += 1_000
        waits.append((now_ms - begun_ms) // 1000)
    assert [20, 40, 60, 60] == waits


def test_a_failure_is_no_reason_to_wait_longer_than_set() -> None:
    found = pace(every_s=1.0)
    found.failed(0)
    assert "heartbeat" == found.due(1_000, 0, "open")
