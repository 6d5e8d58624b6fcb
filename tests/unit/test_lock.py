"""What is installed is what was tested: everything by version and hash, also as README says."""

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PINNED = re.compile(
    r"^([A-Za-z0-9._-]+)==(\S+).*\\\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)", re.MULTILINE
)
TOLD = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(path for path in (ROOT / "deploy").rglob("*") if path.is_file()),
]


def locked() -> dict[str, set[str]]:
    """Versions by name: one, or one for each of several Pythons."""
    found: dict[str, set[str]] = {}
    for name, version, _hashes in PINNED.findall((ROOT / "requirements.lock").read_text()):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def needed() -> Iterator[Requirement]:
    """What the project asks for, and what that asks for in turn, on this machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    waiting = [Requirement(line) for line in sum(extras, project["dependencies"])]
    seen: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        yield wanted
        for line in metadata.requires(wanted.name) or ():
            more = Requirement(line)
            asked = [{"extra": extra} for extra in ("", *wanted.extras)]
            if more.marker and not any(more.marker.evaluate(extra) for extra in asked):
                continue
            if str(more) not in seen:
                seen.add(str(more))
                waiting.append(more)


def test_every_line_of_the_lock_is_a_version_with_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text()
    names = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(names) == len(PINNED.findall(text)) > 50


def test_the_lock_holds_all_that_is_needed_in_a_version_that_fits() -> None:
    pinned = locked()
    missing = [
        str(wanted)
        for wanted in needed()
        if not any(
            wanted.specifier.contains(version, prereleases=True)
            for version in pinned.get(canonicalize_name(wanted.name), ())
        )
    ]
    assert [] == missing


def test_what_people_are_told_to_install_is_checked_by_its_hashes() -> None:
    told = [
        line.strip() for file in TOLD for line in file.read_text().splitlines()
        if re.search(r"pip3? install", line)
    ]  # fmt: skip
    assert len(told) >= 2
    unchecked = [
        line for line in told
        if "--require-hashes -r requirements.lock" not in line and "--no-deps" not in line
    ]  # fmt: skip
    assert [] == unchecked
