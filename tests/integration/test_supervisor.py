"""The supervisor with real processes: crashes, freezes, and ends on purpose."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from processes import Program, wait_until

from kiosk.supervisor.backoff import (
    LONGEST_S,
    STEADY_S,
    crashes_in_a_row,
    parse_crash_count,
    pause_s,
)
from kiosk.supervisor.sd_notify import Notifier

SUPERVISOR = """
import sys
from kiosk.supervisor import supervisor
supervisor.pause_s = lambda crashes: 0.2 * (crashes + 1)
sys.exit(supervisor.Supervisor(sys.argv[2:], float(sys.argv[1])).run())
"""
NOTES = """
import os, sys, time
from kiosk.supervisor.sd_notify import Notifier
life = len(open(sys.argv[1]).readlines()) if os.path.exists(sys.argv[1]) else 0
print(f'{os.getpid()} {time.monotonic()}', file=open(sys.argv[1], 'a'))
manager = Notifier(os.environ)
"""
ALIVE = "manager.ready()\nwhile True:\n    manager.alive(); time.sleep(0.05)\n"
Keep = Callable[..., Program]


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Keep]:
    started: list[Program] = []

    def start(child: str, *, frozen: float = 20, **environment: str) -> Program:
        command = [
            sys.executable,
            "-c",
            SUPERVISOR,
            str(frozen),
            sys.executable,
            "-c",
            NOTES + child,
        ]
        program = Program("supervisor", [*command, str(tmp_path / "lives")], tmp_path / "log", env=environment)  # fmt: skip  # noqa: E501
        started.append(program.start())
        return program

    yield start
    for program in started:
        program.kill()


def lives(folder: Path, count: int, *watched: Program) -> list[tuple[int, float]]:
    def seek() -> list[tuple[int, float]] | None:
        file = folder / "lives"
        lines = file.read_text().splitlines() if file.exists() else []
        found = [(int(line.split()[0]), float(line.split()[1])) for line in lines if " " in line]
        return found if len(found) >= count else None

    return wait_until(seek, f"{count} lives", seconds=60, watched=watched)


def test_child_that_falls_is_started_again_ever_more_slowly(keep: Keep, tmp_path: Path) -> None:
    program = keep("os.abort()")
    began = [at for _pid, at in lives(tmp_path, 4, program)]
    first, second, third = (b - a for a, b in pairwise(began))
    assert first >= 0.2
    assert second >= 0.4
    assert third >= 0.6


def test_frozen_child_is_ended_and_started_again(keep: Keep, tmp_path: Path) -> None:
    program = keep(f"if life == 0:\n    manager.ready(); time.sleep(600)\n{ALIVE}", frozen=2)
    (frozen, _), (fresh, _) = lives(tmp_path, 2, program)[:2]
    assert frozen != fresh
    with pytest.raises(ProcessLookupError):
        os.kill(frozen, 0)
    assert "no sign of life" in program.said()


def test_child_that_is_alive_is_left_alone(keep: Keep, tmp_path: Path) -> None:
    program = keep(ALIVE, frozen=2)
    ((pid, _),) = lives(tmp_path, 1, program)
    time.sleep(3)  # longer than a frozen one would have lived: nothing to wait for
    assert 1 == len(lives(tmp_path, 1, program))
    os.kill(pid, 0)


@pytest.mark.parametrize("code", [0, 3, 2])
def test_end_on_purpose_is_the_supervisors_end_too(keep: Keep, tmp_path: Path, code: int) -> None:
    program = keep(f"sys.exit({code})")
    assert program.process is not None
    assert code == program.process.wait(30)
    assert 1 == len(lives(tmp_path, 1))


def test_sigterm_ends_both_within_two_seconds(keep: Keep, tmp_path: Path) -> None:
    program = keep(ALIVE)
    ((pid, _),) = lives(tmp_path, 1, program)
    assert 0 == program.stop(seconds=5)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_signs_of_life_are_handed_on_to_the_service_manager(keep: Keep, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "systemd"))
        manager.settimeout(30)
        program = keep(ALIVE, NOTIFY_SOCKET=str(tmp_path / "systemd"))
        heard = {manager.recv(100) for _ in range(200)}
        assert b"WATCHDOG=1" in heard
        program.process and program.process.send_signal(signal.SIGTERM)
        while (last := manager.recv(100)) != b"STOPPING=1\nEXIT_STATUS=0":
            assert last in (b"WATCHDOG=1", b"READY=1")


# --- what it is told, and how long it waits ---


def test_notifier_speaks_to_a_named_and_to_an_abstract_socket(tmp_path: Path) -> None:
    for address, name in (
        (str(tmp_path / "socket"), str(tmp_path / "socket")),
        (f"\0hymio-test-{os.getpid()}", f"@hymio-test-{os.getpid()}"),
    ):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(address)
            manager.settimeout(10)
            notifier = Notifier({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "30000000"})
            notifier.ready()
            notifier.alive()
            notifier.stopping(3)
            said = [manager.recv(100) for _ in range(3)]
            assert [b"READY=1", b"WATCHDOG=1", b"STOPPING=1\nEXIT_STATUS=3"] == said
            assert 15.0 == notifier.feed_every_s


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"WATCHDOG_USEC": "1000000"},
        {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "soon"},
        {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "0"},
        {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"},
    ],
)
def test_nobody_is_fed_who_does_not_wait_for_it(environment: dict[str, str]) -> None:
    notifier = Notifier(environment)
    assert notifier.feed_every_s is None
    notifier.alive()  # and nothing happens where nobody listens


def test_pauses_grow_up_to_a_minute_and_a_steady_run_begins_anew() -> None:
    assert [0, 3, 6, 12, 24, 48, 60] == [pause_s(crashes) for crashes in range(7)]
    assert LONGEST_S == pause_s(10**6)
    assert 4 == crashes_in_a_row(4, STEADY_S - 1)
    assert 0 == crashes_in_a_row(4, STEADY_S)
    assert [0, 0, 7] == [parse_crash_count(text) for text in ("", "-1", "7")]
