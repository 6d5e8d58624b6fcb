"""Who may import whom. The rules and their reasons are in docs/architecture.md."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync import messages

ROOT = Path(__file__).parent.parent
PACKAGES = ("assets", "config", "sync", "kiosk", "headoffice")

ALLOWED = {
    "assets": set(),
    "config": set(),
    "sync": {"config"},
    "kiosk": {"assets", "config", "sync"},
    "headoffice": {"assets", "config", "sync"},
}
ONLY_IN = {
    "kivy": ("kiosk/ui/",),
    "requests": ("sync/transport.py",),
    "apscheduler": ("sync/scheduler.py",),
    "django": ("headoffice/",),
}
OF_SYNC = ("sync", "sync.messages", *(f"sync.messages.{name}" for name in vars(messages)))
CLOCK_READERS = {
    ("time", "time"), ("time", "time_ns"), ("time", "monotonic"), ("time", "monotonic_ns"),
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
}  # fmt: skip
CLOCKS = {"sync/clock.py", "headoffice/clock.py"}


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def breaches(path: str, source: str) -> list[str]:
    """What a module at this path may not do."""
    package = path.split("/", 1)[0]
    tree = ast.parse(source)
    found = []
    for name in imports(tree):
        top = name.split(".", 1)[0]
        if top in PACKAGES and top != package and top not in ALLOWED[package]:
            found.append(f"{path} imports {name}: {package} may not know {top}")
        if package == "headoffice" and top == "sync" and name not in OF_SYNC:
            found.append(f"{path} imports {name}: of sync only sync.messages")
        if top in ONLY_IN and not path.startswith(ONLY_IN[top]):
            found.append(f"{path} imports {name}: {top} only in {', '.join(ONLY_IN[top])}")
    if path not in CLOCKS:
        found += [
            f"{path}:{node.lineno} reads a clock: {owner}.{attribute}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            for owner, attribute in [(_name(node.value), node.attr)]
            if (owner, attribute) in CLOCK_READERS
        ]
    return found


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("path", list(modules()), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_module_keeps_the_directions(path: Path) -> None:
    assert [] == breaches(path.relative_to(ROOT).as_posix(), path.read_text())


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("config/a.py", "import sync"),
        ("sync/a.py", "from kiosk import cli"),
        ("sync/a.py", "import headoffice.settings"),
        ("headoffice/a.py", "from sync import outbox"),
        ("headoffice/a.py", "from sync.outbox import Outbox"),
        ("kiosk/a.py", "import kivy.app"),
        ("kiosk/a.py", "def f():\n    from requests import get"),
        ("sync/relay.py", "import requests"),
        ("sync/relay.py", "import apscheduler"),
        ("sync/relay.py", "import time\nx = time.monotonic()"),
        ("kiosk/a.py", "import datetime\nx = datetime.datetime.now()"),
        ("kiosk/a.py", "import django"),
    ],
)
def test_a_breach_is_seen(path: str, source: str) -> None:
    assert len(breaches(path, source)) >= 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("headoffice/a.py", "from sync.messages import Batch"),
        ("kiosk/a.py", "from sync.outbox import Outbox\nfrom config.loader import load_settings"),
        ("kiosk/ui/app.py", "from kivy.app import App"),
    ],
)
def test_what_is_allowed_is_not_reported(path: str, source: str) -> None:
    assert [] == breaches(path, source)
