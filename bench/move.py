"""How fast a head office moves between SQLite and PostgreSQL, is copied and is checked.

    .venv/bin/python bench/move.py [--rows 1000000]

Claim: ten million answers move in minutes. A year of answers of 20 kiosks is made in SQLite with
its counts, moved to a private PostgreSQL and back with `hymio-headoffice move`, which compares each
table at the end; each time a copy is made and checked (`backup`). Beside it, in the same run: what
PostgreSQL's own pg_dump and pg_restore take for the same tables, without any comparison. What ten
million would take is reckoned in proportion, which indexes exceed a little. Ends with 1 if a move
of ten million would take more than 30 minutes.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from export import fill  # first: it makes the next ones findable
from figures import ROOT
from processes import PROGRAMS, PostgresServer, clean_environment

sys.path.insert(0, str(ROOT / "scripts"))
from prepare import find_initdb

GOAL_S = 30 * 60
TEN_MILLION = 10_000_000


def main() -> int:
    """Fill, move there and back, print; 1 beyond the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    initdb = find_initdb()
    assert initdb is not None, "PostgreSQL is not installed"
    with tempfile.TemporaryDirectory(prefix="hymio-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = PostgresServer(initdb, folder / "server")
        # As a server is set up that keeps what it says it has.
        server.command += ["-c", "fsync=on", "-c", "synchronous_commit=on"]
        with server.start():
            return measure(folder, server, rows)


def measure(folder: Path, server: PostgresServer, rows: int) -> int:
    """Print how long each step takes; 1 if a move of ten million is beyond the goal."""
    os.environ |= {"HYMIO_DATA": str(folder / "data"), "HYMIO_TIME_ZONE": "Europe/Helsinki"}
    command("seed-demo", "--remove", "--new")
    fill(rows)
    command("rebuild-rollups")
    url = server.url_of("postgres")
    size = (folder / "data" / "headoffice.sqlite3").stat().st_size
    print(f"{rows:,} messages with their counts, {size / 1e6:,.0f} MB as SQLite")
    print(f"{'':34} {'s':>7} {'messages/s':>11} {'ten million, min':>17}")
    moves = []
    tell("SQLite: backup, checked", command("backup", str(folder / "a.sqlite3")), rows)
    moves.append(tell("move to PostgreSQL", command("move", "--to", url), rows))
    os.environ["HYMIO_DATABASE_URL"] = url
    tell("PostgreSQL: backup, checked", command("backup", str(folder / "a.dump")), rows)
    tell("  its pg_dump", tool(server, "pg_dump", "-Fc", "-f", str(folder / "b.dump"), url), rows)
    other = url.rpartition("/")[0] + "/template1"
    tell("  its pg_restore", tool(server, "pg_restore", "-d", other, str(folder / "b.dump")), rows)
    moves.append(tell("move to SQLite", command("move", "--to", "sqlite"), rows))
    return 0 if max(moves) * TEN_MILLION / rows <= GOAL_S else 1


def tell(what: str, seconds: float, rows: int) -> float:
    """One line; the seconds."""
    minutes = seconds * TEN_MILLION / rows / 60
    print(f"{what:34} {seconds:7.1f} {rows / seconds:11,.0f} {minutes:17.1f}", flush=True)
    return seconds


def command(*words: str) -> float:
    """Run a command of the head office; how long it took."""
    return run([str(PROGRAMS / "hymio-headoffice"), *words])


def tool(server: PostgresServer, name: str, *words: str) -> float:
    """Run a program of PostgreSQL; how long it took."""
    return run([str(server.initdb.resolve().with_name(name)), *words])


def run(words: list[str]) -> float:
    """How long a program takes, which must not fail."""
    given = {name: value for name, value in os.environ.items() if name.startswith("HYMIO_")}
    begun = time.monotonic()
    done = subprocess.run(
        words, env=clean_environment() | given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
