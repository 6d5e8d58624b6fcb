"""The whole kiosk on a disk whose commits take two seconds, and on one that refuses to write.

strace holds up or turns down the system call with which SQLite commits; all else is real.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journey import HAPPY, SAD, Finger, Kiosk
from processes import PROGRAMS, wait_until
from slowness import limit_s

from sync.messages import AnswerBody
from sync.outbox.sqlite import SqliteOutbox

pytestmark = [pytest.mark.gui, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(240)]
Begin = Callable[[str], Kiosk]
SLOW = "delay_enter=2000000:when=12+"
"""Two seconds, from the twelfth on: the kiosk is open by then."""
REFUSING = "error=EIO:when=12..13"
SETTINGS = "[way]\nfollow_up = false\ninvite = false\n[timing]\nthanks = 0.5\n"


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Starts a kiosk whose commits go as the argument says, in strace's words."""
    started: list[Kiosk] = []

    def one(commits: str) -> Kiosk:
        programs = tmp_path / "programs"
        programs.mkdir()
        program = programs / "hymio-kiosk"
        # -D leaves the kiosk the process that was started; the filter costs other calls nothing.
        strace = "strace -D -f --seccomp-bpf -qq -o /dev/null -e trace=fdatasync"
        strace = f"{strace} -e inject=fdatasync:{commits}"
        program.write_text(f'#!/bin/sh\nexec {strace} {PROGRAMS / "hymio-kiosk"} "$@"\n')
        program.chmod(0o755)
        display = os.environ["DISPLAY"]
        kiosk = Kiosk(tmp_path, display, settings=SETTINGS, size="800x480", programs=programs)
        SqliteOutbox.open(kiosk.data).close()  # making it takes many commits
        started.append(kiosk.start())
        return kiosk

    yield one
    for kiosk in started:
        kiosk.kill()


def values(kiosk: Kiosk) -> list[object]:
    with SqliteOutbox.look(kiosk.data) as outbox:
        bodies = [message.body for message in outbox.next_batch(1000, 1_000_000)]
    return [body.value for body in bodies if isinstance(body, AnswerBody)]


def tap_until_it_is_slow(kiosk: Kiosk, finger: Finger) -> int:
    """Returns how many taps that took."""
    for count in range(1, 15):
        answered = finger.answer(HAPPY)
        if answered.committed_ns - answered.clicked_ns > 1_900_000_000:
            kiosk.trace.wait("shown", since=kiosk.trace.mark(), screen="rating", seconds=40)
            return count
    raise AssertionError("the disk was never slow")


def test_slow_commit_freezes_nothing_thanks_late_and_counts_once(begin: Begin) -> None:
    kiosk = begin(SLOW)
    trace = kiosk.trace
    with Finger(kiosk) as finger:
        before = tap_until_it_is_slow(kiosk, finger)
        rating = trace.all("shown", screen="rating")[-1]["targets"]
        mark = trace.mark()
        finger.point_at(HAPPY, rating)
        finger.tap()
        trace.wait("shown", since=mark, screen="storing", seconds=40)
        again = trace.mark()
        for face in (SAD, HAPPY):  # an impatient finger
            finger.point_at(face, rating)
            finger.tap()
        felt = trace.wait("pressed", since=again, seconds=40)
        stored = trace.wait("stored", since=mark, seconds=40)
        thanks = trace.wait("shown", since=mark, screen="thanks", seconds=40)
        # Felt while the disk was busy, thanked when it was done.
        assert felt["mono_ns"] < stored["mono_ns"] < thanks["mono_ns"]
    assert [2] * before + [2] == values(kiosk)


def test_sigterm_in_a_slow_commit_ends_in_time_and_keeps_what_was_thanked(begin: Begin) -> None:
    kiosk = begin(SLOW)
    with Finger(kiosk) as finger:
        before = tap_until_it_is_slow(kiosk, finger)
        mark = kiosk.trace.mark()
        finger.point_at(SAD, kiosk.trace.all("shown", screen="rating")[-1]["targets"])
        finger.tap()
        kiosk.trace.wait("shown", since=mark, screen="storing", seconds=40)
        asked_at = time.monotonic()
        kiosk.stop()
        assert time.monotonic() - asked_at <= limit_s(2)
    # The last one was not thanked: it is there or not.
    assert values(kiosk) in ([2] * before, [2] * before + [0])


def test_disk_that_refuses_closes_for_a_moment_and_opens_by_itself(begin: Begin) -> None:
    kiosk = begin(REFUSING)
    trace = kiosk.trace
    with Finger(kiosk) as finger:
        rating = trace.all("shown", screen="rating")[-1]["targets"]
        taps = 0
        while not trace.all("shown", screen="out_of_order"):
            wait_until(
                lambda: trace.all("shown")[-1]["screen"] == "rating",
                "the faces", seconds=40, watched=(kiosk,),
            )  # fmt: skip
            mark = trace.mark()
            finger.point_at(HAPPY, rating)
            finger.tap()
            taps += 1
            wait_until(
                lambda mark=mark: trace.all("shown", since=mark, screen="thanks")
                or trace.all("shown", since=mark, screen="out_of_order")
                or None,
                "an answer to the tap", seconds=40, watched=(kiosk,),
            )  # fmt: skip
        closed_at = trace.events.index(trace.all("shown", screen="out_of_order")[0])
        trace.wait("shown", since=closed_at, screen="rating", seconds=60)
        finger.answer(SAD)
        assert [] == trace.all("shown", since=closed_at, screen="thanks")[1:]
    assert 0 == kiosk.stop()
    # What could not be stored at first was stored in the end, once.
    assert [2] * taps + [0] == values(kiosk)
