"""The files for systemd: understood by it, and of one mind with the programs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from headoffice import cli as headoffice_cli
from kiosk.options import STAFF_ENDED, WRONG_USAGE

DEPLOY = Path(__file__).parents[2] / "deploy"
FILE = DEPLOY / "hymio-kiosk.service"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    copies = [tmp_path / file.name for file in sorted(DEPLOY.iterdir()) if "." in file.name]
    assert 5 == len(copies)
    for copy in copies:
        # The programs that they start need not be on the machine that tests them.
        text = re.sub(
            r"^ExecStart=\S+",
            "ExecStart=/bin/true",
            (DEPLOY / copy.name).read_text(),
            flags=re.MULTILINE,
        )
        copy.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, copies)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (0, "") == (done.returncode, done.stderr)


def test_the_head_office_is_started_with_options_that_it_knows() -> None:
    text = (DEPLOY / "hymio-headoffice.service").read_text()
    (start,) = re.findall(r"^ExecStart=\S+ (.*)", text, re.MULTILINE)
    (more,) = re.findall(r"^#\s+HYMIO_SERVE=(.*)", text, re.MULTILINE)
    options = headoffice_cli.parser().parse_args(
        [*start.removesuffix(" $HYMIO_SERVE").split(), *more.split()]
    )
    assert ("0.0.0.0", 8443) == (options.host, options.port)  # noqa: S104 - compared, not bound
    assert "Restart=always" in text
    assert "RestartPreventExitStatus=2" in text


def test_it_restarts_always_but_for_an_end_on_purpose() -> None:
    text = FILE.read_text()
    assert "Restart=always" in text
    assert f"RestartPreventExitStatus={WRONG_USAGE} {STAFF_ENDED}" in text
    assert int(re.search(r"^WatchdogSec=(\d+)", text, re.MULTILINE)[1]) > 60  # type: ignore[index]


def test_no_key_of_the_panel_leads_to_a_console() -> None:
    (start,) = re.findall(r"^ExecStart=.*/cage (.*)\"", FILE.read_text(), re.MULTILINE)
    options = start.removesuffix("--").split()
    # cage's -s lets Ctrl+Alt+F1 switch to where a log-in waits.
    assert ["-d"] == options
