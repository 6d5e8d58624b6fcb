"""What the kiosk costs: start to first frame, memory, and processor when nobody is there.

    .venv/bin/python bench/start.py [--starts 5] [--idle 10]

Claim: little more than the smallest Kivy app with three buttons, which is measured in turn with
it, at the same frame rate and size, and at most 5 wake-ups a second of all its threads at rest.
Software OpenGL on a virtual screen.
"""

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

from figures import (
    ROOT,
    cpu_seconds,
    percentile,
    pss_mb,
    wakeups,
)  # first: it makes the next findable
from journey import Kiosk
from processes import Program, VirtualScreen, wait_until

FPS = 30
SETTINGS = f"[screen]\nmax_fps = {FPS}\n"


class Peer(Program):
    """The minimal app as a process."""

    def __init__(self, folder: Path, display: str) -> None:
        command = [sys.executable, str(ROOT / "bench" / "minimal_app.py"), str(FPS)]
        env = {"DISPLAY": display, "HOME": str(folder), "SDL_AUDIODRIVER": "dummy"}
        super().__init__("The minimal app", command, folder / "peer.log", env=env)

    def first_frame_ns(self) -> int:
        """When it was first drawn."""
        return self.told_ns("first frame", 1)

    def told_ns(self, what: str, count: int) -> int:
        """When it drew something for the so manieth time."""

        def seek() -> int | None:
            times = re.findall(rf"{what} at (\d+)\n", self.said())
            return int(times[count - 1]) if len(times) >= count else None

        return wait_until(seek, what, seconds=30, watched=(self,))


def start_kiosk(folder: Path, display: str) -> tuple[Program, float]:
    """A running kiosk and the seconds from its start to its first frame."""
    kiosk = Kiosk(folder, display, settings=SETTINGS)
    begun = time.monotonic_ns()
    kiosk.start()
    return kiosk, (kiosk.trace.wait("first_frame")["mono_ns"] - begun) / 1e9


def start_peer(folder: Path, display: str) -> tuple[Program, float]:
    """The same of the minimal app."""
    peer = Peer(folder, display)
    begun = time.monotonic_ns()
    peer.start()
    return peer, (peer.first_frame_ns() - begun) / 1e9


def main() -> None:
    """Start both in turn, watch each when it is idle, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--idle", type=float, default=10, help="seconds to watch")
    options = parser.parse_args()
    starters = {"kiosk": start_kiosk, "minimal Kivy app": start_peer}
    seconds: dict[str, list[float]] = {name: [] for name in starters}
    memory, idle, woken = {}, {}, {}
    with tempfile.TemporaryDirectory(prefix="hymio-bench-") as name:
        folder = Path(name)
        with VirtualScreen(folder / "screen.log").start() as screen:
            for turn in range(options.starts + 1):
                for who, start in starters.items():
                    program, took = start(folder, screen.display)
                    # The first turn fills caches; it is watched at rest instead of timed.
                    if turn:
                        seconds[who].append(took)
                    else:
                        time.sleep(3)
                        before, slept = cpu_seconds(program.pid), wakeups(program.pid)
                        time.sleep(options.idle)
                        woken[who] = (wakeups(program.pid) - slept) / options.idle
                        idle[who] = (cpu_seconds(program.pid) - before) / options.idle * 100
                        memory[who] = pss_mb(program.pid)
                    program.stop()
    print(f"{'':18} first frame s (median)   PSS MB   idle % of a core   wake-ups a second")
    for who, took in seconds.items():
        figures = f"{percentile(took, 0.5):22.2f} {memory[who]:8.0f} {idle[who]:18.1f}"
        print(f"{who:18} {figures} {woken[who]:19.1f}")


if __name__ == "__main__":
    main()
