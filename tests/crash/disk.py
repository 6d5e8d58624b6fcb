"""A disk as a power cut could leave it, rebuilt from what a program really did.

``strace`` records every system call that changes a file or makes it durable. From that the
model knows, at every instant, which bytes must be on the disk and which may or may not be:

* what was written before an fsync or fdatasync of the same file is there;
* any later write may be lost, kept, kept in another order, or torn between two sectors;
* a created, renamed or removed name is certain only after an fsync of its folder (POSIX asks no
  more of a file system), and names change in the order in which the program changed them;
* a changed length is certain like a write.

Memory that is mapped and shared (SQLite's -shm) is not durable and is left out: SQLite builds
it anew.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
TRACED = (
    "openat,write,writev,pwrite64,pwritev,pwritev2,ftruncate,truncate,fsync,fdatasync,rename,"
    "renameat,renameat2,unlink,unlinkat,fallocate,link,linkat,symlink,"
    "sendfile,copy_file_range"
)


def strace(output: Path) -> list[str]:
    """The command line to put before the program that is to be recorded."""
    return [
        "strace",
        "-f",
        "-y",
        "-xx",
        "-s",
        "4000000",
        "-e",
        f"trace={TRACED}",
        "-o",
        str(output),
    ]


# --- what happened ------------------------------------------------------------------------


@dataclass(frozen=True)
class Write:
    path: str
    offset: int
    data: bytes


@dataclass(frozen=True)
class Resize:
    path: str
    size: int


@dataclass(frozen=True)
class Sync:
    path: str


@dataclass(frozen=True)
class Create:
    path: str


@dataclass(frozen=True)
class Rename:
    path: str
    to: str


@dataclass(frozen=True)
class Remove:
    path: str


@dataclass(frozen=True)
class Said:
    """The program said something on its standard output, such as that an answer was thanked."""

    text: str


Event = Write | Resize | Sync | Create | Rename | Remove | Said

_CALL = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
_UNFINISHED = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_DESCRIPTOR = re.compile(r"^(?:AT_FDCWD|\d+)<([^>]*)>")


def read_trace(trace: Path, folder: Path) -> list[Event]:
    """The events inside ``folder``, in the order in which the calls *returned*.

    A write counts from its return, a sync too: a call that was under way at the cut has
    promised nothing. Raises ValueError for a call that the model does not know.
    """
    reader = _Reader(str(folder))
    begun: dict[str, str] = {}
    events: list[Event] = []
    for line in trace.read_text().splitlines():
        if match := _UNFINISHED.match(line):
            begun[match[1]] = match[3]
        elif match := _RESUMED.match(line):
            whole = f"{match[1]} {match[2]}({begun.pop(match[1])}{match[3]}"
            events += reader.events(whole)
        else:
            events += reader.events(line)
    return events


class _Reader:
    """Turns the lines of a trace into events; knows positions and sizes of open files."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._positions: dict[str, int] = {}
        self._sizes: dict[str, int] = {}

    def events(self, line: str) -> list[Event]:
        match = _CALL.match(line)
        if match is None or int(match[4]) < 0:
            return []
        name, arguments, result = match[2], match[3], int(match[4])
        texts = [bytes.fromhex(t.replace("\\x", "")) for t, _cut in _TEXT.findall(arguments)]
        if name == "write" and arguments.startswith("1<"):
            return [Said(texts[0][:result].decode())]
        descriptor = _DESCRIPTOR.match(arguments)
        target = _decoded(descriptor[1]) if descriptor else ""
        if descriptor is None or name.rstrip("2").endswith("at"):
            paths = [_absolute(target, text) for text in texts]
        else:
            paths = [target]
        if not all(self._concerns(path) for path in paths):
            return []
        if name in ("pwrite64", "write"):
            offset = (
                int(arguments.rsplit(",", 1)[1])
                if name == "pwrite64"
                else self._positions.get(target, 0)
            )
            return self._written(target, offset, texts[0][:result])
        return self._changed(name, paths, arguments)

    def _concerns(self, path: str) -> bool:
        inside = path == self._folder or path.startswith(f"{self._folder}/")
        return inside and not path.endswith("-shm")

    def _written(self, path: str, offset: int, data: bytes) -> list[Event]:
        self._positions[path] = offset + len(data)
        self._sizes[path] = max(self._sizes.get(path, 0), offset + len(data))
        return [Write(path, offset, data)]

    def _changed(self, name: str, paths: list[str], arguments: str) -> list[Event]:
        path = paths[0]
        match name:
            case "openat":
                return self._opened(path, arguments)
            case "ftruncate":
                self._sizes[path] = int(arguments.rsplit(",", 1)[1])
                return [Resize(path, self._sizes[path])]
            case "fallocate":
                return self._allocated(path, arguments)
            case "fsync" | "fdatasync":
                return [Sync(path)]
            case "rename" | "renameat" | "renameat2":
                self._sizes[paths[1]] = self._sizes.pop(path, 0)
                return [Rename(path, paths[1])]
            case "unlink" | "unlinkat":
                self._sizes.pop(path, None)
                return [Remove(path)]
        raise ValueError(f"{name} is not modelled: {arguments[:200]}")

    def _opened(self, path: str, flags: str) -> list[Event]:
        found: list[Event] = []
        if "O_CREAT" in flags and path not in self._sizes:
            self._sizes[path] = 0
            found.append(Create(path))
        if "O_TRUNC" in flags and self._sizes.get(path):
            self._sizes[path] = 0
            found.append(Resize(path, 0))
        self._positions[path] = self._sizes.get(path, 0) if "O_APPEND" in flags else 0
        return found

    def _allocated(self, path: str, arguments: str) -> list[Event]:
        mode, offset, length = (part.strip() for part in arguments.split(",")[1:])
        if mode != "0":
            raise ValueError(f"fallocate with mode {mode} is not modelled")
        size = int(offset) + int(length)
        if size <= self._sizes.get(path, 0):
            return []
        self._sizes[path] = size
        return [Resize(path, size)]


def _decoded(path: str) -> str:
    text = bytes.fromhex(path.replace("\\x", "")).decode() if path.startswith("\\x") else path
    return text.removesuffix("(deleted)").rstrip()


def _absolute(folder: str, name: bytes) -> str:
    path = name.decode()
    return path if path.startswith("/") else f"{folder}/{path}"


# --- what may be left ---------------------------------------------------------------------


@dataclass
class _File:
    certain: bytes = b""
    pending: list[Write | Resize] = field(default_factory=list)

    def synced(self) -> None:
        self.certain = apply(self.certain, self.pending)
        self.pending = []


def apply(content: bytes, changes: list[Write | Resize]) -> bytes:
    """The content after these changes, holes filled with zeros."""
    data = bytearray(content)
    for change in changes:
        match change:
            case Write(offset=offset, data=new):
                if len(data) < offset:
                    data.extend(bytes(offset - len(data)))
                data[offset : offset + len(new)] = new
            case Resize(size=size):
                if size < len(data):
                    del data[size:]
                else:
                    data.extend(bytes(size - len(data)))
    return bytes(data)


@dataclass(frozen=True)
class _NameChange:
    change: Create | Rename | Remove
    number: int
    """Which file a created name stands for."""

    def on(self, names: dict[str, int]) -> None:
        match self.change:
            case Create(path=path):
                names[path] = self.number
            case Rename(path=path, to=to):
                names[to] = names.pop(path)
            case Remove(path=path):
                names.pop(path, None)


Changes = list[Write | Resize]


class Disk:
    """Follows the events and yields the states that a cut could leave."""

    def __init__(self) -> None:
        self._files: list[_File] = []
        self._names: dict[str, int] = {}
        """Names as the running program sees them."""
        self._certain_names: dict[str, int] = {}
        self._pending_names: list[_NameChange] = []

    def follow(self, event: Event) -> None:
        """Takes one event in."""
        match event:
            case Create():
                self._files.append(_File())
                self._name(_NameChange(event, len(self._files) - 1))
            case Rename() | Remove():
                self._name(_NameChange(event, -1))
            case Write(path=path) | Resize(path=path):
                self._files[self._names[path]].pending.append(event)
            case Sync(path=path) if path in self._names:
                self._files[self._names[path]].synced()
            case Sync(path=folder):
                pending, self._pending_names = self._pending_names, []
                for change in pending:
                    if str(Path(change.change.path).parent) == folder:
                        change.on(self._certain_names)
                    else:
                        self._pending_names.append(change)
            case Said():
                pass

    def _name(self, change: _NameChange) -> None:
        change.on(self._names)
        self._pending_names.append(change)

    def states(self, rng: random.Random, variants: int) -> Iterator[dict[str, bytes]]:
        """Possible contents: nothing pending kept, all kept, and ``variants`` mixtures."""
        yield self._state(lambda _pending: [], 0)
        if not self._pending_names and not any(file.pending for file in self._files):
            return
        yield self._state(lambda pending: pending, len(self._pending_names))
        for _ in range(variants):
            kept = rng.randint(0, len(self._pending_names))
            yield self._state(lambda pending: _mixture(pending, rng), kept)

    def _state(self, choose: Callable[[Changes], Changes], names_kept: int) -> dict[str, bytes]:
        names = dict(self._certain_names)
        for change in self._pending_names[:names_kept]:
            change.on(names)
        return {
            path: apply(self._files[number].certain, choose(self._files[number].pending))
            for path, number in names.items()
        }


def _mixture(pending: list[Write | Resize], rng: random.Random) -> list[Write | Resize]:
    """Some of the pending changes, in another order, some of them torn between sectors."""
    kept = [change for change in pending if rng.random() < rng.choice((0.2, 0.5, 0.9))]
    if rng.random() < 0.3:
        rng.shuffle(kept)
    return [
        torn
        for change in kept
        for torn in (
            _torn(change, rng) if isinstance(change, Write) and rng.random() < 0.4 else [change]
        )
    ]


def _torn(write: Write, rng: random.Random) -> list[Write | Resize]:
    """The sectors of a write that made it."""
    pieces: list[Write | Resize] = []
    position = write.offset
    end = write.offset + len(write.data)
    while position < end:
        stop = min(end, (position // SECTOR + 1) * SECTOR)
        if rng.random() < 0.5:
            begin = position - write.offset
            pieces.append(Write(write.path, position, write.data[begin : stop - write.offset]))
        position = stop
    return pieces
