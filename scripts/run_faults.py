"""Runs the whole proof of the way home, and draws up one account at the end.

    scripts/faults [--quick] [PART ...]
    scripts/faults attack [--seconds N] [--seed S] [--postgres]

The parts are crash, receipt, storm, window, model, mutations, fuzz, walks, monkey, operations,
attack and deploy; all of them if none is named. Attacks go on with further seeds for N seconds in
all, on SQLite or on PostgreSQL; what they tried is told as a table (docs/security.md). deploy makes
the Debian packages, and installs, sets up, touches, upgrades and purges them on bare Debians:
bookworm and trixie, or those that HYMIO_DEBIANS names, which debootstrap fetches once; it needs
root. --quick takes the budgets of the everyday tests. A larger storm is asked for by
HYMIO_FAULT_KILLS=1000, another one by HYMIO_FAULT_SEED=7; see docs/reliability.md.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import prepare  # noqa: E402 - found by the line above

PYTHON = ROOT / ".venv" / "bin" / "python"
LARGE = {
    "HYMIO_CRASH_TAPS": "600",
    "HYMIO_WINDOW_KILLS": "3",
    "HYMIO_CRASH_VARIANTS": "4",
    "HYMIO_FAULT_KILLS": "300",
    "HYMIO_FAULT_KILLS_POSTGRES": "100",
    "HYMIO_MODEL_PROFILE": "model-large",
    "HYMIO_MONKEY_EVENTS": "20000",
    "HYMIO_FUZZ_REQUESTS": "10000",
    "HYMIO_FUZZ_REQUESTS_POSTGRES": "2500",
    "HYMIO_TEST_API_EXAMPLES": "150",
    "HYMIO_WALKS": "1000",
    "HYMIO_ATTACK_SECONDS": "1200",
    "HYMIO_HOSTILE_ROWS": "60",
    "HYMIO_OPERATIONS": "both",
}
DEBIANS = {"HYMIO_DEBIANS": "bookworm trixie"}
PARTS = {
    "crash": ("The power goes at every instant", ["tests/crash"]),
    "receipt": ("A kill after each receipt", ["tests/faults/test_receipt.py"]),
    "storm": ("A storm over kiosks, line and head office", ["tests/faults/test_storm.py"]),
    "window": ("The kiosk's own window in the storm", ["tests/faults/test_window.py"]),
    "model": ("Any order of events", ["tests/model"]),
    "mutations": ("The code broken on purpose", ["tests/mutations"]),
    "fuzz": ("Requests made up", ["tests/fuzz", "tests/integration/test_api_schemathesis.py"]),
    "walks": ("Walks over the pages of results", ["tests/integration/test_results_walks.py"]),
    "monkey": (
        "Anything at the window",
        ["tests/gui/test_journeys_window.py::test_monkey_at_the_window"],
    ),
    "operations": ("Nights at the head office", ["tests/operations"]),
    "attack": ("Attacks", ["tests/attack", "tests/integration/test_hostile_rows.py"]),
    "deploy": ("Packages on bare Debians", ["tests/deploy/test_debian_packages.py"]),
}
_FIGURE = re.compile(
    r"states of the disk|of them kill -9|answers thanked|cloned cards|lost, |== A storm|"
    r"^The model|^\d+ mutations|caught by|CAUGHT|requests made up|gone with the only copy|"
    r"attacks on |troubles, |^\| "
)


@dataclass(frozen=True)
class Result:
    """How one part went, and the lines of it that hold its figures."""

    title: str
    code: int
    seconds: float
    figures: list[str]


def run(title: str, tests: list[str], env: dict[str, str]) -> Result:
    """Run one part; all that it says is seen as it comes."""
    print(f"== {title}", flush=True)
    begun, figures = time.monotonic(), []
    command = [str(PYTHON), "-m", "pytest", "-q", "-rs", *tests]
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        if process.stdout is None:
            raise AssertionError("it was asked for")
        for line in process.stdout:
            print(line, end="", flush=True)
            if _FIGURE.search(line):
                figures.append(line.rstrip())
    return Result(title, process.returncode, time.monotonic() - begun, figures)


def summary(results: list[Result]) -> str:
    """The account of all parts."""
    lines = ["", "== The proof, in short"]
    for result in results:
        verdict = "holds" if result.code == 0 else f"FAILED (exit code {result.code})"
        lines.append(f"{result.title}: {verdict}, {result.seconds:.0f} s")
        lines += [f"    {figure}" for figure in result.figures]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Run the parts; 0 if all hold, 1 if one does not, 2 for a part that is not there."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("parts", nargs="*")
    asked = parser.parse_args(arguments)
    names = asked.parts or list(PARTS)
    if unknown := set(names) - PARTS.keys():
        print(f"There is no {', '.join(sorted(unknown))}: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    # Named, or at length: there is no quick way to install a Debian.
    at_length = DEBIANS if not asked.quick or "deploy" in asked.parts else {}
    if at_length and "deploy" in names and prepare.main("deploy"):
        return 1
    env = ({} if asked.quick else LARGE) | at_length | os.environ
    env |= {"PYTHONUNBUFFERED": "1"}
    if asked.seconds is not None:
        env["HYMIO_ATTACK_SECONDS"] = str(asked.seconds)
    if asked.seed is not None:
        env["HYMIO_ATTACK_SEED"] = str(asked.seed)
    if asked.postgres:
        env["HYMIO_ATTACK_POSTGRES"] = "1"
    env.pop("HYMIO_DATABASE_URL", None)
    results = []
    try:
        results.extend(run(*PARTS[name], env) for name in names)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    print(summary(results), flush=True)
    return 1 if any(result.code for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
