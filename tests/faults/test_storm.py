"""Whatever befalls kiosks, line and head office: the set counted is the set thanked."""

import os
import sys
from pathlib import Path

import pytest
from faults.proxy import Fault
from faults.storm import Account, Storm

KILLS = int(os.environ.get("HYMIO_FAULT_KILLS", "60"))
SEED = int(os.environ.get("HYMIO_FAULT_SEED", "1"))


def blow(folder: Path, *, kills: int, seed: int, kiosks: int = 3) -> Account:
    storm = Storm(folder, kiosks=kiosks, seed=seed)
    with storm.blowing():
        while storm.killed.total() < kills:
            storm.let_pass(0.7)
            chance = storm.rng.random()
            if chance < 0.75:
                storm.kill_a_kiosk()
            elif chance < 0.95:
                storm.kill_the_head_office()
            else:
                storm.restore_an_older_copy()
        return storm.settle()


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.timeout(3000)
def test_nothing_is_lost_or_doubled_in_a_storm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account = blow(tmp_path, kills=KILLS, seed=SEED)
    with capsys.disabled():
        sys.stdout.write(f"\n{account}\n")
    assert account.lost == set()
    assert account.doubled == set()
    assert (
        len(account.unthanked)
        <= account.faults["kill -9 of a kiosk"]
        + account.faults["kill -9 of a kiosk, relay uploading"]
    )
    assert account.rolled_up == len(account.counted)
    assert len(account.thanked) > 3 * KILLS
    if KILLS >= 60:
        missed = {fault.value for fault in Fault} - {Fault.NONE.value} - account.faults.keys()
        assert missed == set(), "faults that this run never tried"
