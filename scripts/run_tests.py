"""Runs every check and every test. `scripts/test` sets the machine up and calls this.

    scripts/test [--fast] [arguments of pytest]

--fast leaves out what is slow and what starts the real programs. Everything else goes to pytest,
as in `scripts/test -k outbox`.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

from prepare import find_initdb  # noqa: E402 - found by the line above
from processes import (  # noqa: E402
    PROGRAMS,
    PostgresServer,
    StepError,
    VirtualScreen,
    ended_politely_on_signals,
)

NOTHING_SELECTED = 5
"""pytest's exit code when the arguments leave no test over."""
PYTEST = [str(PROGRAMS / "python"), "-m", "pytest"]
MUTATIONS = ["tests/mutations"]
PROGRAM_TESTS = ["tests/crash", "tests/e2e", "tests/faults", "tests/gui"]


def step(title: str, command: list[str], env: dict[str, str]) -> bool:
    """Run one step in the checkout; tell whether it went well."""
    print(f"== {title}", flush=True)
    begun = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    print(f"== {title}: exit code {code}, {time.monotonic() - begun:.1f} s\n", flush=True)
    return code == 0


class Stream:
    """A run of pytest beside the others, because much of each is waiting; told about at its end."""

    def __init__(self, title: str, arguments: list[str], env: dict[str, str], log: Path) -> None:
        self.title = title
        self._log = log
        self._begun = time.monotonic()
        print(f"== {title}: begun; it is told about at the end", flush=True)
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [*PYTEST, "-p", "no:cacheprovider", *arguments],
                cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def result(self) -> int:
        """Wait for its end, tell what it said and return its exit code."""
        code = self.process.wait()
        took = time.monotonic() - self._begun
        print(f"\n== {self.title}: exit code {code}, {took:.1f} s", flush=True)
        print(self._log.read_text(errors="replace"), flush=True)
        return code

    def end(self) -> None:
        """Leave nothing behind when the whole is interrupted."""
        self.process.terminate()
        self.process.wait()


def run_all(given: list[str], *, fast: bool, folder: Path, stack: ExitStack) -> int:
    """Start what the tests need, run every step and return the exit code.

    Unless some are chosen, four runs go side by side: those that start real programs and windows,
    which mostly wait; those of the database of the head office, on PostgreSQL; the mutations; and
    all others.
    """
    initdb = find_initdb()
    # Options alone, as in `scripts/test -x`, choose no tests.
    chosen = any(not argument.startswith("-") for argument in given)
    if initdb is None:
        raise StepError("PostgreSQL's initdb is not installed")
    screen = stack.enter_context(VirtualScreen(folder / "screen.log").start())
    postgres = stack.enter_context(PostgresServer(initdb, folder / "postgres").start())
    env = os.environ | {"DISPLAY": screen.display, "HYMIO_TEST_POSTGRES_URL": postgres.url}
    env.pop("HYMIO_DATABASE_URL", None)

    failed = []
    for title, command in (
        ("ruff check", [str(PROGRAMS / "ruff"), "check"]),
        ("ruff format --check", [str(PROGRAMS / "ruff"), "format", "--check"]),
        ("mypy", [str(PROGRAMS / "mypy")]),
    ):
        if not step(title, command, env):
            failed.append(title)
    quick = "not slow and not e2e"
    only = ["-m", quick] if fast else []
    database = ["-m", f"database and ({quick})" if fast else "database", *given]
    on_postgres = env | {"HYMIO_DATABASE_URL": postgres.url}
    log = folder / "postgresql-tests.log"
    streams = [Stream("pytest -m database, on PostgreSQL", database, on_postgres, log)]
    if not chosen:
        for title, tests in (
            ("real programs and windows", PROGRAM_TESTS),
            ("mutations", MUTATIONS),
        ):
            log = folder / f"{title}.log"
            streams.append(Stream(f"pytest of {title}", [*only, *given, *tests], env, log))
        apart = (*PROGRAM_TESTS, *MUTATIONS)
        given = [*given, *(f"--ignore={tests}" for tests in apart)]
    for stream in streams:
        stack.callback(stream.end)
    if not step("pytest", [*PYTEST, *only, *given], env):
        failed.append("pytest")
    # Of a few chosen tests perhaps none is for PostgreSQL.
    fine = (0, NOTHING_SELECTED) if chosen else (0,)
    failed += [stream.title for stream in streams if stream.result() not in fine]
    if failed:
        print(f"!! Failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    """Run everything and leave nothing behind; returns the exit code."""
    if {"-h", "--help"} & set(arguments[:1]):
        print(__doc__)
        return 0
    fast = "--fast" in arguments
    rest = [argument for argument in arguments if argument != "--fast"]
    with (
        ended_politely_on_signals(),
        tempfile.TemporaryDirectory(prefix="hymio-test-", ignore_cleanup_errors=True) as folder,
        ExitStack() as stack,
    ):
        # PostgreSQL's own user must be able to reach its folder in here.
        Path(folder).chmod(0o755)
        try:
            return run_all(rest, fast=fast, folder=Path(folder), stack=stack)
        except StepError as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\nInterrupted.", file=sys.stderr)
            return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
