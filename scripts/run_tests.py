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


def step(title: str, command: list[str], env: dict[str, str]) -> bool:
    """Run one step in the checkout; tell whether it went well."""
    print(f"== {title}", flush=True)
    begun = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    print(f"== {title}: exit code {code}, {time.monotonic() - begun:.1f} s\n", flush=True)
    return code == 0


def run_all(pytest_arguments: list[str], *, fast: bool, folder: Path, stack: ExitStack) -> int:
    """Start what the tests need, run every step and return the exit code.

    The tests of the head office's database run on PostgreSQL at the same time as all the tests.
    """
    initdb = find_initdb()
    if initdb is None:
        raise StepError("PostgreSQL's initdb is not installed")
    screen = stack.enter_context(VirtualScreen(folder / "screen.log").start())
    postgres = stack.enter_context(PostgresServer(initdb, folder / "postgres").start())
    env = os.environ | {"DISPLAY": screen.display, "HYMIO_TEST_POSTGRES_URL": postgres.url}
    env.pop("HYMIO_DATABASE_URL", None)
    pytest = [str(PROGRAMS / "python"), "-m", "pytest"]
    only = "not slow and not e2e" if fast else ""
    on_postgres = f"database and ({only})" if only else "database"

    failed = []
    for title, command in (
        ("ruff check", [str(PROGRAMS / "ruff"), "check"]),
        ("ruff format --check", [str(PROGRAMS / "ruff"), "format", "--check"]),
        ("mypy", [str(PROGRAMS / "mypy")]),
    ):
        if not step(title, command, env):
            failed.append(title)
    # Beside the whole of the tests, because much of both is waiting; told about afterwards.
    title = "pytest -m database, on PostgreSQL"
    beside = folder / "postgresql-tests.log"
    log = stack.enter_context(beside.open("wb"))
    on_postgresql = subprocess.Popen(
        [*pytest, "-p", "no:cacheprovider", "-m", on_postgres, *pytest_arguments],
        cwd=ROOT, env=env | {"HYMIO_DATABASE_URL": postgres.url},
        stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    stack.callback(on_postgresql.wait)
    stack.callback(on_postgresql.terminate)
    print(f"== {title}: begun; it is told about at the end", flush=True)
    print("== pytest", flush=True)
    command = [*pytest, *(["-m", only] if only else []), *pytest_arguments]
    code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    print(f"\n== {title}", flush=True)
    if on_postgresql.wait() not in (0, *((NOTHING_SELECTED,) if pytest_arguments else ())):
        failed.append(title)
    print(beside.read_text(errors="replace"), flush=True)
    if code:
        failed.append("pytest")
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
