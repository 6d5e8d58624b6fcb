"""The trace: what happened and when, a JSON line each, for developers and tests."""

import threading
from pathlib import Path
from typing import Protocol, TextIO

import msgspec

from sync.clock import mono_ns


class Trace(Protocol):
    """Where events are noted; any thread may call it."""

    def note(self, event: str, **facts: object) -> None:
        """Notes one event with the monotonic time."""
        ...


class NoTrace:
    """Notes nothing."""

    def note(self, event: str, **facts: object) -> None:
        """Does nothing."""


class FileTrace:
    """Appends to a file, line by line."""

    def __init__(self, path: Path) -> None:
        self._file: TextIO = path.open("a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def note(self, event: str, **facts: object) -> None:
        """Writes a line."""
        line = msgspec.json.encode({"event": event, "mono_ns": mono_ns(), **facts}).decode()
        with self._lock:
            self._file.write(line + "\n")
