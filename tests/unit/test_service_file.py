"""The service file for systemd: understood by it, and of one mind with the program."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk.cli import STAFF_ENDED, WRONG_USAGE

FILE = Path(__file__).parents[2] / "deploy" / "hymio-kiosk.service"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    # The programs that it starts need not be on the machine that tests it.
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", FILE.read_text(), flags=re.MULTILINE)
    copy = tmp_path / FILE.name
    copy.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(copy)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (0, "") == (done.returncode, done.stderr)


def test_it_restarts_always_but_for_an_end_on_purpose() -> None:
    text = FILE.read_text()
    assert "Restart=always" in text
    assert f"RestartPreventExitStatus={WRONG_USAGE} {STAFF_ENDED}" in text
    assert int(re.search(r"^WatchdogSec=(\d+)", text, re.MULTILINE)[1]) > 60  # type: ignore[index]
