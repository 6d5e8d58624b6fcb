"""How long a shopper waits: from a real click to the commit and to the thanks on the screen.

    .venv/bin/python bench/tap.py [--taps 200]

Claim: a tap is committed in about one frame and one fsync. The limit is measured between the
clicks on the same disk: append 200 bytes, fdatasync.
"""

import argparse
import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from figures import percentile  # first: it makes the next ones findable
from journey import HAPPY, Finger, Kiosk
from processes import VirtualScreen

SETTINGS = "[timing]\nthanks = 0.2\ninvitation = 0.3\n[misuse]\nenabled = false\n"


def append_and_sync(file: int) -> float:
    """Milliseconds that the smallest durable write takes."""
    begun = time.monotonic_ns()
    os.write(file, b"x" * 200)
    os.fdatasync(file)
    return (time.monotonic_ns() - begun) / 1e6


def main() -> None:
    """Tap, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--taps", type=int, default=200)
    taps = parser.parse_args().taps
    committed, thanked, limit = [], [], []
    with tempfile.TemporaryDirectory(prefix="hymio-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        file = os.open(folder / "limit", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        stack.callback(os.close, file)
        screen = stack.enter_context(VirtualScreen(folder / "screen.log").start())
        kiosk = stack.enter_context(Kiosk(folder, screen.display, settings=SETTINGS).start())
        finger = stack.enter_context(Finger(kiosk))
        finger.answer(HAPPY)  # the first one warms up and is not counted
        for _ in range(taps):
            answered = finger.answer(HAPPY)
            committed.append((answered.committed_ns - answered.clicked_ns) / 1e6)
            thanked.append((answered.thanked_ns - answered.clicked_ns) / 1e6)
            limit.append(append_and_sync(file))
    print(f"{taps} taps                          p50 ms   p99 ms")
    for title, values in (
        ("click -> committed", committed),
        ("click -> thanks on the screen", thanked),
        ("limit: append 200 B + fdatasync", limit),
    ):
        print(f"{title:32} {percentile(values, 0.5):8.2f} {percentile(values, 0.99):8.2f}")


if __name__ == "__main__":
    main()
