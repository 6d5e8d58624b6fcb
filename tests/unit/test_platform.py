"""What rests on the insides of Kivy and SDL is in one room, and says what to check there."""

import ast
from pathlib import Path

import pytest

UI = Path(__file__).parents[2] / "kiosk" / "ui"
PLATFORM = sorted(path for path in (UI / "platform").glob("*.py") if path.stem != "__init__")
ELSEWHERE = sorted(path for path in UI.rglob("*.py") if path.parent != UI / "platform")
LIBRARIES = {"ctypes", "kivy.core.window._window_sdl2"}


def imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def insides(source: str) -> set[str]:
    """Private attributes of others, methods of Kivy's that are replaced, and libraries in C."""
    tree = ast.parse(source)
    found = imports(tree) & LIBRARIES
    own = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    } | {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        name = f"{node.value.id}.{node.attr}"
        is_private = node.attr.startswith("_") and not node.attr.startswith("__")
        if is_private and (node.value.id != "self" or node.attr not in own):
            found.add(name)
        if isinstance(node.ctx, ast.Store) and node.value.id in {
            "Window",
            "Clock",
            "Builder",
            "kivy_label",
        }:
            found.add(name)
    return found - {"Window.clearcolor"}


@pytest.mark.parametrize("path", PLATFORM, ids=lambda path: path.stem)
def test_each_module_says_what_to_check(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    assert "\n\nWhat to check at an upgrade of Kivy or SDL: " in docstring
    assert insides(path.read_text())


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: str(path.relative_to(UI)))
def test_no_other_module_knows_the_insides(path: Path) -> None:
    assert set() == insides(path.read_text())


def test_insides_are_found() -> None:
    assert {"Clock._last_tick"} == insides("from kivy.clock import Clock\nprint(Clock._last_tick)")
    assert {"Window.flip"} == insides("Window.flip = print")
    assert {"self._label"} == insides("class A(Label):\n    def f(self):\n        self._label.x()")
    assert {"ctypes"} == insides("import ctypes")
    own = "class A:\n    def _f(self):\n        self._x = 1\n        self._f()\n        self._x()"
    assert set() == insides(own)
