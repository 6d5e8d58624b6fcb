"""Whatever befalls kiosks, line and head office: the set counted is the set thanked."""

import os
import sys
import tempfile
from pathlib import Path

import pytest
from faults.account import Account
from faults.databases import DurableServer
from faults.proxy import Fault
from faults.shop import DEAD_ENDS, JUMPS
from faults.storm import WRONG_CLOCKS, Storm
from prepare import find_initdb

KILLS = int(os.environ.get("HYMIO_FAULT_KILLS", "12"))
KILLS_ON_POSTGRES = int(os.environ.get("HYMIO_FAULT_KILLS_POSTGRES", "8"))
SHORT = 45
"""Kills below which a storm is short: with fewer taps, and perhaps not every fault of the line."""
SEED = int(os.environ.get("HYMIO_FAULT_SEED", "1"))


def blow(storm: Storm, kills: int) -> Account:
    rare = (
        storm.set_the_head_offices_clock_wrong,
        storm.clone_a_card,
        storm.restore_the_head_office,
        storm.restore_a_card,
        storm.fill_a_kiosks_disk,
        storm.fill_the_head_offices_disk,
        storm.make_a_kiosks_disk_read_only,
        storm.make_the_head_offices_disk_read_only,
    )
    # One after another and, in a short storm, closer together: each is tried in any case.
    share = min(0.5, max(0.2, len(rare) / kills))
    with storm.blowing():
        turn = 0
        while storm.kills < kills or turn < len(rare):
            storm.let_pass(0.6)
            if storm.rng.random() < share:
                rare[turn % len(rare)]()
                turn += 1
            elif storm.rng.random() < 0.8:
                storm.kill_a_kiosk()
            else:
                storm.kill_the_database()
        return storm.settle()


def pause_s(kills: int) -> float:
    return 0.1 if kills < SHORT else 0.02


def tell(account: Account, capsys: pytest.CaptureFixture[str], title: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n== A storm over {title}\n{account}\n")


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.timeout(7200)
def test_nothing_is_lost_or_doubled_in_a_storm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account = blow(Storm(tmp_path, kiosks=3, seed=SEED, pause_s=pause_s(KILLS)), KILLS)
    tell(account, capsys, "kiosks and a head office on SQLite")
    account.check()
    assert len(account.thanked) > 3 * KILLS
    if KILLS >= SHORT:
        wanted = {fault.value for fault in Fault} - {Fault.NONE.value}
        wanted |= {*DEAD_ENDS.values(), *JUMPS} if KILLS >= 200 else set()
        wanted |= {f"the head office's clock {k}" for k in WRONG_CLOCKS} if KILLS >= 200 else set()
        missed = wanted - account.faults.keys()
        assert missed == set(), "faults that this run never tried"


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.postgres
@pytest.mark.timeout(7200)
def test_nothing_is_lost_or_doubled_in_a_storm_over_postgresql(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    initdb = find_initdb()
    if initdb is None:
        pytest.fail("PostgreSQL is not installed; scripts/test installs it")
    # Not in pytest's own folder, which PostgreSQL's user may not enter.
    with tempfile.TemporaryDirectory(prefix="hymio-storm-") as folder:
        Path(folder).chmod(0o755)
        with DurableServer(initdb, Path(folder) / "server") as server:
            server.start()
            pause = pause_s(KILLS_ON_POSTGRES)
            storm = Storm(tmp_path, kiosks=3, seed=SEED + 1, pause_s=pause, postgres=server)
            account = blow(storm, KILLS_ON_POSTGRES)
    tell(account, capsys, "kiosks and a head office on PostgreSQL")
    account.check()
    assert len(account.thanked) > 3 * KILLS_ON_POSTGRES
