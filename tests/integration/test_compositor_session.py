"""What stands between systemd and a compositor, with a shell script for the compositor."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import PROGRAMS, clean_environment, wait_until

from kiosk.supervisor.compositor import PLACE, CompositorSession

SESSION = """
import sys
from kiosk.supervisor.compositor import CompositorSession
sys.exit(CompositorSession(sys.argv[1:4], sys.argv[4:]).run())
"""
SAY = (
    "import os, sys, time; from kiosk.supervisor.sd_notify import Notifier; "
    "manager = Notifier(os.environ); "
)


def session(tmp_path: Path, script: str, kiosk: str) -> "subprocess.Popen[str]":
    """A compositor that runs its words by a shell script, and a kiosk that says this."""
    words = ["sh", "-c", script, sys.executable, "-c", SAY + kiosk]
    with (tmp_path / "said").open("w") as said:
        return subprocess.Popen(
            [sys.executable, "-c", SESSION, *words],
            env=clean_environment() | {"NOTIFY_SOCKET": str(tmp_path / "systemd")},
            stderr=said,
            text=True,
        )


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "systemd"))
        manager.settimeout(30)
        yield manager


@pytest.mark.parametrize("code", [0, 2, 3])
def test_the_kiosks_exit_code_is_kept_though_the_compositor_swallows_it(
    tmp_path: Path, manager: socket.socket, code: int
) -> None:
    kiosk = f"manager.ready(); manager.stopping({code}); sys.exit({code})"
    process = session(tmp_path, '"$0" "$@"; exit 0', kiosk)
    assert code == process.wait(30)
    said = [manager.recv(100), manager.recv(100)]
    assert [b"READY=1", f"STOPPING=1\nEXIT_STATUS={code}".encode()] == said


def test_a_compositor_that_ends_alone_is_a_failure_with_words(tmp_path: Path) -> None:
    assert 1 == session(tmp_path, "exit 0", "").wait(30)
    assert "without the kiosk: is there a display?" in (tmp_path / "said").read_text()


def test_nothing_outlives_it(tmp_path: Path, manager: socket.socket) -> None:
    """Neither what the compositor started nor what left its group."""
    marks = tmp_path / "marks"
    kiosk = (
        f"open({str(marks)!r}, 'w').write(str(os.getpid())); "
        "os.setsid(); manager.ready(); time.sleep(1000)"
    )
    process = session(tmp_path, '"$0" "$@" & trap "" TERM; wait; exit 0', kiosk)
    assert b"READY=1" == manager.recv(100)
    pid = int(wait_until(marks.read_text, "the kiosk's number", seconds=30))
    process.terminate()
    assert 0 == process.wait(30)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_compositor_that_is_missing_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(PROGRAMS / "hymio-kiosk"), "session", "--compositor", "/no/such/compositor"],
        env=clean_environment() | {"HOME": str(tmp_path)},
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert (1, True) == (done.returncode, "/no/such/compositor" in done.stderr)


def test_a_kiosk_stands_where_the_compositors_words_say() -> None:
    words = ["xinit", PLACE, "--", ":0"]
    assert ["xinit", "kiosk", "keep", "--", ":0"] == CompositorSession(
        words, ["kiosk", "keep"]
    ).command
    assert ["cage", "--", "kiosk"] == CompositorSession(["cage", "--"], ["kiosk"]).command
