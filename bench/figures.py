"""Words for figures that the programs in this folder share."""

import math
import os
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least this share (0–1) of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def pss_mb(pid: int) -> float:
    """Proportional memory of a process in MB: shared pages are divided among their users."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ValueError(f"no Pss for process {pid}")


def rss_mb(pid: int) -> float:
    """Resident memory of a process in MB, shared pages among it."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_seconds(pid: int, *, ended: bool = False) -> float:
    """Processor time that a process and its threads have used, or children of it that ended."""
    first = 13 if ended else 11
    fields = _stat(pid)
    return (int(fields[first]) + int(fields[first + 1])) / os.sysconf("SC_CLK_TCK")


def wakeups(pid: int) -> int:
    """How often its threads have gone to sleep and were woken since each began."""
    told = (path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/status"))
    lines = (line for text in told for line in text.splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))


def parent_of(pid: int) -> int:
    """The process that started a process."""
    return int(_stat(pid)[1])


def _stat(pid: int) -> list[str]:
    """What Linux says of a process, from its state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
