"""What the tests come by, noted as coverage.py would trace it."""

import subprocess
import sys
from pathlib import Path

import coverage
import pytest
from line_counter import NOTES, Finder, marked

SOURCE = '''"""A module of every kind of statement."""

from __future__ import annotations

import functools
from dataclasses import dataclass


def mark(function):
    return function


@mark
@functools.lru_cache(
    maxsize=None,
)
def decorated(number: int) -> int:
    """Has a docstring."""
    if number > 10:
        return 10
    elif number > 5:
        number += 1
    else:
        number = max(
            number,
            2,
        )
    return number


@dataclass(frozen=True)
class Point:
    """Has one too."""

    x: int = 0
    y: int = (
        1 + 1
    )

    @property
    def sum(self) -> int:
        return self.x + self.y


def never() -> None:
    first = 1
    return first


def many(value):
    global seen
    match value:
        case int() if value > 5:
            return "much"
        case int():
            return "little"
        case str():
            pass
        case [_, *rest]:
            return rest
    match value:
        case "x":
            found = "x"
        case _:
            found = "other"
    for number in range(3):
        while number:
            number -= 1
            continue
        else:
            pass
        if number == 5:
            break
    else:
        found += "!"
    try:
        raise KeyError(found)
    except KeyError as error:
        with open("/dev/null") as file:
            file.read()
        del error
    finally:
        seen = True
    try:
        pass
    except ValueError:
        found = "never"
    else:
        found += "?"
    assert found
    numbers = [
        number
        for number in range(3)
        if number
    ]

    def inner():
        nonlocal numbers
        yield from numbers

    return list(inner()), (lambda: 1)()


async def waited() -> None:
    async with never():
        pass


decorated(1), decorated(7), Point().sum
many(1), many(7), many([1]), many("y")
'''


def test_it_notes_the_lines_that_a_tracer_sees(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(SOURCE)
    data = tmp_path / "data"
    tracer = [sys.executable, "-m", "coverage", "run", f"--data-file={data}", "module.py"]
    subprocess.run(tracer, cwd=tmp_path, check=True)
    traced = coverage.CoverageData(str(data))
    traced.read()
    [path] = traced.measured_files()
    seen = [False] * (SOURCE.count("\n") + 2)
    names = {NOTES: seen, "__name__": "module"}
    sys.modules["module"] = type(sys)("module")
    try:
        exec(marked(SOURCE.encode(), path), names)  # noqa: S102 - the text above
    finally:
        del sys.modules["module"]
    noted = coverage.CoverageData(str(tmp_path / "notes"))
    noted.add_lines({path: [line for line, was in enumerate(seen) if was]})
    noted.write()
    assert missing(data) == missing(tmp_path / "notes")
    assert len(missing(data)) > 5


def missing(data: Path) -> list[int]:
    """What coverage.py says that nobody came by."""
    report = coverage.Coverage(data_file=str(data), config_file=False)
    report.load()
    [path] = report.get_data().measured_files()
    return list(report.analysis2(path)[3])


def test_what_is_left_out_is_not_measured() -> None:
    finder = Finder(["kiosk", "config"], ["kiosk/ui/*", "*/__main__.py"])
    files = [path.partition("/kiosk/")[2] for path in finder.files()]
    assert "cli.py" in files
    assert "__main__.py" not in files
    assert not any(path.startswith("ui/") for path in files)
    assert finder.find_spec("pytest", None) is None


@pytest.mark.parametrize("name", ["sync.clock", "headoffice.clock"])
def test_a_module_is_loaded_as_it_stands_but_for_the_notes(name: str) -> None:
    spec = Finder([name.partition(".")[0]], []).find_spec(
        name, [str(Path(__file__).parents[2] / name.partition(".")[0])]
    )
    assert spec is not None
    assert spec.loader is not None
    code = spec.loader.get_code(name)  # type: ignore[attr-defined]
    assert NOTES in code.co_names
    assert spec.origin == code.co_filename
