"""Makes the Debian packages hymio-kiosk and hymio-headoffice, for Debian 12 and 13.

    scripts/package [--into DIR] [--only NAME] [amd64] [arm64]

Without an architecture: this machine's. Each package has an environment of its own in /opt, with
what requirements.lock says, every file of it checked by its hash, for the Python of either
Debian; nothing is fetched when it is installed. The same commit makes the same packages.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from debian_package import DebianPackage, debian_version  # noqa: E402 - found by the line above
from locked_requirements import locked_part  # noqa: E402 - likewise

DEPLOY = ROOT / "deploy"
PYTHONS = ("3.11", "3.13")
"""Those of Debian 12 and 13."""
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
"""Debian's architectures, and what wheels call them."""
NEWEST_GLIBC = 36
"""That of Debian 12 is 2.36: a wheel that needs a later one would not run there."""
_BY_HAND = "/opt/hymio/bin/"
"""Where the units of deploy/ expect the programs."""

_START = """\
#!/{home}/bin/python3 -P
import sys

from {module} import main

sys.exit(main())
"""


@dataclass(frozen=True)
class End:
    """One of the two ends of Hymio, as a package."""

    extra: str
    """Of pyproject.toml: what it needs."""
    module: str
    about: str
    depends: tuple[str, ...]
    units: tuple[str, ...]
    """Files of deploy/ that systemd reads."""
    programs: tuple[str, ...] = ()
    """Files of deploy/ that stand beside the program."""
    wrapper: str = ""
    """The file of deploy/ that people call; empty: the program itself."""

    @property
    def name(self) -> str:
        """The package's."""
        return f"hymio-{self.extra}"


KIOSK = End(
    extra="kiosk",
    module="kiosk.cli",
    about="""Hymio's feedback kiosk: one question, three faces
 A touchscreen beside the checkout asks one question; a shopper answers with one
 tap. Answers are kept until the head office has them. Next: sudo hymio-kiosk setup""",
    depends=(
        "cage",
        "xwayland",
        "libpam-systemd",
        "dbus | dbus-broker",
        "udev",
        "libgl1",
        "libmtdev1 | libmtdev1t64",
        "libxcursor1",
        "libxi6",
        "libxrandr2",
        "libasound2 | libasound2t64",
    ),
    units=("hymio-kiosk.service",),
)
HEAD_OFFICE = End(
    extra="headoffice",
    module="headoffice.cli",
    about="""Hymio's head office: takes the answers of all kiosks and shows them
 Live and historical results of every shop, with their margins of error; the
 kiosks' health, questionnaires, exports and a read API.""",
    depends=(),
    units=(
        "hymio-headoffice.service",
        "hymio-headoffice-backup.service",
        "hymio-headoffice-backup.timer",
        "hymio-headoffice-backup-failed.service",
    ),
    programs=("hymio-headoffice-backup",),
    wrapper="hymio-headoffice",
)
ENDS = {end.name: end for end in (KIOSK, HEAD_OFFICE)}
_COMMON = ("ca-certificates", "tzdata", "systemd", "util-linux", "mount")


def python_dependency() -> str:
    """What dpkg is told of Python: one of PYTHONS, and none between."""
    lowest, highest = PYTHONS[0], int(PYTHONS[-1][2:]) + 1
    between = [f"3.{minor}" for minor in range(int(lowest[2:]), highest)]
    absent = [each for each in between if each not in PYTHONS]
    bounds = [f"python3 (>= {lowest}~)", f"python3 (<< 3.{highest}~)"]
    for each in absent:
        after = f"3.{int(each[2:]) + 1}"
        bounds.append(f"python3 (<< {each}~) | python3 (>= {after}~)")
    return ", ".join(bounds)


@dataclass(frozen=True)
class Wheel:
    """Hymio itself, as it is installed into every package."""

    folder: Path
    version: str


def build_wheel(folder: Path, epoch: int) -> Wheel:
    """Puts this checkout's wheel into a folder.

    Its version is what it says itself: the checkout may have changed meanwhile.
    """
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch)}
    subprocess.run([*pip, "--wheel-dir", folder, ROOT], check=True, env=environment)
    (file,) = folder.glob("hymio-*.whl")
    with zipfile.ZipFile(file) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        told = message_from_bytes(wheel.read(name))
    return Wheel(folder, told["Version"])


def install_libraries(site: Path, end: End, python: str, machine: str, wheel: Wheel) -> None:
    """Fills a ``site-packages`` for a Python and a machine that need not be this one's."""
    glibc = [f"manylinux_2_{minor}_{machine}" for minor in range(NEWEST_GLIBC, 4, -1)]
    names = [*glibc, f"manylinux2014_{machine}"]
    digits = python.replace(".", "")
    target = ["--target", str(site), "--python-version", python, "--implementation", "cp"]
    target += [word for name in names for word in ("--platform", name)]
    target += [word for abi in (f"cp{digits}", "abi3", "none") for word in ("--abi", abi)]
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--quiet",
        "--no-compile",
        "--no-deps",
    ]
    pip += ["--only-binary=:all:", "--no-warn-conflicts", "--disable-pip-version-check", *target]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write(locked_part(end.extra))
        requirements.flush()
        subprocess.run([*pip, "--require-hashes", "--requirement", requirements.name], check=True)
    # By its name, since pip writes down the path of a file that it is given.
    ours = ["--no-index", "--find-links", str(wheel.folder), f"hymio=={wheel.version}"]
    subprocess.run([*pip, *ours], check=True)
    # Programs of others, with this machine's path in them, and examples.
    for folder in ("bin", "share"):
        shutil.rmtree(site / folder, ignore_errors=True)


def lay_out(tree: Path, end: End, machine: str, wheel: Wheel) -> None:
    """Puts everything at its place below a tree."""
    home = f"opt/{end.name}"
    environment = tree / home
    for python in PYTHONS:
        site = environment / "lib" / f"python{python}" / "site-packages"
        site.mkdir(parents=True)
        install_libraries(site, end, python, machine, wheel)
    # What makes it an environment of its own: whichever of these Pythons Debian has, it takes its
    # folder below lib/, and nothing else that is installed for Python on the machine.
    (environment / "pyvenv.cfg").write_text(
        "home = /usr/bin\ninclude-system-site-packages = false\n"
    )
    programs = environment / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to("/usr/bin/python3")
    start = programs / end.name
    start.write_text(_START.format(home=home, module=end.module))
    start.chmod(0o755)
    for name in end.programs:
        copy_file(DEPLOY / name, programs / name, home)
    for name in end.units:
        copy_file(DEPLOY / name, tree / "usr/lib/systemd/system" / name, home)
    called = tree / "usr/bin" / end.name
    if end.wrapper:
        copy_file(DEPLOY / end.wrapper, called, home)
    else:
        called.parent.mkdir(parents=True)
        called.symlink_to(f"/{home}/bin/{end.name}")
    papers = tree / "usr/share/doc" / end.name
    papers.mkdir(parents=True)
    shutil.copyfile(ROOT / "LICENSE", papers / "copyright")
    shutil.copyfile(ROOT / "CHANGELOG.md", papers / "CHANGELOG.md")


def copy_file(source: Path, target: Path, home: str) -> None:
    """Copies a file of deploy/, with the package's own folder for that of an install by hand."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(without_papers(source.read_text()).replace(_BY_HAND, f"/{home}/bin/"))
    target.chmod(source.stat().st_mode)


def without_papers(text: str) -> str:
    """A unit without its first lines, which tell how to install it by hand."""
    head, unit, rest = text.partition("\n[Unit]\n")
    return text if not unit else f"{head.splitlines()[0]}\n{unit}{rest}"


def package_of(end: End, architecture: str, version: str) -> DebianPackage:
    """The package of an end, before it has files."""
    depends = [python_dependency(), *_COMMON, *end.depends]
    return DebianPackage(
        name=end.name,
        version=debian_version(version),
        architecture=architecture,
        fields={
            "Maintainer": "Hymio contributors <hymio@localhost>",
            "Depends": ", ".join(depends),
            "Recommends": "systemd-timesyncd | time-daemon",
            "Description": end.about,
        },
        source=DEPLOY / "packages" / end.extra,
    )


def source_epoch() -> int:
    """The Unix time of the commit, or SOURCE_DATE_EPOCH."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    git = ["git", "-c", "safe.directory=*", "-C", ROOT, "log", "-1", "--format=%ct"]
    said = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    return int(said) if said else int((ROOT / "pyproject.toml").stat().st_mtime)


def this_architecture() -> str:
    """What dpkg calls this machine."""
    ask = ["dpkg", "--print-architecture"]
    return subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()


def main(arguments: list[str]) -> int:
    """Make the packages; 0 if all are there."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--into", type=Path, default=ROOT / "dist", metavar="DIR")
    parser.add_argument("--only", choices=ENDS, metavar="NAME", help=" or ".join(ENDS))
    parser.add_argument("architectures", nargs="*", metavar="amd64|arm64")
    options = parser.parse_args(arguments)
    architectures = options.architectures or [this_architecture()]
    if unknown := set(architectures) - MACHINES.keys():
        parser.error(f"no such architecture: {', '.join(sorted(unknown))}")
    options.into.mkdir(parents=True, exist_ok=True)
    epoch = source_epoch()
    ends = [ENDS[options.only]] if options.only else list(ENDS.values())
    with tempfile.TemporaryDirectory(prefix="hymio-package-") as folder:
        wheel = build_wheel(Path(folder) / "wheels", epoch)
        for architecture in architectures:
            for end in ends:
                tree = Path(folder) / f"{end.name}-{architecture}"
                lay_out(tree, end, MACHINES[architecture], wheel)
                package = package_of(end, architecture, wheel.version)
                made = package.build(tree, options.into, epoch)
                shutil.rmtree(tree)
                print(f"{made} ({made.stat().st_size / 1e6:.0f} MB)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
