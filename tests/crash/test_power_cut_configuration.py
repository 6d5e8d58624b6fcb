"""The power goes at every write of a change of configuration: the last good one holds."""

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from crash.disk import Disk, Said, read_trace, strace
from crash.test_power_cut import Promises, check, tell
from processes import quick_root

from config.settings import Settings
from kiosk.configuration.start import begin_trial, find_start

WORKLOAD = Path(__file__).with_name("configuring.py")
VARIANTS = int(os.environ.get("HYMIO_CRASH_VARIANTS", "2"))


def lay_out(state: dict[str, bytes], recorded: Path, folder: Path) -> None:
    for path, content in state.items():
        file = folder / Path(path).relative_to(recorded)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_bytes(content)


def in_force(folder: Path) -> str:
    """What the next start uses, which finds nothing damaged."""
    # Another run of the machine: the power was away.
    tries = begin_trial(folder, "another boot", 1)
    start = find_start(folder, Settings(), tries=tries)
    told = start.refusal
    assert told is None or "cut or altered" not in told.reasons[0], "a power cut is no damage"
    volume = start.effect.settings.sound.volume
    assert (volume == Settings().sound.volume) == (not start.in_force)
    return start.in_force or "-"


@pytest.mark.slow
def test_a_power_cut_at_any_write_of_a_change_costs_neither_configuration_nor_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded, trace = tmp_path / "kiosk", tmp_path / "trace"
    recorded.mkdir()
    path = os.pathsep.join([str(WORKLOAD.parents[1]), *sys.path])
    command = [*strace(trace), sys.executable, str(WORKLOAD), str(recorded)]
    env = os.environ | {"PYTHONPATH": path}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=env)
    rng = random.Random(7)  # noqa: S311 - repeatable, not secret
    disk, promises = Disk(), Promises()
    allowed: list[str] = ["-"]
    seen: set[tuple[int, int, tuple[str, ...]]] = set()
    found: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="hymio-cut-", dir=quick_root()) as quick:
        for event in read_trace(trace, recorded):
            disk.follow(event)
            if isinstance(event, Said):
                promises.heard(event.text)
                for line in event.text.splitlines():
                    if line.startswith("may "):
                        allowed = line.split()[1:]
            for state in disk.states(rng, VARIANTS):
                key = (hash(frozenset(state.items())), len(promises.thanked), tuple(allowed))
                if key in seen:
                    continue
                seen.add(key)
                folder = Path(quick) / str(len(seen))
                folder.mkdir(mode=0o700)
                lay_out(state, recorded, folder)
                now = in_force(folder)
                assert now in allowed, f"{now[:12]} is in force, and not {allowed}"
                found.add(now)
                check(folder, promises)
    tell(capsys, len(seen))
    assert 3 == len(found)
