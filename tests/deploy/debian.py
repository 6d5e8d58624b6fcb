"""A bare Debian of a test's own, and the packages that are installed on it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from machine import Machine
from processes import ROOT, StepError

SUITES = tuple(os.environ.get("HYMIO_DEBIANS", "").split())
"""Which ones are tried, as ``bookworm trixie``; none in the everyday run, which has no minutes to
spare for them."""
BASES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hymio-debian"
"""Where a bare one is kept for the next time."""
APT = "DEBIAN_FRONTEND=noninteractive apt-get -qq --yes --no-install-recommends"


def base(suite: str) -> Path:
    """The folder of a bare one: what debootstrap calls minimal, systemd, and nothing for a test."""
    folder = BASES / suite
    if not folder.exists():
        draft = BASES / f"{suite}.new"
        shutil.rmtree(draft, ignore_errors=True)
        BASES.mkdir(parents=True, exist_ok=True)
        bootstrap = ["debootstrap", "--variant=minbase", "--include=systemd-sysv,dbus,udev"]
        done = subprocess.run(
            [*bootstrap, suite, draft], capture_output=True, text=True, check=False, timeout=900
        )
        if done.returncode:
            raise StepError(f"debootstrap made no {suite}:\n{done.stdout[-3000:]}{done.stderr}")
        draft.rename(folder)
    return folder


@contextmanager
def bare_debian(suite: str) -> Iterator[Machine]:
    """A machine with systemd running, on which nothing else is installed."""
    with Machine(lower=str(base(suite))) as machine:
        shutil.copyfile("/etc/resolv.conf", machine.path("/etc/resolv.conf"))
        machine.run(f"{APT} update")
        yield machine


def build_packages(into: Path, checkout: Path = ROOT) -> Path:
    """Both packages of a checkout, made by its own program; the folder that they are in."""
    program = checkout / "scripts" / "build_packages.py"
    subprocess.run([sys.executable, program, "--into", into], check=True, timeout=900)
    return into


def build_earlier_packages(into: Path, clone: Path) -> Path:
    """The same of the commit before, which has another version."""
    git = ["git", "-c", "safe.directory=*"]
    subprocess.run([*git, "clone", "--quiet", ROOT, clone], check=True)
    subprocess.run([*git, "-C", clone, "checkout", "--quiet", "HEAD~1"], check=True)
    return build_packages(into, clone)
