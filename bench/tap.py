"""How long a shopper waits: from a real click to the press feedback, the commit and the thanks.

    .venv/bin/python bench/tap.py [--taps 200] [--backlog 100000]

Claims: a press is seen within two frames, also while a relay drains a backlog to a real head
office on this machine; the thanks are seen within 50 ms of the disk's own time. Measured in turn
with it: the same press on the smallest Kivy app with three buttons, and the least that the disk
takes, append 200 bytes, fdatasync.
"""

import argparse
import os
import tempfile
import time
import uuid
from contextlib import ExitStack
from pathlib import Path

from figures import percentile  # first: it makes the next ones findable
from journey import HAPPY, Finger, HeadOffice, Kiosk
from processes import VirtualScreen, wait_until
from start import Peer

from config.loader import load_questionnaire
from config.questionnaire import canonical, digest
from sync.clock import SystemClock
from sync.messages import AnswerBody
from sync.outbox.sqlite import SqliteOutbox

FPS = 30
SETTINGS = f"""
[screen]
max_fps = {FPS}
[timing]
thanks = 0.2
invitation = 0.3
[misuse]
enabled = false
"""


def append_and_sync(file: int) -> float:
    """Milliseconds that the smallest durable write takes."""
    begun = time.monotonic_ns()
    os.write(file, b"x" * 200)
    os.fdatasync(file)
    return (time.monotonic_ns() - begun) / 1e6


def fill(folder: Path, messages: int) -> None:
    """Answers that nobody has sent yet."""
    definition = canonical(load_questionnaire("checkout"))
    clock = SystemClock()
    outbox = SqliteOutbox.open(folder)
    outbox.remember_questionnaire(digest(definition), definition)
    for start in range(0, messages, 1000):
        bodies = tuple(
            AnswerBody(
                response=str(uuid.uuid4()),
                questionnaire=digest(definition),
                language="en",
                question="rating",
                value=number % 3,
                took_ms=900,
            )
            for number in range(start, min(start + 1000, messages))
        )
        outbox.append(bodies, clock.moment())
    outbox.close()


class PeerFinger:
    """Presses a button of the minimal app, which stands on a screen of its own."""

    def __init__(self, folder: Path, display: str) -> None:
        self.app = Peer(folder, display)
        self.pressed = 0

    def start(self) -> None:
        """Starts the app and points at its first button."""
        self.app.start().told_ns("first frame", 1)
        self.finger = Finger(self.app)
        self.finger.point_at("a", {"a": [100, 100, 100, 100]})

    def tap(self) -> float:
        """Milliseconds until the press was seen."""
        self.pressed += 1
        clicked = self.finger.press()
        seen = self.app.told_ns("pressed", self.pressed)
        self.finger.release()
        return (seen - clicked) / 1e6

    def stop(self) -> None:
        """Ends both."""
        self.finger.lift()
        self.app.stop()


class Times:
    """Milliseconds from each click on."""

    def __init__(self) -> None:
        self.pressed: list[float] = []
        self.committed: list[float] = []
        self.after_commit: list[float] = []
        self.thanked: list[float] = []
        self.peer: list[float] = []
        self.limit: list[float] = []

    def tap(self, kiosk: Kiosk, finger: Finger) -> None:
        """One press, held until it was seen, and what follows from it."""
        trace = kiosk.trace
        wait_until(
            lambda: trace.all("shown")[-1]["screen"] == "rating",
            "the question to be on the screen",
            seconds=30,
            watched=(kiosk,),
        )
        mark = trace.mark()
        finger.point_at(HAPPY)
        clicked = finger.press()
        seen = trace.wait("pressed", since=mark)["mono_ns"]
        self.pressed.append((seen - clicked) / 1e6)
        released = time.monotonic_ns()
        finger.release()
        stored = trace.wait("stored", since=mark)["mono_ns"]
        thanks = trace.wait("shown", since=mark, screen="thanks")["mono_ns"]
        self.committed.append((stored - released) / 1e6)
        self.after_commit.append((thanks - stored) / 1e6)
        self.thanked.append((thanks - released) / 1e6)

    def tell(self, title: str) -> None:
        """The figures as a table."""
        print(f"{title:38} p50 ms   p99 ms")
        for name, values in (
            (f"press -> seen ({1000 / FPS:.0f} ms a frame)", self.pressed),
            ("release -> committed", self.committed),
            ("commit -> thanks on the screen", self.after_commit),
            ("release -> thanks on the screen", self.thanked),
            ("peer: press -> seen, minimal Kivy app", self.peer),
            ("limit: append 200 B + fdatasync", self.limit),
        ):
            if values:
                print(f"  {name:36} {percentile(values, 0.5):6.1f} {percentile(values, 0.99):8.1f}")


def alone(folder: Path, display: str, peer: PeerFinger, taps: int) -> None:
    """A kiosk that has nothing else to do."""
    times = Times()
    file = os.open(folder / "limit", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    kiosk = Kiosk(folder / "alone", display, settings=SETTINGS)
    with kiosk.start(), Finger(kiosk) as finger:
        finger.answer(HAPPY)  # the first one warms up and is not counted
        for _ in range(taps):
            times.tap(kiosk, finger)
            times.limit.append(append_and_sync(file))
            times.peer.append(peer.tap())
    os.close(file)
    times.tell(f"{taps} taps")


def draining(folder: Path, display: str, peer: PeerFinger, taps: int, backlog: int) -> None:
    """A kiosk whose relay sends what piled up."""
    times = Times()
    kiosk = Kiosk(folder / "draining", display, settings=SETTINGS)
    fill(kiosk.data, backlog)
    with HeadOffice(folder).start() as office:
        kiosk.enrol(office.enrolment_code("Till 1"), office.url)
        with kiosk.start(), Finger(kiosk) as finger:
            while len(times.pressed) < taps and kiosk.status()["waiting"] > 0:
                for _ in range(5):
                    times.tap(kiosk, finger)
                    times.peer.append(peer.tap())
            waiting = kiosk.status()["waiting"]
    times.tell(f"{len(times.pressed)} taps while {backlog - waiting} answers leave")


def main() -> None:
    """Tap, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--taps", type=int, default=200)
    parser.add_argument("--backlog", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hymio-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        screen = stack.enter_context(VirtualScreen(folder / "screen.log").start())
        other = stack.enter_context(VirtualScreen(folder / "other.log").start())
        peer = PeerFinger(folder, other.display)
        peer.start()
        stack.callback(peer.stop)
        alone(folder, screen.display, peer, options.taps)
        if options.backlog:
            draining(folder, screen.display, peer, options.taps, options.backlog)


if __name__ == "__main__":
    main()
