"""The power goes at every instant of a kiosk's work, and every thanked answer is still there."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from crash.disk import Disk, Event, Said, Write, read_trace, strace
from crash.workload import BOOT
from processes import quick_root

from sync.messages import AnswerBody, Body, Moment
from sync.outbox.sqlite import SqliteOutbox

WORKLOAD = Path(__file__).with_name("workload.py")
EARLIER = sorted((Path(__file__).parents[1] / "recorded" / "outbox").glob("*.sql"))
QUICK_TAPS, QUICK_VARIANTS = 60, 1
TAPS = int(os.environ.get("HYMIO_CRASH_TAPS", "100"))
VARIANTS = int(os.environ.get("HYMIO_CRASH_VARIANTS", "3"))


@dataclass
class Promises:
    """What the kiosk had promised when the power went."""

    thanked: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Response → installation and seq under which it was thanked."""
    highest: dict[str, int] = field(default_factory=dict)
    """Installation → highest thanked seq."""
    delivered: set[str] = field(default_factory=set)
    removable: set[str] = field(default_factory=set)
    """Delivered before retention last ran: these may be gone."""

    def heard(self, text: str) -> None:
        for line in text.splitlines():
            match line.split():
                case ["thanked", installation, seq, response]:
                    self.thanked[response] = (installation, int(seq))
                    self.highest[installation] = max(self.highest.get(installation, 0), int(seq))
                case ["settling", *responses]:
                    self.delivered.update(responses)
                case ["waiting", *responses]:
                    self.delivered.difference_update(responses)
                    self.removable.difference_update(responses)
                case ["removing"]:
                    self.removable = set(self.delivered)


def record(
    folder: Path, trace: Path, taps: int, seed: int, script: Path | None = None
) -> list[Event]:
    if shutil.which("strace") is None:
        pytest.fail("strace is not installed, and without it nothing can be recorded; scripts/test "
                    "installs it")  # fmt: skip
    command = [sys.executable, str(WORKLOAD), str(folder), str(taps), str(seed)]
    command += [] if script is None else [str(script)]
    subprocess.run([*strace(trace), *command], check=True, stdout=subprocess.DEVNULL)
    return read_trace(trace, folder)


def lay_out(state: dict[str, bytes], recorded: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for path, content in state.items():
        (folder / Path(path).relative_to(recorded)).write_bytes(content)


def responses_in(folder: Path) -> set[str]:
    """Every response in the outbox's file and in quarantine, read past the outbox's own code."""
    with sqlite3.connect(folder / "outbox.sqlite3") as db:
        bodies = db.execute("SELECT body FROM message UNION ALL SELECT body FROM quarantine")
        found = {msgspec.json.decode(body, type=Body).response for (body,) in bodies}
    db.close()
    return found


def check(folder: Path, promises: Promises) -> None:
    with SqliteOutbox.open(folder) as outbox:
        assert outbox.salvage_report is None, "a power cut is no reason to find the file damaged"
        here = outbox.position()
        moment = Moment(wall_ms=0, boot=BOOT, mono_ms=10**9)
        (after,) = outbox.append([_another()], moment)
        now = outbox.position().installation
    assert after.seq == here.last_seq + 1
    assert after.seq > promises.highest.get(now, 0), "a thanked number was given out again"
    lost = promises.thanked.keys() - responses_in(folder) - promises.removable
    assert not lost, f"{len(lost)} thanked answers are gone: {[promises.thanked[r] for r in lost]}"


def _another() -> AnswerBody:
    return AnswerBody(
        response="00000000-0000-7000-8000-000000000000",
        questionnaire="ab" * 32,
        language="fi",
        question="rating",
        value=1,
        took_ms=1,
    )


def cut_everywhere(
    events: list[Event], recorded: Path, folder: Path, *, variants: int, seed: int
) -> int:
    """Builds and opens every state; returns how many there were."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    disk, promises = Disk(), Promises()
    seen: set[tuple[int, int]] = set()
    for event in events:
        disk.follow(event)
        if isinstance(event, Said):
            promises.heard(event.text)
        for state in disk.states(rng, variants):
            key = (hash(frozenset(state.items())), len(promises.thanked))
            if key in seen:
                continue
            seen.add(key)
            lay_out(state, recorded, folder)
            check(folder, promises)
    return len(seen)


def tell(capsys: pytest.CaptureFixture[str], states: int) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{states} states of the disk after a power cut explored\n")


def run(tmp_path: Path, *, taps: int, variants: int, seed: int, script: Path | None = None) -> int:
    recorded = tmp_path / "kiosk"
    recorded.mkdir()
    events = record(recorded, tmp_path / "trace", taps, seed, script)
    assert sum(isinstance(e, Write) for e in events) > taps
    # The model of the disk says what survived; that the state itself is opened from memory, where
    # nothing waits for a disk, changes nothing.
    with tempfile.TemporaryDirectory(prefix="hymio-cut-", dir=quick_root()) as folder:
        return cut_everywhere(events, recorded, Path(folder) / "cut", variants=variants, seed=seed)


def test_a_power_cut_at_any_instant_loses_nothing_that_was_thanked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    states = run(tmp_path, taps=QUICK_TAPS, variants=QUICK_VARIANTS, seed=1)
    tell(capsys, states)


@pytest.mark.parametrize("script", EARLIER, ids=lambda script: script.stem)
def test_a_power_cut_while_an_earlier_version_is_brought_up_to_date_loses_nothing(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(capsys, run(tmp_path, taps=5, variants=4, seed=3, script=script))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_thousands_of_power_cuts_lose_nothing_that_was_thanked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    states = run(tmp_path, taps=TAPS, variants=VARIANTS, seed=2)
    assert states > 10 * TAPS
    tell(capsys, states)
