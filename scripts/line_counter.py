"""Runs pytest and notes which lines of the packages it comes by, at a twentieth of the cost.

    line_counter.py DATA [arguments of pytest]

Up to Python 3.11 a tracer is called for each line and makes the tests take nearly twice as long.
Here every statement notes itself: the modules are compiled with an assignment before each. What
was noted is written as data of coverage.py, which reports on it. tests/unit/test_line_counter.py
compares the two: no line is noted that coverage.py would not have seen.
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

import coverage
import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTES = "__lines_seen__"
"""The list in a module's names, an element for each line: to set one is the cheapest statement."""


class Marks(ast.NodeTransformer):
    """Puts a note before each statement of a module."""

    def _note(self, line: int) -> ast.stmt:
        target = ast.Subscript(ast.Name(NOTES, ast.Load()), ast.Constant(line), ast.Store())
        note = ast.Assign([target], ast.Constant(value=True), lineno=line, end_lineno=line)
        return ast.fix_missing_locations(note)

    def _noted(self, body: Sequence[ast.stmt], *, documented: bool = False) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for number, statement in enumerate(body):
            words = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            notes = [self._note(line) for line in _lines_of(statement)]
            if documented and words and number == 0:
                notes = []
            # Nothing may stand before what comes from the future.
            future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
            visited = self.visit(statement)
            found += [visited, *notes] if future else [*notes, visited]
        return found

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Go into whatever has statements."""
        documented = isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        )
        for name in ("body", "orelse", "finalbody"):
            if isinstance(body := getattr(node, name, None), list):
                setattr(node, name, self._noted(body, documented=documented))
        for handler in getattr(node, "handlers", ()):
            self.visit(handler)
            handler.body.insert(0, self._note(handler.lineno))
        if isinstance(node, ast.Match):
            self._note_cases(node)
        return node

    def _note_cases(self, node: ast.Match) -> None:
        """Those that were tried: up to the one that fits, or all."""
        tried: list[int] = []
        for case in node.cases:
            tried.append(case.pattern.lineno)
            self.visit(case)
            case.body[:0] = map(self._note, tried)
        if not _is_any(node.cases[-1]):
            node.cases.append(ast.match_case(ast.MatchAs(), None, [*map(self._note, tried)]))


def _is_any(case: ast.match_case) -> bool:
    pattern = case.pattern
    return case.guard is None and isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def _lines_of(statement: ast.stmt) -> Iterator[int]:
    """Where a statement begins: with decorators, each of them as well."""
    for decorator in getattr(statement, "decorator_list", ()):
        yield decorator.lineno
    yield statement.lineno


def marked(source: bytes, path: str) -> CodeType:
    """A module's code that notes its lines."""
    tree = Marks().visit(ast.parse(source, path))
    return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)


class Loader(SourceFileLoader):
    """Loads a module so that it notes its lines."""

    seen: dict[str, list[bool]] = {}  # noqa: RUF012 - one for all modules
    """By file, and in it by line."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile it each time: what is kept beside it is the module as it is."""
        return marked(self.get_data(self.get_filename(fullname)), self.path)

    def exec_module(self, module: ModuleType) -> None:
        """Run it, with a place for its notes."""
        lines = self.get_data(self.path).count(b"\n") + 2
        vars(module)[NOTES] = self.seen.setdefault(self.path, [False] * lines)
        super().exec_module(module)


class Finder(MetaPathFinder):
    """Finds the modules that are measured."""

    def __init__(self, packages: Sequence[str], omit: Sequence[str]) -> None:
        self._packages, self._omit = packages, omit

    def measures(self, path: Path) -> bool:
        """Tell whether a file is one of them."""
        inside = str(path.relative_to(ROOT))
        return not any(fnmatch(inside, pattern) for pattern in self._omit)

    def files(self) -> list[str]:
        """All of them, imported or not."""
        of_packages = (path for name in self._packages for path in (ROOT / name).rglob("*.py"))
        return [str(path) for path in of_packages if self.measures(path)]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As the usual finder does, for the packages alone."""
        if fullname.partition(".")[0] not in self._packages:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and isinstance(spec.loader, SourceFileLoader) and spec.origin:
            file = Path(spec.origin)
            if file.is_relative_to(ROOT) and self.measures(file):
                spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


def main(data: str, arguments: list[str]) -> int:
    """Run pytest; returns its exit code."""
    settings = coverage.Coverage(config_file=str(ROOT / "pyproject.toml"))
    finder = Finder(settings.get_option("run:source"), settings.get_option("run:omit"))
    sys.meta_path.insert(0, finder)
    code = pytest.main(arguments)
    found = coverage.CoverageData(data)
    found.add_lines(
        {path: [at for at, was in enumerate(seen) if was] for path, seen in Loader.seen.items()}
    )
    found.touch_files(finder.files())
    found.write()
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
