"""How the process of a kiosk ends, but for signals, which tests/gui/test_kiosk_process.py sends."""

import os
import signal
import sys
from typing import NoReturn

import pytest
from fakes import FakeClock

from kiosk.lifecycle import Lifecycle
from kiosk.options import FAILED, OK, STAFF_ENDED
from kiosk.supervisor.backoff import CRASHES, FIRST_S, STEADY_S, pause_s


class Window:
    def __init__(self) -> None:
        self.stops = 0

    def stop(self) -> None:
        self.stops += 1


@pytest.fixture(autouse=True)
def no_crash_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CRASHES, "")


@pytest.fixture
def window() -> Window:
    return Window()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def lifecycle(clock: FakeClock, window: Window) -> Lifecycle:
    lifecycle = Lifecycle(clock)
    assert lifecycle.attach_window(window.stop)
    return lifecycle


def test_a_window_that_closes_is_no_failure(lifecycle: Lifecycle) -> None:
    assert OK == lifecycle.finish()


def test_an_end_by_staff_is_told_to_whoever_started_it(
    lifecycle: Lifecycle, window: Window
) -> None:
    lifecycle.quit()
    assert (1, STAFF_ENDED) == (window.stops, lifecycle.finish())


def test_what_makes_a_kiosk_impossible_is_said_at_its_end(
    lifecycle: Lifecycle, window: Window, capsys: pytest.CaptureFixture[str]
) -> None:
    lifecycle.abort(RuntimeError("Another kiosk is running."))
    assert "" == capsys.readouterr().err
    assert (1, FAILED) == (window.stops, lifecycle.finish())
    assert "Another kiosk is running.\n" == capsys.readouterr().err


class NewProgramError(Exception):
    """In the place of the program that would run now."""


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    programs: list[list[str]] = []

    def execute(_file: str, words: list[str]) -> NoReturn:
        programs.append(words)
        raise NewProgramError

    monkeypatch.setattr(os, "execv", execute)
    monkeypatch.setattr(os, "closerange", lambda *_args: None)
    monkeypatch.setattr(sys, "argv", ["hymio-kiosk", "run", "--windowed"])
    return programs


def test_a_restart_begins_with_the_same_arguments_when_all_has_ended(
    lifecycle: Lifecycle, window: Window, executed: list[list[str]]
) -> None:
    lifecycle.restart()
    assert (1, []) == (window.stops, executed)
    with pytest.raises(NewProgramError):
        lifecycle.finish()
    assert [[sys.executable, "-m", "kiosk", "run", "--windowed"]] == executed


def test_a_kiosk_that_is_told_to_stop_while_it_restarts_does_not_begin_anew(
    lifecycle: Lifecycle, executed: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    lifecycle.restart()
    monkeypatch.setattr(signal, "sigwait", lambda _signals: signal.SIGTERM)
    monkeypatch.setattr(lifecycle._ended, "wait", lambda _seconds: True)
    lifecycle._await_signal({signal.SIGTERM})
    assert OK == lifecycle.finish()
    assert [] == executed


@pytest.mark.usefixtures("executed")
def test_crashes_in_a_row_are_counted_for_the_next_program(
    lifecycle: Lifecycle, window: Window, clock: FakeClock
) -> None:
    assert FIRST_S == lifecycle.crash_pause_s
    clock.advance(round(STEADY_S * 1000) - 1)
    lifecycle.restart_after_crash()
    assert (1, "1") == (window.stops, os.environ[CRASHES])
    with pytest.raises(NewProgramError):
        lifecycle.finish()
    second = Lifecycle(clock)
    assert pause_s(2) == second.crash_pause_s
    second.restart_after_crash()
    assert "2" == os.environ[CRASHES]


def test_a_crash_after_a_long_run_is_the_first_again(
    lifecycle: Lifecycle, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CRASHES, "5")
    clock.advance(round(STEADY_S * 1000))
    lifecycle.restart_after_crash()
    assert "1" == os.environ[CRASHES]
