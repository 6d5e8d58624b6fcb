"""What processes hold: open files, threads, memory."""

import re
from pathlib import Path


def open_files(pids: list[int]) -> int:
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids)


def threads(pids: list[int]) -> int:
    return sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in pids)


def memory(pids: list[int]) -> int:
    """Resident bytes that are these processes' own."""
    text = "".join(Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids)
    return 1024 * sum(int(kb) for kb in re.findall(r"Private_Dirty: +(\d+)", text))
