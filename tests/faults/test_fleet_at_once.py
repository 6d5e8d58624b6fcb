"""Two hundred kiosks fetch a change, take it and deliver at once, and come back from an outage."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench" / "fleet.py"


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_two_hundred_kiosks_change_and_deliver_on_the_default_database(tmp_path: Path) -> None:
    """On SQLite; the program ends with 1 if a request failed or an answer is lost or double."""
    env = {name: value for name, value in os.environ.items() if name != "HYMIO_DATABASE_URL"}
    told = subprocess.run(
        [sys.executable, str(BENCH), "--kiosks", "200", "--beat", "4", "--seconds", "12",
         "--outage", "2"],
        capture_output=True, text=True, env=env, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert 0 == told.returncode, told.stdout + told.stderr
    assert "0 kiosks differ" in told.stdout
