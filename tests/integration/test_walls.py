"""The walls that tools keep: each sees a breach. What they can't say is in test_architecture.py."""

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from processes import PROGRAMS, ROOT

RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
CONTRACTS = {contract["id"]: contract["name"] for contract in RULES["importlinter"]["contracts"]}
BANNED = RULES["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
BREACHES = {
    "packages": ("config/errors.py", "import sync.wire"),
    "wire": ("headoffice/clock.py", "from sync import wire"),
    "kivy": ("kiosk/options.py", "def late():\n    from kivy.app import App"),
    "requests": ("sync/wire.py", "import requests"),
    "apscheduler": ("sync/wire.py", "import apscheduler.job"),
    "django": ("kiosk/options.py", "from django.db import models"),
    "server": ("headoffice/cli.py", "import tornado"),
    "certificates": ("headoffice/cli.py", "import cryptography.x509"),
    "circles": ("sync/outbox/schema.py", "from sync.outbox import sqlite"),
    "config": ("config/errors.py", "import config.loader"),
    "cores": ("kiosk/session/events.py", "import threading"),
    "screens": ("kiosk/ui/screens/thanks.py", "import kiosk.ui.screens.rating"),
    "ui": ("kiosk/ui/theme.py", "import kiosk.ui.app"),
    "outbox": ("sync/outbox/schema.py", "import sync.outbox.rows"),
    "kiosk": ("kiosk/errors.py", "import kiosk.writer"),
    "sync": ("sync/errors.py", "import sync.clock"),
    "results": ("headoffice/results/statistics.py", "import headoffice.results.counts"),
    "export": ("headoffice/export/selection.py", "import headoffice.export.columns"),
    "workbooks": ("headoffice/authoring/forms.py", "import openpyxl"),
    "api": ("headoffice/api/models.py", "import headoffice.api.schema"),
    "headoffice": ("headoffice/errors.py", "import headoffice.clock"),
}
"""For each contract a file, and what it may not say."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy of the product with every breach in it."""
    copy = tmp_path_factory.mktemp("breached")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in RULES["importlinter"]["root_packages"]:
        for source in (ROOT / package).rglob("*.py"):
            target = copy / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    for path, line in BREACHES.values():
        with (copy / path).open("a") as file:
            file.write(f"\n{line}\n")
    command = [PROGRAMS / "lint-imports", "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_breach_of_a_contract_is_seen(contract: str, report: str) -> None:
    assert f"{CONTRACTS[contract]} BROKEN" in report


def banned_in(path: Path, source: str) -> set[str]:
    """The banned names that ruff finds in a file's text."""
    command = [
        PROGRAMS / "ruff", "check", "--select=TID251", "--output-format=json",
        f"--stdin-filename={path}", "-",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, input=source, capture_output=True, text=True, check=False
    )
    return {found["message"].split("`")[1] for found in json.loads(done.stdout)}


@pytest.mark.parametrize("package", RULES["importlinter"]["root_packages"])
def test_reading_a_clock_or_sleeping_is_seen(package: str) -> None:
    uses = "\n".join(f"import {name.split('.')[0]}\n{name}()" for name in BANNED)

    assert set(BANNED) == banned_in(Path(package) / "made_up.py", uses)


def test_a_clock_is_seen_however_it_is_imported() -> None:
    source = "from datetime import datetime as d\nfrom time import sleep\nd.now()\nsleep(1)"

    assert {"datetime.datetime.now", "time.sleep"} == banned_in(Path("kiosk/made_up.py"), source)
