"""A kept kiosk with its real window: frozen, crashed, told to end."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import PROGRAMS, Program, wait_until

pytestmark = [pytest.mark.gui, pytest.mark.e2e, pytest.mark.slow]


class KeptKiosk(Program):
    """`hymio-kiosk keep`, whose child draws the window."""

    def __init__(self, folder: Path) -> None:
        self.trace = folder / "trace.jsonl"
        command = [
            str(PROGRAMS / "hymio-kiosk"), "keep", "--frozen", "6", "--windowed",
            "--size", "800x480", "--data", str(folder / "data"), "--trace", str(self.trace),
        ]  # fmt: skip
        env = {"HOME": str(folder), "DISPLAY": os.environ["DISPLAY"]}
        super().__init__("kept kiosk", command, folder / "kiosk.log", env=env)

    def child(self) -> int | None:
        """The process with the window."""
        threads = Path(f"/proc/{self.pid}/task").iterdir()
        found = [pid for t in threads for pid in (t / "children").read_text().split()]
        return int(found[0]) if found else None

    def frames(self, count: int) -> int:
        """Waits until so many windows have been drawn; returns the last one's process."""

        def seek() -> int | None:
            lines = self.trace.read_text().splitlines() if self.trace.exists() else []
            drawn = [1 for line in lines if json.loads(line)["event"] == "first_frame"]
            return self.child() if len(drawn) >= count else None

        return wait_until(seek, f"window {count}", seconds=90, watched=(self,))


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptKiosk]:
    kiosk = KeptKiosk(tmp_path)
    kiosk.start()
    yield kiosk
    kiosk.kill()


@pytest.mark.timeout(300)
def test_frozen_and_crashed_screens_come_back_and_sigterm_ends_all(kept: KeptKiosk) -> None:
    first = kept.frames(1)
    os.kill(first, signal.SIGSTOP)  # as frozen as can be
    second = kept.frames(2)
    assert first != second
    assert "no sign of life" in kept.said()
    os.kill(second, signal.SIGSEGV)
    third = kept.frames(3)
    assert third not in (first, second)
    assert "Segmentation fault" in kept.said()
    asked_at = time.monotonic()
    assert 0 == kept.stop(seconds=10)
    assert time.monotonic() - asked_at <= 4
    for pid in (first, second, third):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
