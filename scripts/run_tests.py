"""Runs every check and every test. `scripts/test` sets the machine up and calls this.

    scripts/test [--fast] [arguments of pytest]

--fast leaves out what is slow and what starts the real programs. Everything else goes to pytest,
as in `scripts/test -k outbox`.
"""

import os
import subprocess
import sys
import tempfile
import threading
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
    ended_politely_on_signals,
)
from run_checks import run_checks, step  # noqa: E402

NOTHING_SELECTED = 5
"""pytest's exit code when the arguments leave no test over."""
PYTHON = str(PROGRAMS / "python")
PYTEST = [PYTHON, "-m", "pytest", "-p", "no:cacheprovider"]
COVERAGE = [PYTHON, "-m", "coverage"]
QUICK = "not slow and not e2e"
ALONE = {
    "operation": ["tests/deploy", "tests/operations"],
    "windows": ["tests/gui"],
    "attacks": ["tests/attack", "tests/fuzz"],
    "storms": ["tests/faults"],
    "power cuts and journeys": ["tests/crash", "tests/e2e"],
    "model and mutations": ["tests/model", "tests/mutations"],
}
"""Folders with a stream of their own, the longest first. All others are divided by markers."""
AT_ONCE = 5 * len(os.sched_getaffinity(0)) // 2
"""Streams beside each other: three fifths of each are waiting."""


class Stream:
    """A command that runs beside others; what it says is kept until its end."""

    def __init__(self, title: str, command: list[str], env: dict[str, str], folder: Path) -> None:
        self.title, self.command, self.env = title, command, env
        self.log = folder / f"{title}.log"
        self.code: int | None = None
        self.seconds = self.processor_seconds = 0.0
        """The latter of all its processes that it waited for; not of a database server."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def begun(self) -> bool:
        """Whether it was started."""
        return self._process is not None

    def run(self) -> None:
        """Run it to its end, and note what it took."""
        begun = time.monotonic()
        with self.log.open("wb") as file:
            self._process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.env,
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
            )  # fmt: skip
        _pid, status, usage = os.wait4(self._process.pid, 0)
        self.seconds = time.monotonic() - begun
        self.processor_seconds = usage.ru_utime + usage.ru_stime
        self.code = self._process.returncode = os.waitstatus_to_exitcode(status)

    def end(self) -> None:
        """Leave nothing behind when the whole is interrupted."""
        if self._process is not None and self.code is None:
            self._process.terminate()

    def figures(self) -> str:
        """What it took, as a line."""
        return f"{self.seconds:7.1f} s {self.processor_seconds:7.1f} s  {self.title}"


class Streams:
    """Runs streams, so many at once, and tells of each at its end."""

    def __init__(self, streams: list[Stream], at_once: int) -> None:
        self._all, self._waiting, self.done = streams, list(streams), list[Stream]()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._work, daemon=True)
            for _ in range(min(at_once, len(streams)))
        ]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    return
                stream = self._waiting.pop(0)
                print(f"== {stream.title}: begun; it is told about at its end", flush=True)
            stream.run()
            with self._lock:
                print(f"\n== {stream.title}: exit code {stream.code}, {stream.seconds:.1f} s")
                print(stream.log.read_text(errors="replace"), flush=True)
                self.done.append(stream)

    def wait(self) -> None:
        """Until all have ended."""
        for thread in self._threads:
            thread.join()

    def end(self) -> None:
        """Begin none any more, and end those that run: when the whole is interrupted."""
        with self._lock:
            self._waiting.clear()
        for stream in self._all:
            stream.end()
        for thread in self._threads:
            thread.join(20)

    def account(self) -> str:
        """Which took how long, the longest first: that is where there is something to be cut."""
        longest = sorted(self.done, key=lambda stream: -stream.seconds)
        return "\n".join(["\n==   wall time, processor time", *(s.figures() for s in longest)])


def files_with(*words: str) -> list[str]:
    """The files of the head office's tests that speak of all these, in the order of names."""
    files = sorted((ROOT / "tests" / "integration").glob("test_*.py"))
    texts = ((str(path.relative_to(ROOT)), path.read_text()) for path in files)
    return [path for path, text in texts if all(word in text for word in words)]


def streams_of_all(
    env: dict[str, str], folder: Path, options: list[str], *, fast: bool
) -> list[Stream]:
    """Every check and every test once, and those of the database on PostgreSQL as well."""

    def tests(title: str, *arguments: str, measured: bool = False, **more: str) -> Stream:
        counter = [PYTHON, "scripts/line_counter.py", str(folder / f"coverage.{title}")]
        runner = [*counter, *PYTEST[3:]] if measured else PYTEST
        slowest = ["--durations=10", "--durations-min=3"]
        return Stream(title, [*runner, *slowest, *arguments, *options], env | more, folder)

    def marked(marker: str) -> list[str]:
        return ["-m", f"{marker} and {QUICK}" if fast else marker]

    elsewhere = [f"--ignore={each}" for folders in ALONE.values() for each in folders]
    in_browser = files_with("playwright", "e2e")
    without_browser = [f"--ignore={each}" for each in in_browser]
    on_postgres = {"HYMIO_DATABASE_URL": env["HYMIO_TEST_POSTGRES_URL"]}
    # Of a part, or without the slow ones, the coverage says nothing.
    measured = not fast and not options
    return [
        Stream("checks", [PYTHON, "scripts/run_checks.py"], env, folder),
        # The longest first: none of them is what all wait for at the end.
        *([] if fast else [tests("real programs", "-m", "e2e", *elsewhere, *without_browser)]),
        tests("all others", *marked("not e2e and not database"), *elsewhere, measured=measured),
        tests("database", *marked("not e2e and database"), *elsewhere, measured=measured),
        *([] if fast else [tests("pages in the browser", "-m", "e2e", *in_browser)]),
        # The real programs choose their database themselves.
        tests("database, on PostgreSQL", *marked("database and not e2e"), **on_postgres),
        *(tests(title, *(["-m", QUICK] if fast else []), *of) for title, of in ALONE.items()),
    ]


def run_all(options: list[str], env: dict[str, str], folder: Path, *, fast: bool) -> list[str]:
    """Run everything; returns what failed."""
    env = env | {"COVERAGE_FILE": str(folder / "coverage")}
    streams = Streams(streams_of_all(env, folder, options, fast=fast), AT_ONCE)
    try:
        streams.wait()
    finally:
        streams.end()
    # Without the slow ones, or of a few, a folder may have no test left.
    fine = (0, NOTHING_SELECTED) if fast or options else (0,)
    failed = [stream.title for stream in streams.done if stream.code not in fine]
    if list(folder.glob("coverage.*")) and not (
        step("coverage, of its streams", [*COVERAGE, "combine", "--quiet"], env)
        and step("coverage", [*COVERAGE, "report", "--skip-covered"], env)
    ):
        failed.append("coverage")
    print(streams.account(), flush=True)
    return failed


def run_chosen(given: list[str], env: dict[str, str], folder: Path, *, fast: bool) -> list[str]:
    """Run the checks and the chosen tests, those of the database twice; returns what failed."""
    failed = run_checks(env)
    marker = ["-m", f"database and {QUICK}" if fast else "database"]
    on_postgres = env | {"HYMIO_DATABASE_URL": env["HYMIO_TEST_POSTGRES_URL"]}
    again = Stream("database, on PostgreSQL", [*PYTEST, *marker, *given], on_postgres, folder)
    streams = Streams([again], 1)
    try:
        if not step("pytest", [*PYTEST, *(["-m", QUICK] if fast else []), *given], env):
            failed.append("pytest")
        streams.wait()
    finally:
        streams.end()
    # Of a few chosen tests perhaps none is for PostgreSQL.
    if again.code not in (0, NOTHING_SELECTED):
        failed.append(again.title)
    return failed


def run(given: list[str], folder: Path, stack: ExitStack, *, fast: bool) -> int:
    """Start what the tests need, run them and return the exit code."""
    begun = time.monotonic()
    initdb = find_initdb()
    if initdb is None:
        raise StepError("PostgreSQL's initdb is not installed")
    postgres = stack.enter_context(PostgresServer(initdb, folder / "postgres").start())
    env = os.environ | {"HYMIO_TEST_POSTGRES_URL": postgres.url}
    # A screen of its own for each stream, that no window of another one covers; and programs that
    # are started hundreds of times are compiled once.
    for name in ("HYMIO_DATABASE_URL", "DISPLAY", "PYTHONDONTWRITEBYTECODE"):
        env.pop(name, None)
    # Options alone, as in `scripts/test -x`, choose no tests.
    chosen = any(not argument.startswith("-") for argument in given)
    failed = (run_chosen if chosen else run_all)(given, env, folder, fast=fast)
    print(f"== {time.monotonic() - begun:.1f} s in all", flush=True)
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
            return run(rest, Path(folder), stack, fast=fast)
        except StepError as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\nInterrupted.", file=sys.stderr)
            return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
