"""Runs lint, format, types and walls, and no test. `scripts/check` calls this."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / ".venv" / "bin"
CHECKS = {
    "ruff check": ["ruff", "check"],
    "ruff format --check": ["ruff", "format", "--check"],
    "lint-imports": ["lint-imports", "--no-logo"],
    "mypy": ["mypy"],
}


def step(title: str, command: list[str], env: dict[str, str]) -> bool:
    """Run one step in the checkout; tell whether it went well."""
    print(f"== {title}", flush=True)
    begun = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    print(f"== {title}: exit code {code}, {time.monotonic() - begun:.1f} s\n", flush=True)
    return code == 0


def run_checks(env: dict[str, str]) -> list[str]:
    """Run every check; return the titles of those that failed."""
    return [
        title
        for title, (program, *arguments) in CHECKS.items()
        if not step(title, [str(PROGRAMS / program), *arguments], env)
    ]


if __name__ == "__main__":
    failed = run_checks(dict(os.environ))
    if failed:
        print(f"!! Failed: {', '.join(failed)}", flush=True)
    sys.exit(1 if failed else 0)
