"""Numbers that the processes of one head office add up together.

They stand in memory that is made before the first worker is forked and belongs to no file, so that
nothing is left behind, however all of it ends. Each process has a line of its own there and waits
for no other. Whose a line is, a lock of the kernel says: what stands in that of a process that died
goes on counting, and the next one to begin goes on in it.
"""

import fcntl
import mmap
import os
import threading
from collections.abc import Iterator
from itertools import accumulate

LINES = 48
"""More than there are ever processes."""
CELLS = 512
_WHOSE = 0
"""The first cell of a line: the process."""
_CELL = 8


class Ledger:
    """Sums of what this process and those forked from it have added."""

    def __init__(self) -> None:
        self._file = os.memfd_create("hymio-figures")
        size = LINES * CELLS * _CELL
        os.ftruncate(self._file, size)
        self._cells = memoryview(mmap.mmap(self._file, size)).cast("d")
        self._free = _WHOSE + 1
        self.founder = os.getpid()
        """The process that forks the others."""
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._adding = threading.Lock()
        self.line = next(line for line in range(LINES) if self._take(line))
        """Where this process adds."""
        self._cells[self.line * CELLS + _WHOSE] = os.getpid()

    def _take(self, line: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, line)
        except OSError:
            return False
        return True

    def reserve(self, cells: int) -> int:
        """Room for so many numbers; returns the first of them. Before the first fork."""
        first, self._free = self._free, self._free + cells
        if self._free > CELLS:
            raise ValueError("a line of the ledger is too short for so many figures")
        return first

    def add(self, amounts: dict[int, float]) -> None:
        """Add to some of the numbers at once."""
        first = self.line * CELLS
        with self._adding:
            for cell, amount in amounts.items():
                self._cells[first + cell] += amount

    def sums(self, first: int, cells: int) -> list[float]:
        """What all processes have added to these numbers."""
        return [sum(self._cells[cell::CELLS]) for cell in range(first, first + cells)]

    def processes(self) -> Iterator[int]:
        """Those that are alive, the one that forked the others first."""
        yield self.founder
        for line in range(LINES):
            process = int(self._cells[line * CELLS + _WHOSE])
            if process in (0, self.founder):
                continue
            if line != self.line and self._take(line):
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, line)
                continue
            yield process


class Counter:
    """How often something happened, by a label of a few values."""

    def __init__(self, ledger: Ledger, values: tuple[str, ...]) -> None:
        self._ledger = ledger
        self._cells = {value: ledger.reserve(1) for value in values}

    def __contains__(self, value: str) -> bool:
        """Whether it is one of the values."""
        return value in self._cells

    def add(self, value: str, amount: float) -> None:
        """It happened so often."""
        self._ledger.add({self._cells[value]: amount})

    def values(self) -> Iterator[tuple[str, float]]:
        """Each value with its count."""
        for value, cell in self._cells.items():
            yield value, self._ledger.sums(cell, 1)[0]


class Durations:
    """How long something took, by a label of a few values."""

    def __init__(self, ledger: Ledger, values: tuple[str, ...], bounds: tuple[float, ...]) -> None:
        self._ledger, self._bounds = ledger, (*bounds, float("inf"))
        self._cells = {value: ledger.reserve(len(self._bounds) + 1) for value in values}

    def add(self, value: str, seconds: float) -> None:
        """Once it took so long."""
        first = self._cells[value]
        bucket = next(i for i, bound in enumerate(self._bounds) if seconds <= bound)
        self._ledger.add({first + bucket: 1, first + len(self._bounds): seconds})

    def values(self) -> Iterator[tuple[str, list[tuple[str, float]], float]]:
        """Each value that occurred: how often it took at most so long, and their sum."""
        for value, first in self._cells.items():
            *counts, total = self._ledger.sums(first, len(self._bounds) + 1)
            if any(counts):
                bounds = [str(bound) for bound in self._bounds[:-1]] + ["+Inf"]
                yield value, list(zip(bounds, accumulate(counts), strict=True)), total
