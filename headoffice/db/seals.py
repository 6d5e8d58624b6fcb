"""A checksum that a copy carries with it, so that a bit that flipped on its disk is noticed.

Neither engine would notice one within a value. SQLite leaves a number in the header of a file to
the program that uses it (``user_version``): there the CRC of all the rest stands. PostgreSQL's
``pg_restore`` reads a dump as far as its table of contents says: there it stands behind the end.

A SQLite database in use has a journal of another kind (WAL) than a copy, and is written to: what
stands in its header says nothing then.
"""

import struct
import zlib
from enum import Enum
from pathlib import Path
from typing import BinaryIO

SQLITE_MAGIC = b"SQLite format 3\0"
DUMP_MAGIC = b"PGDMP"
APPLICATION_ID = 0x48796D69  # "Hymi": says that the number beside it is one of these
_USER_VERSION, _APPLICATION_ID = slice(60, 64), slice(68, 72)
_JOURNAL = slice(18, 20)
_ROLLBACK = b"\1\1"
_TRAILER = b"\nHymio CRC32 "
_TRAILER_BYTES = len(_TRAILER) + 9
_CHUNK = 1 << 20


class SealState(Enum):
    """What the checksum of a file says."""

    WHOLE = "whole"
    BROKEN = "broken"
    NONE = "none"
    """It carries no checksum: another program made it, or its end is cut off."""


def leave_wal(file: Path) -> None:
    """Have SQLite keep its journal of the usual kind beside a copy that nobody has open.

    SQLite's own way asks for locks and shared memory, which disks of other systems don't have.
    Raises OSError.
    """
    with file.open("r+b") as copy:
        copy.seek(_JOURNAL.start)
        copy.write(_ROLLBACK)


def seal_sqlite(file: Path) -> None:
    """Put the checksum into a copy that nobody has open. Raises OSError."""
    with file.open("r+b") as copy:
        header = bytearray(copy.read(100))
        header[_APPLICATION_ID] = struct.pack(">I", APPLICATION_ID)
        header[_USER_VERSION] = bytes(4)
        crc = _crc(copy, zlib.crc32(header))
        header[_USER_VERSION] = struct.pack(">I", crc or 1)
        copy.seek(0)
        copy.write(header)


def seal_dump(file: Path) -> None:
    """Put the checksum behind the end of a dump. Raises OSError."""
    with file.open("r+b") as dump:
        crc = _crc(dump, 0)
        dump.write(_TRAILER + b"%08x\n" % crc)


def check_seal(file: Path) -> SealState:
    """Read all of a file; whether its checksum is that of its content. Raises OSError."""
    with file.open("rb") as copy:
        header = copy.read(100)
        if header.startswith(DUMP_MAGIC):
            return _check_dump(copy)
        sealed = header[_APPLICATION_ID] == struct.pack(">I", APPLICATION_ID)
        if len(header) < 100 or not sealed or header[_JOURNAL] != _ROLLBACK:
            return SealState.NONE
        plain = bytearray(header)
        plain[_USER_VERSION] = bytes(4)
        crc = _crc(copy, zlib.crc32(plain))
        fits = header[_USER_VERSION] == struct.pack(">I", crc or 1)
        return SealState.WHOLE if fits else SealState.BROKEN


def _check_dump(copy: BinaryIO) -> SealState:
    end = copy.seek(0, 2) - _TRAILER_BYTES
    copy.seek(max(0, end))
    trailer = copy.read()
    if not trailer.startswith(_TRAILER):
        return SealState.NONE
    copy.seek(0)
    fits = trailer == _TRAILER + b"%08x\n" % _crc(copy, 0, end)
    return SealState.WHOLE if fits else SealState.BROKEN


def _crc(copy: BinaryIO, crc: int, until: int | None = None) -> int:
    """Of what follows where the file is read now."""
    left = until
    while left is None or left > 0:
        chunk = copy.read(_CHUNK if left is None else min(_CHUNK, left))
        if not chunk:
            break
        crc = zlib.crc32(chunk, crc)
        left = None if left is None else left - len(chunk)
    return crc
