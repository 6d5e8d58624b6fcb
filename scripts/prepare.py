"""Sets up this machine: system packages, .venv and compiled catalogues.

    prepare.py demo|smoke|check|package|test|deploy

Runs with nothing but Python's standard library. Safe to run again and by two at once; when
there is nothing to do it says nothing and takes a fraction of a second.
"""

# An older Python must be able to read this file, so that it can say that it is too old.
from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "hymio-set-up"
INPUTS = (ROOT / "requirements.lock", ROOT / "pyproject.toml")
UNFINISHED = "unfinished"


class SetUpError(Exception):
    """What is missing, and what to do about it."""


# --- system packages ----------------------------------------------------------------------


class Need(NamedTuple):
    """Something the system must have: how to find it, and the Debian package that brings it."""

    package: str
    why: str
    found: str
    """A program's name, or a library's soname."""

    def is_met(self) -> bool:
        """Look for the thing itself: it need not have come from a package."""
        if self.found == "initdb":
            return find_initdb() is not None
        if ".so" not in self.found:
            return shutil.which(self.found) is not None
        try:
            ctypes.CDLL(self.found)
        except OSError:
            return False
        return True


WINDOW = (
    Need("libgl1", "OpenGL, which the kiosk draws with", "libGL.so.1"),
    Need("libmtdev1", "touch panels", "libmtdev.so.1"),
    Need("libxcursor1", "the kiosk's window", "libXcursor.so.1"),
    Need("libxi6", "the kiosk's window", "libXi.so.6"),
    Need("libxrandr2", "the kiosk's window", "libXrandr.so.2"),
)
SCREEN = (Need("xvfb", "a virtual screen", "Xvfb"),)
HANDS_AND_EYES = (
    Need("xdotool", "real mouse clicks", "xdotool"),
    Need("chromium", "a browser to look at the pages with", "chromium"),
    Need("libatomic1", "what drives the browser", "libatomic.so.1"),
)
PROOFS = (
    Need("strace", "a record of all that is written, to cut the power at any instant", "strace"),
    Need("curl", "the examples of the API's page", "curl"),
    Need("sudo", "the commands that install the service, word for word", "sudo"),
    Need("cage", "the kiosk's session, as it is deployed", "cage"),
    Need("xwayland", "the kiosk's session, as it is deployed", "Xwayland"),
    Need("systemd", "a machine on which the service really runs", "systemd"),
    Need("openssl", "certificates that are wrong or expired", "openssl"),
    Need("prometheus", "promtool, which tests the rules of docs/alerts.yml", "promtool"),
)
DATABASE = (Need("postgresql", "a private database server for the tests", "initdb"),)
BARE = (Need("debootstrap", "a bare Debian, to install the packages on", "debootstrap"),)
NEEDS = {
    "demo": WINDOW,
    "smoke": WINDOW + SCREEN + HANDS_AND_EYES,
    "check": (),
    "package": (Need("dpkg", "the tool that makes a package", "dpkg-deb"),),
    "test": WINDOW + SCREEN + HANDS_AND_EYES + DATABASE + PROOFS,
    "deploy": SCREEN + HANDS_AND_EYES[:1] + BARE,
}


def find_initdb() -> Path | None:
    """PostgreSQL's initdb, which Debian keeps off the PATH; None if there is none."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path)
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max(installed, key=lambda path: float(path.parts[-3]), default=None)


def prepare_system(purpose: str) -> None:
    """Install the system packages that are missing.

    Raises SetUpError with the one line to run if this user may not.
    """
    needs = NEEDS[purpose]
    if needs and not os.environ.get("DISPLAY") and SCREEN[0] not in needs:
        needs += SCREEN
    missing = [need for need in needs if not need.is_met()]
    if not missing:
        return
    say("Missing on this system:")
    for need in missing:
        say(f"  {need.package:<12} {need.why}")
    packages = [need.package for need in missing]
    if shutil.which("apt-get") is None:
        raise SetUpError(
            "There is no apt-get here to install them with (the names are Debian's)."
            " Please install them by hand and run this again."
        )
    install_packages(administrator(packages), packages)
    absent = [need.package for need in missing if not need.is_met()]
    if absent:
        raise SetUpError(f"Installed, and yet not found: {', '.join(absent)}.")


def administrator(packages: list[str]) -> list[str]:
    """What to put before a command so that it runs with the right to install.

    Raises SetUpError if there is nothing that works without asking for a password.
    """
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and succeeds([sudo, "-n", "true"], silent=True):
        return [sudo, "-n"]
    raise SetUpError(
        "Only an administrator may install them. Please run this line, then try again:\n"
        f"  sudo apt-get install --no-install-recommends {' '.join(packages)}"
    )


def install_packages(prefix: list[str], packages: list[str]) -> None:
    """Install with apt-get, which refreshes its lists only if they do not do."""
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    apt += ["-o", "DPkg::Lock::Timeout=300", "--yes", "-qq"]
    install = [*apt, "install", "--no-install-recommends", *packages]
    if all(is_known_to_apt(package) for package in packages):
        say(f"Installing with apt-get: {' '.join(packages)} ...")
        if succeeds(install):
            return
        say("That failed; perhaps the package lists are old.")
    say("Refreshing the package lists (apt-get update) ...")
    succeeds([*apt, "update"])  # if not, the next step says what that means
    say(f"Installing with apt-get: {' '.join(packages)} ...")
    if not succeeds(install):
        raise SetUpError("apt-get could not install them; its own words are above.")


def is_known_to_apt(package: str) -> bool:
    """Tell whether the package lists of this machine have the package."""
    return succeeds(["apt-cache", "show", package], silent=True)


# --- the virtual environment --------------------------------------------------------------


def prepare_environment() -> None:
    """Fill .venv with the locked requirements and this project, unless that is done already."""
    wanted = fingerprint()
    state = STAMP.read_text() if STAMP.exists() else ""
    python = VENV / "bin" / "python"
    if state == wanted and python.exists():
        return
    # One that another checkout made, or that was left half-filled, is not worth mending. Any
    # other is brought up to date in place, so that a program running from it keeps its files.
    start_over = state == UNFINISHED or not works(python)
    say(f"{'Making' if start_over else 'Updating'} the virtual environment .venv ...")
    if start_over:
        run([sys.executable, "-m", "venv", "--clear", str(VENV)], "could not make .venv")
    STAMP.write_text(UNFINISHED)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    say("Installing the locked requirements ...")
    run([*pip, "--require-hashes", "-r", str(INPUTS[0])], "could not install the requirements")
    say("Installing Hymio itself ...")
    run(
        [*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
        "could not install Hymio",
    )
    STAMP.write_text(wanted)


def fingerprint() -> str:
    """What .venv was made from; another text means that it has to be brought up to date."""
    digest = hashlib.sha256(f"{ROOT} {sys.version_info[:2]}".encode())
    for path in INPUTS:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def works(python: Path) -> bool:
    """Tell whether a .venv is here, at home in this folder and of this Python."""
    question = "import pip, sys; print(sys.prefix, sys.version_info[:2])"
    try:
        reply = subprocess.run(
            [str(python), "-c", question], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return reply.stdout.strip() == f"{VENV} {sys.version_info[:2]}"


# --- the catalogues -----------------------------------------------------------------------


def is_stale(text: Path) -> bool:
    """Tell whether a catalogue (.po) is not compiled, or was changed since."""
    compiled = text.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime_ns < text.stat().st_mtime_ns


def prepare_catalogues() -> None:
    """Compile the catalogues that are new or changed; a program without them speaks English."""
    if any(is_stale(text) for text in ROOT.glob("*/locale/*/LC_MESSAGES/*.po")):
        say("Compiling the catalogues of texts ...")
        command = [str(VENV / "bin" / "python"), str(ROOT / "scripts" / "catalogues.py")]
        run([*command, "--compile"], "could not compile the catalogues")


# --- all of it ----------------------------------------------------------------------------


def run(command: list[str], complaint: str) -> None:
    """Run a step of the set-up, whose own complaints are seen; raises SetUpError if it fails."""
    if not succeeds(command):
        raise SetUpError(f"Set-up failed: {complaint}; the reason is above.")


def succeeds(command: list[str], *, silent: bool = False) -> bool:
    """Run a command to its end; its complaints are seen unless it is to be silent."""
    complaints = subprocess.DEVNULL if silent else None
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=complaints)
    return done.returncode == 0


def say(line: str) -> None:
    """Say what happens, in one plain line."""
    print(line, flush=True)


def main(purpose: str) -> int:
    """Prepare for one purpose, while no other run of this checkout does; 0 if all is there."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the place that says so
        found = ".".join(map(str, sys.version_info[:3]))
        print(f"This needs Python 3.11 or newer; {sys.executable} is {found}.", file=sys.stderr)
        return 1
    checkout = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(checkout, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another set-up of this checkout to finish ...")
            fcntl.flock(checkout, fcntl.LOCK_EX)
        prepare_system(purpose)
        prepare_environment()
        prepare_catalogues()
    except SetUpError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; the next run begins where it has to.", file=sys.stderr)
        return 130
    finally:
        os.close(checkout)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in NEEDS:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
