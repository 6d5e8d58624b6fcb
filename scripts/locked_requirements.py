"""The part of requirements.lock that one end needs: what pyproject.toml asks for, and what that
asks for in turn, each in its locked version with its hashes.
"""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_ENTRY = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==.*(?:\n[ ]+.*)*", re.MULTILINE)
_REASON = re.compile(r"^ +# (?:via|  ) *\b([A-Za-z0-9._-]+)", re.MULTILINE)
_OURS = "hymio"


def locked_part(extra: str, root: Path = ROOT) -> str:
    """The lines of the lock that the project with this extra needs, for ``pip -r``."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    asked = project["dependencies"] + project["optional-dependencies"][extra]
    return select((root / "requirements.lock").read_text(), map(_name, asked))


def select(lock: str, names: Iterable[str]) -> str:
    """The entries of these names and of all that they need; KeyError for one without an entry."""
    entries = {_canonical(found["name"]): found[0] for found in _ENTRY.finditer(lock)}
    needs: dict[str, list[str]] = {name: [] for name in entries}
    for name, text in entries.items():
        # The lock tells of each entry who needs it.
        for reason in map(_canonical, _REASON.findall(text)):
            if reason != _OURS:
                needs[reason].append(name)
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += needs[name]
    return "\n".join(entries[name] for name in sorted(wanted)) + "\n"


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    if found is None:
        raise ValueError(f"{requirement!r} names no package")
    return _canonical(found[0])


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
